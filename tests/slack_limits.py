"""Slack's limits on what the bot says, as its documentation gives them; the SDK checks few and its types none.

Written apart from `bot/cards`, so that the two can disagree. Lengths are UTF-16 units after escaping.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bot.cards.rights import NOT_INSTALLED
from tests.slack_elements import element_faults, faults_of_option, options_faults
from tests.slack_texts import plain, raw, size, text_faults

__all__ = [
    "elements",
    "faults",
    "faults_of_home",
    "faults_of_message",
    "faults_of_option",
    "faults_of_view",
    "raw",
    "size",
]

Part = dict[str, Any]
MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
UPDATE_TEXT = 4_000
VIEW_BYTES = 250_000
RICH_TEXT = 12_000  # no documented limit; the strictest that Slack has for what blocks hold together
PLAIN = {"divider", "file", "video"}  # known, and without a limit of their own that we could break
IN_VIEWS_ONLY, IN_MESSAGES_ONLY = {"input", "alert"}, {"markdown", "table"}
# Pings a whole channel: never ours. A person's mention, a channel and a date may be.
LIVE = re.compile(r"<!(?:channel|here|everyone|subteam)\b[^>]*>|<[^<>|]*\bevil\.example[^<>]*>|<@U0VICTIM>")


def faults(kind: str, arguments: Part, *, fields: Sequence[str | None] | None = None) -> list[str]:
    """What is wrong with one thing that the bot said; `kind` as the recorder names it.

    `fields` are the block ids of the inputs in the view that a submission is answered for.
    """
    if arguments.get("text") == NOT_INSTALLED:  # Bolt says this one itself, as plain text
        return []
    found: list[str] = []
    if kind in ("chat.postMessage", "chat.update", "chat.postEphemeral"):
        found += faults_of_message(arguments)
    if kind in ("response_url", "ack:command", "ack:block_actions") and not arguments.get("delete_original"):
        found += faults_of_message(arguments)
    if kind.startswith("cards."):
        found += faults_of_view(arguments) if "type" in arguments else faults_of_message(arguments)
    if isinstance(view := arguments.get("view"), dict):
        found += faults_of_home(view) if kind == "views.publish" else faults_of_view(view)
    if kind == "chat.postMessage":
        found += [f"{name} is not off" for name in ("unfurl_links", "unfurl_media") if arguments.get(name) is not False]
        found += ["link_names turns names into mentions"] if arguments.get("link_names") else []
    if kind == "ack:view_submission":
        found += _errors(arguments, fields)
    if kind == "ack:block_suggestion":
        found += options_faults(arguments, "external_select")
    if kind == "files.getUploadURLExternal" and not str(arguments.get("alt_txt", "")).strip():
        found.append("a picture without alt text")
    return found


def _errors(answer: Part, fields: Sequence[str | None] | None) -> Iterator[str]:
    """Slack shows an error at the input block that it is keyed by, and anywhere else not at all."""
    if answer.get("response_action") != "errors":
        return
    if not answer["errors"] or not all(str(text).strip() for text in answer["errors"].values()):
        yield "no error told"
    for block in answer["errors"]:
        if fields is not None and block not in fields:
            yield f"an error at {block}, where no input is"


def faults_of_message(message: Part) -> list[str]:
    """What Slack would refuse about a post or an update, or show badly."""
    found = []
    text = message.get("text", "")
    if not text.strip():
        found.append("no text for notifications")
    if raw(text) > UPDATE_TEXT:
        found.append("text too long for chat.update")
    blocks = message.get("blocks") or []
    if not 1 <= len(blocks) <= MESSAGE_BLOCKS:
        found.append(f"{len(blocks)} blocks")
    if sum(raw(block["text"]) for block in blocks if block["type"] == "markdown") > 12_000:
        found.append("markdown too long")
    if sum(block["type"] == "table" for block in blocks) > 1:
        found.append("more than one table")
    found += [f"{block['type']} in a message" for block in blocks if block["type"] in IN_VIEWS_ONLY]
    return [*found, *_live([text]), *_blocks(blocks)]


def faults_of_view(view: Part) -> list[str]:
    """What Slack would refuse about a modal or a Home tab."""
    modal, blocks = view.get("type") == "modal", view["blocks"]
    found = [] if view.get("type") in ("modal", "home") else ["neither modal nor home"]
    for key in ("title", "submit", "close"):
        if key in view:
            found += [f"{key}: {fault}" for fault in plain(view[key], 24)]
            found += [] if modal else [f"a Home tab with {key}"]
    if modal and "title" not in view:
        found.append("no title")
    if modal and any(block["type"] == "input" for block in blocks) and "submit" not in view:
        found.append("an input without submit")
    if modal and "submit" in view and not view.get("callback_id"):
        found.append("a submission that nobody can tell from another")
    for key, limit in (("private_metadata", 3_000), ("callback_id", 255), ("external_id", 255)):
        if raw(view.get(key, "")) > limit:
            found.append(f"{key} too long")
    if not 1 <= len(blocks) <= VIEW_BLOCKS or len(json.dumps(view).encode()) > VIEW_BYTES:
        found.append("view too large")
    found += [f"{block['type']} in a view" for block in blocks if block["type"] in IN_MESSAGES_ONLY]
    return [*found, *_blocks(blocks)]


def faults_of_home(view: Part) -> list[str]:
    """What Slack would refuse as a Home tab."""
    return [*([] if view.get("type") == "home" else ["no Home tab"]), *faults_of_view(view)]


def _blocks(blocks: list[Part]) -> Iterator[str]:
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    yield from (f"block id {name} twice" for name in _twice(ids))
    yield from (f"block id of {len(name)} characters" for name in ids if not 1 <= len(name) <= 255)
    for names in [_action_ids(elements([block])) for block in blocks]:
        yield from (f"action id {name} twice in a block" for name in _twice(names))
    pressed = [element for element in elements(blocks) if element["type"] == "button"]
    yield from (f"action id {name} twice" for name in _twice(_action_ids(pressed)))
    for block in blocks:
        yield from _block(block)
        yield from _live(_marked(block))


def _action_ids(found: Iterable[Part]) -> list[str]:
    return [element["action_id"] for element in found if "action_id" in element]


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _block(block: Part) -> Iterator[str]:
    kind = block["type"]
    look = CHECKS.get(kind)
    if look:
        yield from look(block)
    elif kind not in PLAIN:
        yield f"unknown block {kind}"
    for element in elements([block]):
        yield from element_faults(element)


def _section(block: Part) -> Iterator[str]:
    if "text" not in block and not block.get("fields"):
        yield "a section without words"
    if "text" in block:
        yield from text_faults(block["text"], 3_000)
    if len(block.get("fields", ())) > 10:
        yield "more than 10 fields"
    for field in block.get("fields", ()):
        yield from text_faults(field, 2_000)
    if "accessory" in block and block["accessory"]["type"] == "image":
        yield from _image(block["accessory"])


def _context(block: Part) -> Iterator[str]:
    if not 1 <= len(block["elements"]) <= 10:
        yield "context elements"
    for element in block["elements"]:
        yield from _image(element) if element["type"] == "image" else text_faults(element, 3_000)


def _image(image: Part) -> Iterator[str]:
    if not str(image.get("alt_text", "")).strip():
        yield "an image without alt text"
    if raw(image.get("alt_text", "")) > 2_000 or raw(image.get("image_url", "")) > 3_000:
        yield "alt text or address of an image too long"
    if ("image_url" in image) == ("slack_file" in image):
        yield "an image needs one source"
    if "title" in image:
        yield from plain(image["title"], 2_000)


def _input(block: Part) -> Iterator[str]:
    yield from plain(block["label"], 2_000)
    if "hint" in block:
        yield from plain(block["hint"], 2_000)


def _counted(limit: int) -> Any:
    def look(block: Part) -> Iterator[str]:
        if not 1 <= len(block["elements"]) <= limit:
            yield f"{block['type']}: {len(block['elements'])} elements"

    return look


def _card(block: Part) -> Iterator[str]:
    for key, limit in (("title", 150), ("subtitle", 150), ("body", 200), ("subtext", 200)):
        if key in block:
            yield from text_faults(block[key], limit)
    if len(block.get("actions", ())) > 3:
        yield "more than 3 buttons on a card"


def _alert(block: Part) -> Iterator[str]:
    yield from text_faults(block["text"], 200)


def _table(block: Part) -> Iterator[str]:
    if len(block["rows"]) > 100 or any(len(row) > 20 for row in block["rows"]):
        yield "table too large"


def _rich_text(block: Part) -> Iterator[str]:
    texts = list(_rich(block["elements"]))
    if not all(texts):
        yield "an empty text"
    if sum(map(size, texts)) > RICH_TEXT:
        yield "rich text too long"


def _rich(elements: list[Part]) -> Iterator[str]:
    for element in elements:
        if element["type"] == "text":
            yield element["text"]
        yield from _rich(element.get("elements", []))


def _container(block: Part) -> Iterator[str]:
    yield from plain(block["title"], 150)
    yield from _blocks(block["child_blocks"])


CHECKS = {
    "actions": _counted(25),
    "alert": _alert,
    "card": _card,
    "container": _container,
    "context": _context,
    "context_actions": _counted(5),
    "header": lambda block: plain(block["text"], 150),
    "image": _image,
    "input": _input,
    "markdown": lambda block: iter([] if block["text"].strip() else ["an empty text"]),
    "rich_text": _rich_text,
    "section": _section,
    "table": _table,
}


def elements(blocks: list[Part]) -> list[Part]:
    """Everything that can be clicked or typed into."""
    found = [element for block in blocks if block["type"] == "actions" for element in block["elements"]]
    found += [block["accessory"] for block in blocks if block.get("accessory", {}).get("type", "image") != "image"]
    found += [block["element"] for block in blocks if block["type"] == "input"]
    found += [element for block in blocks if block["type"] == "context_actions" for element in block["elements"]]
    inside = [block["child_blocks"] for block in blocks if block["type"] == "container"]
    return found + [element for children in inside for element in elements(children)]


def _marked(value: Any) -> Iterator[str]:
    """Every text in which Slack would see a mention or a link."""
    if isinstance(value, dict):
        if value.get("type") in ("mrkdwn", "markdown") and isinstance(value.get("text"), str):
            yield value["text"]
        for inner in value.values():
            yield from _marked(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _marked(inner)


def _live(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (f"live: {found}" for found in LIVE.findall(text))
