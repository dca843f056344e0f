"""What else can be done with a draft: another version, why it says what it says, turning it down with a reason."""

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from bot import cards, reviewing, submissions
from bot.cards import Block, Ticket
from bot.listeners.deciding import Deciding
from bot.listeners.services import Services, open_modal, tell
from bot.rights import Action
from storage import queries
from storage.tables import Contact, Draft, Tone


def register(app: App, services: Services) -> None:
    listeners = Menu(services, Deciding(services))
    app.action(cards.MENU)(listeners.chosen)
    app.action(cards.DISCARD)(listeners.ask_why)
    app.action(cards.WHY)(listeners.explain)
    app.view(cards.DISCARD_VIEW)(listeners.discard)


class Menu:
    def __init__(self, services: Services, deciding: Deciding) -> None:
        self._services = services
        self._deciding = deciding

    def chosen(
        self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond, client: WebClient
    ) -> None:
        """An entry of the menu."""
        what, ticket = cards.parse_menu(body["actions"][0]["selected_option"]["value"])
        if what == cards.TURN_DOWN:
            self._open(Action.discard, ack, body, context, respond, client, ticket, self._question)
            return
        tone = None if what == cards.ANOTHER else Tone(what)
        self._deciding.click(Action.regenerate, reviewing.regenerate, ticket, ack, body, context, respond, tone=tone)
        self._services.drafting()

    def ask_why(
        self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond, client: WebClient
    ) -> None:
        """The Discard button of a card that has no menu."""
        ticket = Ticket.parse(body["actions"][0]["value"])
        self._open(Action.discard, ack, body, context, respond, client, ticket, self._question)

    def explain(
        self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond, client: WebClient
    ) -> None:
        """The button that says why a draft says what it says."""
        ticket = Ticket.parse(body["actions"][0]["value"])
        self._open(Action.draft, ack, body, context, respond, client, ticket, self._reasons)

    def discard(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, view: Mapping[str, Any]) -> None:
        """The question why was answered."""
        reason = submissions.reason(view["state"]["values"])
        if reason is None:
            ack(response_action="errors", errors={cards.REASON_BLOCK: cards.CHOOSE_REASON})
            return
        ticket, user = cards.parse_discard(view["private_metadata"]), body["user"]["id"]
        if refusal := self._deciding.refusal(Action.discard, body, context, ticket):
            ack(response_action="update", view=cards.told_view("Not discarded", refusal))
            return
        trouble = self._deciding.decide(reviewing.discard, context, ticket, user, reason=reason)
        if isinstance(trouble, str):
            ack(response_action="update", view=cards.told_view("Not discarded", trouble))
        else:
            ack()
        self._services.posting()
        self._services.learning()

    def _open(
        self,
        action: Action,
        ack: Ack,
        body: Mapping[str, Any],
        context: BoltContext,
        respond: Respond,
        client: WebClient,
        ticket: Ticket,
        build: Callable[[Draft, Contact], Block],
    ) -> None:
        """A modal about a draft that waits. Only reads, so the acknowledgement goes first and the trigger is fresh."""
        ack()
        if refusal := self._deciding.refusal(action, body, context, ticket):
            tell(respond, cards.notice(refusal))
            return
        found = self._deciding.waiting(context, ticket)
        if isinstance(found, str):
            self._services.posting()
            tell(respond, cards.notice(found))
        else:
            open_modal(client, respond, body["trigger_id"], build(*found))

    def _question(self, draft: Draft, contact: Contact) -> Block:
        return cards.discard_view(draft, contact)

    def _reasons(self, draft: Draft, contact: Contact) -> Block:
        adapter = None
        if draft.adapter_id is not None:
            with self._services.database.reading() as session:
                row = queries.adapter(session, workspace_id=draft.workspace_id, adapter_id=draft.adapter_id)
            adapter = row.version if row else None
        return cards.why_view(draft, contact, adapter=adapter)
