"""Deciding about a draft: approve, edit, try once more what failed; the menu has a file of its own."""

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from bot import cards, checking, reviewing, submissions
from bot.cards import Block, Ticket
from bot.listeners.services import Services, open_modal, tell
from bot.rights import Action
from storage import queries
from storage.tables import Contact, Draft, Status

Decide = Callable[..., Draft]


def register(app: App, services: Services) -> None:
    listeners = Deciding(services)
    app.action(cards.APPROVE)(listeners.approve)
    app.action(cards.AGAIN)(listeners.draft_again)
    app.action(cards.EDIT)(listeners.open_editor)
    app.view(cards.EDIT_VIEW)(listeners.submit)


class Deciding:
    def __init__(self, services: Services) -> None:
        self._services = services

    def approve(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond) -> None:
        standards = self._services.standards(self._services.workspace(context))
        ticket, given = Ticket.parse(body["actions"][0]["value"]), {"leaving": self._services.leaving}
        self.click(Action.approve, reviewing.approve, ticket, ack, body, context, respond, standards=standards, **given)

    def draft_again(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond) -> None:
        ticket = Ticket.parse(body["actions"][0]["value"])
        self.click(Action.regenerate, reviewing.regenerate, ticket, ack, body, context, respond)
        self._services.drafting()

    def click(
        self,
        action: Action,
        decide: Decide,
        ticket: Ticket,
        ack: Ack,
        body: Mapping[str, Any],
        context: BoltContext,
        respond: Respond,
        **more: Any,
    ) -> None:
        """Decide, acknowledge, and tell whoever clicked if it did not count."""
        if refusal := self.refusal(action, body, context, ticket):
            ack()
            tell(respond, cards.notice(refusal))
            return
        trouble = self.decide(decide, context, ticket, body["user"]["id"], **more)
        ack()
        self._services.posting()
        self._services.learning()
        if isinstance(trouble, reviewing.Blocked):
            tell(respond, cards.withheld(trouble.findings))
        elif trouble:
            tell(respond, cards.notice(trouble))

    def refusal(self, action: Action, body: Mapping[str, Any], context: BoltContext, ticket: Ticket) -> str | None:
        """Why the person behind a payload may not do this with the draft."""
        return self._services.refusal(action, body, context, self.draft(context, ticket))

    def draft(self, context: BoltContext, ticket: Ticket) -> Draft | None:
        workspace_id = self._services.workspace(context)
        with self._services.database.reading() as session:
            return queries.draft(session, workspace_id=workspace_id, draft_id=ticket.draft_id)

    def decide(
        self, decide: Decide, context: BoltContext, ticket: Ticket, reviewer: str, **more: Any
    ) -> str | reviewing.Blocked | None:
        """Decide in one transaction; None when it counted, otherwise what blocks it or the sentence to say."""
        workspace_id = self._services.workspace(context)
        with self._services.database.writing() as session:
            try:
                decide(
                    session,
                    workspace_id=workspace_id,
                    draft_id=ticket.draft_id,
                    version=ticket.version,
                    reviewer=reviewer,
                    now=self._services.clock(),
                    **more,
                )
            except reviewing.NotFound:
                return cards.NOT_FOUND
            except reviewing.TooLate as error:  # here, where the rows that it carries can still be read
                return cards.too_late(error.draft, error.review, self._services.zone)
            except reviewing.Blocked as error:  # here, since the reasons noted in the row have to stay
                return error
        return None

    # Editing ----------------------------------------------------------------------------------------------------

    def open_editor(
        self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond, client: WebClient
    ) -> None:
        """The Edit button. Only reads, so the acknowledgement goes first and the trigger is still fresh."""
        ack()
        ticket = Ticket.parse(body["actions"][0]["value"])
        draft = self.draft(context, ticket)
        if refusal := self._services.refusal(Action.edit, body, context, draft):
            tell(respond, cards.notice(refusal))
            return
        channel = (body.get("channel") or {}).get("id")
        may_override = self._services.refusal(Action.override, body, context, draft) is None
        view, trouble = self.editor(context, ticket, channel, may_override=may_override)
        if trouble or view is None:
            self._services.posting()
            tell(respond, trouble or cards.notice(cards.NOT_FOUND))
            return
        open_modal(client, respond, body["trigger_id"], view)

    def waiting(self, context: BoltContext, ticket: Ticket) -> tuple[Draft, Contact] | str:
        """The draft that a card shows, while it waits for a decision; otherwise the sentence that says why not."""
        workspace_id = self._services.workspace(context)
        with self._services.database.reading() as session:
            draft = queries.draft(session, workspace_id=workspace_id, draft_id=ticket.draft_id)
            if draft is None:
                return cards.NOT_FOUND
            if draft.status != Status.drafted or draft.version != ticket.version:
                review = queries.review_of(session, workspace_id=workspace_id, draft_id=ticket.draft_id)
                return cards.too_late(draft, review, self._services.zone)
            contact = queries.contact(session, workspace_id=workspace_id, contact_id=draft.contact_id)
        assert contact is not None, "a draft goes with its contact"
        return draft, contact

    def editor(
        self, context: BoltContext, ticket: Ticket, channel: str | None, *, may_override: bool
    ) -> tuple[Block | None, Block | None]:
        """The editor, or why there is none."""
        found = self.waiting(context, ticket)
        if isinstance(found, str):
            return None, cards.notice(found)
        draft, contact = found
        with self._services.database.reading() as session:
            undone = queries.delivery_of(session, workspace_id=draft.workspace_id, draft_id=ticket.draft_id)
        if reason := checking.barred(contact, "so this must not go out."):
            return None, cards.withheld([checking.no_consent(reason)])
        view = cards.edit_view(submissions.resumed(draft, undone), contact, channel=channel, may_override=may_override)
        return view, None if view else cards.too_long(draft)

    def submit(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, view: Mapping[str, Any]) -> None:
        """The edit modal was submitted: what stands in it is what goes out."""
        ticket, _ = cards.parse_metadata(view["private_metadata"])
        user, values, draft = body["user"]["id"], view["state"]["values"], self.draft(context, ticket)
        if refusal := self._services.refusal(Action.edit, body, context, draft):
            ack(response_action="errors", errors={cards.BODY_BLOCK: refusal})  # the text just written stays in sight
            return
        workspace_id = self._services.workspace(context)
        with self._services.database.reading() as session:
            undone = queries.delivery_of(session, workspace_id=workspace_id, draft_id=ticket.draft_id)
        shown = submissions.resumed(draft, undone) if draft else None
        subject, text = submissions.written(values, shown)
        if errors := submissions.faults(subject, text):
            ack(response_action="errors", errors=errors)
            return
        final: dict[str, Any] = {"subject": subject, "body": text}
        if (reason := submissions.override(values)) and not self._services.refusal(
            Action.override, body, context, draft
        ):
            final["override"] = reason
        final["leaving"] = self._services.leaving
        standards = self._services.standards(workspace_id)
        trouble = self.decide(reviewing.edit, context, ticket, user, standards=standards, **final)
        if isinstance(trouble, reviewing.Blocked):
            errors = cards.field_errors(trouble.findings, submissions.texts(values, shown))
            ack(response_action="errors", errors=errors)
        elif trouble:
            ack(response_action="update", view=cards.too_late_view(trouble, subject, text))
        else:
            ack()
        self._services.posting()
        self._services.learning()
