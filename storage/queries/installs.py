"""Installations, their tokens, and who left. Every move is a compare-and-set whose row count is read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from storage.queries.writing import insert_into
from storage.tables import Install, Installation, Workspace

ERASED = "erased:"  # before the id, in place of the team of a workspace whose rows and files are going


def installation(session: Session, *, workspace_id: int) -> Installation | None:
    return session.exec(select(Installation).where(Installation.workspace_id == workspace_id)).first()


def save_installation(session: Session, *, row: Installation) -> None:
    """Keep an installation in place of an earlier one. The workspace is back in service."""
    values = row.model_dump()
    insert = insert_into(session, Installation, workspace_id=row.workspace_id).values(**values)
    session.execute(insert.on_conflict_do_update(index_elements=["workspace_id"], set_=values))
    put_back(session, workspace_id=row.workspace_id)


# Rotation ---------------------------------------------------------------------------------------------------------


def claim_refresh(session: Session, *, workspace_id: int, refresh_token: str, now: datetime, until: datetime) -> bool:
    """Become the one who uses this refresh token, which works once. False when somebody else is, or has been."""
    free = col(Installation.refreshing_until).is_(None) | (col(Installation.refreshing_until) < now)
    statement = (
        update(Installation)
        .where(col(Installation.workspace_id) == workspace_id, col(Installation.refresh_token) == refresh_token, free)
        .values(refreshing_until=until)
    )
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]


def finish_refresh(session: Session, *, workspace_id: int, claimed_until: datetime, changes: dict[str, Any]) -> bool:
    """Keep the new tokens, if the claim is still ours."""
    statement = (
        update(Installation)
        .where(col(Installation.workspace_id) == workspace_id, col(Installation.refreshing_until) == claimed_until)
        .values(**changes, refreshing_until=None)
    )
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]


# Installing -------------------------------------------------------------------------------------------------------


def begin_install(session: Session, *, state: str, now: datetime, expires_at: datetime) -> None:
    """Note a state; what has expired goes on the way."""
    session.execute(delete(Install).where(col(Install.expires_at) <= now))
    session.add(Install(state=state, expires_at=expires_at))


def take_install(session: Session, *, state: str, now: datetime) -> bool:
    """Use up a state; False when it is unknown, used or expired."""
    statement = delete(Install).where(col(Install.state) == state, col(Install.expires_at) > now)
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]


# Leaving ----------------------------------------------------------------------------------------------------------


def remove_workspace(session: Session, *, workspace_id: int, at: datetime) -> bool:
    """The app was removed from a workspace. Its data stays; False when that was known, or it was installed since."""
    known = installation(session, workspace_id=workspace_id)
    if known and known.installed_at > at:
        return False
    statement = (
        update(Workspace)
        .where(col(Workspace.id) == workspace_id, col(Workspace.removed_at).is_(None))
        .values(removed_at=at)
    )
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]


def put_back(session: Session, *, workspace_id: int) -> None:
    """The app is installed again, and everything is as it was."""
    session.execute(update(Workspace).where(col(Workspace.id) == workspace_id).values(removed_at=None))


def give_up_workspaces(session: Session, *, before: datetime) -> None:
    """Cut what was removed before then off from its team, so that nobody comes back to half of it."""
    gone = select(Workspace).where(col(Workspace.removed_at) < before, ~col(Workspace.team_id).startswith(ERASED))
    for row in session.exec(gone.with_for_update()):
        row.team_id = f"{ERASED}{row.id}"
        session.add(row)


def given_up(session: Session) -> Sequence[Workspace]:
    """Workspaces whose rows and files are going."""
    return session.exec(select(Workspace).where(col(Workspace.team_id).startswith(ERASED))).all()


def erase_workspace(session: Session, *, workspace_id: int) -> None:
    """Everything that belongs to a workspace goes with it."""
    session.execute(delete(Workspace).where(col(Workspace.id) == workspace_id))
