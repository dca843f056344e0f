"""What is left of a past email is what its writer wrote: no quotes, cards or footers, but the sign-off stays."""

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.crm.email_text import FOOTER, QUOTED, SIGNATURE, cleaned, html_to_text, is_automatic

CASES = yaml.safe_load((Path(__file__).parent / "payloads" / "emails.yml").read_text("utf-8"))
SIGN_OFFS = [
    "Best,\nMaya",
    "Best\nMaya",
    "Talk soon,\nMaya",
    "All the best,\n\nMaya Lindqvist",
    "Kind regards,\nMaya",
    "Warmest regards\nMaya",
    "Cheers!\nMaya",
    "Many thanks,\nMaya & Tom",
    "Thanks again,\nMaya",
    "Thanks, and talk soon,\nMaya",
    "Thanks,\nmaya",
    "Until Thursday,\nMaya",
    "See you at the fair,\nMaya",
    "Sincerely yours,\nDr. Maya O'Neill-Lindqvist",
    "Best, Maya",
    "— Maya",
    "Maya",
    "M.",
    "Your team at Us",
    "Mit freundlichen Grüßen\nMaya Lindqvist",
    "Liebe Grüße aus Köln\nMaya",
    "Bien cordialement,\nMaya",
    "Un saludo,\nMaya de la Fuente",
    "Met vriendelijke groet,\nMaya van den Berg",
]
LINES = st.sampled_from(
    [line for case in CASES for line in case.get("body", "").split("\n")]
    + ["", "", "> x", "--", "-- ", "***", "P.S. x"]
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_an_email_is_cut_down_to_its_writers_own_words(case: dict[str, str]) -> None:
    body = html_to_text(case["html"]) if "html" in case else case["body"]
    assert cleaned(body).text == case["text"].strip()


@pytest.mark.parametrize("gap", ["\n\n", "\n"])
@pytest.mark.parametrize("sign_off", SIGN_OFFS)
def test_the_sign_off_and_the_name_stay(sign_off: str, gap: str) -> None:
    own = f"Hi Dana,\n\nThe plan is ready. Shall we go through it on Monday?{gap}{sign_off}"
    assert cleaned(own).text == own
    assert not cleaned(own).removed
    quoted = "\n\nOn Tue, Nov 3, 2026 at 9:14 AM Dana <dana@northwind.example> wrote:\n> When?\n"
    assert cleaned(own + quoted).text == own
    assert cleaned(f"{own}\n\nSent from my iPhone").text == own


@pytest.mark.parametrize("sign_off", [each for each in SIGN_OFFS if "\n" in each])
def test_the_contact_card_below_the_name_goes(sign_off: str) -> None:
    own = f"Hi Dana,\n\nThe plan is ready.\n\n{sign_off}"
    for card in ("\nAccount Executive\nUs Ltd\n+49 40 1234567", "\n\nUs Ltd | www.us.example", "\nAccount Executive"):
        assert cleaned(own + card).text == own


@pytest.mark.parametrize(
    "line",
    [
        "You got this, and the hall will be ready in time.",
        "If you have received the quote by now, have a look at page two.",
        "This email is intended to save you a call.",
        "unsubscribe rates fell by half after the change.",
        "Consider the environment your people work in: it is cold.",
        "Thanks to you we know the hall much better now.",
        "Best practice is to start small.",
        "From Monday on: two shifts. To do: the checklist.",
        "Tom Keller of your team wrote: the drawings are fine.",
    ],
)
def test_a_sentence_that_looks_like_a_footer_or_a_header_stays(line: str) -> None:
    own = f"Hi Dana,\n\n{line}\nTell me what you think.\n\nBest,\nMaya"
    assert cleaned(own).text == own


def test_it_says_what_was_removed() -> None:
    text = "Hi Dana,\n\nThe plan is ready.\n\nBest,\nMaya\n+49 40 1234567\n\nSent from my iPhone\n\n> When?\n> Say!\n"
    assert cleaned(text).removed == {QUOTED, SIGNATURE, FOOTER}


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES, max_size=25).map("\n".join))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = cleaned(text)
    again = cleaned(once.text)
    assert again.text == once.text
    assert not again.removed


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text_and_any_html_is_cleaned_without_an_error(text: str) -> None:
    assert cleaned(cleaned(text).text).text == cleaned(text).text
    html_to_text(text)
    html_to_text(f"<p>{text}</p><table><tr><td>{text}")


@pytest.mark.parametrize(
    "text",
    [
        "On " + "a " * 25_000,
        "From: a\n" * 6_000,
        "> " * 25_000,
        "Am " + "x schrieb " * 5_000,
        "a@b wrote " * 5_000,
        "Best,\nMaya\n" * 4_000,
        "Maya\n\n" * 8_000,
        "+1 " * 16_000,
        "--\n" * 16_000,
        "look forward to " * 3_000,
    ],
    ids=lambda text: text[:8].strip(),
)
def test_a_hostile_email_takes_no_long_time(text: str) -> None:
    start = time.perf_counter()
    cleaned(text)
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    "subject",
    [
        "Out of office: back on Monday",
        "Automatic reply: Your quote",
        "Automatische Antwort: Angebot",
        "Undeliverable: Your quote",
        "Mail delivery failed: returning message to sender",
        "Accepted: Demo @ Tue Nov 24, 2026",
        "Updated invitation: Demo @ Tue Nov 24, 2026 10am",
    ],
)
def test_automatic_messages_are_known_by_their_subject(subject: str) -> None:
    assert is_automatic(subject)


@pytest.mark.parametrize(
    "subject",
    ["Out of office planning for your crew", "Invitation: our open day", "Your quote", "", "An event for you"],
)
def test_other_subjects_are_no_automatic_messages(subject: str) -> None:
    assert not is_automatic(subject)
