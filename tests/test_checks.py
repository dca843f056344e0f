"""What the checks say about words, forms, sizes, links, required lines and hidden characters."""

import csv
import random
import time
from pathlib import Path

import pytest

from model.brief import Company, Contact
from model.checks import checks
from model.findings import Finding, Severity
from model.reading import grade, other_language, sentences, syllables
from model.voice import Length, Rule, Voice
from tests.red_team import style
from tests.red_team.style import BLOCKS, FOOTED, FREE, LAW, SALES, VOICE
from tests.rows import brief

SAMPLE = Path(__file__).parent.parent / "bot" / "sample"
SEEDS = range(3)
DANA = brief()


def email(middle: str, greeting: str = "Hi Dana,", sign_off: str = "All the best,\nMaya") -> str:
    return f"{greeting}\n\n{middle}\n\n{sign_off}".strip()


def found(middle: str, voice: Voice = VOICE, subject: str = "A word", **parts: str) -> list[Finding]:
    return checks(subject, email(middle, **parts), DANA, voice, SALES)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_broken_promise_is_found_under_its_rule_and_severity(seed: int) -> None:
    for subject, body, given, voice, playbook, rule in style.cases(random.Random(seed)):
        findings = {one.rule: one for one in checks(subject, body, given, voice, playbook)}
        assert rule is None or rule in findings, (rule, body)
        assert rule is None or (findings[rule].severity is Severity.block) == (rule in BLOCKS), rule


@pytest.mark.parametrize("seed", SEEDS)
def test_honest_emails_have_no_finding_at_all(seed: int) -> None:
    for subject, body, given, voice, playbook, rule in style.cases(random.Random(seed)):
        assert rule or checks(subject, body, given, voice, playbook) == [], body


@pytest.mark.parametrize("seed", SEEDS)
def test_a_broken_promise_of_style_never_blocks(seed: int) -> None:
    for subject, body, given, voice, playbook, rule in style.cases(random.Random(seed)):
        if rule not in BLOCKS:
            found_rules = {one.rule for one in checks(subject, body, given, voice, playbook)}
            assert not found_rules & BLOCKS, body


@pytest.mark.parametrize("seed", SEEDS)
def test_every_finding_says_what_is_wrong_and_what_to_do(seed: int) -> None:
    for subject, body, given, voice, playbook, _ in style.cases(random.Random(seed)):
        for one in checks(subject, body, given, voice, playbook):
            assert one.reason[0] in "“ABCDEFGHIJKLMNOPQRSTUVWXYZ" and one.reason[-1] in ".”", one
            assert len(one.reason.split(". ")) > 1 or one.reason.count(":") == 1, one


