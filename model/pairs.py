"""Pairs to training examples and held-out contexts: who is held out, what counts how much, what becomes a slot."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from model.brief import Brief
from model.examples import Example
from model.prompt import messages
from model.slots import house_phrases, slotted
from model.voice import Voice

HELD_OUT_SHARE = 0.2  # of accounts, by hash, so that an account never changes sides
GATE_CONTEXTS = 24  # the newest; more would take longer than the training
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

    @property
    def reviewed(self) -> bool:
        return self.verdict != "imported"


@dataclass(frozen=True)
class Split:
    train: list[Pair]
    held_out: list[Pair]


def split(pairs: list[Pair]) -> Split:
    """Part the pairs by account, so that nothing of a held-out customer is ever trained on.

    Only texts that a person stands behind are held out: the newest reviewed ones, filled up with past emails
    while there are few.
    """
    newest = sorted((pair for pair in pairs if pair.final), key=lambda pair: pair.at, reverse=True)[:PAIRS_KEPT]
    held = sorted((p for p in newest if held_out(p.account)), key=lambda pair: not pair.reviewed)
    return Split([pair for pair in newest if not held_out(pair.account)], held[:GATE_CONTEXTS])


def held_out(account: str) -> bool:
    """Whether an account is kept for the gate. A hash decides, so the answer is the same every night."""
    digest = hashlib.sha256(account.strip().lower().encode()).digest()
    return digest[0] < 256 * HELD_OUT_SHARE


def weight(pair: Pair) -> float:
    """How much a pair counts: an edit fully, an unedited approval lightly, a past email by what it earned."""
    if pair.verdict == "approved":
        return 0.3  # the model's own words are no proof of a new preference
    if pair.verdict == "imported":
        return 1.0 if pair.replied else 0.7 if pair.opened else 0.5
    return 1.0


def examples(pairs: list[Pair], voice: Voice) -> list[Example]:
    """Prompt and slotted completion of each pair that has a final text."""
    finals = [(pair, pair.final) for pair in pairs if pair.final]
    house = house_phrases([(final, pair.brief) for pair, final in finals])
    return [
        Example(messages(pair.brief, voice, slots=True), slotted(final, pair.brief, house), weight(pair))
        for pair, final in finals
    ]
