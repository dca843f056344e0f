"""Taking a decision back while nothing has left, and trying again what has failed. One compare-and-set each."""

from datetime import datetime

from sqlmodel import Session

from bot.reviewing import NotFound, TooLate
from storage import queries
from storage.tables import Delivery, DeliveryStatus, Draft, Status


class Gone(Exception):
    """The email has left, or may have; nobody gets it back."""

    def __init__(self, delivery: Delivery | None) -> None:
        super().__init__("This email cannot be taken back any more.")
        self.delivery = delivery


def undo(session: Session, *, workspace_id: int, draft_id: int, version: int, reviewer: str) -> Draft:
    """Take an approval back: the draft waits for a decision again, and nothing is learned from the one undone.

    All of it or nothing, also when what it raises is caught inside the transaction: Gone, TooLate or NotFound.
    """
    scope = {"workspace_id": workspace_id, "draft_id": draft_id}
    draft = queries.draft(session, **scope)
    if draft is None:
        raise NotFound(draft_id)
    source = Status(draft.status)
    with session.begin_nested():
        if source not in (Status.approved, Status.edited) or not queries.withdraw_delivery(session, **scope):
            raise _too_late(session, draft)
        moved = queries.move_draft(session, **scope, source=source, target=Status.drafted, version=version, changes={})
        if not moved:
            raise _too_late(session, draft)
        queries.remove_review(session, **scope)
        queries.audit(
            session,
            workspace_id=workspace_id,
            actor=reviewer,
            action="undo",
            subject=f"draft {draft_id}",
            detail={"undone": str(source), "version": version},
        )
    session.refresh(draft)
    return draft


def again(session: Session, *, workspace_id: int, draft_id: int, reviewer: str, now: datetime) -> bool:
    """Try a failed delivery again; False where somebody was faster or there is nothing to try."""
    scope = {"workspace_id": workspace_id, "draft_id": draft_id}
    if not queries.requeue_delivery(session, **scope, now=now):
        return False
    queries.raise_version(session, **scope)
    queries.audit(
        session,
        workspace_id=workspace_id,
        actor=reviewer,
        action="deliver again",
        subject=f"draft {draft_id}",
        detail={},
    )
    return True


def _too_late(session: Session, draft: Draft) -> Gone | TooLate:
    assert draft.id is not None
    scope = {"workspace_id": draft.workspace_id, "draft_id": draft.id}
    delivery = queries.delivery_of(session, **scope)
    if delivery is None or delivery.status == DeliveryStatus.withdrawn:
        return TooLate(draft, queries.review_of(session, **scope))
    return Gone(delivery)
