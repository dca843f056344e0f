"""Everything that the bot said while the other tests ran, held against Slack's types, limits and error lists.

This file runs last. Run it with the tests that make the bot speak, or with all of them.
"""

import inspect
import os
from pathlib import Path
from typing import get_type_hints

import pytest

from bot import cards
from tests.conformance import facts, packages, payloads, recorder, typed, words
from tests.conformance.http_manifest import HTTP, SOCKET, read
from tests.conformance.recorder import Emitted

TESTS = Path(__file__).parent.parent
SIGNED = {"oauth.v2.access"}  # the app's id and secret go in its header, which the types know nothing of
PARTS = {"contact_option"}  # what a select offers is neither message nor view
SPEAKING = {"test_cards.py", "test_listeners.py", "test_posting.py"}


@pytest.fixture(scope="module")
def said(request: pytest.FixtureRequest) -> list[Emitted]:
    run = {item.path.name for item in request.session.items}
    if not run >= SPEAKING:
        pytest.skip(f"nothing was said yet: run this together with {', '.join(sorted(SPEAKING))}, or run all tests")
    return [one for one in recorded() if not one.kind.startswith("received:") and one.kind not in SIGNED]


def recorded() -> list[Emitted]:
    return recorder.recorded(Path(os.environ[recorder.RECORDING]))


def test_slacks_own_types_accept_it(said: list[Emitted], tmp_path: Path) -> None:
    manifests = [Emitted("apps.manifest.validate", {"manifest": read(path)}) for path in (SOCKET, HTTP)]
    assert typed.faults([*said, *manifests], packages.needed(), tmp_path / "typed") == []


def test_no_limit_of_slacks_is_broken(said: list[Emitted]) -> None:
    assert [f"{one.kind} in {one.test}: {fault}" for one in said for fault in one.faults] == []


def test_slack_only_says_no_in_words_that_it_documents(said: list[Emitted]) -> None:
    """A double that answers what no Slack would answer proves nothing."""
    known = facts.known()
    listed = {name: {*known["common"], *method["errors"]} for name, method in known["methods"].items()}
    listed["conversations.info"].add("not_in_channel")  # as emulate says it; Slack says channel_not_found
    odd = [one for one in said if one.refused and one.refused not in listed.get(one.kind, ())]
    assert [f"{one.kind}: {one.refused} in {one.test}" for one in odd] == []


def test_every_button_says_what_it_does(said: list[Emitted]) -> None:
    assert {label for one in said for label in words.labels(one.arguments) if words.says_nothing(label)} == set()


def test_what_cannot_be_taken_back_is_asked_about_first(said: list[Emitted]) -> None:
    """By a confirmation, or by a modal that the button opens, which is what an ellipsis says."""
    buttons = [
        button for one in said for button in words.buttons(one.arguments) if words.FINAL.search(button["action_id"])
    ]
    rash = {button["text"]["text"] for button in buttons if "confirm" not in button}
    assert buttons and {label for label in rash if not label.endswith("…")} == set()


def test_the_bot_was_told_nothing_that_slack_would_not_say(said: list[Emitted]) -> None:
    known = payloads.known()
    told = [(one.kind.removeprefix("received:"), one) for one in recorded() if one.kind.startswith("received:")]
    strange = [(one.test, kind, key) for kind, one in told for key in one.arguments if key not in known.get(kind, ())]
    assert told and strange == []


def test_every_kind_of_card_and_view_was_said(request: pytest.FixtureRequest, said: list[Emitted]) -> None:
    """A new builder in `bot/cards` needs a test that builds it, or nobody would see it here."""
    every = set(TESTS.glob("test_*.py"))
    if not every <= {item.path for item in request.session.items}:
        pytest.skip("only when all tests run")
    built = {one.kind.removeprefix("cards.") for one in said if one.kind.startswith("cards.")}
    assert _builders() - built == set()


def _builders() -> set[str]:
    """What `bot/cards` offers and returns a Block is a message or a view; parts of one stay in their file."""
    functions = {name: getattr(cards, name) for name in cards.__all__ if inspect.isfunction(getattr(cards, name))}
    whole = (cards.Block, cards.Block | None)
    return {name for name, function in functions.items() if get_type_hints(function).get("return") in whole} - PARTS


# The checks themselves --------------------------------------------------------------------------------------------

TEXT = {"type": "plain_text", "text": "Words", "emoji": False}
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "Words"}}
MODAL = {"type": "modal", "title": TEXT, "blocks": [SECTION]}
RIGHT = [
    Emitted("chat.postMessage", {"channel": "C1", "text": "Words", "blocks": [SECTION], "unfurl_links": False}),
    Emitted("views.open", {"trigger_id": "1.2", "view": MODAL}),
    Emitted("cards.card", {"text": "Words", "blocks": [SECTION]}),
    Emitted("ack:view_submission", {"response_action": "errors", "errors": {"body": "Too long."}}),
]
WRONG = {
    "a text type that does not exist": Emitted(
        "cards.card", {"text": "Words", "blocks": [{"type": "section", "text": {"type": "markdown", "text": "W"}}]}
    ),
    "a text that is only a string": Emitted("cards.card", {"text": "W", "blocks": [{"type": "header", "text": "W"}]}),
    "a key that no view has": Emitted("views.open", {"trigger_id": "1.2", "view": {**MODAL, "icon": "x"}}),
    "an update without its message": Emitted("chat.update", {"channel": "C1", "text": "W", "blocks": [SECTION]}),
    "a button without words": Emitted(
        "cards.card", {"text": "W", "blocks": [{"type": "actions", "elements": [{"type": "button", "action_id": "a"}]}]}
    ),
    "an image without alt text": Emitted(
        "cards.card", {"text": "W", "blocks": [{"type": "image", "image_url": "https://us.example/a.png"}]}
    ),
    "a misspelt manifest": Emitted(
        "apps.manifest.validate",
        {"manifest": {"features": {"slash_commands": [{"command": "/a", "description": "A", "usagehint": "A"}]}}},
    ),
    "an answer that no submission takes": Emitted("ack:view_submission", {"response_action": "close"}),
}


@pytest.mark.parametrize("wrong", [None, *WRONG])
def test_the_compiler_refuses_what_is_wrong_and_nothing_else(wrong: str | None, tmp_path: Path) -> None:
    found = typed.faults([*RIGHT, *([WRONG[wrong]] if wrong else [])], packages.needed(), tmp_path / "typed")
    assert bool(found) == bool(wrong)
    assert all(one.startswith(WRONG[wrong].kind) for one in found if wrong)
