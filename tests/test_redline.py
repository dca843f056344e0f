"""What an edit changed can be read under its card: complete, without colour, and without anything coming alive."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot import cards
from bot.cards import Block
from bot.cards.redline import IN, OUT, SAME, runs
from storage.tables import Verdict
from tests.slack_limits import faults_of_message
from tests.test_cards import contact, draft, review, words

DRAFTED = "Hi Dana,\n\nI hope this email finds you well. Would you like a demo next week?\n\nBest regards,\nRobin"
FINAL = "Hi Dana,\n\nShall we look at it on Tuesday at 10?\n\nBest,\nRobin"


def shown(before: str, after: str, subject: str = "Planning") -> Block | None:
    done = review(Verdict.edited, subject=subject, body=after)
    return cards.redline(draft(subject="Planning", body=before), contact(), done)


def marked(message: Block | None) -> str:
    """The redline as text: -taken out-, +written in+."""
    assert message
    (rich,) = (block for block in message["blocks"] if block["type"] == "rich_text")
    (section,) = rich["elements"]
    return "".join(_marked(part) for part in section["elements"])


def _marked(part: dict[str, Any]) -> str:
    style = part.get("style", {})
    assert style in ({}, {"strike": True}, {"bold": True})
    mark = "-" if "strike" in style else "+" if style else ""
    return f"{mark}{part['text']}{mark}"


def test_what_went_is_struck_and_what_came_is_bold() -> None:
    assert marked(shown("We could meet on Monday at nine.", "We could meet on Tuesday at nine.")) == (
        "We could meet on -Monday- +Tuesday+ at nine."
    )


def test_an_email_stays_readable_as_a_whole() -> None:
    read = marked(shown(DRAFTED, FINAL))
    assert read.startswith("Hi Dana,\n\n-I hope this email finds you well.")
    assert read.endswith("\n\n-Best regards,- +Best,+\nRobin")


def test_a_changed_subject_comes_first() -> None:
    assert marked(shown("Hi", "Hi", subject="Planning ahead")) == "Subject: Planning +ahead+\n\nHi"


def test_it_says_how_many_words_and_how_to_read_it() -> None:
    message = shown("one two three", "one 2 three and four")
    assert message and message["text"] == "What changed in the follow-up to Dana Whitfield: 1 word out, 3 words in."
    assert "<@" not in words(message), "nobody is called to what they just did themselves"
    assert "1 word out, 3 words in. Struck through: taken out. Bold: written in." in words(message)


@pytest.mark.parametrize("after", [DRAFTED, DRAFTED.replace("\n\n", "\n")], ids=["nothing", "the layout"])
def test_where_no_word_changed_there_is_nothing_to_show(after: str) -> None:
    assert shown(DRAFTED, after) is None


def test_a_word_left_between_two_changes_does_not_break_them_up() -> None:
    found = [
        (run.kind, " ".join(run.tokens)) for run in runs("a big red and old wet barn", "a small blue and new dry barn")
    ]
    assert found == [(SAME, "a"), (OUT, "big red and old wet"), (IN, "small blue and new dry"), (SAME, "barn")]


@pytest.mark.parametrize("size", [3_000, 12_000, 30_000])
def test_a_long_email_shows_its_changes_and_folds_what_stayed(size: int) -> None:
    long = " ".join(f"word{n}" for n in range(size // 8))
    message = shown(f"{long} old {long}", f"{long} new {long}")
    assert message and not faults_of_message(message)
    assert "-old- +new+" in marked(message)
    assert ("words as before" in marked(message)) == (size > 9_000 // 2)


def test_what_is_too_long_even_so_is_shortened_and_says_so() -> None:
    message = shown("old " * 8_000, "new " * 8_000)
    assert message and not faults_of_message(message)
    assert "Shortened here to fit; both texts are kept in full." in words(message)
    assert marked(message).endswith("…-")


def test_nothing_of_an_email_comes_alive() -> None:
    message = shown("Hi", "<!channel> *bold* <https://evil.example|click> :tada: \u202eturned")
    assert "<!channel> *bold* <https://evil.example|click> :tada: turned" in marked(message).replace("+", "")
    assert message and "<!channel>" not in words(message) and "<!channel>" not in message["text"]


text = st.text(alphabet=st.sampled_from("ab .\n<&😀é"), max_size=200)


@settings(max_examples=200, deadline=None)
@given(text, text)
@example("a\n\nb", "a b\n\n\nc")
def test_both_texts_can_be_read_off_it(before: str, after: str) -> None:
    found = runs(before, after)
    assert [t for run in found if run.kind != IN for t in run.tokens if t != "\n"] == before.split()
    assert [t for run in found if run.kind != OUT for t in run.tokens if t != "\n"] == after.split()
    message = shown(before, after)
    assert message is None or not faults_of_message(message)
