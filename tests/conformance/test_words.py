"""One voice: calm, plain, and nothing that only a picture says."""

import re

import pytest

from tests.conformance import words
from tests.conformance.words import Said

PICTURE = re.compile(r":[a-z0-9_+-]+:|[\u2600-\u27bf\U0001f000-\U0001faff]")
SHOUTING = re.compile(r"\b(?!CSV|CRM|FILE|NAME-OR-EMAIL|NAME|EMAIL|[A-Z]+_[A-Z_]+\b)[A-Z]{4,}\b")


@pytest.fixture(scope="module")
def said() -> list[Said]:
    return words.every()


def test_the_page_of_all_sentences_is_up_to_date(said: list[Said]) -> None:
    assert words.PAGE.read_text("utf-8") == words.page(said), "make it anew: python -m tests.conformance.words"


def test_the_page_holds_what_people_read(said: list[Said]) -> None:
    """If the search went blind, every other test here would be green."""
    texts = {one.text for one in said}
    assert {"Approve this text", "Drafting {which} follow-up to {contact}…", "Use this rule"} <= texts
    assert any("mentions" in one.text or "the voice" in one.text for one in said if one.file == "model/checks.py")


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("an exclamation mark", re.compile(r"(?<!<)!")),
        ("a picture instead of words", PICTURE),
        ("capitals that shout", SHOUTING),
        ("please, and please again", re.compile(r"please.*please", re.I | re.S)),
        ("an apology for nothing", re.compile(r"\b(oops|whoops|uh-oh|unfortunately)\b", re.I)),
        ("cheer", re.compile(r"\b(awesome|great|yay|hooray|congratulations|amazing)\b", re.I)),
        (
            "words of the trade",
            re.compile(r"\b(payload|trigger_id|compare-and-set|null|JSON|timeout|exception)\b"),
        ),
        ("a word about clicking, which not everybody does", re.compile(r"\bclick(?!s\b|ed\b| in an email)\b", re.I)),
        ("two spaces", re.compile(r"\S  +\S")),
    ],
)
def test_no_sentence_has(what: str, pattern: re.Pattern[str], said: list[Said]) -> None:
    assert [f"{one.file} {one.place}: {one.text}" for one in said if pattern.search(one.text)] == []


@pytest.mark.parametrize("label", ["OK", "Yes", "No", ":thumbsup:", "👍", "More…"])
def test_a_label_without_an_effect_is_noticed(label: str) -> None:
    assert words.says_nothing(label)


def test_labels_are_found_wherever_they_stand() -> None:
    text = {"type": "plain_text", "text": "Discard"}
    confirm = {"title": text, "text": text, "confirm": {**text, "text": "Yes"}, "deny": {**text, "text": "Keep it"}}
    button = {"type": "button", "action_id": "discard_draft", "text": text, "confirm": confirm}
    view = {"submit": {**text, "text": "Approve"}, "blocks": [{"type": "actions", "elements": [button]}]}
    assert sorted(words.labels(view)) == ["Approve", "Discard", "Keep it", "Yes"]
    assert [words.FINAL.search(each["action_id"]) is not None for each in words.buttons(view)] == [True]
