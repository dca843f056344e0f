"""Contacts, companies, deals and events: written by imports, read for briefs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from rapidfuzz import process
from sqlalchemy import bindparam, func, or_, update
from sqlmodel import Session, SQLModel, col, select

from storage.queries.search import folded, having, search_text, words
from storage.queries.writing import in_turn, insert_into, padded
from storage.tables import Company, Contact, Deal, Event
from storage.tenancy import enter

BLOCKS = ("do_not_contact", "email_opt_out", "bounced")  # once set by any source, no import lifts them
NAMES_COMPARED = 20_000  # for "did you mean"
PEOPLE_AT_ONCE = 1000  # rows that a stream holds


class Person(NamedTuple):
    """A contact as the leak guard knows it."""

    first_name: str | None
    last_name: str | None
    email: str
    company: str | None
    deals: tuple[str, ...]


def upsert(session: Session, *, table: type[SQLModel], rows: list[dict[str, Any]]) -> int:
    """Insert rows or update those with the same (workspace, source, source id); returns how many were given.

    Columns that the rows do not name are left as they stand. All rows name the same columns and one workspace.
    """
    if not rows:
        return 0
    (workspace_id,) = {row["workspace_id"] for row in rows}
    in_turn(session, workspace_id=workspace_id)  # or two imports of the same rows could wait for each other
    insert = insert_into(session, table.__table__, workspace_id=workspace_id)  # type: ignore[attr-defined]
    key = ("workspace_id", "source", "source_id")
    changes = {name: _merged(insert, table, name) for name in rows[0] if name not in key}
    # One statement for all rows, and past the ORM: an import of millions is made of this call.
    session.connection().execute(insert.on_conflict_do_update(index_elements=list(key), set_=changes), rows)
    return len(rows)


def fold_names(session: Session, *, workspace_id: int, source: str, source_ids: Iterable[str]) -> None:
    """Write the searchable forms of names that an import may have changed in part."""
    _fold(session, workspace_id, Contact.source == source, col(Contact.source_id).in_(padded(source_ids)))


def fold_companies(session: Session, *, workspace_id: int, company_ids: Iterable[int]) -> None:
    """Write the searchable forms of everybody at companies whose names have changed."""
    _fold(session, workspace_id, col(Contact.company_id).in_(list(company_ids)))


def _fold(session: Session, workspace_id: int, *wanted: Any) -> None:
    columns: Any = (Contact.id, Contact.first_name, Contact.last_name, Company.name, Contact.email)
    present: Any = (Contact.search_name, Contact.search_text)
    same = (col(Company.id) == Contact.company_id) & (col(Company.workspace_id) == Contact.workspace_id)
    query = select(*columns, *present).join(Company, same, isouter=True)
    changes = []
    for row_id, first, last, company_name, email, *old in session.exec(
        query.where(Contact.workspace_id == workspace_id, *wanted)
    ):
        new = searchable(workspace_id, first, last, company_name, email)
        if list(new.values()) != old:
            changes.append({"id": row_id, **new})
    if changes:
        _write(session, workspace_id, changes)


def _write(session: Session, workspace_id: int, changes: list[dict[str, Any]]) -> None:
    """Each change to the contact of its id; past the ORM, as there may be many."""
    names = [name for name in changes[0] if name != "id"]
    one = (col(Contact.workspace_id) == workspace_id, col(Contact.id) == bindparam("row_id"))
    statement = update(Contact).where(*one).values({name: bindparam(f"new_{name}") for name in names})
    given = [{"row_id": each["id"], **{f"new_{name}": each[name] for name in names}} for each in changes]
    enter(session, workspace_id)
    session.connection().execute(statement, given)


def searchable(
    workspace_id: int, first: str | None, last: str | None, company_name: str | None, email: str
) -> dict[str, str]:
    """A contact's columns that are only there to find it by."""
    return {
        "search_name": folded(f"{first or ''} {last or ''}"),
        "search_text": search_text(workspace_id, first, last, company_name, email=email),
    }


