"""Adaptive Cards out of the blocks that `bot/cards` builds. Pure: the words and buttons are theirs.

Version 1.5, by Universal Actions: every button carries its action's id as `verb` for the schema, and in `data`, which
is where the SDK looks.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.cards import Block
from bot.teams import rich

Card = dict[str, Any]
Element = dict[str, Any]
Names = Mapping[str, str]

SHOW = "show"  # the card as its row stands now: a refresh, or the way back out of an editor
SUBMIT = "submit"  # what an editor or a question holds
JOINT = "|"  # between block and action in the id of an input
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
STYLES = {"primary": "positive", "danger": "destructive"}
LARGEST = 10_000  # characters of an input, of which ours take three thousand


def card(blocks: Sequence[Block], names: Names, *, watchers: Sequence[str] = ()) -> Card:
    """The card of a message. Teams asks for a fresh one by itself on the screens of `watchers`."""
    made: Card = {"type": "AdaptiveCard", "$schema": SCHEMA, "version": "1.5", "body": _body(blocks, names)}
    if watchers:
        made["refresh"] = {"action": _execute("Refresh", SHOW, {}), "userIds": list(watchers)}
    return made


def form(view: Block, names: Names) -> Card:
    """An editor or a question, which stands in the card's place for the one who opened it."""
    actions = []
    if submit := view.get("submit"):
        kept = {"callback_id": view["callback_id"], "private_metadata": view.get("private_metadata", "")}
        actions.append(_execute(submit["text"], SUBMIT, kept, style="positive", inputs=True))
    if close := view.get("close"):
        actions.append(_execute(close["text"], SHOW, {}))
    title = _text([rich.run(view["title"]["text"], weight="Bolder", size="Large")])
    made = card(view["blocks"], names)
    return {**made, "body": [title, *made["body"], {"type": "ActionSet", "actions": actions}]}


def told(shown: Block, names: Names) -> str:
    """The words of a message without its buttons, for a line that only one person sees."""
    texts = [text for block in shown["blocks"] for text in _texts(block)]
    return "\n".join(rich.told(text, names) for text in texts)


def _texts(block: Block) -> list[str]:
    if block["type"] in ("section", "header"):
        return [block["text"]["text"]]
    return [element["text"] for element in block["elements"]] if block["type"] == "context" else []


def _body(blocks: Iterable[Block], names: Names) -> list[Element]:
    body: list[Element] = []
    divided = False
    for block in blocks:
        if block["type"] == "divider":
            divided = True
            continue
        made = _elements(block, names)
        if divided and made:
            made[0] = {**made[0], "separator": True, "spacing": "Medium"}
            divided = False
        body += made
    return body


def _elements(block: Block, names: Names) -> list[Element]:
    match block["type"]:
        case "section":
            accessory = block.get("accessory")
            return [*_lines(block["text"], names), *([_actions([accessory])] if accessory else [])]
        case "header":
            return _lines(block["text"], names, weight="Bolder", size="Large")
        case "context":
            return [each for text in block["elements"] for each in _lines(text, names, isSubtle=True, size="Small")]
        case "actions":
            return [_actions(block["elements"])]
        case "rich_text":
            return _rich(block["elements"][0]["elements"])
        case "input":
            return [_input(block)]
        case other:
            raise ValueError(f"no Adaptive Card shows a block of type {other!r}")


# Text -------------------------------------------------------------------------------------------------------------


def _lines(text: Block, names: Names, **style: Any) -> list[Element]:
    """One element a line; an empty line is the space before the next one."""
    if text["type"] == "plain_text":
        found = [[rich.run(line)] if line.strip() else [] for line in text["text"].split("\n")]
    else:
        found = rich.lines(text["text"], names)
    return _spaced([[{**run, **style} for run in line] for line in found])


def _spaced(lines: Iterable[list[rich.Run]]) -> list[Element]:
    made: list[Element] = []
    spacing = "Default"
    for runs in lines:
        if runs:
            made.append(_text(runs, spacing))
        spacing = "None" if runs else "Medium"
    return made


def _text(runs: list[rich.Run], spacing: str = "Default") -> Element:
    return {"type": "RichTextBlock", "inlines": runs, "spacing": spacing}


def _rich(elements: Iterable[Block]) -> list[Element]:
    """Text whose styles are marked piece by piece; a piece may go over several lines."""
    lines: list[list[rich.Run]] = [[]]
    for element in elements:
        style = _style(element.get("style") or {})
        for number, part in enumerate(element["text"].split("\n")):
            if number:
                lines.append([])
            if part:
                lines[-1].append(rich.run(part, **style))
    return _spaced(lines)


def _style(given: Mapping[str, bool]) -> dict[str, Any]:
    return {
        **({"weight": "Bolder"} if given.get("bold") else {}),
        **({"strikethrough": True, "isSubtle": True} if given.get("strike") else {}),
    }


# Buttons ----------------------------------------------------------------------------------------------------------


def _actions(elements: Iterable[Block]) -> Element:
    return {"type": "ActionSet", "actions": [action for element in elements for action in _action(element)]}


def _action(element: Block) -> list[Element]:
    """A button, or each entry of a menu, which stands behind the three dots."""
    verb = element["action_id"]
    if element["type"] == "overflow":
        options = ((option["text"]["text"], {"selected": option["value"]}) for option in element["options"])
        return [{**_execute(text, verb, given), "mode": "secondary"} for text, given in options]
    style = STYLES.get(element.get("style", ""))
    return [_execute(element["text"]["text"], verb, {"value": element["value"]}, style=style)]


def _execute(
    title: str, verb: str, given: Mapping[str, str], *, style: str | None = None, inputs: bool = False
) -> Element:
    return {
        "type": "Action.Execute",
        "title": title,
        "verb": verb,
        "data": {"action": verb, **given},
        "associatedInputs": "auto" if inputs else "none",
        **({"style": style} if style else {}),
    }


# Inputs -----------------------------------------------------------------------------------------------------------


def _input(block: Block) -> Element:
    element, label = block["element"], block["label"]["text"]
    common = {
        "id": f"{block['block_id']}{JOINT}{element['action_id']}",
        "label": label,
        "isRequired": not block.get("optional", False),
        "errorMessage": f"Please fill in: {label}",
    }
    if element["type"] == "plain_text_input":
        return {
            "type": "Input.Text",
            **common,
            "value": element.get("initial_value", ""),
            "isMultiline": element["multiline"],
            "maxLength": min(element["max_length"], LARGEST),
        }
    if element["type"] in ("radio_buttons", "static_select"):
        return {
            "type": "Input.ChoiceSet",
            **common,
            "style": "expanded",
            "choices": list(map(_choice, element["options"])),
        }
    raise ValueError(f"no Adaptive Card has an input of type {element['type']!r}")


def _choice(option: Block) -> Element:
    described = (option.get("description") or {}).get("text")
    title = option["text"]["text"]
    return {"title": f"{title}: {described}" if described else title, "value": option["value"]}
