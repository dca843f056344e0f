"""The house editor: a valid mail costs nothing, any other draft becomes the nearest valid one."""

import itertools
import random
from datetime import datetime, timedelta
from statistics import mean
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from model.slots import ago
from tests.personas import house
from tests.sample_company import sample

NOW = "2026-11-23T10:00:00+00:00"  # a Monday


def brief(**changes: Any) -> dict[str, Any]:
    return {
        "contact": {"first_name": "Søren", "last_name": "Østergaard", "title": None, "email": "s@n.example"},
        "company": {"name": "Nordhavn Seafood", "industry": "food production"},
        "deal": {"name": "Second Line", "stage": "trial", "amount": None, "close_date": None},
        "events": [event("webinar_attended", "2026-11-19T09:00:00+00:00", "Planned Beats Urgent")],
        "goal": "book a demo",
        "note": None,
        "sender": {"first_name": "Ingrid", "name": "Ingrid Solberg"},
        "playbook": "sales_follow_up",
        "at": NOW,
        **changes,
    }


def event(kind: str, at: str, subject: str | None, count: int | None = None) -> dict[str, Any]:
    return {"kind": kind, "at": at, "subject": subject, "body": None, "count": count}


def edited(draft: str, facts: dict[str, Any], seed: int = 0) -> str:
    return house.edit(draft, facts, random.Random(seed))


def words(text: str) -> list[str]:
    return text.split()


THIN = brief(company=None, deal=None, events=[], goal="", contact={"first_name": None, "email": "s@n.example"})
AGGREGATE = brief(events=[event("page_view", NOW, "Pricing", 3)], goal="answer the pricing question")
MISSING_SUBJECTS = [brief(events=[event(kind.split()[0], NOW, None)]) for kind in house.OPENINGS if kind != "nothing"]
ALL = [brief(), THIN, AGGREGATE, *MISSING_SUBJECTS]


@pytest.mark.parametrize("facts", ALL)
def test_every_valid_mail_costs_nothing(facts: dict[str, Any]) -> None:
    texts = list(house.valid(facts).texts())
    assert [edited(text, facts) for text in texts] == texts
    assert len(set(texts)) == len(texts) >= 16


@settings(max_examples=60, deadline=None)
@given(draft=st.text(max_size=600), facts=st.sampled_from(ALL), seed=st.integers(0, 9))
def test_whatever_the_draft_the_result_is_valid_and_needs_no_second_edit(
    draft: str, facts: dict[str, Any], seed: int
) -> None:
    once = edited(draft, facts, seed)
    assert once in set(house.valid(facts).texts())
    assert edited(once, facts, seed + 1) == once
    assert edited(draft, facts, seed) == once


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_edit_is_the_smallest_that_makes_a_valid_body(seed: int) -> None:
    rng = random.Random(seed)
    subject, body = house.valid(brief()).any(rng)
    damaged = " ".join(rng.choice((word, word, word, "well", "")) for word in body.split(" "))
    final = house.parted(edited(house.joined(subject, damaged), brief()))[1]
    costs = [Levenshtein.distance(words(damaged), words(choice)) for choice in house.valid(brief()).bodies()]
    assert Levenshtein.distance(words(damaged), words(final)) == min(costs)


def test_a_draft_without_a_subject_line_gets_one() -> None:
    text = next(house.valid(brief()).texts())
    assert edited(house.parted(text)[1], brief()).startswith("Subject: ")
    assert house.parted("**Subject:** Hello\n\nText") == ("Hello", "Text")


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-11-23T08:00:00+00:00", ("today",)),
        ("2026-11-22T08:00:00+00:00", ("yesterday",)),
        ("2026-11-19T09:00:00+00:00", ("4 days ago", "on Thursday")),
        ("2026-11-12T09:00:00+00:00", ("last week",)),
        ("2026-11-02T09:00:00+00:00", ("3 weeks ago",)),
        ("2026-08-03T09:00:00+00:00", ("in August",)),
    ],
)
def test_time_is_told_as_people_tell_it(at: str, said: tuple[str, ...]) -> None:
    assert house.whens(event("meeting", at, "Review"), brief()) == said


@pytest.mark.parametrize("days", range(120))
def test_time_is_told_as_the_slots_tell_it(days: int) -> None:
    now = datetime.fromisoformat(NOW)
    then = now - timedelta(days=days)
    assert ago(then, now) in house.whens(event("meeting", then.isoformat(), "Review"), brief())


def test_a_roll_up_is_never_dated() -> None:
    texts = " ".join(house.valid(AGGREGATE).openings)
    assert "3 times" in texts
    assert not any(word in texts for word in ("today", "yesterday", "ago", "day"))


def test_what_we_did_ourselves_and_what_lies_ahead_tells_nothing() -> None:
    ours = [event("meeting", "2026-11-30T09:00:00+00:00", "Review"), event("email_sent", NOW, "Hello")]
    theirs = event("call", "2026-11-10T09:00:00+00:00", "the rollout")
    assert house.telling(brief(events=[*ours, theirs])) is theirs
    assert house.telling(brief(events=ours)) is None


def test_a_line_break_in_the_record_cannot_split_a_mail() -> None:
    facts = brief(deal={"name": "Second\n\nLine"}, goal="recap the call")
    text = edited("", facts)
    assert edited(text, facts) == text
    assert "Second Line" in text


@pytest.mark.parametrize(
    ("goal", "family"),
    [
        ("answer the pricing question", "pricing"),
        ("Book a DEMO", "demo"),
        ("answer their email", "question"),
        ("follow up on the meeting", "recap"),
        ("follow up on the webinar", "talk"),
        ("move the deal forward", "talk"),
        ("", "talk"),
    ],
)
def test_goals_are_understood_by_their_words(goal: str, family: str) -> None:
    assert house.family(goal) == family


def test_every_valid_body_has_the_length_of_the_house() -> None:
    for goal, kind in itertools.product([*house.FAMILIES, house.OTHERWISE], house.OPENINGS):
        name, _, counted = kind.partition(" ")
        happened = [] if kind == "nothing" else [event(name, NOW, "Planned Beats Urgent", 3 if counted else None)]
        facts = brief(goal={"story": "case study", "session": "invite"}.get(goal, goal), events=happened)
        assert house.family(facts["goal"]) == goal
        for body in house.valid(facts).bodies():
            assert 45 <= len(words(body)) <= 90
            assert body.count("?") == 1


def test_an_old_mail_is_a_poor_answer_to_another_situation() -> None:
    found = sample()
    contexts = [(house.opening_of(house.telling(each)), house.family(each["goal"])) for each in found.briefs]
    bodies = [words(email["body"]) for email in found.rows["emails"]]
    rates = [
        Levenshtein.normalized_distance(bodies[one], bodies[other])
        for one, other in itertools.combinations(range(len(bodies)), 2)
        if contexts[one] != contexts[other]
    ]
    assert mean(rates) >= 0.8
    assert len(set(contexts)) >= 50
