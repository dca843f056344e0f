"""Asking for a draft with the command: what it names, the choice where that could be several people, and the help."""

import re
from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from bot import cards, drafting, recipients
from bot.cards import Block, Origin, Place
from bot.listeners.new_draft import NewDraft, Opening
from bot.listeners.services import Services, team, tell
from bot.rights import Action
from storage import queries

HELP = ("help", "?")


def register(app: App, services: Services) -> None:
    listeners = Asking(services)
    app.command(cards.COMMAND)(listeners.command)
    app.action(re.compile(rf"^{cards.CHOOSE}:\d+$"))(listeners.choose)


class Asking:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._form = NewDraft(services)

    def command(
        self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient, respond: Respond
    ) -> None:
        """`/draft-followup NAME-OR-EMAIL [goal]`; alone it opens the form."""
        text = (body.get("text") or "").strip()
        if refusal := self._services.refusal(Action.draft, body, context):
            ack(**cards.notice(refusal), response_type="ephemeral")
            return
        if not text:
            ack()
            opening = Opening(Origin(Place(body["channel_id"]), body.get("response_url")))
            self._form.open(client, body, context, opening, respond)
            return
        key = f"command:{team(context)}:{body['trigger_id']}"
        answer = cards.usage() if text.lower() in HELP else self._answer(text, key, body, context)
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
                closest = recipients.choices(session, result.closest)
                return cards.unknown(result.name, closest, goal=result.goal, key=key)
            if isinstance(result, recipients.Ambiguous):
                contacts = recipients.choices(session, result.contacts)
                return cards.ambiguous(contacts, goal=result.goal, key=key)
        assert result.contact.id is not None
        sender = self._services.sender(body, context)
        who, channel, url = body["user_id"], body["channel_id"], body.get("response_url")
        self._request(workspace_id, result.contact.id, result.goal, key, who, sender, channel, url)
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
        key, url = f"{key}:{contact_id}", body.get("response_url")
        self._request(workspace_id, contact_id, goal, key, user, sender, channel, url)
        ack()
        self._draft_and_show()
        tell(respond, cards.drafting_for(contact), instead=True)

    def _request(
        self,
        workspace_id: int,
        contact_id: int,
        goal: str,
        key: str,
        user: str,
        sender: str,
        channel: str,
        answer_url: str | None,
    ) -> None:
        with self._services.database.writing() as session:
            row = drafting.request(
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
            self._services.answers.keep(row.id, answer_url)

    def _draft_and_show(self) -> None:
        self._services.posting()
        self._services.drafting()