def spread_blocks(session: Session, *, workspace_id: int, emails: Iterable[str]) -> None:
    """Whoever is blocked in one record is blocked in every record of the same address, whatever source it is from."""
    here = (Contact.workspace_id == workspace_id, col(Contact.email).in_(padded(emails)))
    several = select(Contact.email).where(*here).group_by(Contact.email).having(func.count() > 1)
    columns: Any = (Contact.email, Contact.id, Contact.do_not_contact, Contact.email_opt_out, Contact.bounced)
    wanted = (Contact.workspace_id == workspace_id, col(Contact.email).in_(session.exec(several).all()))
    records: dict[str, list[tuple[int, ...]]] = {}
    for email, *record in session.exec(select(*columns).where(*wanted)):
        records.setdefault(email, []).append(tuple(record))
    changes = []
    for same in records.values():
        blocks = [any(record[n] for record in same) for n in range(1, len(BLOCKS) + 1)]
        changes += [
            {"id": record[0], **dict(zip(BLOCKS, blocks, strict=True))}
            for record in same
            if [bool(flag) for flag in record[1:]] != blocks
        ]
    if changes:
        _write(session, workspace_id, changes)


def _merged(insert: Any, table: type[SQLModel], name: str) -> Any:
    new = insert.excluded[name]
    return or_(getattr(table, name), new) if name in BLOCKS else new


def _ids_by_source(
    session: Session, table: Any, workspace_id: int, source: str, source_ids: Iterable[str]
) -> dict[str, int]:
    rows = session.exec(
        select(table.source_id, table.id).where(
            table.workspace_id == workspace_id, table.source == source, table.source_id.in_(padded(source_ids))
        )
    )
    return dict(rows.all())


def companies_by_source(
    session: Session, *, workspace_id: int, source: str, source_ids: Iterable[str]
) -> dict[str, int]:
    """Source id → our id, for those that exist."""
    return _ids_by_source(session, Company, workspace_id, source, source_ids)


def company_names(session: Session, *, workspace_id: int, source: str, source_ids: Iterable[str]) -> dict[str, str]:
    """Source id → name, for those that exist."""
    wanted = (Company.workspace_id == workspace_id, Company.source == source)
    query = select(Company.source_id, Company.name).where(*wanted, col(Company.source_id).in_(padded(source_ids)))
    return dict(session.exec(query).all())


def contacts_by_source(
    session: Session, *, workspace_id: int, source: str, source_ids: Iterable[str]
) -> dict[str, int]:
    """Source id → our id, for those that exist."""
    return _ids_by_source(session, Contact, workspace_id, source, source_ids)


def deals_by_source(session: Session, *, workspace_id: int, source: str, source_ids: Iterable[str]) -> dict[str, int]:
    """Source id → our id, for those that exist."""
    return _ids_by_source(session, Deal, workspace_id, source, source_ids)


def contact(session: Session, *, workspace_id: int, contact_id: int) -> Contact | None:
    return session.exec(select(Contact).where(Contact.workspace_id == workspace_id, Contact.id == contact_id)).first()


def contact_by_email(session: Session, *, workspace_id: int, email: str) -> Contact | None:
    query = select(Contact).where(Contact.workspace_id == workspace_id, Contact.email == email.strip().lower())
    return session.exec(query.order_by(col(Contact.id))).first()


def contacts_named(session: Session, *, workspace_id: int, name: str, limit: int = 10) -> Sequence[Contact]:
    """Contacts whose folded full name is `name`, or whose first or last name is."""
    wanted = folded(name)
    if not words(name):
        return []
    named = or_(
        col(Contact.search_name) == wanted,
        col(Contact.search_name).startswith(wanted + " ", autoescape=True),
        col(Contact.search_name).endswith(" " + wanted, autoescape=True),
    )
    query = having(session, select(Contact), workspace_id, words(name), whole=True).where(named)
    return session.exec(query.order_by(Contact.search_name, col(Contact.id)).limit(limit)).all()


def closest_contacts(session: Session, *, workspace_id: int, name: str, limit: int = 3) -> Sequence[Contact]:
    """The contacts whose names or addresses look most like `name`, best first; none that look nothing like it."""
    query = select(Contact.id, Contact.search_name, Contact.email).where(Contact.workspace_id == workspace_id)
    known = session.exec(query.limit(NAMES_COMPARED)).all()
    choices = {row_id: (email if "@" in name else full) or email for row_id, full, email in known}
    best = process.extract(folded(name), choices, limit=limit, score_cutoff=60)
    found = [contact(session, workspace_id=workspace_id, contact_id=key) for _, _, key in best if key is not None]
    return [row for row in found if row]


def any_contact(session: Session, *, workspace_id: int) -> bool:
    return session.exec(select(Contact.id).where(Contact.workspace_id == workspace_id).limit(1)).first() is not None


