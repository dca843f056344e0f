"""Who may do what in a workspace."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from storage.queries.workspaces import audit
from storage.queries.writing import insert_into
from storage.tables import Rights


def rights(session: Session, *, workspace_id: int) -> Rights | None:
    """What somebody has chosen; None while nobody has."""
    return session.exec(select(Rights).where(Rights.workspace_id == workspace_id)).first()


def change_rights(session: Session, *, workspace_id: int, who: str, now: datetime, changes: dict[str, Any]) -> Rights:
    """Change what is named in `changes` and leave the rest; audited with what held before."""
    before = rights(session, workspace_id=workspace_id)
    old = {name: getattr(before, name) if before else None for name in changes}
    values = {**changes, "changed_by": who, "changed_at": now}
    insert = insert_into(session, Rights, workspace_id=workspace_id).values(workspace_id=workspace_id, **values)
    session.execute(insert.on_conflict_do_update(index_elements=["workspace_id"], set_=values))
    detail = {"before": old, "after": changes}
    audit(session, workspace_id=workspace_id, actor=who, action="change rights", subject="rights", detail=detail)
    session.expire_all()
    changed = rights(session, workspace_id=workspace_id)
    assert changed is not None
    return changed
