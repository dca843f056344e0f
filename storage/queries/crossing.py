"""Jobs that look at every workspace. This is the one place for them: what a worker, a poster or a clock has to do next.

Whatever is done about a row that they give is done in another transaction, which names the row's workspace.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, update
from sqlmodel import Session, col, select

from storage import tables
from storage.queries.leases import LONGEST, is_free
from storage.tables import (
    Connection,
    Delivery,
    DeliveryStatus,
    Draft,
    Installation,
    Run,
    RunStatus,
    SequenceStatus,
    Status,
    Workspace,
)
from storage.tenancy import EVERY_WORKSPACE

LATEST_DUE = timedelta(hours=2)  # ahead; no undo window and no pause is as long, so a clock was wrong


def claim_draft(session: Session, *, now: datetime, lease: timedelta, draft_id: int | None = None) -> Draft | None:
    """Take the oldest requested draft, or the one named, for as long as the lease lasts; None if there is none.

    Several workers take several drafts: each leaves out what another is taking at this moment.
    """
    wanted = [Draft.status == Status.requested, *([Draft.id == draft_id] if draft_id else [])]
    oldest = (
        select(Draft.id)
        .where(*wanted)
        .order_by(col(Draft.requested_at), col(Draft.id))
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(Draft)
        .where(col(Draft.id) == oldest, col(Draft.status) == Status.requested)
        .values(status=Status.drafting, attempt=Draft.attempt + 1, lease_until=now + lease)
        .returning(Draft)
    )
    return session.scalars(statement, execution_options=EVERY_WORKSPACE).first()


def extend_lease(session: Session, *, draft_id: int, attempt: int, until: datetime) -> bool:
    """The heartbeat; False when another worker has taken over."""
    statement = (
        update(Draft)
        .where(col(Draft.id) == draft_id, col(Draft.attempt) == attempt, col(Draft.status) == Status.drafting)
        .values(lease_until=until)
    )
    return session.execute(statement, execution_options=EVERY_WORKSPACE).rowcount == 1  # type: ignore[attr-defined]


def release_expired(session: Session, *, now: datetime) -> int:
    """Give drafts back whose worker died; returns how many. The attempt stays, so a late worker cannot finish."""
    expired = select(Draft.id).where(Draft.status == Status.drafting, is_free(Draft.lease_until, now))
    statement = (
        update(Draft)
        .where(col(Draft.id).in_(expired.with_for_update(skip_locked=True)), col(Draft.status) == Status.drafting)
        .values(status=Status.requested, lease_until=None)
        .execution_options(synchronize_session=False)
    )
    return session.execute(statement, execution_options=EVERY_WORKSPACE).rowcount  # type: ignore[attr-defined]


def drafts_to_post(session: Session, *, now: datetime, limit: int) -> Sequence[tuple[int, int]]:
    """Workspace and draft, oldest first, where the card in Slack shows an older version than the row."""
    query = select(Draft.workspace_id, Draft.id).where(
        Draft.posted_version < Draft.version,
        col(Draft.channel).is_not(None),
        is_free(Draft.post_after, now),
        col(Draft.workspace_id).not_in(_removed()),
    )
    rows = session.exec(query.order_by(col(Draft.id)).limit(limit), execution_options=EVERY_WORKSPACE)
    return [(workspace_id, draft_id) for workspace_id, draft_id in rows if draft_id is not None]


def running_sequences(session: Session) -> Sequence[tuple[int, int]]:
    """Workspace and sequence of what runs, oldest first."""
    query = select(tables.Sequence.workspace_id, tables.Sequence.id)
    running = query.where(
        tables.Sequence.status == SequenceStatus.running, col(tables.Sequence.workspace_id).not_in(_removed())
    ).order_by(col(tables.Sequence.id))
    rows = session.exec(running, execution_options=EVERY_WORKSPACE)
    return [(workspace_id, found) for workspace_id, found in rows if found is not None]


def runs_to_report(session: Session, *, now: datetime) -> Sequence[Run]:
    """Runs of a night, or asked for in Slack, that ended and that nobody has been told of, nor is being told of."""
    query = select(Run).where(
        Run.status != RunStatus.running,
        col(Run.reported_at).is_(None),
        col(Run.date).is_not(None) | col(Run.asked_by).is_not(None),
        is_free(Run.report_after, now),
    )
    return session.exec(query.order_by(col(Run.id)), execution_options=EVERY_WORKSPACE).all()


def claim_delivery(
    session: Session, *, now: datetime, lease: timedelta, draft_id: int | None = None
) -> Delivery | None:
    """Take the delivery that is due longest, or the one of the draft named, for as long as the lease lasts.

    One that was decided in the future, or is due later than anybody sets, was written by a clock that was wrong.
    """
    wrong_clock = or_(col(Delivery.decided_at) > now + LONGEST, col(Delivery.due_at) > now + LATEST_DUE)
    wanted = [col(Delivery.status) == DeliveryStatus.waiting, or_(col(Delivery.due_at) <= now, wrong_clock)]
    if draft_id is not None:
        wanted.append(col(Delivery.draft_id) == draft_id)
    oldest = (
        select(Delivery.id)
        .where(*wanted)
        .order_by(col(Delivery.due_at), col(Delivery.id))
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(Delivery)
        .where(col(Delivery.id) == oldest, col(Delivery.status) == DeliveryStatus.waiting)
        .values(status=DeliveryStatus.sending, attempt=Delivery.attempt + 1, lease_until=now + lease)
        .returning(Delivery)
    )
    return session.scalars(statement, execution_options=EVERY_WORKSPACE).first()


def release_deliveries(session: Session, *, now: datetime) -> int:
    """Give back what a dead worker held; returns how many. `via` stays and says whether it was handed over."""
    statement = (
        update(Delivery)
        .where(col(Delivery.status) == DeliveryStatus.sending, is_free(Delivery.lease_until, now))
        .values(status=DeliveryStatus.waiting, lease_until=None)
    )
    return session.execute(statement, execution_options=EVERY_WORKSPACE).rowcount  # type: ignore[attr-defined]


def doubt_deliveries(session: Session, *, error: str) -> int:
    """Leave nothing in the queue of a database that was put back: it may have gone out since. Returns how many."""
    open_ones = (DeliveryStatus.waiting, DeliveryStatus.sending)
    doubted = select(Delivery.draft_id).where(col(Delivery.status).in_(open_ones))
    shown = update(Draft).where(col(Draft.id).in_(doubted)).values(version=Draft.version + 1)
    session.execute(shown, execution_options=EVERY_WORKSPACE)
    statement = update(Delivery).where(col(Delivery.status).in_(open_ones))
    statement = statement.values(status=DeliveryStatus.unknown, error=error)
    return session.execute(statement, execution_options=EVERY_WORKSPACE).rowcount  # type: ignore[attr-defined]


def deliveries_named(session: Session, *, message_ids: Collection[str]) -> dict[str, Delivery]:
    """Message-ID → the email of ours that bears it, or that a mail program sent under it."""
    known = or_(col(Delivery.message_id).in_(message_ids), col(Delivery.sent_as).in_(message_ids))
    rows = session.exec(select(Delivery).where(known, _may_have_left()), execution_options=EVERY_WORKSPACE).all()
    named = {row.sent_as: row for row in rows if row.sent_as} | {row.message_id: row for row in rows}
    return {name: row for name, row in named.items() if name in message_ids}


def deliveries_to(session: Session, *, recipients: Collection[str], since: datetime) -> Sequence[Delivery]:
    """The emails of ours to these addresses, newest first."""
    query = select(Delivery).where(col(Delivery.recipient).in_(recipients), col(Delivery.decided_at) >= since)
    newest_first = (col(Delivery.decided_at).desc(), col(Delivery.id).desc())
    query = query.where(_may_have_left()).order_by(*newest_first)
    return session.exec(query, execution_options=EVERY_WORKSPACE).all()


def _may_have_left() -> ColumnElement[bool]:
    return col(Delivery.via).is_not(None)


def note_sent_as(session: Session, *, token: str, message_id: str) -> bool:
    """A person sent the draft with this token, and their mail program gave it this Message-ID; whether that is news."""
    start, end = f"<{token}@", f"<{token}A"  # the letter after @: a range, which an index answers
    one = (col(Delivery.message_id) >= start, col(Delivery.message_id) < end, col(Delivery.message_id) != message_id)
    statement = update(Delivery).where(*one, col(Delivery.sent_as).is_(None)).values(sent_as=message_id)
    return session.execute(statement, execution_options=EVERY_WORKSPACE).rowcount == 1  # type: ignore[attr-defined]


def installations(session: Session) -> Sequence[Installation]:
    query = select(Installation).order_by(col(Installation.workspace_id))
    return session.exec(query, execution_options=EVERY_WORKSPACE).all()


@dataclass(frozen=True)
class Tally:
    """How many rows there are, by what stands in the column that the field is about."""

    oldest_request: datetime | None
    drafts: dict[tuple[str, ...], float]
    deliveries: dict[tuple[str, ...], float]
    runs: dict[tuple[str, ...], float]


def tally(session: Session) -> Tally:
    """Figures for monitoring, over all workspaces."""

    def count(*columns: Any) -> Sequence[Any]:
        query: Any = select(*columns, func.count())  # type: ignore[call-overload]  # of any number of columns
        return session.exec(query.group_by(*columns), execution_options=EVERY_WORKSPACE).all()

    waiting = select(func.min(Draft.requested_at)).where(Draft.status == Status.requested)
    verdicts: dict[tuple[str, ...], float] = {}
    for status, promoted, number in count(Run.status, Run.promoted):
        verdict = "promoted" if promoted else "kept" if status == RunStatus.finished else str(status)
        verdicts[verdict,] = verdicts.get((verdict,), 0) + number
    return Tally(
        oldest_request=session.exec(waiting, execution_options=EVERY_WORKSPACE).one(),
        drafts={(str(status),): number for status, number in count(Draft.status)},
        deliveries={(str(status),): number for status, number in count(Delivery.status)},
        runs=verdicts,
    )


def connections_due(session: Session, *, now: datetime) -> Sequence[tuple[int, str]]:
    """Workspace and CRM of what is to be read, longest due first."""
    query = select(Connection.workspace_id, Connection.crm).where(
        col(Connection.due_at) <= now,
        is_free(Connection.lease_until, now),
        col(Connection.workspace_id).not_in(_removed()),
    )
    return session.exec(query.order_by(col(Connection.due_at)), execution_options=EVERY_WORKSPACE).all()


def make_due(session: Session, *, crm: str, now: datetime) -> int:
    """Let a CRM be read soon, wherever it is connected and in no trouble; returns how many."""
    calm = (col(Connection.crm) == crm, col(Connection.due_at) > now, col(Connection.error).is_(None))
    statement = update(Connection).where(*calm).values(due_at=now)
    return session.execute(statement, execution_options=EVERY_WORKSPACE).rowcount  # type: ignore[attr-defined]


def every_connection(session: Session) -> Sequence[Connection]:
    query = select(Connection).order_by(col(Connection.workspace_id), Connection.crm)
    return session.exec(query, execution_options=EVERY_WORKSPACE).all()


def reseal(
    session: Session,
    *,
    table: type[Installation | Connection],
    workspace_id: int,
    crm: str | None = None,
    **secrets: Any,
) -> None:
    """Put secrets in place of the ones there. Crossing, since a change of the key is one transaction for all."""
    statement = update(table).where(col(table.workspace_id) == workspace_id)
    if crm is not None:
        statement = statement.where(col(Connection.crm) == crm)
    session.execute(statement.values(**secrets), execution_options=EVERY_WORKSPACE)


def _removed() -> Any:
    """The workspaces that the app was removed from: nothing is posted or begun there."""
    return select(Workspace.id).where(col(Workspace.removed_at).is_not(None))
