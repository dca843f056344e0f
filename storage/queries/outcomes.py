"""Answers that came back: kept once, with all that follows from them in the same transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from storage.queries.crm import spread_blocks
from storage.queries.leases import is_free
from storage.queries.writing import insert_into
from storage.tables import (
    Adapter,
    Contact,
    Delivery,
    DeliveryStatus,
    Draft,
    Event,
    Mailbox,
    Outcome,
    OutcomeKind,
    OutcomeSource,
    Pair,
)


class Sent(NamedTuple):
    """A delivered draft and who wrote it."""

    draft_id: int
    contact_id: int
    playbook: str
    control: bool  # drafted by the frozen base, by lot
    adapter: int | None  # its version
    drafted_at: datetime | None
    sent_at: datetime


class Came(NamedTuple):
    """An answer, as figures need it."""

    draft_id: int
    kind: OutcomeKind
    automatic: bool
    source: OutcomeSource


def add_outcome(session: Session, *, row: Outcome) -> bool:
    """Keep an answer; False where the same message is kept already."""
    insert = insert_into(session, Outcome, workspace_id=row.workspace_id).values(**row.model_dump(exclude={"id"}))
    insert = insert.on_conflict_do_nothing(index_elements=["workspace_id", "message_id"])
    return session.execute(insert.returning(Outcome.id)).first() is not None


def outcomes_of(session: Session, *, workspace_id: int, draft_id: int) -> Sequence[Outcome]:
    """The answers to a draft, oldest first."""
    query = select(Outcome).where(col(Outcome.workspace_id) == workspace_id, col(Outcome.draft_id) == draft_id)
    return session.exec(query.order_by(col(Outcome.at), col(Outcome.id))).all()


def block_contact(
    session: Session,
    *,
    workspace_id: int,
    contact_id: int,
    flag: Literal["email_opt_out", "bounced"],
    origin: str,
    now: datetime,
) -> None:
    """Nobody writes to this contact any more, nor to any other record of the address."""
    statement = (
        update(Contact)
        .where(col(Contact.workspace_id) == workspace_id, col(Contact.id) == contact_id)
        .values({flag: True, "consent_updated_at": now, "consent_origin": origin})
        .returning(col(Contact.email))
    )
    emails = session.execute(statement).scalars().all()
    spread_blocks(session, workspace_id=workspace_id, emails=emails)


def note_earned(session: Session, *, workspace_id: int, draft_id: int) -> None:
    """The text of a draft was answered by a person."""
    one = (col(Pair.workspace_id) == workspace_id, col(Pair.source) == "review", col(Pair.source_id) == str(draft_id))
    session.execute(update(Pair).where(*one).values(replied=True))


def sent_drafts(session: Session, *, workspace_id: int, since: datetime) -> list[Sent]:
    """What left since a moment, oldest first."""
    columns: Any = (
        Draft.id,
        Draft.contact_id,
        Draft.playbook,
        Draft.control,
        Adapter.version,
        Draft.drafted_at,
        Delivery.sent_at,
    )
    same = (col(Adapter.id) == Draft.adapter_id) & (col(Adapter.workspace_id) == Draft.workspace_id)
    query = (
        select(*columns)
        .select_from(Delivery)
        .join(Draft, (col(Draft.id) == Delivery.draft_id) & (col(Draft.workspace_id) == Delivery.workspace_id))
        .join(Adapter, same, isouter=True)
        .where(
            col(Delivery.workspace_id) == workspace_id,
            col(Delivery.status) == DeliveryStatus.sent,
            col(Delivery.sent_at) >= since,
        )
        .order_by(col(Delivery.sent_at), col(Delivery.id))
    )
    return [Sent(*row) for row in session.exec(query)]


def outcomes_since(session: Session, *, workspace_id: int, since: datetime) -> list[Came]:
    columns: Any = (Outcome.draft_id, Outcome.kind, Outcome.automatic, Outcome.source)
    query = select(*columns).where(col(Outcome.workspace_id) == workspace_id, col(Outcome.at) >= since)
    return [Came(*row) for row in session.exec(query.order_by(col(Outcome.at), col(Outcome.id)))]


def reported_by_crm(session: Session, *, workspace_id: int, since: datetime, kind: str) -> int:
    """How many sent drafts were followed by an event of this kind with their contact, as the CRM has it."""
    query = (
        select(func.count(func.distinct(Delivery.id)))
        .select_from(Delivery)
        .join(Draft, (col(Draft.id) == Delivery.draft_id) & (col(Draft.workspace_id) == Delivery.workspace_id))
        .join(Event, (col(Event.contact_id) == Draft.contact_id) & (col(Event.workspace_id) == Draft.workspace_id))
        .where(
            col(Delivery.workspace_id) == workspace_id,
            col(Delivery.status) == DeliveryStatus.sent,
            col(Delivery.sent_at) >= since,
            col(Event.kind) == kind,
            col(Event.at) > col(Delivery.sent_at),
        )
    )
    return session.exec(query).one()


# Mailboxes ------------------------------------------------------------------------------------------------------------


def claim_mailbox(session: Session, *, name: str, now: datetime, until: datetime) -> Mailbox | None:
    """Take a folder to read; None while another replica reads it."""
    insert = insert_into(session, Mailbox, workspace_id=None).values(name=name, uid=0)
    session.execute(insert.on_conflict_do_nothing(index_elements=["name"]))
    statement = update(Mailbox).where(col(Mailbox.name) == name, is_free(Mailbox.read_after, now))
    return session.scalars(statement.values(read_after=until).returning(Mailbox)).first()


def mark_read(session: Session, *, row: Mailbox, uidvalidity: int, uid: int, until: datetime | None) -> bool:
    """A folder is read up to here; no later than `until` somebody else may go on. False when the turn was lost."""
    mine = (col(Mailbox.name) == row.name, col(Mailbox.read_after) == row.read_after)
    statement = update(Mailbox).where(*mine).values(uidvalidity=uidvalidity, uid=uid, read_after=until)
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]
