"""What the night brought, for people who never heard of an edit rate."""

from collections.abc import Sequence

from bot.cards import blocks as bk
from bot.cards.blocks import Block, inline
from bot.cards.words import counted

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
) -> Block:
    """The verdict. The three are edit rates from 0 to 1; `adapter` is the version that serves from now on.

    `saved` are sentences on what training has saved in live drafts.
    """
    outcome = f"adapter {adapter} now writes your drafts." if promoted else "drafts are written as before."
    text = f"Last night's training: {outcome}"
    lines = [
        f"I learned from {counted(pairs, 'email')}, then drafted emails I had not learned from."
        " Out of 100 words, people would have had to change:"
    ]
    rates = (("with last night's training", candidate), ("with what was in use", incumbent), ("untrained", base))
    lines += [f"• *{100 * rate:.0f}* {name}" for name, rate in rates if rate is not None]
    return bk.message(text, [bk.section(f"*{text}*"), bk.section(bk.fit(lines)), *_why(reasons), *_saved(saved)])


def quiet_night(reasons: Sequence[str]) -> Block:
    """A night without a verdict, because something broke."""
    text = "There was no training last night. Drafts are written as before."
    return bk.message(text, [bk.section(f"*{text}*"), *_why(reasons)])


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
