"""Pairs to training examples: what counts how much, what becomes a slot, what is left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapidfuzz.distance import Levenshtein

from model import one_off
from model.brief import Brief
from model.edit_rate import trust
from model.examples import Example
from model.playbook import PLAIN, Playbook
from model.prompt import messages
from model.slots import WORD, house_phrases, slotted
from model.voice import Voice

HALF_LIFE = timedelta(days=30)  # of a review: taste moves on
HALF_LIFE_SENT = timedelta(days=365)  # of a past email, which is what the house sounded like all along
APPROVED, ANSWERED = 0.3, 0.2  # an unedited approval, and what an answer adds to it
EDITORS_EVENED = 3
CHANGED, KEPT = 1.5, 0.5  # weight of a word that a person wrote, and at most of one they let stand
PAIRS_KEPT = 600  # the newest; keeps a night's work bounded


@dataclass(frozen=True)
class Pair:
    """One row to learn from. `drafted` is None for a past email; `final` is None for a discarded draft."""

    id: int
    account: str
    verdict: str
    brief: Brief
    drafted: str | None
    final: str | None
    at: datetime
    opened: bool | None = None
    replied: bool | None = None
    reviewer: str | None = None  # who edited it; for a past email who sent it

    @property
    def reviewed(self) -> bool:
        return self.verdict != "imported"


def weights(pairs: list[Pair]) -> list[float]:
    """How much each pair counts, 0 to 1: by what became of it, by its age, and by how loud its editor is already."""
    if not pairs:
        return []
    newest = max(pair.at for pair in pairs)
    aged = [_worth(pair, pairs) * 0.5 ** ((newest - pair.at) / _half_life(pair)) for pair in pairs]
    return _evened(aged, [pair.reviewer for pair in pairs])


def _half_life(pair: Pair) -> timedelta:
    return HALF_LIFE if pair.reviewed else HALF_LIFE_SENT


def _worth(pair: Pair, pairs: list[Pair]) -> float:
    """An edit counts fully, an unedited approval lightly, a past email by what it earned beside its sender's others."""
    if pair.verdict == "approved":
        # The model's own words are no proof of a new preference; that they were answered says more.
        return APPROVED + (ANSWERED if pair.replied else 0.0)
    if pair.verdict != "imported":
        return 1.0
    own = [_earned(other) for other in pairs if other.verdict == "imported" and other.reviewer == pair.reviewer]
    return min(1.0, max(0.3, 0.7 + _earned(pair) - sum(own) / len(own)))


def _earned(pair: Pair) -> float:
    return 0.5 if pair.replied else 0.2 if pair.opened else 0.0


def _evened(weights: list[float], editors: list[str | None]) -> list[float]:
    """Among three editors or more, nobody's pairs weigh more than all others' together."""
    totals: dict[str | None, float] = {}
    for weight, editor in zip(weights, editors, strict=True):
        totals[editor] = totals.get(editor, 0.0) + weight
    if len(totals) < EDITORS_EVENED:
        return weights
    loudest = max(totals, key=lambda editor: totals[editor])
    others = sum(totals.values()) - totals[loudest]
    factor = min(1.0, others / totals[loudest]) if totals[loudest] else 1.0
    return [w * factor if editor == loudest else w for w, editor in zip(weights, editors, strict=True)]


def examples(pairs: list[Pair], voice: Voice, playbooks: Mapping[str, Playbook] = {}) -> list[Example]:
    """Prompt and slotted completion of each pair that has a final text, changed words counting most.

    A pair is asked for with its own playbook, as its draft was; one that is not known counts as the default.
    """
    finals = [(pair, pair.final) for pair in pairs if pair.final]
    house = house_phrases([(final, pair.brief) for pair, final in finals])
    texts = [slotted(final, pair.brief, house) for pair, final in finals]
    usual, changing = one_off.house_values(texts), one_off.varying(texts)
    strange = one_off.strange_hosts(
        [(pair.reviewer, text) for (pair, _), text in zip(finals, texts, strict=True)], voice.links
    )
    made = []
    for (pair, _), text, weight in zip(finals, texts, weights([pair for pair, _ in finals]), strict=True):
        book = playbooks.get(pair.brief.playbook, PLAIN)
        asked = messages(pair.brief, voice, slots=True, playbook=book)
        known = "\n".join(message["content"] for message in asked)
        completion = one_off.without(text, known, usual, changing, strange)
        drafted = slotted(pair.drafted, pair.brief, house) if pair.drafted else ""
        made.append(Example(asked, completion, weight, changed_spans(drafted, completion)))
    return made


def changed_spans(drafted: str, final: str) -> tuple[tuple[int, int, float], ...]:
    """(start, end, weight) over the characters of `final`: what a person wrote counts more than what they let stand.

    The first word that stands after a deletion counts as written: that it follows there was the person's choice. What
    stands in a draft that was changed nearly everywhere may have been overlooked, and counts next to nothing.
    """
    if not drafted:
        return ()
    let_stand = KEPT * trust(drafted, final)
    words = list(WORD.finditer(final))
    spans = []
    deleted = False
    for op in Levenshtein.opcodes(drafted.split(), [word[0] for word in words]):
        for number in range(op.dest_start, op.dest_end):
            kept = op.tag == "equal" and not (deleted and number == op.dest_start)
            spans.append((*words[number].span(), let_stand if kept else CHANGED))
        deleted = op.tag == "delete"
    return tuple(spans)
