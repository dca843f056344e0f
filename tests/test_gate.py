"""A candidate serves only if people would have to edit less, beyond luck, and nothing else got worse."""

from dataclasses import replace
from random import Random

import pytest

from model.evaluate import Scorecard
from model.gate import decide, sign_flip


def card(name: str, rates: list[float], **more: float) -> Scorecard:
    figures = {"length_ratio": 1.0, "unfinished": 0.0, "missing": 0.0, "looping": 0.0, **more}
    return Scorecard(name, rates, **figures)


BASE = card("base", [0.9] * 12)
COPY = card("copying an old mail", [0.6] * 12)
GOOD = card("candidate", [0.2 + 0.02 * n for n in range(12)])
ACCOUNTS = [f"account {n // 2}" for n in range(12)]


def test_a_clear_gain_is_promoted_and_the_verdict_names_all_figures() -> None:
    verdict = decide(GOOD, BASE, BASE, COPY, ACCOUNTS)
    assert verdict.promote
    said = " ".join(verdict.reasons)
    assert "base model 90%" in said
    assert "copying an old mail 60%" in said
    assert "candidate 31%" in said


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (replace(GOOD, length_ratio=0.5), "50% as long"),
        (replace(GOOD, length_ratio=2.0), "200% as long"),
        (replace(GOOD, unfinished=0.25), "stop in the middle"),
        (replace(GOOD, looping=0.25), "repeat themselves"),
        (replace(GOOD, missing=0.25), "ask for a fact"),
        (card("candidate", [0.9] * 12), "as much as"),
        (card("candidate", [0.95] * 12), "as much as"),
        (card("candidate", [0.0, *[0.92] * 11]), "luck"),
        (card("candidate", [0.1] * 5), "3 more are needed"),
    ],
)
def test_anything_less_keeps_the_incumbent_and_says_why(candidate: Scorecard, reason: str) -> None:
    incumbent = card("base", [0.9] * len(candidate.edit_rates))
    verdict = decide(candidate, incumbent, incumbent, COPY, ACCOUNTS[: len(candidate.edit_rates)])
    assert not verdict.promote
    assert reason in " ".join(verdict.reasons)


def test_the_same_as_the_incumbent_is_never_promoted() -> None:
    assert not decide(replace(GOOD, name="candidate"), GOOD, BASE, COPY, ACCOUNTS).promote


def test_emails_of_one_account_count_together() -> None:
    gains = [0.1] * 12
    assert sign_flip(gains, ACCOUNTS) == pytest.approx(2**-6)
    assert sign_flip(gains, ["one"] * 12) == 0.5


def test_luck_is_promoted_in_at_most_the_share_stated() -> None:
    rng = Random(3)
    tries = 400
    lucky = sum(
        sign_flip([rng.gauss(0, 0.2) for _ in range(10)], [str(n) for n in range(10)]) <= 0.05 for _ in range(tries)
    )
    assert lucky / tries <= 0.08
