"""Slack's limits on what can be clicked, chosen or typed into."""

from collections.abc import Iterator
from typing import Any

from tests.slack_texts import plain, raw, size, text_faults

Part = dict[str, Any]
SELECTS = {"static_select", "multi_static_select"}
FEW = {"overflow": 5, "radio_buttons": 10, "checkboxes": 10}
OTHERS = {
    "external_select",
    "multi_external_select",
    "users_select",
    "multi_users_select",
    "conversations_select",
    "multi_conversations_select",
    "channels_select",
    "multi_channels_select",
    "datepicker",
    "timepicker",
    "datetimepicker",
    "email_text_input",
    "url_text_input",
    "number_input",
    "rich_text_input",
    "file_input",
    "feedback_buttons",
    "icon_button",
}


def element_faults(element: Part) -> Iterator[str]:
    kind = element["type"]
    if not 1 <= len(element.get("action_id", "")) <= 255:
        yield "action id"
    if "placeholder" in element:
        yield from plain(element["placeholder"], 150)
    if "confirm" in element:
        yield from confirmation(element["confirm"])
    if kind == "button":
        yield from _button(element)
    elif kind == "plain_text_input":
        yield from _text_input(element)
    elif kind in SELECTS or kind in FEW:
        yield from options_faults(element, kind)
    elif kind not in OTHERS:
        yield f"unknown element {kind}"
    if kind == "icon_button" and not element.get("text", {}).get("text", "").strip():
        yield "an icon without words"


def confirmation(confirm: Part) -> Iterator[str]:
    """A dialogue that asks whether one means it."""
    for key, limit in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
        if key not in confirm:
            yield f"a confirmation without {key}"
            continue
        yield from plain(confirm[key], limit)


def _button(button: Part) -> Iterator[str]:
    yield from plain(button["text"], 75)
    for key, limit in (("value", 2_000), ("url", 3_000), ("accessibility_label", 75)):
        if raw(button.get(key, "")) > limit:
            yield f"{key} of a button too long"
    if button.get("style") not in (None, "primary", "danger"):
        yield "unknown style"
    if button.get("style") == "danger" and "confirm" not in button:
        yield "a dangerous button that does not ask"


def _text_input(element: Part) -> Iterator[str]:
    most = element.get("max_length", 3_000)
    if not 1 <= most <= 3_000 or not 0 <= element.get("min_length", 0) <= most:
        yield "max_length"
    if size(element.get("initial_value", "")) > most:
        yield "initial value too long"


def options_faults(holder: Part, kind: str) -> Iterator[str]:
    """Options, alone or in groups, of an element or of the answer to a search."""
    groups = holder.get("option_groups")
    listed = [group["options"] for group in groups] if groups is not None else [holder.get("options", [])]
    least = 0 if kind == "external_select" else 1
    if len(listed) > 100 or (groups is not None and "options" in holder):
        yield "groups of options"
    for group in groups or ():
        yield from plain(group["label"], 75)
    for options in listed:
        if not least <= len(options) <= FEW.get(kind, 100):
            yield f"{len(options)} options in {kind}"
        for option in options:
            yield from faults_of_option(option, formatted=kind in ("radio_buttons", "checkboxes"))
    yield from _chosen(holder, [option for options in listed for option in options])


def faults_of_option(option: Part, *, formatted: bool = False) -> Iterator[str]:
    """Only radio buttons and checkboxes show `formatted` text."""
    yield from text_faults(option["text"], 75) if formatted else plain(option["text"], 75)
    if not 1 <= raw(option.get("value", "")) <= 150:
        yield f"option value of {raw(option.get('value', ''))} characters"
    if "description" in option:
        yield from text_faults(option["description"], 75)


def _chosen(holder: Part, options: list[Part]) -> Iterator[str]:
    """What is chosen from the start must be one of the options, to the letter; a value stands for one option."""
    values = [option.get("value") for option in options]
    if len(values) != len(set(values)):
        yield "an option value twice"
    chosen = [holder["initial_option"]] if "initial_option" in holder else holder.get("initial_options", [])
    if holder.get("type") in (*SELECTS, *FEW) and any(option not in options for option in chosen):
        yield "an initial option that is not offered"
