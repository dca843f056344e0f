"""Decided drafts with what became of them, for reports."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Integer, cast
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from storage.tables import Draft, Pair, Run, RunStatus


def decided(session: Session, *, workspace_id: int, since: datetime) -> Sequence[tuple[Pair, Draft]]:
    """Reviewed pairs since a moment with their drafts, oldest first. Briefs and prompts stay in the database."""
    figures = (Pair.at, Pair.account, Pair.verdict, Pair.drafted, Pair.final, Pair.reason, Pair.seconds)
    author = (Draft.seed, Draft.channel, Draft.baseline, Draft.control, Draft.adapter_id)
    query = (
        select(Pair, Draft)
        .join(Draft, (col(Draft.id) == cast(Pair.source_id, Integer)) & (col(Draft.workspace_id) == Pair.workspace_id))
        .where(Pair.workspace_id == workspace_id, Pair.source == "review", col(Pair.at) >= since)
        .order_by(col(Pair.at), col(Pair.id))
        .options(load_only(*figures, raiseload=True), load_only(*author, raiseload=True))  # type: ignore[arg-type]
    )
    return session.exec(query).all()


def last_night(session: Session, *, workspace_id: int) -> Run | None:
    """The latest nightly run that ended."""
    query = select(Run).where(
        Run.workspace_id == workspace_id, col(Run.date).is_not(None), Run.status != RunStatus.running
    )
    return session.exec(query.order_by(col(Run.date).desc())).first()


def night_before(session: Session, *, workspace_id: int, run_id: int) -> Run | None:
    """The nightly run that ended before this one."""
    query = select(Run).where(
        Run.workspace_id == workspace_id,
        col(Run.id) < run_id,
        col(Run.date).is_not(None),
        Run.status != RunStatus.running,
    )
    return session.exec(query.order_by(col(Run.id).desc())).first()
