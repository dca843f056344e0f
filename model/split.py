"""Who is held out for the gate: whole accounts, dealt by the order in which they first appeared."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from model.pairs import PAIRS_KEPT, Pair

GATE_CONTEXTS = 40  # the newest; more would take longer than the training
PER_ACCOUNT = 3  # of one account: more of the same customer says little more
ENOUGH_REVIEWED = 12  # reviewed contexts; with fewer, past emails help to judge


@dataclass(frozen=True)
class Split:
    train: list[Pair]
    held_out: list[Pair]


def split(pairs: Sequence[Pair], accounts: Sequence[str]) -> Split:
    """Part the pairs so that nothing of a held-out account is ever trained on.

    `accounts` are all of the workspace's in the order in which they first appeared. Only texts that a person stands
    behind are held out: the newest reviewed ones, and past emails while there are few of those.
    """
    out = {account for number, account in enumerate(accounts) if held_out(number)}
    newest = sorted((pair for pair in pairs if pair.final), key=lambda pair: pair.at, reverse=True)[:PAIRS_KEPT]
    held = [pair for pair in newest if pair.account in out]
    judging = _few_of_each([pair for pair in held if pair.reviewed])
    if len(judging) < ENOUGH_REVIEWED:
        judging = _few_of_each([*judging, *(pair for pair in held if not pair.reviewed)])
    return Split([pair for pair in newest if pair.account not in out], judging[:GATE_CONTEXTS])


def held_out(number: int) -> bool:
    """Whether the account that came as this one, counted from 0, is kept for the gate.

    The answer never changes. Of the first ones every other is, so that one day of drafts can already show a large
    gain: a test cannot pass with less than six. Later, when there are many, one of ten.
    """
    if number < 14:
        return number % 2 == 1
    return number % 5 == 1 if number < 60 else number % 10 == 4


def _few_of_each(pairs: list[Pair]) -> list[Pair]:
    seen: Counter[str] = Counter()
    kept = []
    for pair in pairs:
        seen[pair.account] += 1
        if seen[pair.account] <= PER_ACCOUNT:
            kept.append(pair)
    return kept
