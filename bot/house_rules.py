"""Learned rules: found in what was just reviewed, asked about once, obeyed once somebody accepts.

None of this touches a decision about a draft: it runs afterwards, in transactions of its own.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot import cards
from bot.cards import Block
from model.brief import Brief
from model.rules import Rule, mine
from storage import queries, tables
from storage.database import Database
from storage.tables import RuleStatus

log = logging.getLogger(__name__)

REVIEWS = 60  # the newest, which show what people want now
OPEN = 2  # questions at a time, so that nobody is flooded
LOOK_SECONDS = 10.0  # a review on the command line is noticed within that


def learn(database: Database, workspace_id: int, now: datetime) -> int:
    """Mine the newest reviews and note what to ask about; returns how many rules are newly proposed."""
    with database.reading() as session:
        pairs = queries.reviewed_pairs(session, workspace_id=workspace_id, limit=REVIEWS)
    found = mine([(pair.drafted or "", pair.final or "", Brief.model_validate(pair.brief)) for pair in pairs])
    rows = [_row(rule, workspace_id, now) for rule in sorted(found, key=lambda rule: -rule.seen)]
    with database.writing() as session:
        return queries.propose_rules(session, workspace_id=workspace_id, found=rows, limit=OPEN)


def _row(rule: Rule, workspace_id: int, now: datetime) -> tables.Rule:
    return tables.Rule(
        workspace_id=workspace_id,
        kind=tables.RuleKind(rule.kind),
        old=rule.old,
        new=rule.new,
        seen=rule.seen,
        out_of=rule.out_of,
        proposed_at=now,
    )


def as_rule(row: tables.Rule) -> Rule:
    """The rule that a row keeps."""
    kind: Any = str(row.kind)
    return Rule(kind, row.old, row.new, row.seen, row.out_of)


def accepted(database: Database, workspace_id: int) -> tuple[Rule, ...]:
    """What every draft of the workspace obeys, in the order in which the rules were found."""
    with database.reading() as session:
        rows = queries.rules(session, workspace_id=workspace_id, status=RuleStatus.accepted)
    return tuple(map(as_rule, rows))


def accept(session: Session, *, workspace_id: int, rule_id: int, who: str, now: datetime) -> tables.Rule | None:
    """Use a proposed rule. The row as it stands then, whoever was faster; None when there is no such rule."""
    return _move(session, workspace_id, rule_id, RuleStatus.proposed, RuleStatus.accepted, "accept rule", who, now)


def decline(session: Session, *, workspace_id: int, rule_id: int, who: str, now: datetime) -> tables.Rule | None:
    """Do not use a proposed rule, and never ask again."""
    return _move(session, workspace_id, rule_id, RuleStatus.proposed, RuleStatus.declined, "decline rule", who, now)


def undo(session: Session, *, workspace_id: int, rule_id: int, who: str, now: datetime) -> tables.Rule | None:
    """Stop using an accepted rule."""
    return _move(session, workspace_id, rule_id, RuleStatus.accepted, RuleStatus.declined, "undo rule", who, now)


def _move(
    session: Session,
    workspace_id: int,
    rule_id: int,
    source: RuleStatus,
    target: RuleStatus,
    action: str,
    who: str,
    now: datetime,
) -> tables.Rule | None:
    row = {"workspace_id": workspace_id, "rule_id": rule_id}
    if queries.move_rule(session, **row, source=source, target=target, decided_by=who, now=now):
        queries.audit(
            session, workspace_id=workspace_id, actor=who, action=action, subject=f"rule {rule_id}", detail={}
        )
    return queries.rule(session, **row)


def rule_card(row: tables.Rule, zone: ZoneInfo) -> Block:
    """The message that says what the row says."""
    if row.status == RuleStatus.proposed:
        return cards.proposal(as_rule(row), row)
    return cards.rule_decided(as_rule(row), row, zone)


class Learner:
    """Looks for rules after each review and asks about them where the latest draft was decided."""

    def __init__(
        self, database: Database, announce: Callable[[int, str, Block], bool], clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._announce = announce
        self._clock = clock
        self._seen: dict[int, tuple[int | None, int]] = {}  # workspace → latest review and open questions
        self._changed = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="learner", daemon=True)

    def start(self) -> None:
        self._changed.set()  # what an earlier run left behind
        self._thread.start()

    def wake(self) -> None:
        """Somebody decided about a draft or a rule."""
        self._changed.set()

    def stop(self) -> None:
        self._stopping.set()
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._changed.wait(LOOK_SECONDS)
            self._changed.clear()
            try:
                self.look()
            except Exception as error:  # its message may quote an email
                log.error("rules are looked for again later: %s", type(error).__name__)
                self._stopping.wait(LOOK_SECONDS)

    def look(self) -> None:
        """Mine where there are new reviews, and ask what was not asked yet."""
        with self._database.reading() as session:
            learning = [row for row in queries.workspaces_in_service(session) if row.learning_paused_at is None]
            known = [row.id for row in learning if row.id is not None]
        for workspace_id in known:
            self._learn(workspace_id)
            self._ask(workspace_id)

    def _learn(self, workspace_id: int) -> None:
        with self._database.reading() as session:
            latest = queries.latest_review(session, workspace_id=workspace_id)
            waiting = queries.rules(session, workspace_id=workspace_id, status=RuleStatus.proposed)
        if latest is not None and self._seen.get(workspace_id) != (latest, len(waiting)):
            added = learn(self._database, workspace_id, self._clock())
            self._seen[workspace_id] = (latest, len(waiting) + added)

    def _ask(self, workspace_id: int) -> None:
        with self._database.reading() as session:
            rows = queries.rules_to_post(session, workspace_id=workspace_id)
            channel = queries.review_channel(session, workspace_id=workspace_id) if rows else None
        for row in rows if channel else ():
            assert row.id is not None and channel is not None
            one = {"workspace_id": workspace_id, "rule_id": row.id}
            with self._database.writing() as session:
                ours = queries.claim_rule_post(session, **one, now=self._clock())
            if ours and not self._post(workspace_id, channel, cards.proposal(as_rule(row), row)):
                with self._database.writing() as session:
                    queries.release_rule_post(session, **one)

    def _post(self, workspace_id: int, channel: str, shown: Block) -> bool:
        try:
            return self._announce(workspace_id, channel, shown)
        except Exception as error:
            log.error("a rule could not be shown: %s", type(error).__name__)
            return False
