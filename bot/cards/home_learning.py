"""The part of App Home about learning: what it has brought, the last night, the next one, what serves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.cards import blocks as bk
from bot.cards.blocks import Block, inline
from bot.cards.ids import PAUSE, REFINE_NOW, RESUME, ROLL_BACK
from bot.cards.nights import one_sentence
from bot.cards.words import counted, day, reader_time
from model.benefit import Arm, Week
from model.outcomes import Rate
from storage.tables import Adapter, Run

WEEKS = 6  # of the chart; the nightly report's picture and `afterword status` show more
CONTROLS = "learning"


@dataclass(frozen=True)
class Learning:
    """What there is to say. `back` is the version that a rollback would serve; None is the untrained model."""

    weeks: Sequence[Week]
    benefit: str
    night: Run | None
    night_adapter: int | None
    today: date
    next_run: datetime
    paused_at: datetime | None
    running: bool
    serving: Adapter | None
    serving_since: datetime | None
    back: int | None
    earned: Rate | None = None  # what the emails of the last half year earned


def learning(shown: Learning, *, zone: ZoneInfo, admin: bool) -> list[Block]:
    lines = [_night(shown), _next(shown, zone), _serving(shown, zone), *_earned(shown.earned)]
    return [
        bk.header("Learning"),
        *_chart(shown.weeks, shown.benefit),
        bk.section("\n".join(lines)),
        *([bk.actions(CONTROLS, _controls(shown))] if admin else []),
    ]


def _chart(weeks: Sequence[Week], benefit: str) -> list[Block]:
    """The edit rate by week, in words and figures.

    A picture needs a public address or a file that somebody may delete, and rows of signs in its place are noise when
    they are read aloud.
    """
    if not weeks:
        text = "Here you will read, week by week, how many of 100 words people change in drafts. Review one to begin."
        return [bk.section(text)]
    lines = [f"• Week of {day(week.monday)}: {_week(week)}" for week in weeks[-WEEKS:]]
    return [bk.section(bk.fit(["*Words that people change, of 100*", *lines])), bk.context(inline(benefit, 600))]


def _week(week: Week) -> str:
    arms = (("trained", week.adapter), ("untrained", week.control))
    return "; ".join(_arm(name, arm) for name, arm in arms if arm) or "no drafts that can be compared"


def _arm(name: str, arm: Arm) -> str:
    return f"*{100 * arm.rate:.0f}* {name} ({counted(arm.drafts, 'draft')})"


def _night(shown: Learning) -> str:
    if shown.night is None:
        return "*Last night:* no training has run yet."
    return f"*Last night:* {one_sentence(shown.night, adapter=shown.night_adapter, today=shown.today)}"


def _next(shown: Learning, zone: ZoneInfo) -> str:
    if shown.running:
        return "*Next training:* one is running now. Its verdict is posted when it ends."
    if shown.paused_at:
        since = reader_time(shown.paused_at, zone)
        return (
            f"*Next training:* none. Learning is paused since {since}; what you decide is kept and learned from later."
        )
    return f"*Next training:* {reader_time(shown.next_run, zone)}"


def _serving(shown: Learning, zone: ZoneInfo) -> str:
    since = f" since {reader_time(shown.serving_since, zone)}" if shown.serving_since else ""
    if shown.serving is None:
        return f"*In service:* the untrained model{since}."
    learned = counted(shown.serving.pairs, "email")
    return f"*In service:* adapter {shown.serving.version}{since}; it learned from {learned}."


def _earned(all_sent: Rate | None) -> list[str]:
    if all_sent is None or all_sent.reply_rate is None:
        return []
    answered = f"{all_sent.replied} of {counted(all_sent.sent - all_sent.bounced, 'email')}"
    more = f"{all_sent.positive} said yes, {all_sent.unsubscribed} asked for no more"
    return [f"*Replies received in half a year:* {answered} ({all_sent.reply_rate:.0%}); {more}."]


def _controls(shown: Learning) -> list[Block]:
    controls = []
    if shown.serving:
        before = f"adapter {shown.back}" if shown.back else "the untrained model"
        sure = bk.confirm(
            f"Roll back to {before}?",
            f"The next draft is written by {before} instead of adapter {shown.serving.version}."
            f" On the command line, afterword adapters promote {shown.serving.version} brings that one back.",
            "Roll back",
            "Keep it",
        )
        controls.append(bk.button(f"Roll back to {before}", ROLL_BACK, str(shown.serving.id), confirm=sure))
    if shown.paused_at:
        return [*controls, bk.button("Resume learning", RESUME, "learning", style="primary")]
    if not shown.running:
        controls.append(bk.button("Refine now", REFINE_NOW, "learning"))
    return [*controls, bk.button("Pause learning", PAUSE, "learning")]
