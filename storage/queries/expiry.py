"""What is kept for a time only: old rows go, a few thousand in a transaction, so that nobody waits for it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, exists, select
from sqlmodel import Session, col

from storage import tables
from storage.tables import DECIDED, Audit, Delivery, DeliveryStatus, Draft, Event, Pair, SequenceStatus, Status


class Kept(StrEnum):
    """What can be given a time. Contacts, companies and deals are as long here as in the CRM that they come from."""

    events = "events"  # what contacts did and wrote
    drafts = "drafts"  # with their reviews and deliveries, once nothing is to happen to them any more
    pairs = "pairs"  # what is learned from
    audit = "audit"


def expire(session: Session, *, workspace_id: int, kept: Kept, before: datetime, limit: int) -> int:
    """Delete up to so many rows that are older; returns how many went."""
    table: Any = {Kept.events: Event, Kept.drafts: Draft, Kept.pairs: Pair, Kept.audit: Audit}[kept]
    old = _done_with(before) if kept == Kept.drafts else (table.at < before,)
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA secure_delete = ON")  # overwrite, not only unlink
    oldest = select(table.id).where(table.workspace_id == workspace_id, *old).order_by(table.id).limit(limit)
    statement = delete(table).where(table.workspace_id == workspace_id, table.id.in_(oldest))
    gone = session.execute(statement, execution_options={"synchronize_session": False})
    session.expire_all()
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _done_with(before: datetime) -> tuple[Any, ...]:
    """Decided or failed, with nothing on its way, and no step of a sequence that runs and would ask for it again."""
    leaving = exists().where(
        col(Delivery.workspace_id) == col(Draft.workspace_id),
        col(Delivery.draft_id) == col(Draft.id),
        col(Delivery.status).in_((DeliveryStatus.waiting, DeliveryStatus.sending)),
    )
    running = exists().where(
        col(tables.Sequence.workspace_id) == col(Draft.workspace_id),
        col(tables.Sequence.contact_id) == col(Draft.contact_id),
        col(tables.Sequence.status) == SequenceStatus.running,
    )
    ended = col(Draft.status).in_((*DECIDED, Status.failed))
    return col(Draft.requested_at) < before, ended, ~leaving, ~running
