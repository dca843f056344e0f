"""Whose edits are learned from, and whether anything is learned at all."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, update
from sqlmodel import Session, col, select

from storage.queries.writing import insert_into
from storage.tables import Pair, Person, Workspace


def learned_from() -> ColumnElement[bool]:
    """Of pairs: that their reviewer has not opted out."""
    opted_out = (
        col(Person.workspace_id) == col(Pair.workspace_id),
        col(Person.user_id) == col(Pair.reviewer),
        col(Person.learns).is_(False),
    )
    return ~exists().where(*opted_out)


def learns(session: Session, *, workspace_id: int, user_id: str) -> bool:
    """Whether a person's edits are trained on; so it is until they say otherwise."""
    query = select(Person.learns).where(Person.workspace_id == workspace_id, Person.user_id == user_id)
    found = session.exec(query).first()
    return True if found is None else found


def set_learns(session: Session, *, workspace_id: int, user_id: str, learns: bool) -> bool:
    """Opt out of training, or in again; returns whether that is a change."""
    insert = insert_into(session, Person, workspace_id=workspace_id).values(
        workspace_id=workspace_id, user_id=user_id, learns=True
    )
    session.execute(insert.on_conflict_do_nothing(index_elements=["workspace_id", "user_id"]))
    statement = (
        update(Person)
        .where(
            col(Person.workspace_id) == workspace_id,
            col(Person.user_id) == user_id,
            col(Person.learns).is_(not learns),
        )
        .values(learns=learns)
    )
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]


def set_paused(session: Session, *, workspace_id: int, at: datetime | None) -> bool:
    """Pause learning since a moment, or let it go on (None); returns whether that is a change."""
    paused = col(Workspace.learning_paused_at)
    statement = (
        update(Workspace)
        .where(col(Workspace.id) == workspace_id, paused.is_not(None) if at is None else paused.is_(None))
        .values(learning_paused_at=at)
    )
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]
