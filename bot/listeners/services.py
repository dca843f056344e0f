"""What every listener needs: the services behind it, whose workspace it is, and how to answer the person."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from slack_bolt import BoltContext, Respond

from bot.cards import Block
from bot.checking import Standards
from bot.homes import Homes
from storage import queries
from storage.database import Database
from storage.tables import Run

log = logging.getLogger(__name__)


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
    homes: Homes  # what App Home says
    refining: Callable[[Run], None]  # works on a training that was claimed
    bot: str  # what people type after /invite @
    may_override: frozenset[str] = frozenset()  # the Slack users who may send what a check blocks
    control_share: float = 0.0  # of the drafts that a lot gives to the frozen base
    _workspaces: dict[str, int] = field(default_factory=dict)  # team to row id, which never changes

    def workspace(self, context: BoltContext, name: str | None = None) -> int:
        """The row id of the workspace that a payload comes from."""
        tenant = team(context)
        if tenant not in self._workspaces:
            with self.database.writing() as session:
                row = queries.workspace_for_team(session, team_id=tenant, name=name or "")
            assert row.id is not None
            self._workspaces[tenant] = row.id
        return self._workspaces[tenant]


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


def _answer(respond: Respond, answer: Block, **how: Any) -> None:
    try:
        respond(**answer, **how)
    except OSError as error:  # the decision stands in the row; only the courtesy is lost
        log.warning("an answer did not reach Slack: %s", type(error).__name__)
