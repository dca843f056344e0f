"""Drafts: asked for, decided, shown. Every move is a compare-and-set whose row count is read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from storage.queries.leases import is_free
from storage.queries.writing import insert_into
from storage.tables import MOVES, Contact, Draft, Review, Status


def draft(session: Session, *, workspace_id: int, draft_id: int) -> Draft | None:
    return session.exec(select(Draft).where(Draft.workspace_id == workspace_id, Draft.id == draft_id)).first()


def draft_by_key(session: Session, *, workspace_id: int, request_key: str) -> Draft | None:
    query = select(Draft).where(Draft.workspace_id == workspace_id, Draft.request_key == request_key)
    return session.exec(query).first()


def add_draft(session: Session, *, row: Draft) -> Draft:
    """The added draft, or the one that was asked for by the same key meanwhile."""
    values = row.model_dump(exclude={"id"})
    insert = insert_into(session, Draft, workspace_id=row.workspace_id).values(**values)
    once = insert.on_conflict_do_nothing(index_elements=["workspace_id", "request_key"]).returning(Draft)
    made = session.scalars(once).first() or draft_by_key(
        session, workspace_id=row.workspace_id, request_key=row.request_key
    )
    assert made is not None
    return made


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
        .join(Contact, (col(Contact.id) == col(Draft.contact_id)) & (col(Contact.workspace_id) == Draft.workspace_id))
        .where(Draft.workspace_id == workspace_id, Draft.requested_by == user_id, Draft.status == Status.drafted)
    )
    return session.exec(query.order_by(col(Draft.drafted_at), col(Draft.id))).all()


def claim_post(session: Session, *, workspace_id: int, draft_id: int, now: datetime, until: datetime) -> Draft | None:
    """Take a card that is behind its row, so that until then no other replica posts it; None when there is nothing to
    do or it is in other hands. `post_after` of the row is what its holder has to name."""
    statement = (
        update(Draft)
        .where(
            col(Draft.workspace_id) == workspace_id,
            col(Draft.id) == draft_id,
            col(Draft.posted_version) < Draft.version,
            col(Draft.channel).is_not(None),
            is_free(Draft.post_after, now),
        )
        .values(post_after=until)
        .returning(Draft)
    )
    return session.scalars(statement).first()


def mark_posted(session: Session, *, row: Draft, channel: str | None, message_ts: str | None) -> bool:
    """Slack shows the version of the row, in this message; False when the row is in other hands by now."""
    return _if_held(session, row, posted_version=row.version, channel=channel, message_ts=message_ts, post_after=None)


def show_again(session: Session, *, workspace_id: int, draft_id: int) -> None:
    """Slack may show an older version than is noted, so whoever looks next shows it anew."""
    one = (col(Draft.workspace_id) == workspace_id, col(Draft.id) == draft_id)
    session.execute(update(Draft).where(*one).values(posted_version=0))


def put_off_post(session: Session, *, row: Draft, until: datetime) -> bool:
    """Let nobody try again before; False when the row is in other hands by now."""
    return _if_held(session, row, post_after=until)


def _if_held(session: Session, row: Draft, **changes: Any) -> bool:
    held = (
        col(Draft.workspace_id) == row.workspace_id,
        col(Draft.id) == row.id,
        col(Draft.post_after) == row.post_after,
    )
    return session.execute(update(Draft).where(*held).values(**changes)).rowcount == 1  # type: ignore[attr-defined]


def mark_redline(session: Session, *, workspace_id: int, review_id: int, message_ts: str) -> None:
    """What an edit changed stands in the card's thread now."""
    session.execute(
        update(Review)
        .where(col(Review.workspace_id) == workspace_id, col(Review.id) == review_id)
        .values(redline_ts=message_ts)
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
