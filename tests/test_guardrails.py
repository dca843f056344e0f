"""What a reviewer is told about a draft."""

from datetime import UTC, datetime

import pytest

from model.brief import Brief, Contact, Sender
from model.guardrails import Severity, check
from model.prompt import messages
from model.voice import Voice
from tests.benchmarks import guardrails as bench
from tests.rows import brief

VOICE = Voice(company="Mendwell", what_we_do="maintenance planning")
BRIEF = Brief(
    contact=Contact(first_name="Dana", last_name="Whitfield", email="dana@nord.example"),
    goal="book a demo",
    sender=Sender(first_name="Maya", name="Maya Lindqvist"),
    playbook="sales_follow_up",
    at=datetime(2026, 3, 2, 9, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("body", "rules"),
    [
        ("Morning Dana, shall we talk on Tuesday?", []),
        ("Morning {{first_name}},", ["placeholder"]),
        ("Best,\n[Your Name]", ["placeholder"]),
        ("[Name], meet [Name]", ["placeholder"]),
        ("  ", ["empty"]),
        ("we can help you grow. " * 3, ["repetition"]),
    ],
)
def test_findings(body: str, rules: list[str]) -> None:
    assert [finding.rule for finding in check("Hello", body, BRIEF, VOICE)] == rules


def test_a_draft_that_was_cut_is_named_and_blocking_findings_come_first() -> None:
    found = check("Hello", "Hi {{deal}}", BRIEF, VOICE, finished=False)
    assert [(f.rule, f.severity) for f in found] == [("placeholder", Severity.block), ("unfinished", Severity.warn)]
    assert found[0].reason == "The record has no deal."


def test_the_seeded_cases_in_all() -> None:
    """What `python -m tests.benchmarks.guardrails` measures, but for the time."""
    figures, missed, _ = bench.judged(bench.seeded())
    assert all(figure.met for figure in figures), missed


def test_a_prompt_that_was_copied_out_is_no_email() -> None:
    """Every word of it is on record, so nothing else would stop it."""
    _, asked = messages(brief(), VOICE, slots=False)
    assert [each.rule for each in check("Hello", asked["content"], brief(), VOICE) if each.rule == "echo"] == ["echo"]
    once = "Hi Dana,\n\nNote: the demo takes place online.\n\nBest,\nMaya"
    assert not [each for each in check("Hello", once, brief(), VOICE) if each.rule == "echo"]
    for told in (
        "Tone: warm, short sentences.",
        "You write short follow-up emails for us.",
        "To: Dana, head of operations",
    ):
        (echo,) = [each for each in check("Hello", told, brief(), VOICE) if each.rule == "echo"]
        assert echo.severity is Severity.block
