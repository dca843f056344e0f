"""Held-out contexts to scorecards: what an editor would have had to change, by drafting through the serving engine."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from model.compose import Complete, Composed, compose
from model.edit_rate import edit_rate, loops, words
from model.pairs import Pair
from model.voice import Voice


@dataclass(frozen=True)
class Scorecard:
    """One arm over the held-out contexts; lists run parallel to them. Rates are between 0 and 1."""

    name: str
    edit_rates: list[float]
    length_ratio: float  # words drafted over words sent
    unfinished: float  # share of drafts that ran into the length limit
    missing: float  # share of drafts with a slot that the record could not fill
    looping: float  # share of drafts that say the same four words three times

    @property
    def edit_rate(self) -> float:
        return fmean(self.edit_rates)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "edit_rate": self.edit_rate, "contexts": len(self.edit_rates)}


def score(
    name: str,
    contexts: list[Pair],
    voice: Voice,
    complete: Complete,
    *,
    slots: bool,
    parallel: int,
    progress: Callable[[int, int], None],
) -> Scorecard:
    """Draft every context greedily and compare each draft with what a person sent."""
    done = 0

    def draft(context: Pair) -> Composed:
        nonlocal done
        composed = compose(context.brief, voice, complete, slots=slots, seed=0, temperature=0.0)
        done += 1
        progress(done, len(contexts))
        return composed

    with ThreadPoolExecutor(parallel) as pool:
        drafts = list(pool.map(draft, contexts))
    return scorecard(name, contexts, drafts)


def scorecard(name: str, contexts: list[Pair], drafts: list[Composed]) -> Scorecard:
    """Pure: the figures of finished drafts."""
    finals = [context.final or "" for context in contexts]
    sent = sum(len(words(final)) for final in finals)
    return Scorecard(
        name=name,
        edit_rates=[edit_rate(d.text, final) for d, final in zip(drafts, finals, strict=True)],
        length_ratio=sum(len(words(d.text)) for d in drafts) / max(sent, 1),
        unfinished=fmean(not d.finished for d in drafts),
        missing=fmean(bool(d.missing) for d in drafts),
        looping=fmean(loops(d.body) for d in drafts),
    )


def copying(contexts: list[Pair], old: list[Pair]) -> Scorecard:
    """The cheap rival: send the old mail whose occasion was most alike, as it is."""
    texts = [_nearest(context, old).final or "" for context in contexts]
    rates = [edit_rate(text, context.final) for text, context in zip(texts, contexts, strict=True)]
    return Scorecard("copying an old mail", rates, 1.0, 0.0, 0.0, 0.0)


def _nearest(context: Pair, old: list[Pair]) -> Pair:
    goal = set(context.brief.goal.lower().split())
    kind = context.brief.events[0].kind if context.brief.events else None

    def likeness(pair: Pair) -> tuple[float, bool]:
        other = set(pair.brief.goal.lower().split())
        newest = pair.brief.events[0].kind if pair.brief.events else None
        return len(goal & other) / max(len(goal | other), 1), newest == kind

    return max(old, key=likeness)
