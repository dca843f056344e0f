"""Sequences: started once for a contact and playbook, stopped once, and what was drafted for them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from storage import tables
from storage.queries.writing import insert_into
from storage.tables import Draft, Event, SequenceStatus


def add_sequence(session: Session, *, row: tables.Sequence) -> tables.Sequence | None:
    """The started sequence, or None: one runs already for this contact and playbook."""
    values = row.model_dump(exclude={"id"})
    insert = insert_into(session, tables.Sequence, workspace_id=row.workspace_id).values(**values)
    return session.scalars(insert.on_conflict_do_nothing().returning(tables.Sequence)).first()


def sequence(session: Session, *, workspace_id: int, sequence_id: int) -> tables.Sequence | None:
    query = select(tables.Sequence).where(
        tables.Sequence.workspace_id == workspace_id, tables.Sequence.id == sequence_id
    )
    return session.exec(query).first()


def sequences(session: Session, *, workspace_id: int) -> Sequence[tables.Sequence]:
    """All of a workspace, oldest first."""
    query = select(tables.Sequence).where(tables.Sequence.workspace_id == workspace_id)
    return session.exec(query.order_by(col(tables.Sequence.id))).all()


def hold_sequence(session: Session, *, workspace_id: int, sequence_id: int) -> tables.Sequence | None:
    """A running sequence, held until the transaction ends; None when it is over or in other hands."""
    query = select(tables.Sequence).where(
        tables.Sequence.workspace_id == workspace_id,
        tables.Sequence.id == sequence_id,
        tables.Sequence.status == SequenceStatus.running,
    )
    return session.exec(query.with_for_update(skip_locked=True)).first()


def stop_sequence(session: Session, *, workspace_id: int, sequence_id: int, reason: str, now: datetime) -> bool:
    """End a running sequence; returns whether it ran until now."""
    statement = (
        update(tables.Sequence)
        .where(
            col(tables.Sequence.workspace_id) == workspace_id,
            col(tables.Sequence.id) == sequence_id,
            col(tables.Sequence.status) == SequenceStatus.running,
        )
        .values(status=SequenceStatus.stopped, reason=reason, stopped_at=now)
    )
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]


def drafts_asked_as(session: Session, *, workspace_id: int, prefix: str) -> Sequence[Draft]:
    """The drafts whose request keys start so, oldest first."""
    query = select(Draft).where(
        Draft.workspace_id == workspace_id, col(Draft.request_key).startswith(prefix, autoescape=True)
    )
    return session.exec(query.order_by(col(Draft.id))).all()


def latest_events(
    session: Session, *, workspace_id: int, contact_id: int, kinds: Iterable[str], before: datetime
) -> Sequence[Event]:
    """The newest event of each kind and subject, newest first: a busy product hides no reply."""
    wanted = (
        Event.workspace_id == workspace_id,
        Event.contact_id == contact_id,
        col(Event.kind).in_(list(kinds)),
        col(Event.at) <= before,
    )
    latest = (
        select(Event.kind, Event.subject, func.max(Event.at).label("at"))
        .where(*wanted)
        .group_by(col(Event.kind), col(Event.subject))
        .subquery()
    )
    same = (
        (col(Event.kind) == latest.c.kind)
        & (func.coalesce(Event.subject, "") == func.coalesce(latest.c.subject, ""))
        & (col(Event.at) == latest.c.at)
    )
    newest_first = (col(Event.at).desc(), col(Event.id).desc())
    return session.exec(select(Event).join(latest, same).where(*wanted).order_by(*newest_first)).all()
