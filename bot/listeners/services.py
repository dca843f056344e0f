"""What every listener needs: the services behind it, whose workspace it is, and how to answer the person."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from slack_bolt import BoltContext, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import cards, rights
from bot.answers import Answers
from bot.cards import Block
from bot.checking import Standards
from bot.homes import Homes
from bot.outgoing import Outgoing
from bot.people import People
from bot.rights import Action, Policy
from model.playbook import Playbook
from storage import queries
from storage.database import Database
from storage.tables import Draft, Run

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Services:
    """What the listeners need from outside."""

    database: Database
    clock: Callable[[], datetime]
    zone: ZoneInfo
    people: People  # who somebody is, as Slack says
    drafting: Callable[[], None]  # tells the worker that there is something to draft
    posting: Callable[[], None]  # tells the poster that a row has changed
    learning: Callable[[], None]  # tells the learner that somebody decided
    standards: Callable[[int], Standards]  # what a workspace's texts are held against
    playbooks: Mapping[str, Playbook]
    answers: Answers  # where the people who asked can be told something
    homes: Homes  # what App Home says
    refining: Callable[[Run], None]  # works on a training that was claimed
    bot: str  # what people type after /invite @
    leaving: Outgoing = field(default_factory=Outgoing)  # how approved emails leave
    named_admins: frozenset[str] = frozenset()  # the Slack users in AFTERWORD_ADMINS
    control_share: float = 0.0  # of the drafts that a lot gives to the frozen base
    looking: Executor = field(default_factory=lambda: ThreadPoolExecutor(4, thread_name_prefix="looking"))

    def workspace(self, context: BoltContext, name: str | None = None) -> int:
        """The row id of the workspace that a payload comes from; an erased one comes back as a new one."""
        tenant = team(context)
        with self.database.reading() as session:
            row = queries.workspace_of_team(session, team_id=tenant)
        if row is None:
            with self.database.writing() as session:
                row = queries.workspace_for_team(session, team_id=tenant, name=name or "")
        assert row.id is not None
        return row.id

    def sender(self, body: Mapping[str, Any], context: BoltContext) -> str:
        """The real name of the person behind a payload."""
        user = body.get("user") or {"id": body.get("user_id"), "name": body.get("user_name")}
        handle = user.get("username") or user.get("name") or ""
        return self.people.name(self.workspace(context), user["id"], handle)

    def refusal(
        self, action: Action, body: Mapping[str, Any], context: BoltContext, draft: Draft | None = None
    ) -> str | None:
        """Why the person behind a payload may not do this, as the sentence to say; None when they may.

        Every listener asks this before it shows or changes anything: at the click, and again at the submission of what
        the click opened, since a button that is hidden can still be sent and people lose their rights in between.

            if refusal := self._services.refusal(Action.approve, body, context, draft):
                ack()
                tell(respond, cards.notice(refusal))
                return

        `draft` is the draft in question, where there is one. Never ask this inside a transaction: it may ask Slack.
        """
        workspace_id, user = self.workspace(context), actor(body)
        with self.database.reading() as session:
            policy = Policy.of(queries.rights(session, workspace_id=workspace_id), self.named_admins)
        who = self.people.person(workspace_id, user, home(context))
        ask = partial(rights.may, action, who, policy, asked_by=draft.requested_by if draft else None)
        if (sentence := ask(listed=True)) or ask(listed=False) is None:
            return sentence  # whatever a list says
        return ask(listed=self._listed(workspace_id, user, rights.audience(action, policy), body, context, draft))

    def _listed(
        self,
        workspace_id: int,
        user: str,
        audience: str,
        body: Mapping[str, Any],
        context: BoltContext,
        draft: Draft | None,
    ) -> bool | None:
        channel = draft.channel if draft else (body.get("channel") or {}).get("id")
        if audience == rights.CHANNEL and channel and channel.startswith("D"):
            return draft is None or draft.requested_by == user  # a direct message has one reader
        team = context.team_id if context.is_enterprise_install else None
        return self.people.listed(workspace_id, user, audience, channel=channel, team=team)


def actor(body: Mapping[str, Any]) -> str:
    """The user id of the person behind a command, a click, a submission or an event."""
    user = body.get("user") or body.get("user_id") or (body.get("event") or {}).get("user")
    return str(user["id"] if isinstance(user, Mapping) else user)


def home(context: BoltContext) -> str:
    """The team or organisation that the app is installed in, which is not always the one that a payload comes from."""
    installed = context.authorize_result
    known = installed and (installed.enterprise_id if context.is_enterprise_install else installed.team_id)
    return str(known or team(context))


def team(context: BoltContext) -> str:
    """The tenant: the organisation where the app is installed for all of it, the team everywhere else."""
    tenant = context.enterprise_id if context.is_enterprise_install else context.team_id
    assert tenant, "a payload without team or organisation"
    return tenant


def replace(respond: Respond, shown: Block) -> None:
    """Put the card that was clicked on right, for everybody."""
    _answer(respond, shown, response_type="in_channel", replace_original=True)


def tell(respond: Respond, answer: Block, *, instead: bool = False) -> None:
    """Answer the person who clicked; `instead` of the question that was clicked on, otherwise beside the card."""
    _answer(respond, answer, response_type="ephemeral", replace_original=instead)


def open_modal(client: WebClient, respond: Respond, trigger: str, view: Block) -> None:
    """Open a modal; a trigger that came too late is told to whoever clicked."""
    try:
        client.views_open(trigger_id=trigger, view=view)
    except SlackApiError as error:
        if error.response["error"] not in ("expired_trigger_id", "exchanged_trigger_id"):
            raise
        tell(respond, cards.notice(cards.OPEN_AGAIN))


def _answer(respond: Respond, answer: Block, **how: Any) -> None:
    try:
        respond(**answer, **how)
    except OSError as error:  # the decision stands in the row; only the courtesy is lost
        log.warning("an answer did not reach Slack: %s", type(error).__name__)
