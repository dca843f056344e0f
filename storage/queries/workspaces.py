"""Workspaces and the audit trail."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from storage.queries.writing import insert_into
from storage.tables import Audit, Workspace

LOCAL = "local"  # the team id of a workspace that only the command line knows


def workspace_for_team(session: Session, *, team_id: str, name: str = "") -> Workspace:
    """The workspace of a Slack team, made on first sight. Two first sights at once make one row.

    Data imported before Slack was connected belongs to the local workspace, which the first team takes over.
    """
    if known := workspace_of_team(session, team_id=team_id):
        return known
    session.execute(update(Workspace).where(col(Workspace.team_id) == LOCAL).values(team_id=team_id, name=name))
    insert = insert_into(session, Workspace, workspace_id=None).values(team_id=team_id, name=name)
    session.execute(insert.on_conflict_do_nothing(index_elements=["team_id"]))
    created = workspace_of_team(session, team_id=team_id)
    assert created is not None
    return created


def workspace_of_team(session: Session, *, team_id: str) -> Workspace | None:
    return session.exec(select(Workspace).where(Workspace.team_id == team_id)).first()


def workspace_by_id(session: Session, *, workspace_id: int) -> Workspace | None:
    return session.get(Workspace, workspace_id)


def workspaces(session: Session) -> Sequence[Workspace]:
    return session.exec(select(Workspace).order_by(Workspace.id)).all()  # type: ignore[arg-type]


def workspaces_in_service(session: Session) -> Sequence[Workspace]:
    """Those that the app was not removed from."""
    query = select(Workspace).where(col(Workspace.removed_at).is_(None))
    return session.exec(query.order_by(col(Workspace.id))).all()


def audit(
    session: Session, *, workspace_id: int, actor: str, action: str, subject: str, detail: dict[str, Any]
) -> None:
    """Note who did what. `detail` holds ids and figures, never the text of an email."""
    session.add(Audit(workspace_id=workspace_id, actor=actor, action=action, subject=subject, detail=detail))


def audit_trail(session: Session, *, workspace_id: int, since: datetime, limit: int) -> Sequence[Audit]:
    """Who did what since a moment, newest first."""
    query = select(Audit).where(Audit.workspace_id == workspace_id, col(Audit.at) >= since)
    return session.exec(query.order_by(col(Audit.id).desc()).limit(limit)).all()


def latest_audit(session: Session, *, workspace_id: int, action: str) -> Audit | None:
    """When something was last done, and by whom."""
    query = select(Audit).where(Audit.workspace_id == workspace_id, Audit.action == action)
    return session.exec(query.order_by(col(Audit.id).desc()).limit(1)).first()
