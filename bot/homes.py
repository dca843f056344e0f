"""What one reader's App Home says: rows in, the values of `cards.Home` out."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot import cards, house_rules, measuring, nightly, outcomes
from bot.cards import Home, Learning, Ticket, Waiting
from bot.cards.home_house import IMPORTS
from model.benefit import Week, benefit, weeks
from model.outcomes import rate
from model.rules import Rule
from storage import queries, tables
from storage.database import Database
from storage.tables import RuleStatus, Workspace

FRESH = timedelta(minutes=10)
Figures = tuple[Sequence[Week], str]


@dataclass(frozen=True)
class Homes:
    """Reads everything anew for each view but the figures, whose intervals take a while: those after ten minutes, if
    somebody decided meanwhile or another day has come.

    `voice` reads the voice file, where there is one, into its row; `address` is the workspace's own, for links.
    """

    database: Database
    clock: Callable[[], datetime]
    zone: ZoneInfo
    refine_at: time
    digest_at: time
    voice: Callable[[int], object]
    address: str
    _figures: dict[int, tuple[datetime, int | None, Figures]] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def home(self, workspace_id: int, user: str, *, admin: bool, notice: str | None = None) -> Home:
        """What `user` reads."""
        self.voice(workspace_id)
        with self.database.reading() as session:
            latest = queries.latest_review(session, workspace_id=workspace_id)
        figures = self._reviewed(workspace_id, latest)
        scope: dict[str, Any] = {"workspace_id": workspace_id}
        with self.database.reading() as session:
            workspace = queries.workspace_by_id(session, **scope)
            assert workspace is not None, f"no workspace {workspace_id}"
            return Home(
                zone=self.zone,
                admin=admin,
                learns=queries.learns(session, **scope, user_id=user),
                waiting=_waiting(session, workspace_id, user, self.address),
                learning=self._learning(session, workspace, figures),
                rules=_rules(session, workspace_id),
                voice=queries.newest_voice(session, **scope),
                imports=_imports(session, workspace_id),
                connections=queries.connections(session, **scope),
                any_contact=queries.any_contact(session, **scope),
                digests=queries.digest_channels(session, **scope),
                digest_at=self.digest_at,
                notice=notice,
            )

    def _reviewed(self, workspace_id: int, latest: int | None) -> Figures:
        now = self.clock()
        with self._turn:  # many open their Home in the morning, and one of them does the sums
            if known := self._figures.get(workspace_id):
                at, seen, figures = known
                today = (at.astimezone(self.zone).date(), seen) == (now.astimezone(self.zone).date(), latest)
                if today or now - at < FRESH:
                    return figures
            rows = measuring.reviewed(self.database, workspace_id, now)
            figures = weeks(rows), benefit(rows).sentence
            self._figures[workspace_id] = now, latest, figures
        return figures

    def _learning(self, session: Session, workspace: Workspace, figures: Figures) -> Learning:
        assert workspace.id is not None
        scope, now = {"workspace_id": workspace.id}, self.clock()
        night, pointer = queries.last_night(session, **scope), queries.pointer(session, **scope)
        by_week, sentence = figures
        return Learning(
            weeks=by_week,
            benefit=sentence,
            night=night,
            night_adapter=_version(session, workspace.id, night.candidate_id if night else None),
            today=now.astimezone(self.zone).date(),
            next_run=nightly.next_night(now, self.zone, self.refine_at),
            paused_at=workspace.learning_paused_at,
            running=queries.running_run(session, **scope, now=now) is not None,
            serving=queries.serving(session, **scope),
            serving_since=pointer.moved_at if pointer else None,
            back=_version(session, workspace.id, pointer.previous_id if pointer else None),
            earned=rate("all", outcomes.sent(session, **scope, now=now)),
        )


def _waiting(session: Session, workspace_id: int, user: str, address: str) -> list[Waiting]:
    return [
        Waiting(
            ticket=Ticket(draft.id or 0, draft.version),
            name=cards.contact_name(contact),
            subject=draft.subject or "",
            since=draft.drafted_at or draft.requested_at,
            link=cards.link(address, draft.channel, draft.message_ts, "Open its card"),
        )
        for draft, contact in queries.waiting_for(session, workspace_id=workspace_id, user_id=user)
    ]


def _version(session: Session, workspace_id: int, adapter_id: int | None) -> int | None:
    if adapter_id is None:
        return None
    row = queries.adapter(session, workspace_id=workspace_id, adapter_id=adapter_id)
    return row.version if row else None


def _rules(session: Session, workspace_id: int) -> list[tuple[Rule, tables.Rule]]:
    rows = queries.rules(session, workspace_id=workspace_id)
    return [(house_rules.as_rule(row), row) for row in rows if row.status != RuleStatus.declined]


def _imports(session: Session, workspace_id: int) -> list[tables.Audit]:
    found = [queries.latest_audit(session, workspace_id=workspace_id, action=action) for action in IMPORTS]
    return [row for row in found if row]
