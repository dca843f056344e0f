"""Asking for a draft: the command, and the choice where it could mean several people."""

import re
from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from sqlmodel import Session

from bot import cards, drafting, recipients
from bot.cards import Block, Choice
from bot.listeners.services import Services, team, tell
from bot.rights import Action
from storage import queries
from storage.tables import Contact


def register(app: App, services: Services) -> None:
    listeners = Asking(services)
    app.command(cards.COMMAND)(listeners.command)
    app.action(re.compile(rf"^{cards.CHOOSE}:\d+$"))(listeners.choose)


class Asking:
    def __init__(self, services: Services) -> None:
        self._services = services

    def command(self, ack: Ack, body: Mapping[str, Any], context: BoltContext) -> None:
        """`/draft-followup NAME-OR-EMAIL [goal]`."""
        text = (body.get("text") or "").strip()
        if text and (refusal := self._services.refusal(Action.draft, body, context)):
            ack(**cards.notice(refusal), response_type="ephemeral")
            return
        key = f"command:{team(context)}:{body['trigger_id']}"
        answer = self._answer(text, key, body, context) if text else cards.usage()
        if answer:
            ack(**answer, response_type="ephemeral")
        else:
            ack()
            self._draft_and_show()

    def _answer(self, text: str, key: str, body: Mapping[str, Any], context: BoltContext) -> Block | None:
        """What stands in the way of a draft; None when it was asked for."""
        workspace_id = self._services.workspace(context, body.get("team_domain"))
        with self._services.database.reading() as session:
            result = recipients.resolve(session, workspace_id=workspace_id, text=text)
            if isinstance(result, recipients.Empty):
                return cards.no_contacts()
            if len(result.goal) > cards.GOAL_LIMIT:
                return cards.goal_too_long(len(result.goal))
            if isinstance(result, recipients.Unknown):
                closest = [_choice(session, contact) for contact in result.closest]
                return cards.unknown(result.name, closest, goal=result.goal, key=key)
            if isinstance(result, recipients.Ambiguous):
                contacts = [_choice(session, contact) for contact in result.contacts]
                return cards.ambiguous(contacts, goal=result.goal, key=key)
        assert result.contact.id is not None
        sender = self._services.sender(body, context)
        self._request(workspace_id, result.contact.id, result.goal, key, body["user_id"], sender, body["channel_id"])
        return None

    def choose(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond) -> None:
        """A button under “which one do you mean?”. The command's key makes a double click one draft."""
        if refusal := self._services.refusal(Action.draft, body, context):
            ack()
            tell(respond, cards.notice(refusal))
            return
        contact_id, goal, key = cards.parse_choice(body["actions"][0]["value"])
        workspace_id = self._services.workspace(context)
        with self._services.database.reading() as session:
            contact = queries.contact(session, workspace_id=workspace_id, contact_id=contact_id)
        if contact is None:
            ack()
            tell(respond, cards.notice(cards.NOT_FOUND), instead=True)
            return
        user, channel, sender = body["user"]["id"], body["channel"]["id"], self._services.sender(body, context)
        self._request(workspace_id, contact_id, goal, f"{key}:{contact_id}", user, sender, channel)
        ack()
        self._draft_and_show()
        tell(respond, cards.drafting_for(contact), instead=True)

    def _request(
        self, workspace_id: int, contact_id: int, goal: str, key: str, user: str, sender: str, channel: str
    ) -> None:
        with self._services.database.writing() as session:
            drafting.request(
                session,
                workspace_id=workspace_id,
                contact_id=contact_id,
                goal=goal,
                requested_by=user,
                sender=sender,
                channel=channel,
                request_key=key,
                now=self._services.clock(),
                control_share=self._services.control_share,
            )

    def _draft_and_show(self) -> None:
        self._services.posting()
        self._services.drafting()


def _choice(session: Session, contact: Contact) -> Choice:
    assert contact.id is not None
    company = None
    if contact.company_id is not None:
        company = queries.company(session, workspace_id=contact.workspace_id, company_id=contact.company_id)
    name = company.name if company else None
    return Choice(contact.id, cards.contact_name(contact), contact.title, name, contact.email)
