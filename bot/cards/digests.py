"""What a channel reads every working morning, and what people hear who switch that on or off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.cards import blocks as bk
from bot.cards.blocks import Block, inline, person
from bot.cards.ids import COMMAND
from bot.cards.words import counted, reader_time

NAMES_SHOWN = 10
_END = f"`{COMMAND} digest off` ends it."
DIGEST_USAGE = (
    f"Type `{COMMAND} digest on` to have a digest here every working morning, `{COMMAND} digest off` to end it."
)


@dataclass(frozen=True)
class Open:
    """A draft that waits; `link` is finished mrkdwn or empty."""

    name: str
    asked_by: str
    since: datetime
    link: str


def digest(
    waiting: Sequence[Open], verdict: str | None, replied: Sequence[str], *, zone: ZoneInfo, at: time
) -> Block | None:
    """The message; None when there is nothing to say. `verdict` is finished mrkdwn."""
    if not (waiting or verdict or replied):
        return None
    count = f"{counted(len(waiting), 'draft')} wait{'s' if len(waiting) == 1 else ''} for review"
    text = f"This morning: {count if waiting else 'no draft waits for review'}."
    return bk.message(
        text,
        [
            bk.section(bk.fit([f"*{text}*", *(_open(one, zone) for one in waiting)])),
            *([bk.section(verdict)] if verdict else []),
            *([bk.section(_replies(replied))] if replied else []),
            bk.context(f"Every working morning at {at:%H:%M} when there is something to say. {_END}"),
        ],
    )


def _open(one: Open, zone: ZoneInfo) -> str:
    details = [f"asked for by {person(one.asked_by)}", f"waits since {reader_time(one.since, zone)}", one.link]
    return f"• *{inline(one.name)}*: {', '.join(part for part in details if part)}"


def _replies(names: Sequence[str]) -> str:
    more = len(names) - NAMES_SHOWN
    listed = ", ".join(inline(name) for name in names[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return f"*Answers since the last working morning:* {listed}"


def digest_begins(who: str, at: time) -> Block:
    """Told to the whole channel, once."""
    text = (
        f"{person(who)} asked me for a digest here: every working morning at {at:%H:%M}, which drafts wait and what"
        " the night brought."
    )
    return bk.message(text, [bk.section(text), bk.context(_END)])


def digest_on(channel: str, at: time) -> str:
    return f"From the next working morning on, <#{channel}> hears at {at:%H:%M} which drafts wait."


def digest_off(channel: str) -> str:
    return f"<#{channel}> gets no digest any more."


def digest_same(channel: str, *, comes: bool) -> str:
    return f"The digest {'comes to' if comes else 'does not come to'} <#{channel}> anyway; nothing was changed."


def digest_closed(channel: str, bot: str) -> str:
    """Where the bot may not post."""
    return (
        f"I cannot post in <#{channel}>, so there will be no digest."
        f" Type `/invite @{inline(bot, 80)}` there and ask again."
    )
