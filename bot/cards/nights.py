"""What the night brought, for people who never heard of an edit rate."""

from collections.abc import Sequence
from datetime import date, timedelta

from bot.cards import blocks as bk
from bot.cards.blocks import Block, inline
from bot.cards.words import counted, day
from storage.tables import Run, RunStatus

CHART_TITLE = "Words to change, week by week"
CHART_TOLD = (
    "A line chart: of 100 words of a draft, how many people changed, for each week; one line for drafts by the trained"
    " model and one for drafts by the untrained model. `afterword status` gives the same figures as text."
)


def night(
    *,
    pairs: int,
    base: float | None,
    incumbent: float | None,
    candidate: float | None,
    promoted: bool,
    adapter: int | None,
    reasons: Sequence[str],
    saved: Sequence[str] = (),
    asked: bool = False,
) -> Block:
    """The verdict. The three are edit rates from 0 to 1; `adapter` is the version that serves from now on.

    `saved` are sentences on what training has saved in live drafts; `asked` is whether somebody asked for the training.
    """
    outcome = f"adapter {adapter} now writes your drafts." if promoted else "drafts are written as before."
    which = "The training that was asked for" if asked else "Last night's training"
    text = f"{which}: {outcome}"
    lines = [
        f"I learned from {counted(pairs, 'email')}, then drafted emails I had not learned from."
        " Out of 100 words, people would have had to change:"
    ]
    rates = (
        ("with this training" if asked else "with last night's training", candidate),
        ("with what was in use", incumbent),
        ("untrained", base),
    )
    lines += [f"• *{100 * rate:.0f}* {name}" for name, rate in rates if rate is not None]
    return bk.message(text, [bk.section(f"*{text}*"), bk.section(bk.fit(lines)), *_why(reasons), *_saved(saved)])


def quiet_night(reasons: Sequence[str]) -> Block:
    """A night without a verdict, because something broke."""
    text = "There was no training last night. Drafts are written as before."
    return bk.message(text, [bk.section(f"*{text}*"), *_why(reasons)])


def no_result(reasons: Sequence[str], *, failed: bool) -> Block:
    """A training that somebody asked for and that made nothing."""
    why = "ended early" if failed else "found nothing to do"
    text = f"The training that was asked for {why}. Drafts are written as before."
    return bk.message(text, [bk.section(f"*{text}*"), *_why(reasons)])


def one_sentence(run: Run, *, adapter: int | None, today: date) -> str:
    """A night's verdict as mrkdwn; `adapter` is the version of its candidate."""
    night = date.fromisoformat(run.date or "")
    recent = today - night <= timedelta(days=1)
    when = "last night" if recent else f"on {day(night)}"
    which = "Last night's training" if recent else f"The training of {day(night)}"
    reason = _lowered(inline(run.reasons[0], 300)) if run.reasons else "no reason is on record."
    if run.promoted:
        return f"{which} put adapter {adapter} into service{_rates(run)}."
    if run.status == RunStatus.failed:
        return f"There was no training {when}: {reason}"
    if run.scorecards:
        return f"{which} changed nothing: {reason}"
    return f"There was nothing to train {when}: {reason}"


def _rates(run: Run) -> str:
    before, after = run.scorecards.get("incumbent") or run.scorecards.get("base"), run.scorecards.get("candidate")
    if not (before and after):
        return ""
    changed = f"{100 * after['edit_rate']:.0f} of 100 words instead of {100 * before['edit_rate']:.0f}"
    return f": people would have had to change {changed}"


def _lowered(sentence: str) -> str:
    """A sentence that goes on after a colon."""
    return sentence[:1].lower() + sentence[1:] if sentence[1:2].islower() else sentence


def recovered(reasons: Sequence[str]) -> Block:
    """The first night without trouble after one that broke."""
    text = "The nightly training works again."
    return bk.message(text, [bk.section(f"*{text}*"), *_why(reasons)])


def _saved(sentences: Sequence[str]) -> list[Block]:
    return [bk.section(inline(" ".join(sentences), 600))] if sentences else []


def _why(reasons: Sequence[str]) -> list[Block]:
    if not reasons:
        return []
    return [bk.section(bk.fit(["*Why*", *(f"• {inline(reason, 300)}" for reason in reasons)]))]
