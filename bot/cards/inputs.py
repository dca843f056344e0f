"""The parts of a modal that somebody chooses from or types into."""

from collections.abc import Sequence
from typing import Any

from bot.cards import blocks as bk
from bot.cards.blocks import Block
from bot.cards.ids import CHOICE

OPTION = 75  # characters of an option, and of what is said below it
VALUE = 150
OPTIONS = 100


def option(text: str, value: str, description: str | None = None) -> Block:
    assert len(value) <= VALUE, f"option value of {len(value)} characters"
    shown: Block = {"text": bk.plain(text, OPTION), "value": value}
    return {**shown, "description": bk.plain(description, OPTION)} if description else shown


def select(label: str, block_id: str, options: Sequence[Block], initial: Block | None = None) -> Block:
    """One of several, folded away."""
    return _block(label, block_id, _element("static_select", initial, options=list(options[:OPTIONS])))


def radio(label: str, block_id: str, options: Sequence[Block], initial: Block) -> Block:
    """One of several, all in view."""
    return _block(label, block_id, _element("radio_buttons", initial, options=list(options)), optional=True)


def telling(label: str, block_id: str, action_id: str, options: Sequence[Block]) -> Block:
    """One of several, all in view, none of them yet. Choosing tells the app at once."""
    element = {**_element("radio_buttons", None, options=list(options)), "action_id": action_id}
    return _block(label, block_id, element, optional=True, dispatch_action=True)


def search(
    label: str, block_id: str, action_id: str, placeholder: str, initial: Block | None = None, *, optional: bool
) -> Block:
    """Found as one types. Choosing tells the app at once."""
    how = {"min_query_length": 1, "placeholder": bk.plain(placeholder, VALUE)}
    element = {**_element("external_select", initial, **how), "action_id": action_id}
    return _block(label, block_id, element, optional=optional, dispatch_action=True)


def conversation(label: str, block_id: str, hint: str) -> Block:
    """Where something goes. What others than this organisation can read is not offered."""
    only = {"include": ["public", "private", "im"], "exclude_external_shared_channels": True, "exclude_bot_users": True}
    element = _element("conversations_select", None, default_to_current_conversation=True, filter=only)
    return _block(label, block_id, element, optional=True, hint=bk.plain(hint, 2_000))


def typed(label: str, block_id: str, action_id: str, initial: str, *, limit: int, multiline: bool, hint: str) -> Block:
    """Free text, which nobody has to give."""
    block = bk.text_input(label, block_id, action_id, bk.clamp(initial, limit), multiline=multiline, optional=True)
    block["element"]["max_length"] = limit
    return {**block, "hint": bk.plain(hint, 2_000)} if hint else block


def _element(kind: str, initial: Block | None, **more: Any) -> Block:
    element = {"type": kind, "action_id": CHOICE, **more}
    return {**element, "initial_option": initial} if initial else element


def _block(label: str, block_id: str, element: Block, **more: Any) -> Block:
    return {"type": "input", "block_id": block_id, "label": bk.plain(label, 2_000), "element": element, **more}
