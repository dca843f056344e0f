"""What a reviewer is told about a draft."""

import pytest

from model.compose import Composed
from model.guardrails import Severity, check


def composed(body: str, *, finished: bool = True) -> Composed:
    return Composed("Hello", body, [], body, (), finished, 1, 0.1)


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
    assert [finding.rule for finding in check(composed(body))] == rules


def test_a_draft_that_was_cut_is_named_and_blocking_findings_come_first() -> None:
    found = check(composed("Hi {{deal}}", finished=False))
    assert [(f.rule, f.severity) for f in found] == [("placeholder", Severity.block), ("unfinished", Severity.warn)]
    assert found[0].reason == "The record has no deal."
