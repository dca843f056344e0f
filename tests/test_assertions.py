"""What is said to be so has to be on record; what is asked, offered or supposed asserts nothing."""

import pytest

from model.facts import untraced
from model.playbook import PLAIN
from tests.benchmarks.guardrails import unseen
from tests.test_facts import BRIEF, VOICE


def found(sentence: str, house: frozenset[str] = frozenset()) -> set[str]:
    body = f"Hi Dana,\n\n{sentence}\n\nBest,\n{BRIEF.sender.first_name}"
    return {finding.rule for finding in untraced("A thought", body, BRIEF, VOICE, PLAIN, house)}


@pytest.mark.parametrize(
    "sentence",
    [
        "You are struggling with overtime, I know.",
        "Your night crew is short of people.",
        "Since you are comparing several vendors, a call may help.",
        "Cedar Foods has grown a lot recently.",
        "High turnover at Cedar Foods makes planning harder.",
        "I know that price is your main concern.",
        "We recently completed a new phase of our research.",
        "Our new release came out last month.",
        "I have attached the brochure.",
        "Most customers save a day with it.",
        "Many clinics like yours already rely on us.",
        "Our engineers have repaired the printer.",
        "As a family-run bakery, you will like it.",
        "Congratulations on the new plant.",
    ],
)
def test_an_assertion_that_nothing_supports_blocks(sentence: str) -> None:
    assert found(sentence) & {"fact_claim", "fact_event"}


@pytest.mark.parametrize(
    "sentence",
    [
        "Are you struggling with overtime?",
        "If your night crew is short of people, tell me.",
        "I wonder whether price is a concern.",
        "You are welcome to bring a colleague.",
        "I will keep it short, because your day is full.",
        "We could help you grow into it step by step.",
        "You have questions, and I would like to answer them.",
        "I hoped to catch you before the week ends.",
        "We are looking forward to it.",
        "Your company is in food production, so I would like to ask about shifts.",
    ],
)
def test_what_asserts_nothing_or_stands_on_record_passes(sentence: str) -> None:
    assert found(sentence) == set()


def test_what_the_house_says_to_everybody_passes() -> None:
    sentence = "Most customers save a day with it."
    assert found(sentence, frozenset({sentence})) == set()


def test_what_they_are_said_to_have_said_shares_a_word_with_what_they_said() -> None:
    assert found("You wrote that you would like to start in April.") == set()
    assert found("You wrote that spreadsheets bore everybody.") == {"fact_quote"}
    assert found("Thank you for your question about invoices.") == {"fact_quote"}


def test_sentences_that_were_written_apart_are_told_as_well_as_when_they_were_last_looked_at() -> None:
    recall, false_blocks = unseen()
    assert recall.value >= 0.87 and false_blocks.value <= 0.04
