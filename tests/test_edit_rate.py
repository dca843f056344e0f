"""The figure that everything is judged by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.edit_rate import changed_words, edit_rate, loops, replayed_rate, style_and_fact


@pytest.mark.parametrize(
    ("drafted", "final", "rate"),
    [
        ("", "", 0.0),
        ("a b c d", "a b c d", 0.0),
        ("a b c d", "a x c d", 0.25),
        ("a b", "a b c d", 0.5),
        ("a b c d", "", 1.0),
        ("one two", "One two", 0.5),  # case counts: a person had to change it
        ("a b", "a\n\n b  ", 0.0),  # layout does not
        ("Hi\r\nthere", "Hi\nthere", 0.0),
        ("caf\u00e9", "cafe\u0301", 0.0),
        ("hello", "hello\n-- \nMaya\nSales", 0.0),
        ("hello", "hello\nOn Monday, Dana wrote:\n> earlier text", 0.0),
        ("<b>hello</b>", "hello", 0.0),
    ],
)
def test_edit_rate(drafted: str, final: str, rate: float) -> None:
    assert edit_rate(drafted, final) == pytest.approx(rate)


def test_a_discarded_draft_counts_as_one() -> None:
    assert edit_rate("anything", None) == 1.0


@given(st.text(), st.text())
def test_it_is_a_share_and_it_is_symmetric(one: str, other: str) -> None:
    assert 0.0 <= edit_rate(one, other) <= 1.0
    assert edit_rate(one, other) == edit_rate(other, one)
    assert (changed_words(one, other) == 0) == (edit_rate(one, other) == 0)


def test_loops() -> None:
    assert loops("we can help you grow. " * 3)
    assert not loops("we can help you grow. " * 2)


@pytest.mark.parametrize(
    ("drafted", "final", "style", "fact"),
    [
        ("see you on Monday at 10", "see you on Monday at 11", 0, 1 / 6),
        ("hello Dana how are you", "hi Dana how are you", 1 / 5, 0),
        ("hello Dan how are you", "hello Dana how are you", 0, 1 / 5),
        ("same words", "same words", 0, 0),
        ("", "a new text", 1, 0),
    ],
)
def test_facts_and_style_add_up_to_the_edit_rate(drafted: str, final: str, style: float, fact: float) -> None:
    parts = style_and_fact(drafted, final, "Dana Whitfield Northwind")
    assert parts == pytest.approx((style, fact))
    assert sum(parts) == pytest.approx(edit_rate(drafted, final))


SHOWN = "Dear friend, we write to tell you of an exciting and dynamic chance."
OVERLOOKED = "Hi Dana, shall we talk about an exciting and dynamic pilot on Friday?"
RIGHT = "Hi Dana, shall we talk about the pilot on Friday?"


def test_a_right_draft_is_not_held_to_the_leftovers_of_another() -> None:
    """A weak editor left “an exciting and dynamic” standing; a draft without it is as good as any."""
    assert replayed_rate(SHOWN, OVERLOOKED, SHOWN) == pytest.approx(edit_rate(SHOWN, OVERLOOKED), abs=0.1)
    assert replayed_rate(RIGHT, OVERLOOKED, SHOWN) < 0.6 * edit_rate(RIGHT, OVERLOOKED)
    assert replayed_rate("", OVERLOOKED, SHOWN) == 1.0, "nothing is no way out"


def test_what_a_person_approved_as_it_was_counts_in_full() -> None:
    for draft in (SHOWN, "", "Hi Dana, shall we talk?"):
        assert replayed_rate(draft, RIGHT, RIGHT) == edit_rate(draft, RIGHT)


def test_without_a_draft_that_was_shown_it_is_the_edit_rate() -> None:
    assert replayed_rate(SHOWN, RIGHT, None) == edit_rate(SHOWN, RIGHT)
    assert replayed_rate(SHOWN, None, RIGHT) == 1.0


@given(*[st.lists(st.sampled_from("abcd"), max_size=8).map(" ".join)] * 3)
def test_a_replayed_rate_is_a_rate_and_a_perfect_draft_costs_nothing(draft: str, final: str, shown: str) -> None:
    assert 0 <= replayed_rate(draft, final, shown) <= 1
    assert replayed_rate(final, final, shown) == 0
