"""Facts do not pass through the weights, and what is slotted comes back to the letter."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.slots import SLOT, ago, fill, house_phrases, slotted, values
from tests.fakes import MONDAY
from tests.rows import brief

EMAIL = """Subject: After Planning without panic

Morning Dana,

Good to see you on Thursday. Yesterday Northwind Foods looked at Pricing 3 times.

Maya"""


def test_every_value_of_the_record_leaves_the_text() -> None:
    text = slotted(EMAIL, brief())
    for value in ("Dana", "Northwind Foods", "Planning without panic", "Thursday", "Maya", "Pricing"):
        assert value not in text, value
    assert fill(text, brief()) == (EMAIL, [])


WORDS = [*values(brief()).values(), "Dana's", "Danas", "yesterday", "Last", "week", ".", "\n\n", "?", "(", "…", "é"]


@given(st.lists(st.sampled_from(WORDS) | st.text(st.characters(exclude_characters="{}"), max_size=4), max_size=30))
def test_filling_gives_back_exactly_what_was_slotted(words: list[str]) -> None:
    text = " ".join(words)
    assert fill(slotted(text, brief()), brief()) == (text, [])


def test_a_slot_without_a_value_stays_and_is_named() -> None:
    text, missing = fill("About {{deal}}, {{ first_name }}", brief(deal=None))
    assert text == "About {{deal}}, Dana"
    assert missing == ["deal"]


def test_a_roll_up_offers_no_date_to_quote() -> None:
    names = values(brief())
    assert names["count2"] == "3"
    assert not {"ago2", "weekday2", "date2"} & set(names)


def test_a_house_phrase_that_holds_a_value_by_coincidence_stays_text() -> None:
    monday_record = brief(events=())
    texts = [
        ("You came on Thursday. Worth 15 minutes on Thursday? Tell me.", brief()),
        ("Worth 15 minutes on Thursday? Tell me.", monday_record),
    ]
    house = house_phrases(texts)
    learned = slotted(texts[0][0], brief(), house)
    assert learned == "You came on {{weekday1}}. Worth 15 minutes on Thursday? Tell me."


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "today"), (1, "yesterday"), (3, "3 days ago"), (9, "last week"), (20, "2 weeks ago"), (90, "in August")],
)
def test_how_long_ago(days: int, said: str) -> None:
    assert ago(MONDAY - timedelta(days=days), MONDAY) == said


def test_slots_are_written_as_the_pattern_reads_them() -> None:
    assert all(SLOT.fullmatch("{{" + name + "}}") for name in values(brief()))
