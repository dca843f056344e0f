"""What Slack calls: parse, one transaction, acknowledge, return.

Slack never sends a command, a click or a submission twice, so the row is committed before the acknowledgement.
Nothing here waits for the model, and the only Slack calls are answers to the person who asked.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlmodel import Session

from bot import cards, checking, drafting, house_rules, recipients, reviewing, submissions
from bot.cards import Block, Choice, Ticket
from bot.checking import Standards
from storage import queries
from storage.database import Database
from storage.tables import Contact, Draft, Rule, Status

log = logging.getLogger(__name__)

Decide = Callable[..., Draft]
DecideRule = Callable[..., Rule | None]


@dataclass(frozen=True)
class Services:
    """What the listeners need from outside."""

    database: Database
    clock: Callable[[], datetime]
    zone: ZoneInfo
    sender: Callable[[str, str], str]  # user id and handle to a real name
    drafting: Callable[[], None]  # tells the worker that there is something to draft
    posting: Callable[[], None]  # tells the poster that a row has changed
    learning: Callable[[], None]  # tells the learner that somebody decided
    standards: Callable[[int], Standards]  # what a workspace's texts are held against
    may_override: frozenset[str] = frozenset()  # the Slack users who may send what a check blocks
    control_share: float = 0.0  # of the drafts that a lot gives to the frozen base


def register(app: App, services: Services) -> None:
    """Connect every listener to the app."""
    listeners = Listeners(services)
    app.command(cards.COMMAND)(listeners.command)
    app.action(re.compile(rf"^{cards.CHOOSE}:\d+$"))(listeners.choose)
    app.action(cards.APPROVE)(listeners.approve)
    app.action(cards.DISCARD)(listeners.discard)
    app.action(cards.AGAIN)(listeners.draft_again)
    app.action(cards.EDIT)(listeners.open_editor)
    app.view(cards.EDIT_VIEW)(listeners.submit)
    app.action(cards.RULE_USE)(listeners.use_rule)
    app.action(cards.RULE_NO)(listeners.decline_rule)
    app.action(cards.RULE_UNDO)(listeners.undo_rule)


class Listeners:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._workspaces: dict[str, int] = {}  # team to row id, which never changes

    # Asking for a draft ---------------------------------------------------------------------------------------

    def command(self, ack: Ack, body: Mapping[str, Any], context: BoltContext) -> None:
        """`/draft-followup NAME-OR-EMAIL [goal]`."""
        text = (body.get("text") or "").strip()
        key = f"command:{_team(context)}:{body['trigger_id']}"
        answer = self._answer(text, key, body, context) if text else cards.usage()
        if answer:
            ack(**answer, response_type="ephemeral")
        else:
            ack()
            self._draft_and_show()

    def _answer(self, text: str, key: str, body: Mapping[str, Any], context: BoltContext) -> Block | None:
        """What stands in the way of a draft; None when it was asked for."""
        workspace_id = self._workspace(context, body.get("team_domain"))
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
        sender = self._services.sender(body["user_id"], body.get("user_name") or "")
        self._request(workspace_id, result.contact.id, result.goal, key, body["user_id"], sender, body["channel_id"])
        return None

    def choose(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond) -> None:
        """A button under “which one do you mean?”. The command's key makes a double click one draft."""
        contact_id, goal, key = cards.parse_choice(body["actions"][0]["value"])
        workspace_id = self._workspace(context)
        with self._services.database.reading() as session:
            contact = queries.contact(session, workspace_id=workspace_id, contact_id=contact_id)
        if contact is None:
            ack()
            _tell(respond, cards.notice(cards.NOT_FOUND), instead=True)
            return
        user = body["user"]
        sender = self._services.sender(user["id"], user.get("username") or user.get("name") or "")
        channel = body["channel"]["id"]
        self._request(workspace_id, contact_id, goal, f"{key}:{contact_id}", user["id"], sender, channel)
        ack()
        self._draft_and_show()
        _tell(respond, cards.drafting_for(contact), instead=True)

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

    # Deciding about one -----------------------------------------------------------------------------------------

    def approve(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond) -> None:
        standards = self._services.standards(self._workspace(context))
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
            _tell(respond, cards.withheld(trouble.findings))
        elif trouble:
            _tell(respond, cards.notice(trouble))

    def _decide(
        self, decide: Decide, context: BoltContext, ticket: Ticket, reviewer: str, **more: Any
    ) -> str | reviewing.Blocked | None:
        """Decide in one transaction; None when it counted, otherwise what blocks it or the sentence to say."""
        workspace_id = self._workspace(context)
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
        view, trouble = self._editor(context, ticket, channel, may_override=user in self._services.may_override)
        if trouble or view is None:
            self._services.posting()
            _tell(respond, trouble or cards.notice(cards.NOT_FOUND))
            return
        try:
            client.views_open(trigger_id=body["trigger_id"], view=view)
        except SlackApiError as error:
            if error.response["error"] not in ("expired_trigger_id", "exchanged_trigger_id"):
                raise
            _tell(respond, cards.notice(cards.OPEN_AGAIN))

    def _editor(
        self, context: BoltContext, ticket: Ticket, channel: str | None, *, may_override: bool
    ) -> tuple[Block | None, Block | None]:
        """The editor, or why there is none."""
        workspace_id = self._workspace(context)
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
        workspace_id, user, values = self._workspace(context), body["user"]["id"], view["state"]["values"]
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

    # Rules ------------------------------------------------------------------------------------------------------

    def use_rule(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond) -> None:
        self._rule(house_rules.accept, ack, body, context, respond)

    def decline_rule(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond) -> None:
        self._rule(house_rules.decline, ack, body, context, respond)

    def undo_rule(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond) -> None:
        self._rule(house_rules.undo, ack, body, context, respond)

    def _rule(
        self, decide: DecideRule, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond
    ) -> None:
        """Decide in one transaction. The card then says what holds, also to whoever came second."""
        rule_id = int(body["actions"][0]["value"])
        workspace_id, now = self._workspace(context), self._services.clock()
        with self._services.database.writing() as session:
            row = decide(session, workspace_id=workspace_id, rule_id=rule_id, who=body["user"]["id"], now=now)
        ack()
        self._services.learning()
        if row is None:
            _tell(respond, cards.notice(cards.RULE_GONE))
        else:
            _replace(respond, house_rules.rule_card(row, self._services.zone))

    def _workspace(self, context: BoltContext, name: str | None = None) -> int:
        team = _team(context)
        if team not in self._workspaces:
            with self._services.database.writing() as session:
                row = queries.workspace_for_team(session, team_id=team, name=name or "")
            assert row.id is not None
            self._workspaces[team] = row.id
        return self._workspaces[team]


