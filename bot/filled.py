"""What stands in the form for a new draft: plain values out of Slack's nested ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot import cards
from bot.cards import Typed
from storage.tables import Tone


@dataclass(frozen=True)
class Filled:
    """The form as it stands, with the ids of the blocks where a mistake in it is to be told."""

    contact_id: int | None
    contact_block: str
    typed: Typed
    goal: str | None  # the one picked
    goal_for: str  # the id of the contact it was offered for
    playbook: str | None
    playbook_block: str
    channel: str | None

    @property
    def meant(self) -> str:
        """What the email is for: own words count before what was picked."""
        return self.typed.goal.strip() or (self.goal or "")


def filled(view: Mapping[str, Any]) -> Filled:
    """Read a modal as it comes with a click or a submission."""
    values = _standing(view)
    contact_block, contact, _ = _of(values, cards.CONTACT_BLOCK)
    _, goal, goal_for = _of(values, cards.GOALS_BLOCK)
    playbook_block, playbook, suggested = _of(values, cards.PLAYBOOK_BLOCK)
    own = playbook if playbook != suggested else None
    tone = _of(values, cards.TONE_BLOCK)[1]
    typed = Typed(
        goal=_of(values, cards.GOAL_BLOCK)[1] or "",
        note=_of(values, cards.NOTE_BLOCK)[1] or "",
        tone=Tone(tone) if tone in {str(one) for one in Tone} else None,
        playbook=own,
        playbook_block=playbook_block if own else "",
    )
    channel = _of(values, cards.PLACE_BLOCK)[1]
    contact = contact or _of(values, cards.LEADS_BLOCK)[1]
    who = int(contact) if contact and contact.isdecimal() else None
    return Filled(who, contact_block, typed, goal, goal_for, playbook, playbook_block, channel)


def _standing(view: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What stands in each input, by block and action. The local emulator leaves out what was not touched."""
    inputs = [block for block in view.get("blocks", ()) if block["type"] == "input"]
    begun = {
        block["block_id"]: {
            block["element"]["action_id"]: {
                "selected_option": block["element"].get("initial_option"),
                "value": block["element"].get("initial_value"),
            }
        }
        for block in inputs
    }
    return {**begun, **view["state"]["values"]}


def _of(values: Mapping[str, Mapping[str, Any]], name: str) -> tuple[str, str | None, str]:
    """The block's id, what stands in it, and what its id says behind the colon."""
    for block_id, actions in values.items():
        block, _, what = block_id.partition(":")
        if block == name:
            return block_id, next(map(_value, actions.values()), None), what
    return name, None, ""


def _value(element: Mapping[str, Any]) -> str | None:
    picked = element.get("selected_option")
    value = picked["value"] if picked else element.get("value") or element.get("selected_conversation")
    return str(value) if value is not None else None
