"""What a submitted editor holds: plain values out of Slack's nested ones."""

from collections.abc import Mapping
from typing import Any

from bot import cards
from storage.tables import Delivery, DeliveryStatus, Draft


def resumed(draft: Draft, delivery: Delivery | None) -> Draft:
    """The draft as an editor starts with it: somebody's approval that was undone left its text behind."""
    if delivery is None or delivery.status != DeliveryStatus.withdrawn:
        return draft
    if draft.drafted_at is None or delivery.decided_at < draft.drafted_at:  # it was written anew since
        return draft
    return Draft(**draft.model_dump(warnings=False) | {"subject": delivery.subject, "body": delivery.body})


def texts(values: Mapping[str, Any], draft: Draft | None) -> dict[str, str]:
    """What stands in each input, by its block.

    A required input never comes empty from Slack; where a value is missing all the same (the local emulator
    leaves out what was not touched), the draft's own text stands.
    """
    own = {cards.SUBJECT_BLOCK: (draft.subject or "") if draft else ""}
    parts, _ = cards.split_body((draft.body or "") if draft else "")
    own |= {cards.body_block(n): part for n, part in enumerate(parts)}
    return {block: _value(values, block, own.get(block, "")) for block in values}


def written(values: Mapping[str, Any], draft: Draft | None) -> tuple[str, str]:
    """Subject and body as they were submitted."""
    found = texts(values, draft)
    bodies = [found[block] for n in range(cards.INPUTS) if (block := cards.body_block(n)) in found]
    _, joints = cards.split_body((draft.body or "") if draft else "")
    if len(joints) != len(bodies) - 1:  # the draft has changed meanwhile, and the submission will be too late
        joints = ["\n\n"] * (len(bodies) - 1)
    return found.get(cards.SUBJECT_BLOCK, ""), cards.join_body(bodies or [""], joints if bodies else [])


def override(values: Mapping[str, Any]) -> str | None:
    """Why the text should go out all the same; None where nobody said so."""
    return texts(values, None).get(cards.OVERRIDE_BLOCK, "").strip() or None


def reason(values: Mapping[str, Any]) -> str | None:
    """Why a draft is discarded, with the person's own words after it; None where nothing was chosen."""
    chosen = (values.get(cards.REASON_BLOCK) or {}).get(cards.REASON_ACTION) or {}
    option = chosen.get("selected_option")
    if not option:
        return None
    words = (values.get(cards.WORDS_BLOCK) or {}).get(cards.TEXT_ACTION) or {}
    own = " ".join((words.get("value") or "").split())
    return f"{option['value']}: {own}" if own else str(option["value"])


def faults(subject: str, body: str) -> dict[str, str]:
    """What cannot go out, by the block that it stands in."""
    found = {}
    if not subject.strip():
        found[cards.SUBJECT_BLOCK] = cards.SUBJECT_EMPTY
    elif len(subject.strip().splitlines()) > 1:
        found[cards.SUBJECT_BLOCK] = cards.SUBJECT_LINES
    if not body.strip():
        found[cards.BODY_BLOCK] = cards.BODY_EMPTY
    return found


def _value(values: Mapping[str, Any], block: str, own: str) -> str:
    value = values[block][cards.TEXT_ACTION]["value"]
    return own if value is None else str(value)
