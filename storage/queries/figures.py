"""Decided drafts with what became of them, for reports."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Integer, cast
from sqlmodel import Session, col, select

from storage.tables import Draft, Pair


def decided(session: Session, *, workspace_id: int, since: datetime) -> Sequence[tuple[Pair, Draft]]:
    """Reviewed pairs since a moment with their drafts, oldest first."""
    query = (
        select(Pair, Draft)
        .join(Draft, (col(Draft.id) == cast(Pair.source_id, Integer)) & (col(Draft.workspace_id) == Pair.workspace_id))
        .where(Pair.workspace_id == workspace_id, Pair.source == "review", col(Pair.at) >= since)
        .order_by(col(Pair.at))
    )
    return session.exec(query).all()
