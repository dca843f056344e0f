"""Errors that the code treats in a way of their own are errors that Slack really answers."""

import ast
from collections.abc import Iterator

import pytest

from bot import refusals
from tests.conformance import facts
from tests.conformance.http_manifest import ROOT

POSTING = ("chat.postMessage", "chat.update")  # what `refusals` is about first of all


@pytest.fixture(scope="module")
def listed() -> dict[str, set[str]]:
    """The errors of each method, those that every method has included."""
    known = facts.known()
    return {name: {*known["common"], *method["errors"]} for name, method in known["methods"].items()}


@pytest.mark.parametrize("name", [name for name, value in vars(refusals).items() if isinstance(value, frozenset)])
def test_every_group_of_errors_holds_only_real_ones(name: str, listed: dict[str, set[str]]) -> None:
    real = set().union(*(listed[method] for method in POSTING))
    assert getattr(refusals, name) - real == set()


def test_every_way_of_closing_a_channel_is_known(listed: dict[str, set[str]]) -> None:
    """Each of them still leaves a direct message."""
    closed = {error for error in listed["chat.postMessage"] if error.startswith("restricted_action")}
    assert closed and closed <= refusals.CLOSED


def test_no_error_has_two_meanings() -> None:
    groups = [value for value in vars(refusals).values() if isinstance(value, frozenset)]
    assert sum(map(len, groups)) == len(set().union(*groups))


def test_every_error_that_is_looked_for_is_real(listed: dict[str, set[str]]) -> None:
    real = set().union(*listed.values())
    found = dict(_looked_for())
    assert "expired_trigger_id" in found, "the search finds what is there"
    assert {error: place for error, place in found.items() if error not in real} == {}


def _looked_for() -> Iterator[tuple[str, str]]:
    """The words that code in `bot/` compares an answer's `error` or a refusal's `reason` with, and where."""
    for file in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Compare) and any(_is_error(side) for side in (node.left, *node.comparators)):
                for word in ast.walk(node):
                    if isinstance(word, ast.Constant) and isinstance(word.value, str) and word.value != "error":
                        yield word.value, f"{file.relative_to(ROOT)}:{node.lineno}"


def _is_error(side: ast.expr) -> bool:
    if isinstance(side, ast.Subscript):
        return isinstance(side.slice, ast.Constant) and side.slice.value == "error"
    return isinstance(side, ast.Attribute) and side.attr == "reason"
