"""The outbox: what waits, who holds it, where it went. Every move is a compare-and-set whose row count is read."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, update
from sqlmodel import Session, col, select

from storage.queries.writing import insert_into
from storage.tables import Delivery, DeliveryStatus, Draft, Pair, Review


def add_delivery(session: Session, *, row: Delivery) -> None:
    """Write what an approval sends. A draft that was approved before and undone has its row written anew.

    The attempt is kept, so that a worker that still holds the undone one finishes nothing.
    """
    values = row.model_dump(exclude={"id"})
    insert = insert_into(session, Delivery).values(**values)
    anew = {name: value for name, value in values.items() if name not in ("workspace_id", "draft_id", "attempt")}
    undone = col(Delivery.status) == DeliveryStatus.withdrawn
    written = insert.on_conflict_do_update(index_elements=["draft_id"], set_=anew, where=undone)
    assert session.execute(written).rowcount == 1, f"draft {row.draft_id} has a delivery already"  # type: ignore[attr-defined]


def delivery_of(session: Session, *, workspace_id: int, draft_id: int) -> Delivery | None:
    query = select(Delivery).where(Delivery.workspace_id == workspace_id, Delivery.draft_id == draft_id)
    return session.exec(query).first()


def claim_delivery(
    session: Session, *, now: datetime, lease: timedelta, draft_id: int | None = None
) -> Delivery | None:
    """Take the delivery that is due longest, or the one of the draft named, for as long as the lease lasts."""
    wanted = [col(Delivery.status) == DeliveryStatus.waiting, col(Delivery.due_at) <= now]
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
    return session.scalars(statement).first()


def hold_delivery(session: Session, *, delivery_id: int, attempt: int, until: datetime, via: str | None = None) -> bool:
    """Extend the lease, and note by which way it is about to be handed over; False when it is in other hands."""
    noted = {"via": via} if via else {}
    statement = update(Delivery).where(*_held(delivery_id, attempt)).values(lease_until=until, **noted)
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]


def finish_delivery(
    session: Session, *, delivery_id: int, attempt: int, target: DeliveryStatus, changes: dict[str, Any]
) -> bool:
    """Write how an attempt ended, unless the lease was lost; returns whether it was written."""
    values = {"status": target, "lease_until": None, **changes}
    statement = update(Delivery).where(*_held(delivery_id, attempt)).values(**values)
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]


def _held(delivery_id: int, attempt: int) -> list[ColumnElement[bool]]:
    sending = col(Delivery.status) == DeliveryStatus.sending
    return [col(Delivery.id) == delivery_id, col(Delivery.attempt) == attempt, sending]


def release_deliveries(session: Session, *, now: datetime) -> int:
    """Give back what a dead worker held; returns how many. `via` stays and says whether it was handed over."""
    statement = (
        update(Delivery)
        .where(col(Delivery.status) == DeliveryStatus.sending, col(Delivery.lease_until) < now)
        .values(status=DeliveryStatus.waiting, lease_until=None)
    )
    return session.execute(statement).rowcount  # type: ignore[attr-defined]


def withdraw_delivery(session: Session, *, workspace_id: int, draft_id: int) -> bool:
    """Keep an email from leaving; False when it has left, is leaving or may have left."""
    kept_back = (DeliveryStatus.waiting, DeliveryStatus.failed)
    statement = (
        update(Delivery)
        .where(*_of(workspace_id, draft_id), col(Delivery.status).in_(kept_back), col(Delivery.via).is_(None))
        .values(status=DeliveryStatus.withdrawn, error=None)
    )
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]


def requeue_delivery(session: Session, *, workspace_id: int, draft_id: int, now: datetime) -> bool:
    """Try one again that has failed, with the whole time ahead of it; False where nothing has failed."""
    statement = (
        update(Delivery)
        .where(*_of(workspace_id, draft_id), col(Delivery.status) == DeliveryStatus.failed)
        .values(status=DeliveryStatus.waiting, due_at=now, decided_at=now, error=None)
    )
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]


def _of(workspace_id: int, draft_id: int) -> list[ColumnElement[bool]]:
    return [col(Delivery.workspace_id) == workspace_id, col(Delivery.draft_id) == draft_id]


def doubt_deliveries(session: Session, *, error: str) -> int:
    """Leave nothing in the queue of a database that was put back: it may have gone out since. Returns how many."""
    open_ones = (DeliveryStatus.waiting, DeliveryStatus.sending)
    doubted = select(Delivery.draft_id).where(col(Delivery.status).in_(open_ones))
    session.execute(update(Draft).where(col(Draft.id).in_(doubted)).values(version=Draft.version + 1))
    statement = update(Delivery).where(col(Delivery.status).in_(open_ones))
    return session.execute(statement.values(status=DeliveryStatus.unknown, error=error)).rowcount  # type: ignore[attr-defined]


def show_again(session: Session, *, workspace_id: int, draft_id: int) -> None:
    """Something that the card says has changed, though the draft's status has not."""
    session.execute(
        update(Draft)
        .where(col(Draft.workspace_id) == workspace_id, col(Draft.id) == draft_id)
        .values(version=Draft.version + 1)
    )


def remove_review(session: Session, *, workspace_id: int, draft_id: int) -> None:
    """Forget a decision that was undone, and what would have been learned from it."""
    session.execute(delete(Review).where(col(Review.workspace_id) == workspace_id, col(Review.draft_id) == draft_id))
    session.execute(
        delete(Pair).where(
            col(Pair.workspace_id) == workspace_id,
            col(Pair.source) == "review",
            col(Pair.source_id) == str(draft_id),
        )
    )
