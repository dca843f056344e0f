"""A candidate serves only if people would have to edit less, beyond luck, and nothing else got worse."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from model.brief import Company
from model.compose import Composed
from model.evaluate import Known, Scorecard, known_from, scorecard
from model.gate import ALPHA, Verdict, accounts_missing, allowance, decide, ratio_interval, sign_flip
from model.pairs import Pair
from model.prompt import messages
from model.voice import Voice
from tests.benchmarks import gate as bench
from tests.fakes import MONDAY
from tests.rows import brief
from tests.test_prompt import VOICE


def card(name: str, rates: list[float]) -> Scorecard:
    return Scorecard(name, rates, 1.0, 0.0, 0.0, 0.0, 0.0, 0, [frozenset()] * len(rates))


def found(card: Scorecard, *drafts: int, rules: Sequence[str] = ("fact_date",)) -> Scorecard:
    """The card with findings in these drafts."""
    return replace(card, found=[frozenset(rules) if n in drafts else frozenset() for n in range(len(card.found))])


BASE = card("base", [0.9] * 12)
COPY = card("copying an old mail", [0.6] * 12)
GOOD = card("candidate", [0.2 + 0.02 * n for n in range(12)])
ACCOUNTS = [f"account {n // 2}" for n in range(12)]


def verdict(candidate: Scorecard, incumbent: Scorecard = BASE, *, tests_run: int = 0, accounts: int = 6) -> Verdict:
    count = len(candidate.edit_rates)
    named = [f"account {n % accounts}" for n in range(count)]
    reviewers: list[str | None] = ["robin"] * count
    return decide(candidate, incumbent, BASE, COPY, accounts=named, reviewers=reviewers, tests_run=tests_run)


def test_a_clear_gain_is_promoted_on_six_accounts_and_the_verdict_names_all_figures() -> None:
    given = verdict(GOOD)
    assert given.promote and given.tested
    said = " ".join(given.reasons)
    assert "base model 90%" in said
    assert "copying an old mail 60%" in said
    assert "candidate 31%" in said
    low, high = given.ratio
    assert 0 < low < 0.31 / 0.9 < high < 0.6


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (replace(GOOD, length_ratio=0.5), "50% as long"),
        (replace(GOOD, length_ratio=2.0), "200% as long"),
        (replace(GOOD, unfinished=0.25), "stop in the middle"),
        (replace(GOOD, looping=0.25), "repeat themselves"),
        (replace(GOOD, missing=0.25), "ask for a fact"),
        (replace(GOOD, unsupported=0.25), "nobody gave them"),
        (found(GOOD, 0, 1, 2), "25% of its drafts would carry a warning, most often “fact_date”; in service it is 0%"),
        (replace(GOOD, leaks=1), "name a customer they are not about"),
        (card("candidate", [0.9] * 12), "as much as"),
        (card("candidate", [0.95] * 12), "as much as"),
        (card("candidate", [math.nan, *[0.1] * 11]), "as much as"),
        (card("candidate", [0.0, *[0.92] * 11]), "luck"),
    ],
)
def test_anything_less_keeps_the_incumbent_and_says_why(candidate: Scorecard, reason: str) -> None:
    given = verdict(candidate)
    assert not given.promote and given.tested
    assert reason in " ".join(given.reasons)


def test_too_little_to_judge_by_says_how_much_is_missing_and_spends_nothing() -> None:
    given = verdict(GOOD, accounts=4)
    assert not given.promote and not given.tested
    assert "2 more are needed" in given.reasons[0]


@pytest.mark.parametrize(
    ("before", "after", "promoted"),
    [
        ((), (0, 1), True),  # as often as 1 in 4 by luck
        ((), (0, 1, 2), False),
        ((0, 1), (2, 3, 4, 5), True),
        ((0,), (0, 1, 2, 3), False),
        ((0, 1, 2, 3), (4,), True),
    ],
)
def test_more_findings_than_luck_explains_keep_the_incumbent(
    before: tuple[int, ...], after: tuple[int, ...], promoted: bool
) -> None:
    contexts = 24
    candidate = found(card("candidate", [0.2] * contexts), *after)
    old = found(card("incumbent", [0.9] * contexts), *before)
    accounts, nobody = [f"account {n % 6}" for n in range(contexts)], [None] * contexts
    given = decide(candidate, old, old, COPY, accounts=accounts, reviewers=nobody, tests_run=0)
    assert given.promote == promoted


def test_every_look_makes_the_next_one_stricter() -> None:
    assert verdict(GOOD, tests_run=0).promote
    later = verdict(GOOD, tests_run=3)
    assert not later.promote and "more are needed" in later.reasons[0]
    assert sum(allowance(look) for look in range(1, 100_000)) == pytest.approx(ALPHA, abs=1e-5)
    assert [accounts_missing(0, allowance(look)) for look in (1, 2, 5)] == [6, 8, 10]


def test_one_reviewers_loss_is_not_bought_off_by_anothers_gain() -> None:
    candidate = card("candidate", [0.97] * 6 + [0.1] * 18)
    accounts = [f"account {n}" for n in range(24)]
    reviewers: list[str | None] = ["robin"] * 6 + ["maya"] * 18
    old = card("base", [0.9] * 24)
    given = decide(candidate, old, old, COPY, accounts=accounts, reviewers=reviewers, tests_run=0)
    assert not given.promote
    assert "One reviewer would have to edit" in given.reasons[0]


def test_the_same_as_the_incumbent_is_never_promoted() -> None:
    assert not verdict(replace(GOOD, name="candidate"), GOOD).promote


def test_the_same_figures_give_the_same_verdict() -> None:
    assert verdict(GOOD) == verdict(GOOD)


def test_emails_of_one_account_count_together() -> None:
    gains = [0.1] * 12
    assert sign_flip(gains, ACCOUNTS) == pytest.approx(2**-6)
    assert sign_flip(gains, ["one"] * 12) == 0.5


def test_many_clusters_are_sampled_and_never_give_a_chance_of_zero() -> None:
    assert 0 < sign_flip([0.1] * 40, [str(n) for n in range(40)]) < 0.001


def test_an_interval_of_a_ratio_holds_the_ratio() -> None:
    rng = np.random.default_rng(1)
    ours, theirs = rng.uniform(0.1, 0.3, 40), rng.uniform(0.7, 1.0, 40)
    low, high = ratio_interval(ours.tolist(), theirs.tolist(), [str(n) for n in range(40)])
    assert low < ours.sum() / theirs.sum() < high


def pair(company: str, said: str = "") -> Pair:
    facts = brief(company=Company(name=company))
    final = f"Subject: Hello\n\nHi Dana,\n\n{said}Worth 15 minutes? See https://mendwell.example\n\nBest,\nMaya"
    return Pair(1, facts.account, "edited", facts, None, final, MONDAY)


TRAIN = [pair(name) for name in ("Nord", "Alder Foods", "Best", "Cedar Mills")]


def scored(body: str, known: Known, **changes: Any) -> Scorecard:
    context = pair("Birch Labs")
    made: dict[str, Any] = {"completion": body, "missing": (), "finished": True, "tokens": 9, "seconds": 0.1, **changes}
    draft = Composed(subject="Hello", body=body, messages=messages(context.brief, VOICE, slots=True), **made)
    return scorecard("candidate", [context], [draft], known, Voice(company="Mendwell", what_we_do="maintenance"))


@pytest.mark.parametrize(
    ("body", "unsupported"),
    [
        ("Worth 15 minutes?", False),  # the house says so to everybody
        ("You looked at the prices 3 times.", False),  # the record
        ("The rollout is at 12,000.", False),
        ("It closes on 18 December.", False),
        ("It is 00 less.", True),  # part of a number that was given is not given
        ("It costs 990 a month.", True),
        ("Write to jo@else.example.", True),
        ("See https://else.example/a1.", True),
    ],
)
def test_a_value_that_neither_record_nor_house_has_is_noticed(body: str, unsupported: bool) -> None:
    assert scored(body, known_from(TRAIN)).unsupported == unsupported


@pytest.mark.parametrize(
    ("companies", "said", "value"),
    [
        (["Elm Works"] * 5, "Your order 4711 is ready. ", "4711"),  # one customer's fact
        ([f"Elm {n}" for n in "abcde"], "You came on 19 November. ", "19"),  # what each one's record says
    ],
)
def test_a_records_facts_do_not_become_house_words_by_repetition(companies: list[str], said: str, value: str) -> None:
    known = known_from([*TRAIN, *(pair(company, said) for company in companies)])
    assert value not in known.house
    assert "15" in known.house


@pytest.mark.parametrize(
    ("body", "completion", "leaks"),
    [
        ("As for Alder Foods.", "", 1),
        ("A short text.", "A short text. As for Cedar", 0),
        ("A short text.", "A short text. As for Cedar Mills and", 1),  # cut off, but the weights know it
        ("The Nordic way.", "", 0),
        ("As at Nord, so here.", "", 1),
        ("Good news for Birch Labs.", "", 0),
        ("Best,\nMaya", "", 0),  # a customer's name that is also how everybody signs
    ],
)
def test_the_name_of_a_customer_trained_on_is_a_leak(body: str, completion: str, leaks: int) -> None:
    assert scored(body, known_from(TRAIN), completion=completion or body).leaks == leaks


def test_a_draft_that_a_reviewer_would_be_warned_of_has_a_finding() -> None:
    assert scored("All is well.", Known()).findings == 0
    assert scored("", Known()).findings == 1
    assert scored("All is well.", Known(), finished=False).findings == 1
    assert scored("Hi [Your Name]", Known()).findings == 1
    assert scored("Hi [Your Name]", Known()).as_json()["rules"] == {"placeholder": 1}


def test_luck_power_and_guards_in_short() -> None:
    """The short form of `python -m tests.benchmarks.gate`, with the tolerance that fewer months ask for."""
    figures = {figure.name: figure for figure in bench.measure(quick=True)}
    assert figures["false_months"].value <= 0.08
    assert figures["false_months_alike"].value <= 0.08
    assert figures["power_gain_15"].met and figures["power_gain_30"].met
    assert figures["guards_bought_off"].value == 0
