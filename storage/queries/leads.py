"""Who did something lately, and the records of many contacts at once."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func
from sqlmodel import Session, col, select

from storage.tables import Company, Contact, Deal, Draft, Event, Status

ACTS_READ = 2_000  # the newest ones; a large workspace has more every day


def lately_active(
    session: Session, *, workspace_id: int, kinds: Iterable[str], since: datetime, before: datetime, limit: int
) -> list[int]:
    """The contacts with the newest events of these kinds, newest first."""
    recent = (
        select(Event.contact_id)
        .where(Event.workspace_id == workspace_id, col(Event.at) > since, col(Event.at) < before)
        .where(col(Event.kind).in_(sorted(kinds)))
        .order_by(col(Event.at).desc())
        .limit(ACTS_READ)
    )
    return list(dict.fromkeys(session.exec(recent)))[:limit]


def contacts_to_write_to(session: Session, *, workspace_id: int, contact_ids: Collection[int]) -> Sequence[Contact]:
    """Those of the contacts whom nothing bars."""
    barred = (Contact.do_not_contact, Contact.email_opt_out, Contact.bounced)
    query = select(Contact).where(_these(workspace_id, contact_ids), *(col(column).is_(False) for column in barred))
    return session.exec(query).all()


def events_of_many(
    session: Session, *, workspace_id: int, contact_ids: Collection[int], since: datetime, before: datetime
) -> dict[int, list[Event]]:
    """What happened to each contact in that time, newest first."""
    theirs = and_(col(Event.workspace_id) == Contact.workspace_id, col(Event.contact_id) == Contact.id)
    query = select(Event).join(Contact, theirs).where(_these(workspace_id, contact_ids))
    query = query.where(col(Event.at) > since, col(Event.at) < before)
    found: dict[int, list[Event]] = {}
    for row in session.exec(query.order_by(col(Event.at).desc(), col(Event.id).desc())):
        found.setdefault(row.contact_id, []).append(row)
    return found


def deals_of_many(session: Session, *, workspace_id: int, contact_ids: Collection[int]) -> dict[int, Deal]:
    """Each contact's open deal that closes last, else the last closed one, as `deal_for` has it."""
    query = select(Deal).join(Contact, col(Deal.contact_id) == Contact.id).where(_these(workspace_id, contact_ids))
    order: tuple[Any, ...] = (col(Deal.is_open).desc(), col(Deal.close_date).desc().nulls_last(), col(Deal.id).desc())
    found: dict[int, Deal] = {}
    for row in session.exec(query.where(col(Deal.workspace_id) + 0 == workspace_id).order_by(*order)):
        if row.contact_id is not None:
            found.setdefault(row.contact_id, row)
    return found


def companies_of_many(session: Session, *, workspace_id: int, company_ids: Collection[int]) -> dict[int, Company]:
    query = select(Company).where(col(Company.id).in_(company_ids), col(Company.workspace_id) + 0 == workspace_id)
    return {row.id: row for row in session.exec(query) if row.id is not None}


def _these(workspace_id: int, contact_ids: Collection[int]) -> ColumnElement[bool]:
    """The contacts by their ids. SQLite has no figures about the tables and would read the whole workspace by one of
    its indexes instead; here and above, `+ 0` keeps it from that."""
    return and_(col(Contact.id).in_(contact_ids), col(Contact.workspace_id) + 0 == workspace_id)


def latest_drafts(session: Session, *, workspace_id: int, since: datetime) -> dict[int, datetime]:
    """When each contact's newest draft was asked for, since then; what failed was none.

    Named by status, as the index has it.
    """
    counted = [status for status in Status if status is not Status.failed]
    recent = (col(Draft.status).in_(counted), col(Draft.requested_at) > since)
    query = select(Draft.contact_id, func.max(Draft.requested_at)).where(*recent)
    query = query.where(col(Draft.workspace_id) + 0 == workspace_id).group_by(col(Draft.contact_id))
    return dict(session.exec(query).all())


def contacts_called(session: Session, *, workspace_id: int, names: Collection[str]) -> Sequence[Contact]:
    """The contacts whose folded full name is one of these, by an index however many there are."""
    query = select(Contact).where(Contact.workspace_id == workspace_id, col(Contact.search_name).in_(sorted(names)))
    return session.exec(query.order_by(col(Contact.id))).all()
