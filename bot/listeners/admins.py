"""Who may steer: asked at the click and again at the submission, since a hidden button can still be sent."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import BoltContext

from bot.cards import ADMINS_ONLY
from bot.listeners.services import Services

STEERING = frozenset({"see admin parts", "roll back", "refine now", "pause", "edit voice", "change policy", "override"})


def actor(body: Mapping[str, Any]) -> str:
    """The user id of the person behind a command, a click, a submission or an event."""
    user = body.get("user") or body.get("user_id") or (body.get("event") or {}).get("user")
    return str(user["id"] if isinstance(user, Mapping) else user)


def refusal(services: Services, action: str, body: Mapping[str, Any], context: BoltContext) -> str | None:
    """Why the person behind a payload may not do this, as the sentence to say; None when they may."""
    return ADMINS_ONLY if action in STEERING and actor(body) not in services.may_override else None
