"""Connected CRMs: who reads one, how far it was read. Every move is a compare-and-set whose row count is read."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, update
from sqlmodel import Session, col, select

from storage.queries.leases import is_free
from storage.queries.writing import insert_into
from storage.tables import Connection

ANEW = ("address", "account", "secret", "due_at", "error")


def save_connection(session: Session, *, row: Connection) -> None:
    """Keep a connection, or give one that is there another key; how far it was read stays."""
    values = row.model_dump()
    insert = insert_into(session, Connection, workspace_id=row.workspace_id).values(**values)
    anew = {name: values[name] for name in ANEW}
    session.execute(insert.on_conflict_do_update(index_elements=["workspace_id", "crm"], set_=anew))


def connection(session: Session, *, workspace_id: int, crm: str) -> Connection | None:
    return session.exec(select(Connection).where(*_one(workspace_id, crm))).first()


def connections(session: Session, *, workspace_id: int) -> Sequence[Connection]:
    query = select(Connection).where(Connection.workspace_id == workspace_id)
    return session.exec(query.order_by(Connection.crm)).all()


def remove_connection(session: Session, *, workspace_id: int, crm: str) -> bool:
    """Forget how to get there; what was read stays."""
    statement = delete(Connection).where(*_one(workspace_id, crm))
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]


def restart_connection(session: Session, *, workspace_id: int, crm: str) -> None:
    """Read everything again from the beginning."""
    session.execute(update(Connection).where(*_one(workspace_id, crm)).values(cursors={}))


def claim_connection(
    session: Session, *, workspace_id: int, crm: str, now: datetime, lease: timedelta
) -> Connection | None:
    """Become the one who reads a CRM; None while somebody else is."""
    statement = (
        update(Connection)
        .where(*_one(workspace_id, crm), is_free(Connection.lease_until, now))
        .values(attempt=Connection.attempt + 1, lease_until=now + lease)
        .returning(Connection)
    )
    return session.scalars(statement).first()


def move_cursor(
    session: Session, *, workspace_id: int, crm: str, attempt: int, until: datetime, cursors: dict[str, Any]
) -> bool:
    """Note how far it was read, and keep the lease; False when somebody else has taken over."""
    statement = update(Connection).where(*_one(workspace_id, crm), col(Connection.attempt) == attempt)
    return session.execute(statement.values(cursors=cursors, lease_until=until)).rowcount == 1  # type: ignore[attr-defined]


def finish_connection(session: Session, *, workspace_id: int, crm: str, attempt: int, changes: dict[str, Any]) -> bool:
    """Write how a run ended and give the lease back, if it is still ours."""
    statement = update(Connection).where(*_one(workspace_id, crm), col(Connection.attempt) == attempt)
    return session.execute(statement.values(lease_until=None, **changes)).rowcount == 1  # type: ignore[attr-defined]


def _one(workspace_id: int, crm: str) -> list[ColumnElement[bool]]:
    return [col(Connection.workspace_id) == workspace_id, col(Connection.crm) == crm]
