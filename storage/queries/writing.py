"""INSERT … ON CONFLICT, which SQLite and PostgreSQL spell the same way and SQLAlchemy offers per dialect, and turns."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from storage.tables import Workspace
from storage.tenancy import enter


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
    session.exec(select(Workspace.id).where(col(Workspace.id) == workspace_id).with_for_update(key_share=True)).one()
