"""Deciding about a draft: approve, edit, discard, another try."""

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import cards, checking, reviewing, submissions
from bot.cards import Block, Ticket
from bot.listeners.services import Services, tell
from storage import queries
from storage.tables import Draft, Status

Decide = Callable[..., Draft]


def register(app: App, services: Services) -> None:
    listeners = Deciding(services)
    app.action(cards.APPROVE)(listeners.approve)
    app.action(cards.DISCARD)(listeners.discard)
    app.action(cards.AGAIN)(listeners.draft_again)
    app.action(cards.EDIT)(listeners.open_editor)
    app.view(cards.EDIT_VIEW)(listeners.submit)


class Deciding:
    def __init__(self, services: Services) -> None:
        self._services = services

    def approve(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond) -> None:
        standards = self._services.standards(self._services.workspace(context))
        self._click(reviewing.approve, ack, body, context, respond, standards=standards)

    def discard(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond) -> None:
        self._click(reviewing.discard, ack, body, context, respond, reason=cards.DISCARD_REASON)

    def draft_again(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond) -> None:
        self._click(reviewing.regenerate, ack, body, context, respond)
        self._services.drafting()

    def _click(
        self,
        decide: Decide,
        ack: Ack,
        body: Mapping[str, Any],
        context: BoltContext,
        respond: Respond,
        **more: Any,
    ) -> None:
        ticket = Ticket.parse(body["actions"][0]["value"])
        trouble = self._decide(decide, context, ticket, body["user"]["id"], **more)
        ack()
        self._services.posting()
        self._services.learning()
        if isinstance(trouble, reviewing.Blocked):
            tell(respond, cards.withheld(trouble.findings))
        elif trouble:
            tell(respond, cards.notice(trouble))

    def _decide(
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
        channel, user = (body.get("channel") or {}).get("id"), body["user"]["id"]
        view, trouble = self.editor(context, ticket, channel, may_override=user in self._services.may_override)
        if trouble or view is None:
            self._services.posting()
            tell(respond, trouble or cards.notice(cards.NOT_FOUND))
            return
        try:
            client.views_open(trigger_id=body["trigger_id"], view=view)
        except SlackApiError as error:
            if error.response["error"] not in ("expired_trigger_id", "exchanged_trigger_id"):
                raise
            tell(respond, cards.notice(cards.OPEN_AGAIN))

    def editor(
        self, context: BoltContext, ticket: Ticket, channel: str | None, *, may_override: bool
    ) -> tuple[Block | None, Block | None]:
        """The editor, or why there is none."""
        workspace_id = self._services.workspace(context)
        with self._services.database.reading() as session:
            draft = queries.draft(session, workspace_id=workspace_id, draft_id=ticket.draft_id)
            if draft is None:
                return None, cards.notice(cards.NOT_FOUND)
            if draft.status != Status.drafted or draft.version != ticket.version:
                review = queries.review_of(session, workspace_id=workspace_id, draft_id=ticket.draft_id)
                return None, cards.notice(cards.too_late(draft, review, self._services.zone))
            contact = queries.contact(session, workspace_id=workspace_id, contact_id=draft.contact_id)
        assert contact is not None, "a draft goes with its contact"
        if reason := checking.barred(contact, "so this must not go out."):
            return None, cards.withheld([checking.no_consent(reason)])
        view = cards.edit_view(draft, contact, channel=channel, may_override=may_override)
        return view, None if view else cards.too_long(draft)

    def submit(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, view: Mapping[str, Any]) -> None:
        """The edit modal was submitted: what stands in it is what goes out."""
        ticket, _ = cards.parse_metadata(view["private_metadata"])
        workspace_id, user, values = self._services.workspace(context), body["user"]["id"], view["state"]["values"]
        with self._services.database.reading() as session:
            draft = queries.draft(session, workspace_id=workspace_id, draft_id=ticket.draft_id)
        subject, text = submissions.written(values, draft)
        if errors := submissions.faults(subject, text):
            ack(response_action="errors", errors=errors)
            return
        final: dict[str, Any] = {"subject": subject, "body": text}
        final["override"] = submissions.override(values) if user in self._services.may_override else None
        standards = self._services.standards(workspace_id)
        trouble = self._decide(reviewing.edit, context, ticket, user, standards=standards, **final)
        if isinstance(trouble, reviewing.Blocked):
            errors = cards.field_errors(trouble.findings, submissions.texts(values, draft))
            ack(response_action="errors", errors=errors)
        elif trouble:
            ack(response_action="update", view=cards.too_late_view(trouble, subject, text))
        else:
            ack()
        self._services.posting()
        self._services.learning()
