"""A tone is measured by what it says it is, and brought about without inventing anything."""

from typing import Any

import pytest

from model import brief as facts
from model.compose import Composed
from model.findings import Finding, Severity
from model.repair import Candidate
from model.tone import Toned, asking_first, choose, reading, score, thanked, trimmed, variants
from storage.tables import Tone
from tests.fakes import MONDAY
from tests.rows import brief

EMAIL = (
    "Hi Dana,\n\nI hope this finds you well. You joined Planning without panic on Thursday.\n\n"
    "Our customers say it changed their mornings. Would you like a demo next week?\n\nBest,\nMaya"
)


def candidate(body: str, *, blocks: int = 0) -> Candidate:
    made = Composed("Hello", body, [], "", (), finished=True, tokens=1, seconds=0.1)
    return Candidate(0, made, (Finding("x", Severity.block, "no"),) * blocks)


def chosen(tone: Tone, before: Candidate, *others: Candidate) -> str:
    return choose(tone, before, others, brief()).composed.body


# What is counted --------------------------------------------------------------------------------------------------


def test_a_reading_counts_words_warmth_hedges_and_how_soon_something_is_asked() -> None:
    read = reading(EMAIL, "Dana")
    assert (read.words, read.warm, read.hedges) == (31, 2, 0), "Dana and hope"
    assert read.until_ask == 20, "without the greeting"
    assert reading("Hi Dana,\n\nThank you. I am glad, Dana.", "Dana").warm == 4
    assert reading("Hi,\n\nI was wondering if we could perhaps meet.", None).hedges == 2


def test_where_nothing_is_asked_every_word_comes_before_it() -> None:
    assert reading("Hi Dana,\n\nWe have news. More soon.", None).until_ask == 5


@pytest.mark.parametrize(
    ("tone", "more", "less"),
    [
        (Tone.shorter, "Hi.", "Hi there."),
        (Tone.warmer, "Hi,\n\nThank you, I am glad.", "Hi,\n\nWe have it all."),
        (Tone.more_direct, "Hi,\n\nShall we meet? We have news.", "Hi,\n\nWe have news. Shall we meet?"),
        (Tone.more_direct, "Hi,\n\nShall we meet?", "Hi,\n\nPerhaps we have news. Shall we meet?"),
    ],
)
def test_more_of_a_tone_scores_higher(tone: Tone, more: str, less: str) -> None:
    assert score(tone, reading(more, None)) > score(tone, reading(less, None))


# Which one is taken -----------------------------------------------------------------------------------------------


def test_the_shortest_that_may_leave_is_taken() -> None:
    before, blocked, short = candidate("one " * 9), candidate("one " * 4, blocks=1), candidate("one " * 6)
    assert chosen(Tone.shorter, before, blocked, short, candidate("one " * 7)) == short.composed.body


def test_what_is_shorter_than_a_third_says_something_else() -> None:
    before, scrap, short = candidate("one " * 9), candidate("one " * 2), candidate("one " * 3)
    assert chosen(Tone.shorter, before, scrap, short) == short.composed.body


def test_what_lost_the_greeting_is_not_taken_for_a_shorter_email() -> None:
    before, list_of_facts = (
        candidate(EMAIL),
        candidate("To: Dana, COO at Northwind Foods\n\nWhat happened? And why now?"),
    )
    assert chosen(Tone.shorter, before, list_of_facts) == EMAIL


@pytest.mark.parametrize("tone", list(Tone))
def test_where_none_has_more_the_text_stays(tone: Tone) -> None:
    before = candidate(EMAIL)
    same = candidate(EMAIL)
    assert choose(tone, before, [same, same], brief()) is before
    came = Toned.of(tone, before, before, brief(), shown=True)
    assert not came.more and came.as_json()["more"] is False


def test_a_blocked_text_gives_way_to_one_that_may_leave_whatever_its_tone() -> None:
    free = candidate("one " * 12)
    assert chosen(Tone.shorter, candidate("one " * 9, blocks=1), free) == free.composed.body


# What is done without a model -------------------------------------------------------------------------------------


def test_sentences_that_carry_nothing_are_left_out_and_those_with_facts_asks_or_the_goal_stay() -> None:
    assert trimmed(EMAIL, brief()) == (
        "Hi Dana,\n\nYou joined Planning without panic on Thursday.\n\nWould you like a demo next week?\n\nBest,\nMaya"
    )


@pytest.mark.parametrize(
    "kept", ["We have 40 machines.", "See https://acme.example.", "Northwind Foods comes first.", "Demos take a while."]
)
def test_what_a_record_a_number_an_address_or_the_goal_stands_in_is_kept(kept: str) -> None:
    body = f"Hi Dana,\n\nAll is well with us here. {kept}\n\nMaya"
    assert trimmed(body, brief()) == f"Hi Dana,\n\n{kept}\n\nMaya"


def test_a_sentence_said_twice_is_said_once_where_it_came_first() -> None:
    said = "You joined Planning without panic."
    assert trimmed(f"Hi Dana,\n\n{said}\n\nShall we talk? {said}\n\nMaya", brief()) == (
        f"Hi Dana,\n\n{said}\n\nShall we talk?\n\nMaya"
    )


def test_an_email_of_nothing_but_such_sentences_is_left_as_it_is() -> None:
    assert trimmed("Hi Dana,\n\nAll is well with us here.\n\nMaya", brief()) is None
    assert trimmed("Hi Dana,\n\nShall we talk?\n\nMaya", brief()) is None, "nothing to leave out"


@pytest.mark.parametrize(
    ("kind", "subject", "said"),
    [
        ("webinar_attended", "Planning without panic", "Thank you for joining “Planning without panic”."),
        ("webinar_attended", None, "I hope you are well."),
        ("email_received", "Re: plan", "Thank you for your email."),
        ("page_view", "Pricing", "I hope you are well."),
    ],
)
def test_thanks_are_for_what_is_on_record(kind: str, subject: str | None, said: str) -> None:
    event = facts.Event(kind=kind, at=MONDAY, subject=subject)
    assert thanked("Hi Dana,\n\nShall we talk?\n\nMaya", brief(events=(event,))) == (
        f"Hi Dana,\n\n{said}\n\nShall we talk?\n\nMaya"
    )


def test_who_thanks_already_thanks_once() -> None:
    assert thanked("Hi Dana,\n\nThanks for joining.\n\nMaya", brief()) is None


def test_the_question_comes_first_if_it_can_be_understood_there() -> None:
    assert asking_first("Hi Dana,\n\nWe have news. Shall we talk?\n\nMaya") == (
        "Hi Dana,\n\nShall we talk?\n\nWe have news.\n\nMaya"
    )
    assert asking_first("Hi Dana,\n\nWe have news. Does that suit you?\n\nMaya") is None
    assert asking_first("Hi Dana,\n\nShall we talk? We have news.\n\nMaya") is None, "it is there"


@pytest.mark.parametrize("tone", list(Tone))
def test_every_variant_has_more_of_its_tone(tone: Tone) -> None:
    made = candidate(EMAIL).composed
    found: list[Any] = list(variants(tone, made, brief()))
    assert found
    before = score(tone, reading(EMAIL, "Dana"))
    assert all(score(tone, reading(near.body, "Dana")) > before for near in found)
