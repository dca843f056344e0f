"""How often the gate is fooled by luck, how often it sees a real gain, and whether a guard can be bought off.

    python -m tests.benchmarks.gate [--quick] [--json]

Simulated edit rates: emails to one customer resemble each other (intra-class correlation .1, standard deviation .25 of
a difference). No language model takes part.
"""

import math
from dataclasses import replace

import numpy as np

from model import gate
from model.evaluate import Scorecard
from tests.benchmarks.report import Figure, main

NIGHTS = 30
SD, CORRELATION = 0.25, 0.1
ALIKE = 0.5  # of a night's noise where nights partly share their emails
FLAWS = ("unfinished", "looping", "missing", "unsupported")


def measure(quick: bool) -> list[Figure]:
    rng = np.random.default_rng(20261124)
    months, tries, bound = (150, 200, 0.1) if quick else (1000, 1000, 0.065)  # few months leave a wide bound
    false = sum(month(rng, clusters=8, of_each=5, alike=0.0) for _ in range(months))
    alike = sum(month(rng, clusters=8, of_each=5, alike=ALIKE) for _ in range(months))
    return [
        Figure("false_months", false / months, "", 0.05),
        Figure("false_months_upper", upper_bound(false, months), "", bound),
        Figure("false_months_alike", alike / months, "", 0.05),
        Figure("false_months_alike_upper", upper_bound(alike, months), "", bound),
        Figure("power_gain_15", power(rng, 0.15, clusters=8, of_each=10, tries=tries), "", 0.8, least=True),
        Figure("power_gain_30", power(rng, 0.30, clusters=10, of_each=3, tries=tries), "", 0.95, least=True),
        Figure("guards_bought_off", bought_off(), "", 0),
    ]


def month(rng: np.random.Generator, *, clusters: int, of_each: int, alike: float) -> bool:
    """Thirty nights without a real gain; whether one of them was promoted.

    `alike` is the share of the noise that stays from night to night, as it does where they look at the same emails.
    """
    tests = 0
    lasting = differences(rng, 0.0, clusters, of_each)
    for _ in range(NIGHTS):
        fresh = differences(rng, 0.0, clusters, of_each)
        verdict = decided(alike**0.5 * lasting + (1 - alike) ** 0.5 * fresh, clusters, of_each, tests)
        tests += verdict.tested
        if verdict.promote:
            return True
    return False


def power(rng: np.random.Generator, gain: float, *, clusters: int, of_each: int, tries: int) -> float:
    """How often a first test sees a real gain."""
    seen = (decided(differences(rng, gain, clusters, of_each), clusters, of_each, 0).promote for _ in range(tries))
    return sum(seen) / tries


def differences(rng: np.random.Generator, gain: float, clusters: int, of_each: int) -> np.ndarray:
    """Gains of so many emails to each of so many customers."""
    shared = rng.normal(0, SD * CORRELATION**0.5, (clusters, 1))
    own = rng.normal(0, SD * (1 - CORRELATION) ** 0.5, (clusters, of_each))
    return np.asarray((gain + shared + own).ravel())


def decided(gains: np.ndarray, clusters: int, of_each: int, tests: int) -> gate.Verdict:
    """The gate's answer. Rates are not cut off at 0 and 1, which would only shrink the noise."""
    before = np.full(len(gains), 0.5)
    cards = [card("candidate", before - gains), card("incumbent", before)]
    accounts = [f"customer {n // of_each}" for n in range(clusters * of_each)]
    return gate.decide(*cards, cards[1], cards[1], accounts=accounts, reviewers=[None] * len(accounts), tests_run=tests)


def card(name: str, rates: np.ndarray) -> Scorecard:
    return Scorecard(name, [float(rate) for rate in rates], 1.0, 0.0, 0.0, 0.0, 0.0, 0, [frozenset()] * len(rates))


def bought_off() -> int:
    """Candidates that halve the edits and worsen one guarded figure, among those that are promoted."""
    count = 40
    good, old = card("candidate", np.full(count, 0.2)), card("incumbent", np.full(count, 0.6))
    flawed = [replace(good, **{flaw: 0.2}) for flaw in FLAWS]
    flawed += [replace(good, length_ratio=ratio) for ratio in (0.5, 1.6)] + [replace(good, leaks=1)]
    flawed += [replace(good, found=[frozenset(["fact_date"] if n % 5 == 0 else []) for n in range(count)])]
    flawed += [replace(good, edit_rates=[math.nan, *good.edit_rates[1:]])]
    accounts = [f"customer {n // 2}" for n in range(count)]
    nobody: list[str | None] = [None] * count
    promoted = [
        gate.decide(each, old, old, old, accounts=accounts, reviewers=nobody, tests_run=0).promote for each in flawed
    ]
    one_worse = card("candidate", np.array([0.8] * 8 + [0.1] * 32))
    reviewers = ["one"] * 8 + ["another"] * 32
    promoted.append(gate.decide(one_worse, old, old, old, accounts=accounts, reviewers=reviewers, tests_run=0).promote)
    assert gate.decide(good, old, old, old, accounts=accounts, reviewers=nobody, tests_run=0).promote
    return sum(promoted)


def upper_bound(hits: int, of: int) -> float:
    """One-sided 95% Wilson bound of a share."""
    z, share = 1.645, hits / of
    middle = share + z * z / (2 * of)
    spread = z * ((share * (1 - share) + z * z / (4 * of)) / of) ** 0.5
    return float((middle + spread) / (1 + z * z / of))


if __name__ == "__main__":
    raise SystemExit(main("Luck, power and guards of the gate.", measure))
