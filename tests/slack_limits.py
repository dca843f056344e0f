"""Slack's limits on messages and views, as its documentation gives them; the SDK checks few of them.

Written apart from `bot/cards`, so that the two can disagree. Lengths are UTF-16 units after escaping.
"""

from collections.abc import Iterator
from typing import Any

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
UPDATE_TEXT = 4_000
VIEW_BYTES = 250_000
KNOWN = {"section", "header", "context", "actions", "divider", "input"}


def size(text: str) -> int:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return len(escaped.encode("utf-16-le")) // 2


def raw(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def faults_of_message(message: dict[str, Any]) -> list[str]:
    """What Slack would refuse about a post or an update, or show badly."""
    found = []
    if not message.get("text", "").strip():
        found.append("no text for notifications")
    if raw(message.get("text", "")) > UPDATE_TEXT:
        found.append("text too long for chat.update")
    blocks = message.get("blocks") or []
    if not 1 <= len(blocks) <= MESSAGE_BLOCKS:
        found.append(f"{len(blocks)} blocks")
    return [*found, *_blocks(blocks)]


def faults_of_view(view: dict[str, Any]) -> list[str]:
    """What Slack would refuse about a modal."""
    found = [f"{key} too long" for key in ("title", "submit", "close") if key in view and raw(view[key]["text"]) > 24]
    if "title" not in view:
        found.append("no title")
    if any(block["type"] == "input" for block in view["blocks"]) and "submit" not in view:
        found.append("an input without submit")
    if len(view.get("private_metadata", "")) > 3_000 or len(view.get("callback_id", "")) > 255:
        found.append("metadata too long")
    if not 1 <= len(view["blocks"]) <= VIEW_BLOCKS or len(str(view).encode()) > VIEW_BYTES:
        found.append("view too large")
    return [*found, *_blocks(view["blocks"])]


def faults_of_home(view: dict[str, Any]) -> list[str]:
    """What Slack would refuse about an App Home."""
    found = [] if view.get("type") == "home" else ["no home"]
    if set(view) - {"type", "blocks", "private_metadata", "callback_id", "external_id"}:
        found.append("a key that a home does not have")
    if not 1 <= len(view["blocks"]) <= VIEW_BLOCKS or len(str(view).encode()) > VIEW_BYTES:
        found.append("view too large")
    return [*found, *_blocks(view["blocks"])]


def _blocks(blocks: list[dict[str, Any]]) -> Iterator[str]:
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)):
        yield "a block id twice"
    actions = [element["action_id"] for element in elements(blocks) if element["type"] == "button"]
    if len(actions) != len(set(actions)):
        yield "an action id twice"
    for block in blocks:
        yield from _block(block)


def _block(block: dict[str, Any]) -> Iterator[str]:
    kind = block["type"]
    if kind not in KNOWN:
        yield f"unknown block {kind}"
    if kind == "section":
        yield from _text(block["text"], 3_000)
    if kind == "header":
        yield from _text(block["text"], 150)
        if block["text"]["type"] != "plain_text":
            yield "a header is plain text"
    if kind == "context":
        if not 1 <= len(block["elements"]) <= 10:
            yield "context elements"
        for element in block["elements"]:
            yield from _text(element, 3_000)
    if kind == "actions" and not 1 <= len(block["elements"]) <= 25:
        yield "actions elements"
    if kind == "input":
        yield from _text(block["label"], 2_000)
    for element in elements([block]):
        yield from _element(element)


def elements(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Everything that can be clicked or typed into."""
    found = [element for block in blocks if block["type"] == "actions" for element in block["elements"]]
    found += [block["accessory"] for block in blocks if "accessory" in block]
    return found + [block["element"] for block in blocks if block["type"] == "input"]


def _element(element: dict[str, Any]) -> Iterator[str]:
    if not 1 <= len(element["action_id"]) <= 255:
        yield "action id"
    if element["type"] == "button":
        yield from _text(element["text"], 75)
        if raw(element["value"]) > 2_000:
            yield "button value too long"
        if raw(element.get("accessibility_label", "")) > 75:
            yield "accessibility label too long"
        if element.get("style") not in (None, "primary", "danger"):
            yield "unknown style"
        if confirm := element.get("confirm"):
            for key, limit in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
                yield from _text(confirm[key], limit)
    if element["type"] == "plain_text_input":
        if not 1 <= element.get("max_length", 3_000) <= 3_000:
            yield "max_length"
        if size(element.get("initial_value", "")) > element.get("max_length", 3_000):
            yield "initial value too long"


def _text(text: dict[str, Any], limit: int) -> Iterator[str]:
    if text["type"] not in ("plain_text", "mrkdwn"):
        yield f"unknown text type {text['type']}"
    if not text["text"]:
        yield "an empty text"
    # mrkdwn carries its escapes already; plain text gets them on the way
    length = raw(text["text"]) if text["type"] == "mrkdwn" else size(text["text"])
    if length > limit:
        yield f"{length} characters where {limit} fit"
