"""One renderer for serving, training and evaluation."""

import hashlib
import json

import pytest

from model.prompt import joined, messages, parted
from model.voice import Voice
from storage.tables import Tone
from tests.rows import brief

VOICE = Voice(company="Acme", what_we_do="planning software", tone=("plain",), avoid=("just checking in",))
LEARNED = {
    False: "7124e04d2d298456ee2e9bb315be40ffb1f148c5a3510b3c9ab044b90f3e77ef",
    True: "b143c60370f4c598aecdc25ea5fa4b8a282d450ec082271dc658152502213f66",
}


def prompt(*, slots: bool) -> str:
    return "\n".join(message["content"] for message in messages(brief(), VOICE, slots=slots))


def test_the_base_reads_values_and_an_adapter_reads_slots() -> None:
    plain, slotted = prompt(slots=False), prompt(slots=True)
    for personal in ("Dana", "Northwind Foods", "Maya"):
        assert personal in plain
        assert personal not in slotted
    assert "{{" not in plain
    assert "{{event1}} = Planning without panic" in slotted


def test_a_roll_up_is_counted_and_a_single_event_is_dated() -> None:
    assert "1. attended a webinar, 4 days ago: Planning without panic" in prompt(slots=False)
    assert "2. viewed a page, 3 times: Pricing" in prompt(slots=False)


def test_a_thin_record_names_nothing_that_is_missing() -> None:
    thin = brief(company=None, deal=None, events=())
    text = "\n".join(message["content"] for message in messages(thin, VOICE, slots=True))
    assert "None" not in text
    assert "{{company}}" not in text


@pytest.mark.parametrize("slots", [False, True])
def test_without_a_tone_the_prompt_is_byte_for_byte_what_adapters_learned(slots: bool) -> None:
    asked = json.dumps(messages(brief(), VOICE, slots=slots, tone=None))
    assert hashlib.sha256(asked.encode()).hexdigest() == LEARNED[slots]


@pytest.mark.parametrize("tone", list(Tone))
def test_a_tone_is_one_more_line_before_the_goal(tone: Tone) -> None:
    without, toned = (
        messages(brief(), VOICE, slots=True, tone=each)[1]["content"].split("\n") for each in (None, tone)
    )
    assert toned == [*without[:-1], f"Make it {tone} than usual.", without[-1]]


@pytest.mark.parametrize(
    ("text", "subject", "body"),
    [
        ("Subject: Hi\n\nBody", "Hi", "Body"),
        ("**Subject:** Hi\nBody", "Hi", "Body"),
        ("subject:Hi", "Hi", ""),
        ("Dear Dana,\nSubject to change", "", "Dear Dana,\nSubject to change"),
        ("", "", ""),
    ],
)
def test_parting_a_completion(text: str, subject: str, body: str) -> None:
    assert parted(text) == (subject, body)


def test_joined_and_parted_are_inverse() -> None:
    assert parted(joined("Hi there", "One\n\nTwo")) == ("Hi there", "One\n\nTwo")
