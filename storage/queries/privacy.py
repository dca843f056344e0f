"""Everything held about one person: to hand it over, and to erase it."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, func, or_, update
from sqlmodel import Session, SQLModel, col, select

from storage.queries.learning import move_pointer, serving
from storage.queries.writing import insert_into
from storage.tables import Adapter, Contact, Draft, Forgotten, Pair, Pointer

Rows = dict[str, list[dict[str, Any]]]  # by table
# The search index only notes what was deleted until its parts are put together.
FORGET_WORDS = "INSERT INTO contact_search (contact_search) VALUES ('optimize')"


def held(session: Session, *, workspace_id: int, email: str) -> Rows:
    """Every row about a person, by table: their records, and what hangs on these, in tables of today and tomorrow."""
    ids = _contacts(session, workspace_id, email)
    drafts = session.exec(
        select(Draft.id).where(Draft.workspace_id == workspace_id, col(Draft.contact_id).in_(ids))
    ).all()
    found: Rows = defaultdict(list)
    for table in SQLModel.metadata.sorted_tables:
        wanted = [
            table.c[name].in_(keys)
            for name, keys in (("contact_id", ids), ("draft_id", drafts))
            if name in table.c and keys
        ]
        if table.name == "contact":
            wanted = [table.c.id.in_(ids)]
        if table.name == "pair":
            wanted.append(_about(email))
        if wanted:
            found[table.name] += _rows(session, table, workspace_id, or_(*wanted))
    return {name: rows for name, rows in found.items() if rows}


def cards_of(session: Session, *, workspace_id: int, email: str) -> list[tuple[str, str]]:
    """Channel and time stamp of each message in Slack that shows a draft to this person."""
    query = select(Draft.channel, Draft.message_ts).where(
        Draft.workspace_id == workspace_id, col(Draft.contact_id).in_(_contacts(session, workspace_id, email))
    )
    return [(channel, ts) for channel, ts in session.exec(query).all() if channel and ts]


def erase(session: Session, *, workspace_id: int, email: str, now: datetime) -> dict[str, int]:
    """Delete every row about a person and remember a fingerprint of the address, so that no import brings them back.

    Returns how many rows went, by table.
    """
    gone = {name: len(rows) for name, rows in held(session, workspace_id=workspace_id, email=email).items()}
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA secure_delete = ON")  # overwrite, not only unlink
    session.execute(delete(Pair).where(col(Pair.workspace_id) == workspace_id, _about(email)))
    ids = _contacts(session, workspace_id, email)
    session.execute(delete(Contact).where(col(Contact.workspace_id) == workspace_id, col(Contact.id).in_(ids)))
    insert = insert_into(session, Forgotten, workspace_id=workspace_id)
    insert = insert.values(workspace_id=workspace_id, digest=digest(email), at=now)
    session.execute(insert.on_conflict_do_nothing(index_elements=["workspace_id", "digest"]))
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql(FORGET_WORDS)
    session.expire_all()
    return gone


def learned_since(session: Session, *, workspace_id: int, email: str) -> datetime | None:
    """When the first pair about a person was written: what was trained later may have learned from it."""
    ids = _contacts(session, workspace_id, email)
    query = select(func.min(Pair.written_at)).where(
        Pair.workspace_id == workspace_id, or_(col(Pair.contact_id).in_(ids), _about(email))
    )
    return session.exec(query).one()


def withdraw_adapters(session: Session, *, workspace_id: int, since: datetime, now: datetime) -> Sequence[Adapter]:
    """Retire every adapter made since a moment. If one of them served, the newest older one that ever served does.

    Returns the retired ones, whose folders may go.
    """
    current = (Adapter.workspace_id == workspace_id, col(Adapter.retired_at).is_(None))
    retired = session.exec(select(Adapter).where(*current, col(Adapter.created_at) >= since)).all()
    in_service = serving(session, workspace_id=workspace_id)
    if in_service and in_service.id in {row.id for row in retired}:
        older = select(Adapter).where(*current, col(Adapter.created_at) < since, col(Adapter.promoted_at).is_not(None))
        heir = session.exec(older.order_by(col(Adapter.version).desc())).first()
        reason = "what served before was withdrawn"
        move_pointer(session, workspace_id=workspace_id, adapter_id=heir.id if heir else None, reason=reason, now=now)
    gone = [row.id for row in retired]
    before = col(Pointer.workspace_id) == workspace_id, col(Pointer.previous_id).in_(gone)
    session.execute(update(Pointer).where(*before).values(previous_id=None))
    withdrawn = col(Adapter.workspace_id) == workspace_id, col(Adapter.id).in_(gone)
    session.execute(update(Adapter).where(*withdrawn).values(retired_at=now))
    return retired


def forgotten(session: Session, *, workspace_id: int, emails: Sequence[str]) -> set[str]:
    """Those of the addresses whose owners asked to be forgotten."""
    by_digest = {digest(email): email for email in emails}
    query = select(Forgotten.digest).where(
        Forgotten.workspace_id == workspace_id, col(Forgotten.digest).in_(list(by_digest))
    )
    return {by_digest[found] for found in session.exec(query).all()}


def digest(email: str) -> str:
    """A fingerprint of an address. Who has the address can make the same one; who has only this cannot read it."""
    return hashlib.sha256(f"afterword {email.strip().lower()}".encode()).hexdigest()


def _contacts(session: Session, workspace_id: int, email: str) -> list[int]:
    query = select(Contact.id).where(Contact.workspace_id == workspace_id, Contact.email == email.strip().lower())
    return [found for found in session.exec(query).all() if found is not None]


def _about(email: str) -> Any:
    """Pairs made from past emails to somebody who is not in the CRM have the address in their brief alone."""
    return col(Pair.brief)["contact"]["email"].as_string() == email.strip().lower()


def _rows(session: Session, table: Table, workspace_id: int, wanted: Any) -> list[dict[str, Any]]:
    query = table.select().where(table.c.workspace_id == workspace_id, wanted)
    return [dict(row) for row in session.execute(query).mappings()]