def crm_counts(session: Session, *, workspace_id: int) -> dict[str, int]:
    """Rows per table, by plural name."""
    tables: dict[str, Any] = {"contacts": Contact, "companies": Company, "deals": Deal, "events": Event}
    return {
        name: session.exec(select(func.count()).select_from(table).where(table.workspace_id == workspace_id)).one()
        for name, table in tables.items()
    }


def company(session: Session, *, workspace_id: int, company_id: int) -> Company | None:
    return session.exec(select(Company).where(Company.workspace_id == workspace_id, Company.id == company_id)).first()


def deal_for(session: Session, *, workspace_id: int, contact_id: int) -> Deal | None:
    """The contact's open deal that closes last, else the last closed one."""
    query = select(Deal).where(Deal.workspace_id == workspace_id, Deal.contact_id == contact_id)
    order = (col(Deal.is_open).desc(), col(Deal.close_date).desc().nulls_last(), col(Deal.id).desc())
    return session.exec(query.order_by(*order)).first()


def events_for(
    session: Session,
    *,
    workspace_id: int,
    contact_id: int,
    before: datetime,
    limit: int,
    kinds: Iterable[str] = (),
) -> Sequence[Event]:
    """What happened before a moment, newest first; of every kind, or of those named."""
    query = select(Event).where(
        Event.workspace_id == workspace_id, Event.contact_id == contact_id, col(Event.at) < before
    )
    if named := list(kinds):
        query = query.where(col(Event.kind).in_(named))
    return session.exec(query.order_by(col(Event.at).desc(), col(Event.id).desc()).limit(limit)).all()


class Tally(NamedTuple):
    """How often something of one kind happened, and from when to when."""

    kind: str
    times: int
    first: datetime
    last: datetime


def event_tallies(
    session: Session, *, workspace_id: int, contact_id: int, before: datetime, without: Iterable[int]
) -> list[Tally]:
    """What happened before a moment, counted by kind, the latest kind first; some events left aside."""
    figures: Any = (Event.kind, func.count(), func.min(Event.at), last := func.max(Event.at))
    query = select(*figures).where(
        Event.workspace_id == workspace_id,
        Event.contact_id == contact_id,
        col(Event.at) < before,
        col(Event.id).not_in(list(without)),
    )
    return [Tally(*row) for row in session.exec(query.group_by(Event.kind).order_by(last.desc(), Event.kind))]


def people(session: Session, *, workspace_id: int) -> Iterator[Person]:
    """Every contact with the names of company and deals, streamed: a workspace may have very many."""
    deals: dict[int | None, tuple[str, ...]] = {}
    of_contacts = select(Deal.contact_id, Deal.name).where(Deal.workspace_id == workspace_id)
    for contact_id, name in session.exec(of_contacts.where(col(Deal.contact_id).is_not(None))):
        deals[contact_id] = (*deals.get(contact_id, ()), name)
    columns: Any = (Contact.id, Contact.first_name, Contact.last_name, Contact.email, Company.name)
    query = (
        select(*columns)
        .join(
            Company,
            (col(Company.id) == col(Contact.company_id)) & (col(Company.workspace_id) == col(Contact.workspace_id)),
            isouter=True,
        )
        .where(Contact.workspace_id == workspace_id)
        .order_by(col(Contact.id))
        .execution_options(yield_per=PEOPLE_AT_ONCE)
    )
    for contact_id, first, last, email, firm in session.exec(query):
        yield Person(first, last, email, firm, deals.get(contact_id, ()))


def owners(session: Session, *, workspace_id: int) -> list[str]:
    """The people of the house: who owns a contact."""
    query = select(Contact.owner).where(Contact.workspace_id == workspace_id, col(Contact.owner).is_not(None))
    return [name for name in session.exec(query.distinct()) if name]


def crm_stamp(session: Session, *, workspace_id: int) -> tuple[int, ...]:
    """Figures that change with nearly every change of names: how many rows, the newest of them, letters in all."""
    named = {Contact: (Contact.first_name, Contact.last_name, Contact.email), Company: (Company.name,)}
    tables: dict[Any, tuple[Any, ...]] = {**named, Deal: (Deal.name,)}
    stamp: list[int] = []
    for table, columns in tables.items():
        letters = [func.sum(func.coalesce(func.length(column), 0)) for column in columns]
        figures = select(func.count(), func.max(table.id), *letters)
        stamp += [figure or 0 for figure in session.exec(figures.where(table.workspace_id == workspace_id)).one()]
    return tuple(stamp)
