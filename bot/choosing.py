"""Which of several candidates a draft becomes.

The first where it may leave, else the best; where a tone was asked for, the one with most of it.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from bot.checking import Standards
from model.brief import Brief
from model.compose import Complete, Composed, compose
from model.repair import REPAIRS, SEEDS, Candidate, best, cut
from model.tone import Toned, choose, variants
from storage.tables import Draft, Tone

WARM = 0.7  # temperature of "another version"; the first draft is the one the gate judged, greedy
MILD = 0.4  # of a repair: other words, but not many


@dataclass(frozen=True)
class Choice:
    """What a draft becomes. `kept`: the text that was shown before, or a part of it, and none of the new ones."""

    candidate: Candidate
    toned: Toned | None = None
    kept: bool = False


@dataclass(frozen=True)
class Writing:
    """Writes and checks candidates of one draft; `heard()` gives what is told how many words a new one has so far."""

    brief: Brief
    standards: Standards
    complete: Callable[..., Any]
    slots: bool
    at_once: int = REPAIRS  # candidates that it is worth writing at a time
    ahead: bool = False  # begin with the second before the first is checked
    heard: Callable[[], Callable[[int], None]] | None = None

    def candidate(self, seed: int, temperature: float, tone: str | None = None) -> Candidate:
        complete: Complete = partial(self.complete, on_words=self.heard()) if self.heard else self.complete
        book = self.standards.playbook(self.brief.playbook)
        how: dict[str, Any] = {"seed": seed, "temperature": temperature, "slots": self.slots}
        made = compose(self.brief, self.standards.voice, complete, **how, playbook=book, tone=tone)
        return self.checked(seed, made)

    def checked(self, seed: int, made: Composed) -> Candidate:
        found = self.standards.findings(made.subject, made.body, self.brief, finished=made.finished)
        return Candidate(seed, made, tuple(found))

    def nearer(self, tone: Tone, drafted: Sequence[Candidate]) -> list[Candidate]:
        """What can be made of them towards a tone without the model."""
        made = [(one.seed, near) for one in drafted for near in variants(tone, one.composed, self.brief)]
        return [self.checked(seed, near) for seed, near in made]

    def whole(self, drafted: Sequence[Candidate]) -> Candidate:
        """The best; where all are blocked, one that loses only a sentence or two may stand without those."""
        if (first := best(drafted)).blocks:
            return best([first, *(self.checked(one.seed, left) for one in drafted if (left := cut(one)))])
        return first


def choice(writing: Writing, row: Draft) -> Choice:
    return _in_tone(writing, row, row.tone) if row.tone else Choice(_as_ever(writing, row))


def _as_ever(writing: Writing, row: Draft) -> Candidate:
    """The first draft that may leave like this, of several drafted side by side; where none may, what is best of them.

    A candidate that fails is one less; the first must not. Nobody waits for one that is not needed any more.
    """
    pool = ThreadPoolExecutor(REPAIRS, thread_name_prefix="repair")
    seeds = iter(range(row.seed + 1, row.seed + SEEDS))

    def repairs(count: int) -> list[Future[Candidate]]:
        return [pool.submit(writing.candidate, seed, MILD) for seed in islice(seeds, count)]

    try:
        others = deque(repairs(1 if writing.ahead else 0))
        drafted = [writing.candidate(row.seed, WARM if row.seed else 0.0)]
        while drafted[-1].blocks:
            others.extend(repairs(writing.at_once - len(others)))
            if not others:
                return writing.whole(drafted)
            drafted += _written([others.popleft()])
        return drafted[-1]
    finally:
        pool.shutdown(wait=False)


def _in_tone(writing: Writing, row: Draft, tone: Tone) -> Choice:
    """The one with most of the tone, of several; the text that a person has before them where none has more.

    Where nothing was shown yet, the draft as it would have been without a tone stands for that.
    """
    with ThreadPoolExecutor(SEEDS, thread_name_prefix="tone") as pool:
        plain = None if row.body else pool.submit(writing.candidate, row.seed, WARM if row.seed else 0.0)
        others = [pool.submit(writing.candidate, row.seed + number, WARM, tone) for number in range(SEEDS)]
    before = plain.result() if plain else writing.checked(row.seed, _shown(row))
    written = _written(others) or [others[0].result()]  # which raises what went wrong
    old, new = writing.nearer(tone, [before]), [*written, *writing.nearer(tone, written)]
    chosen = choose(tone, before, [*old, *new], writing.brief)
    if chosen.blocks:
        chosen = writing.whole([before, *written])
    kept = not plain and any(chosen is one for one in (before, *old))
    return Choice(chosen, Toned.of(tone, before, chosen, writing.brief, shown=not plain), kept)


def _written(futures: Sequence[Future[Candidate]]) -> list[Candidate]:
    return [future.result() for future in futures if future.exception() is None]


def _shown(row: Draft) -> Composed:
    """The text that stands on the card."""
    return Composed(
        subject=row.subject or "",
        body=row.body or "",
        messages=row.messages,  # type: ignore[arg-type]
        completion=row.completion or "",
        missing=(),
        finished=True,
        tokens=row.tokens or 0,
        seconds=row.seconds or 0.0,
    )
