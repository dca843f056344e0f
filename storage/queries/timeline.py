"""Emails whose copies belong in a CRM's timeline. Every move is a compare-and-set whose row count is read."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from storage.queries.leases import is_free
from storage.queries.writing import insert_into
from storage.tables import Contact, Deal, Delivery, DeliveryStatus, EntryStatus, TimelineEntry


class Left(NamedTuple):
    """An email that left, and whose it was in the CRM."""

    delivery: Delivery
    contact_id: str  # the CRM's own
    deal_id: str | None


def note_entries(session: Session, *, workspace_id: int, crm: str, since: datetime, limit: int) -> int:
    """Write down what left to contacts of this CRM since then and is in no timeline yet; returns how many."""
    known = select(TimelineEntry.draft_id).where(TimelineEntry.workspace_id == workspace_id)
    person = (Contact.workspace_id == Delivery.workspace_id, Contact.email == Delivery.recipient, Contact.source == crm)
    theirs = select(Contact.id).where(*person).exists()
    missing = select(Delivery.draft_id).where(
        Delivery.workspace_id == workspace_id,
        Delivery.status == DeliveryStatus.sent,
        col(Delivery.sent_at) >= since,
        col(Delivery.draft_id).not_in(known),
        theirs,
    )
    found = session.exec(missing.order_by(col(Delivery.id)).limit(limit)).all()
    for draft_id in found:
        values = {"workspace_id": workspace_id, "draft_id": draft_id, "crm": crm, "status": EntryStatus.waiting}
        insert = insert_into(session, TimelineEntry, workspace_id=workspace_id).values(**values, attempt=0)
        session.execute(insert.on_conflict_do_nothing(index_elements=["workspace_id", "draft_id"]))
    return len(found)


def claim_entry(
    session: Session, *, workspace_id: int, crm: str, now: datetime, lease: timedelta, without: Sequence[int]
) -> TimelineEntry | None:
    """Take the oldest that waits, or that a dead worker held, for as long as the lease lasts."""
    abandoned = (col(TimelineEntry.status) == EntryStatus.logging) & is_free(TimelineEntry.lease_until, now)
    free = (col(TimelineEntry.status) == EntryStatus.waiting) | abandoned
    scope = (TimelineEntry.workspace_id == workspace_id, TimelineEntry.crm == crm)
    oldest = (
        select(TimelineEntry.id)
        .where(*scope, free, col(TimelineEntry.id).not_in(list(without)))
        .order_by(col(TimelineEntry.id))
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(TimelineEntry)
        .where(col(TimelineEntry.workspace_id) == workspace_id, col(TimelineEntry.id) == oldest, free)
        .values(status=EntryStatus.logging, attempt=TimelineEntry.attempt + 1, lease_until=now + lease)
        .returning(TimelineEntry)
    )
    return session.scalars(statement).first()


def left(session: Session, *, workspace_id: int, draft_id: int, crm: str) -> Left | None:
    """The email of an entry; None when its contact was erased meanwhile."""
    query = (
        select(Delivery, Contact)
        .join(
            Contact, (col(Contact.email) == Delivery.recipient) & (col(Contact.workspace_id) == Delivery.workspace_id)
        )
        .where(Delivery.workspace_id == workspace_id, Delivery.draft_id == draft_id, Contact.source == crm)
    )
    found = session.exec(query.order_by(col(Contact.id))).first()
    if found is None:
        return None
    delivery, contact = found
    deals = select(Deal.source_id).where(
        Deal.workspace_id == workspace_id, Deal.contact_id == contact.id, Deal.source == crm, Deal.is_open
    )
    deal = session.exec(deals.order_by(col(Deal.id).desc()).limit(1)).first()
    return Left(delivery, contact.source_id, deal)


def finish_entry(session: Session, *, workspace_id: int, entry_id: int, attempt: int, changes: dict[str, Any]) -> bool:
    """Write how an attempt ended, unless the lease was lost."""
    mine = (col(TimelineEntry.id) == entry_id, col(TimelineEntry.attempt) == attempt)
    statement = update(TimelineEntry).where(col(TimelineEntry.workspace_id) == workspace_id, *mine)
    return session.execute(statement.values(lease_until=None, **changes)).rowcount == 1  # type: ignore[attr-defined]


def entries(session: Session, *, workspace_id: int, crm: str) -> dict[str, int]:
    """How many copies stand how."""
    scope = (TimelineEntry.workspace_id == workspace_id, TimelineEntry.crm == crm)
    query = select(TimelineEntry.status, func.count()).where(*scope).group_by(TimelineEntry.status)
    return {str(status): count for status, count in session.exec(query)}
