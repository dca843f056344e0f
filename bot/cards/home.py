"""App Home: what waits for the reader, what learning does, how the house writes. Pure: values in, one view out.

What only admins may do is left out for everybody else; the listeners refuse it on their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.cards import blocks as bk
from bot.cards.blocks import Block, inline
from bot.cards.home_house import digests, imports, rules, voice
from bot.cards.home_learning import Learning, learning
from bot.cards.ids import COMMAND, HOME_EDIT, OPT_IN, OPT_OUT, Ticket
from bot.cards.words import counted, reader_time
from model.rules import Rule
from storage import tables

SHOWN = 10  # drafts; whoever has more of them waiting reads the oldest first


@dataclass(frozen=True)
class Waiting:
    """A draft of the reader's that somebody has to decide about; `link` is finished mrkdwn or empty."""

    ticket: Ticket
    name: str
    subject: str
    since: datetime
    link: str


@dataclass(frozen=True)
class Home:
    """Everything that one reader's App Home says."""

    zone: ZoneInfo
    admin: bool
    learns: bool  # from the reader's own edits
    waiting: Sequence[Waiting]
    learning: Learning
    rules: Sequence[tuple[Rule, tables.Rule]]  # proposed and accepted
    voice: tables.VoiceVersion | None
    imports: Sequence[tables.Audit]  # the latest of each kind
    connections: Sequence[tables.Connection]
    any_contact: bool
    digests: Sequence[tables.DigestChannel]
    digest_at: time
    notice: str | None = None  # what became of the last click, where that is not to be seen


def home(shown: Home) -> Block:
    """The view for `views.publish`."""
    parts = [
        [bk.section(f"*{shown.notice}*")] if shown.notice else [],
        _waiting(shown.waiting, shown.zone),
        learning(shown.learning, zone=shown.zone, admin=shown.admin),
        _own_edits(shown.learns),
        rules(shown.rules, zone=shown.zone),
        voice(shown.voice, zone=shown.zone, admin=shown.admin),
        imports(shown.imports, shown.connections, any_contact=shown.any_contact, zone=shown.zone),
        digests(shown.digests, shown.digest_at, admin=shown.admin),
    ]
    return {"type": "home", "blocks": [block for part in parts for block in part]}


def _waiting(drafts: Sequence[Waiting], zone: ZoneInfo) -> list[Block]:
    if not drafts:
        text = (
            "Nothing waits for you. Type"
            f" `{COMMAND} NAME-OR-EMAIL [goal]` in a channel, and I draft a follow-up for you to review."
        )
        return [bk.header("Waiting for you"), bk.section(text)]
    more = len(drafts) - SHOWN
    rest = [bk.context(f"{counted(more, 'newer draft')} more. Decide about these first.")] if more > 0 else []
    title = f"Waiting for you: {counted(len(drafts), 'draft')}"
    return [bk.header(title), *(_draft(n, one, zone) for n, one in enumerate(drafts[:SHOWN])), *rest]


def _draft(n: int, one: Waiting, zone: ZoneInfo) -> Block:
    details = " · ".join(part for part in (f"since {reader_time(one.since, zone)}", one.link) if part)
    edit = bk.button(
        "Open the editor",
        f"{HOME_EDIT}:{n}",
        str(one.ticket),
        accessibility_label=bk.clamp(f"Open the editor for the follow-up to {one.name}", bk.BUTTON),
    )
    return bk.section(f"*{inline(one.name)}*: {inline(one.subject)}\n{details}", accessory=edit)


def _own_edits(learns: bool) -> list[Block]:
    if learns:
        text = "*Your edits* teach the model, and show which rules to propose."
        button = bk.button("Leave my edits out", OPT_OUT, "me")
    else:
        text = (
            "*Your edits are left out* of every training from now on, those of the past too. What an adapter has"
            " learned already goes with the next one, as every training starts from the untrained model."
        )
        button = bk.button("Learn from my edits again", OPT_IN, "me")
    return [bk.section(text, accessory=button)]


__all__ = ["Home", "Learning", "Waiting", "home"]