def _team(context: BoltContext) -> str:
    """The tenant: the organisation where the app is installed for all of it, the team everywhere else."""
    tenant = context.enterprise_id if context.is_enterprise_install else context.team_id
    assert tenant, "a payload without team or organisation"
    return tenant


def _choice(session: Session, contact: Contact) -> Choice:
    assert contact.id is not None
    company = None
    if contact.company_id is not None:
        company = queries.company(session, workspace_id=contact.workspace_id, company_id=contact.company_id)
    name = company.name if company else None
    return Choice(contact.id, cards.contact_name(contact), contact.title, name, contact.email)


def _replace(respond: Respond, shown: Block) -> None:
    """Put the card that was clicked on right, for everybody."""
    _answer(respond, shown, response_type="in_channel", replace_original=True)


def _tell(respond: Respond, answer: Block, *, instead: bool = False) -> None:
    """Answer the person who clicked; `instead` of the question that was clicked on, otherwise beside the card."""
    _answer(respond, answer, response_type="ephemeral", replace_original=instead)


def _answer(respond: Respond, answer: Block, **how: Any) -> None:
    try:
        respond(**answer, **how)
    except OSError as error:  # the decision stands in the row; only the courtesy is lost
        log.warning("an answer did not reach Slack: %s", type(error).__name__)
