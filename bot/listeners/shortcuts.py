"""Shortcuts: a draft from a message, which no command can reach in a thread, and a draft from anywhere."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient
from sqlmodel import Session

from bot import cards, quoted
from bot.cards import Origin, Place
from bot.listeners.new_draft import NewDraft, Opening
from bot.listeners.services import Services
from storage.tables import Contact


def register(app: App, services: Services) -> None:
    listeners = Shortcuts(services)
    app.message_shortcut(cards.FROM_MESSAGE)(listeners.from_message)
    app.global_shortcut(cards.FROM_ANYWHERE)(listeners.from_anywhere)


class Shortcuts:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._form = NewDraft(services)

    def from_message(
        self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient, respond: Respond
    ) -> None:
        """What the message says becomes the note, which the person sees and can change before anything is drafted."""
        ack()
        message = body["message"]
        text = quoted.text_of(message.get("text") or "")
        thread = message.get("thread_ts") or body["message_ts"]
        origin = Origin(Place(body["channel"]["id"], thread), body.get("response_url"), quoted=bool(text))
        opening = Opening(origin, text, partial(_named, text=text))
        self._form.open(client, body, context, opening, respond)

    def from_anywhere(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        """Knows no channel, so the form asks for one."""
        ack()
        self._form.open(client, body, context, Opening(Origin(None)), None)


def _named(session: Session, workspace_id: int, *, text: str) -> Contact | None:
    return quoted.contact_in(session, workspace_id=workspace_id, text=text)
