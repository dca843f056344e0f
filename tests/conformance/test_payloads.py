"""Payloads in tests have the keys of Slack's, and the code reads no key that Slack does not send."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import slack
from tests.conformance import payloads
from tests.conformance.http_manifest import ROOT
from tests.test_cards import contact, draft

HOLDERS = {"action": "actions", "body": "", "event": "event", "message": "message", "shortcut": "", "view": "view"}
FILES = sorted(slack.PAYLOADS.glob("*.json"))


@pytest.fixture(scope="module")
def known() -> dict[str, set[str]]:
    return payloads.known()


def strange(body: dict[str, Any], known: dict[str, set[str]]) -> set[str]:
    """Keys that Slack's payload of the kind does not have."""
    return set(payloads.paths(body)) - known[payloads.kind(body)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_payload_has_no_key_that_slack_does_not_send(path: Path, known: dict[str, set[str]]) -> None:
    assert strange(json.loads(path.read_text("utf-8")), known) == set()


def test_a_filled_in_payload_has_none_either(known: dict[str, set[str]]) -> None:
    from bot import cards

    view = cards.edit_view(draft(), contact(), channel="C1")
    assert view
    button = {"action_id": "approve_draft", "value": "7:2", "text": {"type": "plain_text", "text": "Approve"}}
    for body in (slack.command("Dana"), slack.click(button), slack.submission(view, {"body": "Hello"})):
        assert strange(body, known) == set()
    assert strange({**slack.command("Dana"), "user_email": "dana@x.example"}, known) == {"user_email"}


def test_the_code_reads_no_key_that_slack_does_not_send(known: dict[str, set[str]]) -> None:
    every = set().union(*known.values())
    odd = [f"{place}: {path}" for place, path in _read() if path not in every and not _free(path)]
    assert odd == []


def test_that_search_finds_what_is_read() -> None:
    found = {path for _, path in _read()}
    assert {"user.id", "trigger_id", "channel_id", "view.state.values", "actions.value"} <= found


def _free(path: str) -> bool:
    return any(key in payloads.FREE for key in path.split(".")[:-1])


def _read() -> Iterator[tuple[str, str]]:
    """Every key that code in `bot/` takes out of a variable named as a payload's part, with where it does."""
    for file in (ROOT / "bot").rglob("*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        if not any(_imports_bolt(node) for node in ast.walk(tree)):
            continue
        for node in ast.walk(tree):
            if path := _path(node):
                yield f"{file.relative_to(ROOT)}:{node.lineno}", path


def _imports_bolt(node: ast.AST) -> bool:
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
    names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    return any(name.split(".")[0] == "slack_bolt" for name in names)


def _path(node: ast.AST) -> str | None:
    """`body["user"]["id"]` as user.id, `(body.get("channel") or {}).get("id")` as channel.id; None for all else."""
    keys: list[str] = []
    while True:
        key: ast.expr
        if isinstance(node, ast.Subscript):
            key, node = node.slice, node.value
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "get"
            and node.args
        ):
            key, node = node.args[0], node.func.value
        elif isinstance(node, ast.BoolOp):
            node = node.values[0]
            continue
        else:
            break
        if not isinstance(key, ast.Constant):
            return None
        keys += [key.value] if isinstance(key.value, str) else []  # a number is a place in a list
    if not (keys and isinstance(node, ast.Name) and node.id in HOLDERS):
        return None
    return ".".join(filter(None, [HOLDERS[node.id], *reversed(keys)]))