def test_a_plain_voice_hears_nothing_about_past_emails_that_people_wrote() -> None:
    with (SAMPLE / "emails.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        name = row["body"].partition(",")[0].removeprefix("Hi ")
        given = brief(contact=Contact(first_name=name, email=row["to_email"]))
        assert checks(row["subject"], row["body"], given, FREE, SALES) == [], row["body"]


# Words --------------------------------------------------------------------------------------------------------------


def test_a_customer_who_is_called_like_a_banned_term_may_be_named() -> None:
    named = brief(company=Company(name="Synergy"))
    assert checks("A word", email("Synergy runs two lines."), named, VOICE, SALES) == []
    assert [one.rule for one in checks("A word", email("There is synergy."), named, VOICE, SALES)] == ["banned"]


def test_a_replacement_that_holds_the_old_words_is_no_finding() -> None:
    voice = Voice(company="Acme", what_we_do="planning", replace={"thanks": "many thanks"})
    assert found("Many thanks for it.", voice) == []
    assert [one.rule for one in found("Thanks for it.", voice)] == ["replace"]


def test_an_allowed_claim_may_hold_a_forbidden_word_and_no_more_than_that() -> None:
    assert found("There is a money-back guarantee within 30 days.") == []
    (claim,) = found("There is a money-back guarantee within 30 days. We guarantee it.")
    assert (claim.rule, claim.span) == ("forbidden_claim", "guarantee")
    own = SALES.model_copy(update={"claims": ("we guarantee a call back",)})
    assert checks("A word", email("We guarantee a call back."), DANA, VOICE, own) == []


def test_an_opener_is_only_one_at_the_beginning() -> None:
    assert [one.rule for one in found("Just checking in, as agreed.")] == ["opener"]
    assert found("You wrote: just checking in.") == []


# Forms and sizes ----------------------------------------------------------------------------------------------------


def test_a_form_that_looks_like_no_greeting_is_recognised_where_the_voice_has_it() -> None:
    voice = Voice(company="Acme", what_we_do="planning", greetings=("Moin {{first_name}}!",), sign_offs=("Bis denn",))
    assert found("It runs.", voice, greeting="Moin Dana!", sign_off="Bis denn") == []
    reasons = [one.reason for one in found("It runs.", voice, greeting="", sign_off="Best,\nMaya")]
    assert reasons == [
        "The greeting is missing. Write “Moin Dana!”.",
        "The voice does not close with “Best, Maya”. Write “Bis denn”.",
    ]


def test_a_rule_that_people_accepted_is_one_more_allowed_form() -> None:
    voice = VOICE.model_copy(update={"rules": (Rule("greeting", "", "Hello {{first_name}},"),)})
    assert found("It runs.", voice, greeting="Hello Dana,") == []
    assert [one.rule for one in found("It runs.", greeting="Hello Dana,")] == ["greeting"]


def test_sizes_are_counted_and_told() -> None:
    voice = Voice(company="A", what_we_do="b", length=Length(words=13, sentence_words=5, subject_words=2))
    assert found("One two three four five.", voice) == []
    told = {one.rule: one.reason for one in found("One two three four five six. Seven.", voice, "One two three")}
    assert told == {
        "subject_length": "The subject has 3 words; the voice wants at most 2. Shorten it.",
        "sentence_length": "A sentence has 6 words; the voice wants at most 5. Make two of it.",
    }
    assert [one.evidence for one in found("One two. Three four. Five six. Seven eight.", voice)] == ["13"]


def test_the_footer_counts_for_no_size_and_hides_no_sign_off() -> None:
    tight = VOICE.model_copy(update={"length": Length(words=9), "one_question": True})
    body = email("It runs.") + f"\n\n{VOICE.footer}\n{VOICE.address}"
    assert checks("A word", body, DANA, tight, FOOTED) == []


def test_a_playbook_with_a_footer_and_a_voice_without_one_is_told_and_not_blocked() -> None:
    findings = checks("A word", email("It runs."), DANA, FREE, FOOTED)
    assert [(one.rule, one.severity) for one in findings] == [("footer", Severity.warn), ("address", Severity.warn)]
    assert findings[0].reason.endswith("Add `footer` to it.")


def test_a_required_line_is_not_held_against_its_author() -> None:
    strict = LAW.model_copy(update={"must_not_say": {r"legal advice": ""}})
    body = email(style.DISCLAIMER)
    assert checks("A word", body, DANA, VOICE, strict) == []
    assert [one.rule for one in checks("Legal advice", body, DANA, VOICE, strict)] == ["must_not_say"]


def test_a_required_line_may_hold_the_facts_of_the_customer() -> None:
    named = LAW.model_copy(update={"must_say": ("{{first_name}}, this is no advice.",)})
    assert checks("A word", email("Dana, this is no advice."), DANA, VOICE, named) == []


# Links and hidden things --------------------------------------------------------------------------------------------


def test_a_disguised_link_blocks_even_where_any_domain_is_allowed() -> None:
    (link,) = found("See [brightwater.example](https://evil.test/x) today.", FREE)
    assert (link.rule, link.severity) == ("link", Severity.block)
    assert found("See [our plan](https://brightwater.example/x) today.") == []


def test_the_reason_names_the_domains_that_are_allowed() -> None:
    (link,) = found("It is at bit.ly/3xyz today.")
    assert "“bit.ly/3xyz”" in link.reason and "Link to brightwater.example, calendar.example" in link.reason


def test_a_domain_with_other_letters_is_allowed_in_either_spelling() -> None:
    voice = Voice(company="A", what_we_do="b", links=("bücher.example",))
    for link in ("bücher.example", "https://xn--bcher-kva.example/a", "https://www.BÜCHER.example"):
        assert found(f"It is at {link} today.", voice) == []
    assert [one.rule for one in found("It is at bucher.example today.", voice)] == ["link"]


def test_line_ends_of_another_system_are_nothing_hidden() -> None:
    assert checks("A word", email("It runs.\nWell.").replace("\n", "\r\n"), DANA, FREE, SALES) == []
    assert [one.rule for one in checks("A\r\nBcc: x", email("It runs."), DANA, FREE, SALES)] == ["invisible"]


# Reading ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("plan", 1),
        ("maintenance", 3),
        ("table", 2),
        ("moved", 1),
        ("started", 2),
        ("idea", 2),
        ("the", 1),
        ("rhythm", 1),
    ],
)
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


def test_short_plain_text_is_easier_than_long_words_and_a_handful_of_words_has_no_grade() -> None:
    easy, hard = grade("We move one line first. " * 5), grade("Organizational sustainability necessitates. " * 8)
    assert easy is not None and hard is not None and easy < 4 < 12 < hard
    assert grade("Organizational sustainability.") is None


def test_sentences_end_at_marks_and_lines_and_not_inside_numbers() -> None:
    assert sentences("It takes 3.5 hours. Why?\nWe say “yes.” Done") == [
        "It takes 3.5 hours.",
        "Why?",
        "We say “yes.”",
        "Done",
    ]


@pytest.mark.parametrize(
    ("text", "allowed", "language"),
    [
        ("Wir haben die Liste gelesen und das ist gut.", ("en",), "de"),
        ("Wir haben die Liste gelesen und das ist gut.", ("en", "de"), None),
        ("We read the list, and that is good for us.", ("de", "fr"), "en"),
        ("Café de la Paix", ("en",), None),
    ],
)
def test_a_language_is_told_by_its_everyday_words(text: str, allowed: tuple[str, ...], language: str | None) -> None:
    assert other_language(text, allowed) == language


@pytest.mark.parametrize(
    "text", ["a" * 9000, "a-" * 6000, "a." * 6000, "." * 9000, "!" * 9000, "<" + " " * 9000, "[" * 9000, "a@" * 5000]
)
def test_a_hostile_text_is_checked_in_time_too(text: str) -> None:
    begun = time.perf_counter()
    checks("A word", text, DANA, VOICE, LAW)
    assert time.perf_counter() - begun < 1.0
