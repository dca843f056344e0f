"""Digests: wanted per channel, taken care of once per morning, and what there is to say."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from storage.queries.writing import insert_into
from storage.tables import Contact, Digest, DigestChannel, Draft, Event, Status

TAKEN = (Status.approved, Status.edited, Status.delivered)


def digest_on(session: Session, *, workspace_id: int, channel: str, asked_by: str, now: datetime) -> bool:
    """Ask for the digest in a channel; False where it comes already."""
    insert = insert_into(session, DigestChannel, workspace_id=workspace_id).values(
        workspace_id=workspace_id, channel=channel, asked_by=asked_by, asked_at=now
    )
    done = session.execute(insert.on_conflict_do_nothing(index_elements=["workspace_id", "channel"]))
    return done.rowcount == 1  # type: ignore[attr-defined]


def digest_off(session: Session, *, workspace_id: int, channel: str) -> bool:
    """End the digest of a channel; False where there is none."""
    statement = delete(DigestChannel).where(
        col(DigestChannel.workspace_id) == workspace_id, col(DigestChannel.channel) == channel
    )
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]


def digest_channels(session: Session, *, workspace_id: int) -> Sequence[DigestChannel]:
    """Where the digest is wanted, longest first."""
    query = select(DigestChannel).where(DigestChannel.workspace_id == workspace_id)
    return session.exec(query.order_by(col(DigestChannel.asked_at), col(DigestChannel.channel))).all()


def claim_digest(session: Session, *, workspace_id: int, channel: str, date: str, now: datetime) -> bool:
    """Take care of a channel's morning; False when it is taken care of."""
    insert = insert_into(session, Digest, workspace_id=workspace_id).values(
        workspace_id=workspace_id, channel=channel, date=date, claimed_at=now
    )
    done = session.execute(insert.on_conflict_do_nothing(index_elements=["workspace_id", "channel", "date"]))
    return done.rowcount == 1  # type: ignore[attr-defined]


def release_digest(session: Session, *, workspace_id: int, channel: str, date: str) -> None:
    """Slack did not take it, so it may be posted later."""
    statement = delete(Digest).where(
        col(Digest.workspace_id) == workspace_id, col(Digest.channel) == channel, col(Digest.date) == date
    )
    session.execute(statement)


def waiting_in(session: Session, *, workspace_id: int, channel: str) -> Sequence[tuple[Draft, Contact]]:
    """The drafts of a channel that wait for a decision, oldest first, and whom they are for."""
    query = (
        select(Draft, Contact)
        .join(Contact, (col(Contact.id) == col(Draft.contact_id)) & (col(Contact.workspace_id) == Draft.workspace_id))
        .where(Draft.workspace_id == workspace_id, Draft.channel == channel, Draft.status == Status.drafted)
    )
    return session.exec(query.order_by(col(Draft.drafted_at), col(Draft.id))).all()


def answered_in(
    session: Session, *, workspace_id: int, channel: str, kinds: Collection[str], since: datetime, until: datetime
) -> Sequence[Contact]:
    """Whom this channel had written to and who wrote back within a time, in the order of their first answer."""
    query = (
        select(Contact, Event.at)
        .join(Event, col(Event.contact_id) == col(Contact.id))
        .join(Draft, col(Draft.contact_id) == col(Contact.id))
        .where(
            Contact.workspace_id == workspace_id,
            Draft.workspace_id == workspace_id,
            Event.workspace_id == workspace_id,
            Draft.channel == channel,
            col(Draft.status).in_(TAKEN),
            col(Event.kind).in_(list(kinds)),
            col(Event.at) > since,
            col(Event.at) <= until,
            col(Event.at) > col(Draft.requested_at),
        )
        .order_by(col(Event.at), col(Contact.id))
    )
    return list({contact.id: contact for contact, _ in session.exec(query).all()}.values())
