"""Drafts: the queue, the leases, the decisions. Every move is a compare-and-set whose row count is read."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from storage.tables import MOVES, Contact, Draft, Review, Status


def draft(session: Session, *, workspace_id: int, draft_id: int) -> Draft | None:
    return session.exec(select(Draft).where(Draft.workspace_id == workspace_id, Draft.id == draft_id)).first()


def draft_by_key(session: Session, *, workspace_id: int, request_key: str) -> Draft | None:
    query = select(Draft).where(Draft.workspace_id == workspace_id, Draft.request_key == request_key)
    return session.exec(query).first()


def add_draft(session: Session, *, row: Draft) -> Draft:
    session.add(row)
    session.flush()
    return row


def move_draft(
    session: Session,
    *,
    workspace_id: int,
    draft_id: int,
    source: Status,
    target: Status,
    changes: dict[str, Any],
    version: int | None = None,
    attempt: int | None = None,
) -> bool:
    """Move a draft from one status to another if nobody was faster; returns whether it moved.

    `version` guards a decision (the card that was shown), `attempt` guards a worker (the lease that was held).
    Every move that people should see raises the version.
    """
    assert target in MOVES[source], f"no draft moves from {source} to {target}"
    guards = [Draft.workspace_id == workspace_id, Draft.id == draft_id, Draft.status == source]
    if version is not None:
        guards.append(Draft.version == version)
    if attempt is not None:
        guards.append(Draft.attempt == attempt)
    seen = {} if target is Status.drafting else {"version": Draft.version + 1}
    statement = update(Draft).where(*guards).values(status=target, **seen, **changes)  # type: ignore[arg-type]
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]


def claim_draft(session: Session, *, now: datetime, lease: timedelta, draft_id: int | None = None) -> Draft | None:
    """Take the oldest requested draft, or the one named, for as long as the lease lasts; None if there is none."""
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
    return session.scalars(statement).first()


def extend_lease(session: Session, *, draft_id: int, attempt: int, until: datetime) -> bool:
    """The heartbeat; False when another worker has taken over."""
    statement = (
        update(Draft)
        .where(col(Draft.id) == draft_id, col(Draft.attempt) == attempt, col(Draft.status) == Status.drafting)
        .values(lease_until=until)
    )
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]


def release_expired(session: Session, *, now: datetime) -> int:
    """Give drafts back whose worker died; returns how many. The attempt stays, so a late worker cannot finish."""
    statement = (
        update(Draft)
        .where(col(Draft.status) == Status.drafting, col(Draft.lease_until) < now)
        .values(status=Status.requested, lease_until=None)
    )
    return session.execute(statement).rowcount  # type: ignore[attr-defined]


def draft_counts(session: Session, *, workspace_id: int) -> dict[str, int]:
    """How many drafts stand in each status."""
    query = select(Draft.status, func.count()).where(Draft.workspace_id == workspace_id).group_by(Draft.status)
    return {str(status): count for status, count in session.exec(query).all()}


def waiting_drafts(session: Session, *, workspace_id: int, limit: int) -> Sequence[Draft]:
    """Drafts that wait for a decision, oldest first."""
    query = select(Draft).where(Draft.workspace_id == workspace_id, Draft.status == Status.drafted)
    return session.exec(query.order_by(col(Draft.id)).limit(limit)).all()


def waiting_for(session: Session, *, workspace_id: int, user_id: str) -> Sequence[tuple[Draft, Contact]]:
    """The drafts that a person asked for and that wait for a decision, oldest first, and whom they are for."""
    query = (
        select(Draft, Contact)
        .join(Contact, col(Contact.id) == col(Draft.contact_id))
        .where(Draft.workspace_id == workspace_id, Draft.requested_by == user_id, Draft.status == Status.drafted)
    )
    return session.exec(query.order_by(col(Draft.drafted_at), col(Draft.id))).all()


def drafts_to_post(session: Session, *, limit: int) -> Sequence[Draft]:
    """Drafts whose card in Slack shows an older version than the row, oldest first."""
    query = select(Draft).where(Draft.posted_version < Draft.version, col(Draft.channel).is_not(None))
    return session.exec(query.order_by(col(Draft.id)).limit(limit)).all()


def mark_placeholder(session: Session, *, workspace_id: int, draft_id: int, channel: str, message_ts: str) -> None:
    session.execute(
        update(Draft)
        .where(col(Draft.workspace_id) == workspace_id, col(Draft.id) == draft_id)
        .values(channel=channel, message_ts=message_ts)
    )


def mark_posted(session: Session, *, workspace_id: int, draft_id: int, version: int) -> None:
    """Slack shows this version now. A later one that was shown meanwhile stays noted."""
    session.execute(
        update(Draft)
        .where(
            col(Draft.workspace_id) == workspace_id,
            col(Draft.id) == draft_id,
            col(Draft.posted_version) < version,
        )
        .values(posted_version=version)
    )


def note_findings(
    session: Session, *, workspace_id: int, draft_id: int, version: int, findings: list[dict[str, Any]]
) -> None:
    """What a later check found. The card is shown anew; the text is the same, and so is its version."""
    session.execute(
        update(Draft)
        .where(
            col(Draft.workspace_id) == workspace_id,
            col(Draft.id) == draft_id,
            col(Draft.status) == Status.drafted,
            col(Draft.version) == version,
        )
        .values(findings=findings, posted_version=0)
    )


def review_of(session: Session, *, workspace_id: int, draft_id: int) -> Review | None:
    query = select(Review).where(Review.workspace_id == workspace_id, Review.draft_id == draft_id)
    return session.exec(query).first()
