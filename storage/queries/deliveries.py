"""The outbox: what waits, who holds it, where it went. Every move is a compare-and-set whose row count is read."""

from datetime import datetime
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
    insert = insert_into(session, Delivery, workspace_id=row.workspace_id).values(**values)
    anew = {name: value for name, value in values.items() if name not in ("workspace_id", "draft_id", "attempt")}
    undone = col(Delivery.status) == DeliveryStatus.withdrawn
    written = insert.on_conflict_do_update(index_elements=["draft_id"], set_=anew, where=undone)
    stored = session.execute(written.returning(Delivery.id)).first()  # PostgreSQL counts no rows of such an INSERT
    assert stored, f"draft {row.draft_id} has a delivery already"


def delivery_of(session: Session, *, workspace_id: int, draft_id: int) -> Delivery | None:
    query = select(Delivery).where(Delivery.workspace_id == workspace_id, Delivery.draft_id == draft_id)
    return session.exec(query).first()


def hold_delivery(session: Session, *, row: Delivery, until: datetime, via: str | None = None) -> bool:
    """Extend the lease, and note by which way it is about to be handed over; False when it is in other hands."""
    noted = {"via": via} if via else {}
    statement = update(Delivery).where(*_held(row)).values(lease_until=until, **noted)
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]


def finish_delivery(session: Session, *, row: Delivery, target: DeliveryStatus, changes: dict[str, Any]) -> bool:
    """Write how an attempt ended, unless the lease was lost; returns whether it was written."""
    values = {"status": target, "lease_until": None, **changes}
    statement = update(Delivery).where(*_held(row)).values(**values)
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]


def _held(row: Delivery) -> list[ColumnElement[bool]]:
    """Still in the hands of who took it with this attempt."""
    sending = col(Delivery.status) == DeliveryStatus.sending
    one = (col(Delivery.workspace_id) == row.workspace_id, col(Delivery.id) == row.id)
    return [*one, col(Delivery.attempt) == row.attempt, sending]


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


def raise_version(session: Session, *, workspace_id: int, draft_id: int) -> None:
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
