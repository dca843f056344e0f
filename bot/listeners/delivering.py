"""Undo, and another try where an email could not be delivered."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond

from bot import cards, reviewing, undoing
from bot.cards import Ticket
from bot.listeners.deciding import Deciding
from bot.listeners.services import Services, tell
from bot.rights import Action


def register(app: App, services: Services) -> None:
    listeners = Delivering(services, Deciding(services))
    app.action(cards.UNDO)(listeners.undo)
    app.action(cards.DELIVER_AGAIN)(listeners.deliver_again)


class Delivering:
    def __init__(self, services: Services, deciding: Deciding) -> None:
        self._services = services
        self._deciding = deciding

    def undo(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond) -> None:
        ticket = Ticket.parse(body["actions"][0]["value"])
        if refusal := self._deciding.refusal(Action.undo, body, context, ticket):
            ack()
            tell(respond, cards.notice(refusal))
            return
        trouble = self._undo(context, ticket, body["user"]["id"])
        ack()
        self._services.posting()
        tell(respond, cards.notice(trouble or cards.UNDONE))

    def _undo(self, context: BoltContext, ticket: Ticket, reviewer: str) -> str | None:
        """Undo in one transaction; None when it counted, otherwise the sentence to say."""
        workspace_id = self._services.workspace(context)
        draft = {"workspace_id": workspace_id, "draft_id": ticket.draft_id, "version": ticket.version}
        with self._services.database.writing() as session:
            try:
                undoing.undo(session, **draft, reviewer=reviewer)
            except reviewing.NotFound:
                return cards.NOT_FOUND
            except reviewing.TooLate as error:
                return cards.too_late(error.draft, error.review, self._services.zone)
            except undoing.Gone as error:
                return cards.not_undone(error.delivery)
        return None

    def deliver_again(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond) -> None:
        """A second click does nothing; the card then says what holds."""
        ticket, workspace_id = Ticket.parse(body["actions"][0]["value"]), self._services.workspace(context)
        if refusal := self._deciding.refusal(Action.approve, body, context, ticket):
            ack()
            tell(respond, cards.notice(refusal))
            return
        with self._services.database.writing() as session:
            undoing.again(
                session,
                workspace_id=workspace_id,
                draft_id=ticket.draft_id,
                reviewer=body["user"]["id"],
                now=self._services.clock(),
            )
        ack()
        self._services.posting()
