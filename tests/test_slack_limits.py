"""The limits notice what Slack would refuse: without this, a check that looks at nothing would be green too."""

from typing import Any

import pytest

from tests.slack_limits import faults

Part = dict[str, Any]
TEXT: Part = {"type": "plain_text", "text": "Words", "emoji": False}
SECTION: Part = {"type": "section", "text": {"type": "mrkdwn", "text": "Words"}}
BUTTON: Part = {"type": "button", "text": TEXT, "action_id": "go", "value": "1"}
INPUT: Part = {
    "type": "input",
    "block_id": "body",
    "label": TEXT,
    "element": {"type": "plain_text_input", "action_id": "text"},
}
OPTION: Part = {"text": TEXT, "value": "one"}
CONFIRM: Part = {"title": TEXT, "text": TEXT, "confirm": TEXT, "deny": TEXT}


def words(count: int, kind: str = "plain_text") -> Part:
    return {"type": kind, "text": "&" * (count // 5) + "x" * (count % 5)}  # an ampersand is five characters, escaped


def message(*blocks: Part, **more: Any) -> tuple[str, Part]:
    return "cards.card", {"text": "Words", "blocks": list(blocks), **more}


def pressed(**more: Any) -> tuple[str, Part]:
    return message({"type": "actions", "elements": [{**BUTTON, **more}]})


def menu(**more: Any) -> tuple[str, Part]:
    select = {"type": "static_select", "action_id": "pick", "options": [OPTION], **more}
    return message({"type": "actions", "elements": [select]})


def modal(*blocks: Part, **more: Any) -> tuple[str, Part]:
    given = {"type": "modal", "callback_id": "edit", "title": TEXT, "submit": TEXT, "blocks": list(blocks), **more}
    return "cards.edit_view", {name: value for name, value in given.items() if value is not None}


def rich(text: str) -> tuple[str, Part]:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text, "style": {"strike": True}}]}
    return message({"type": "rich_text", "elements": [section]})


RIGHT = [
    rich("Words"),
    message(SECTION),
    message({"type": "header", "text": words(150)}, {"type": "section", "text": words(3_000)}),
    pressed(style="danger", confirm=CONFIRM),
    menu(initial_option=OPTION),
    menu(type="overflow"),
    modal(INPUT),
    modal({**SECTION, "accessory": {"type": "image", "alt_text": "Edits by week", "image_url": "https://us.example"}}),
    ("views.publish", {"user_id": "U1", "view": {"type": "home", "blocks": [SECTION]}}),
    ("chat.postMessage", {**message(SECTION)[1], "unfurl_links": False, "unfurl_media": False}),
    message({"type": "section", "text": {"type": "mrkdwn", "text": "<@U0ROBIN> in <#C1>, <!date^1^{date}|today>"}}),
    ("ack:block_suggestion", {"options": []}),
    ("response_url", {"delete_original": True}),
]
WRONG: dict[str, tuple[str, Part]] = {
    "blocks without a text": ("chat.update", {"blocks": [SECTION]}),
    "a text without blocks": ("chat.update", {"text": "Words"}),
    "too long a text to update": message(SECTION, text="x" * 4_001),
    "51 blocks": message(*[SECTION] * 51),
    "too long once escaped": message({"type": "section", "text": words(3_001)}),
    "a header in mrkdwn": message({"type": "header", "text": {"type": "mrkdwn", "text": "Words"}}),
    "an empty text": message({"type": "section", "text": {"type": "mrkdwn", "text": " "}}),
    "an input in a message": message(INPUT),
    "a block id twice": message({**SECTION, "block_id": "a"}, {**SECTION, "block_id": "a"}),
    "an action id twice": message({"type": "actions", "elements": [BUTTON, BUTTON]}),
    "a block that nobody knows": message({"type": "hologram"}),
    "an element that nobody knows": pressed(type="lever"),
    "a button of 76 characters": pressed(text=words(76)),
    "a value of 2,001 characters": pressed(value="x" * 2_001),
    "danger without a question": pressed(style="danger"),
    "half a question": pressed(confirm={"title": TEXT}),
    "too long a question": pressed(confirm={**CONFIRM, "text": words(301)}),
    "101 options": menu(options=[{"text": TEXT, "value": str(n)} for n in range(101)]),
    "no options": menu(options=[]),
    "an option value twice": menu(options=[OPTION, OPTION]),
    "a choice that is not offered": menu(initial_option={"text": TEXT, "value": "two"}),
    "an option of 76 characters": menu(options=[{"text": words(76), "value": "1"}]),
    "an option value of 151 characters": menu(options=[{"text": TEXT, "value": "x" * 151}]),
    "six entries in a card's menu": menu(type="overflow", options=[{"text": TEXT, "value": str(n)} for n in range(6)]),
    "an empty part of rich text": rich(""),
    "too much rich text": rich("x" * 12_001),
    "an image without alt text": message({"type": "image", "image_url": "https://us.example"}),
    "a picture uploaded without alt text": ("files.getUploadURLExternal", {"filename": "a.png", "length": 1}),
    "the whole channel pinged": message({"type": "section", "text": {"type": "mrkdwn", "text": "Hi <!channel>"}}),
    "a foreign mention in the notification": message(SECTION, text="Draft for <@U0VICTIM>"),
    "a foreign link": message({"type": "context", "elements": [{"type": "mrkdwn", "text": "<http://evil.example|x>"}]}),
    "a post that unfurls": ("chat.postMessage", {**message(SECTION)[1], "unfurl_links": False}),
    "inputs without submit": modal(INPUT, submit=None),
    "a title of 25 characters": modal(SECTION, title=words(25)),
    "no title": modal(SECTION, title=None),
    "3,001 characters of metadata": modal(SECTION, private_metadata="x" * 3_001),
    "a submission without a name": modal(INPUT, callback_id=None),
    "101 blocks": modal(*[SECTION] * 101),
    "250 KB": modal(*[{"type": "section", "text": {"type": "plain_text", "text": "x" * 2_900}}] * 90),
    "a text that its input cannot hold": modal(
        {**INPUT, "element": {**INPUT["element"], "initial_value": "&" * 601, "max_length": 3_000}}
    ),
    "a label in mrkdwn": modal({**INPUT, "label": {"type": "mrkdwn", "text": "Words"}}),
    "markdown in a view": modal({"type": "markdown", "text": "Words"}),
    "a Home tab with a title": ("views.publish", {"view": {"type": "home", "title": TEXT, "blocks": [SECTION]}}),
    "a modal as a Home tab": ("views.publish", {"view": modal(SECTION)[1]}),
    "an option in the answer to a search": ("ack:block_suggestion", {"options": [{"text": words(76), "value": "1"}]}),
    "an error without words": ("ack:view_submission", {"response_action": "errors", "errors": {"body": ""}}),
}


@pytest.mark.parametrize(("kind", "arguments"), RIGHT)
def test_what_slack_takes_is_taken(kind: str, arguments: Part) -> None:
    assert faults(kind, arguments) == []


@pytest.mark.parametrize("what", WRONG)
def test_what_slack_refuses_is_noticed(what: str) -> None:
    assert faults(*WRONG[what])


def test_an_error_must_stand_at_an_input_of_the_view() -> None:
    answer = {"response_action": "errors", "errors": {"body": "Too long."}}
    assert faults("ack:view_submission", answer, fields=["subject", "body"]) == []
    assert faults("ack:view_submission", answer, fields=["subject"]) == ["an error at body, where no input is"]
