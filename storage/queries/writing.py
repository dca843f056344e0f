"""INSERT … ON CONFLICT, which SQLite and PostgreSQL spell the same way and SQLAlchemy offers per dialect; turns; and
what imports of very many rows need."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from storage.tables import Workspace
from storage.tenancy import enter

CACHE_KILOBYTES = 64 * 1024


def insert_into(session: Session, table: type[SQLModel], *, workspace_id: int | None) -> Any:
    """An INSERT of rows that belong to a workspace; None for what belongs to no workspace."""
    if workspace_id is not None:
        enter(session, workspace_id)
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def in_turn(session: Session, *, workspace_id: int) -> None:
    """Let one transaction of a workspace at a time read and then write what it read; it ends with the transaction.

    SQLite has one writer anyway. The lock leaves rows alone that only refer to the workspace.
    """
    session.exec(select(Workspace.id).where(col(Workspace.id) == workspace_id).with_for_update(key_share=True)).first()


def padded(values: Iterable[str]) -> list[str]:
    """The distinct values, some of them again, so that lists of nearly the same length are one statement.

    The driver keeps each statement it has seen, and one with thousands of parameters is a megabyte.
    """
    distinct = list(dict.fromkeys(values))
    length = 1 << (len(distinct) - 1).bit_length() if distinct else 0
    return distinct + distinct[-1:] * (length - len(distinct))


def with_large_cache(session: Session) -> None:
    """Keep the pages of this connection's transactions in memory; by default SQLite writes them out after two
    megabytes, again and again. Nothing about durability changes."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KILOBYTES}")
