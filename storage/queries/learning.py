"""Pairs, runs, adapters and the pointer to the one in service."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, update
from sqlmodel import Session, col, select

from storage.queries.learners import learned_from
from storage.queries.leases import is_free
from storage.queries.workspaces import workspace_by_id
from storage.queries.writing import in_turn, insert_into
from storage.tables import Adapter, Pair, Pointer, Run, RunStatus


def add_pair(session: Session, *, row: Pair) -> None:
    session.add(row)


def pairs(session: Session, *, workspace_id: int, limit: int) -> Sequence[Pair]:
    """What may be learned from, newest first, imported and reviewed."""
    query = select(Pair).where(Pair.workspace_id == workspace_id, learned_from())
    return session.exec(query.order_by(col(Pair.at).desc(), col(Pair.id).desc()).limit(limit)).all()


def pairs_stamp(session: Session, *, workspace_id: int) -> tuple[int, int]:
    """Figures that change with every pair that comes or goes, or whose reviewer opts out: how many, and their sum."""
    query = select(func.count(), func.sum(Pair.id)).where(Pair.workspace_id == workspace_id, learned_from())
    count, total = session.exec(query).one()
    return count, int(total or 0)


def accounts(session: Session, *, workspace_id: int) -> list[str]:
    """Every account that a pair is for, in the order in which they first appeared.

    Of people who opted out as well: nobody's choice may move another customer from the held-out ones to the learned.
    """
    query = select(Pair.account).where(Pair.workspace_id == workspace_id).group_by(col(Pair.account))
    return list(session.exec(query.order_by(func.min(Pair.id))).all())


def tests_run(session: Session, *, workspace_id: int, now: datetime) -> int:
    """How many tests the gate ran in this period: since the last promotion, or since the month began in UTC."""
    month = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    promoted = select(func.max(Run.id)).where(Run.workspace_id == workspace_id, col(Run.promoted))
    query = select(func.count()).where(
        col(Run.workspace_id) == workspace_id,
        col(Run.tested),
        col(Run.started_at) >= month,
        col(Run.id) > func.coalesce(promoted.scalar_subquery(), 0),
    )
    return session.exec(query).one()


def pair_counts(session: Session, *, workspace_id: int) -> dict[str, int]:
    """How many pairs there are of each verdict."""
    query = select(Pair.verdict, func.count()).where(Pair.workspace_id == workspace_id).group_by(Pair.verdict)
    return {str(verdict): count for verdict, count in session.exec(query).all()}


def reviewed_figures(session: Session, *, workspace_id: int) -> Sequence[Pair]:
    """Reviewed pairs, oldest first, for edit rates over time."""
    query = select(Pair).where(Pair.workspace_id == workspace_id, Pair.source == "review")
    return session.exec(query.order_by(col(Pair.at), col(Pair.id))).all()


def run(session: Session, *, workspace_id: int, run_id: int) -> Run | None:
    return session.exec(select(Run).where(Run.workspace_id == workspace_id, Run.id == run_id)).first()


def latest_run(session: Session, *, workspace_id: int) -> Run | None:
    query = select(Run).where(Run.workspace_id == workspace_id)
    return session.exec(query.order_by(col(Run.id).desc())).first()


def last_trained(session: Session, *, workspace_id: int) -> Run | None:
    """The latest run that made a candidate, unless it was withdrawn since: what it learned is to be learned anew."""
    kept = select(Adapter.id).where(Adapter.workspace_id == workspace_id, col(Adapter.retired_at).is_(None))
    query = select(Run).where(Run.workspace_id == workspace_id, col(Run.candidate_id).in_(kept))
    return session.exec(query.order_by(col(Run.id).desc())).first()


def pairs_since(session: Session, *, workspace_id: int, since: datetime) -> int:
    """How many pairs were written after a moment; an import counts by when it was run, not by when it was sent."""
    mine = (col(Pair.workspace_id) == workspace_id, col(Pair.written_at) > since, learned_from())
    query = select(func.count()).where(*mine)
    return session.exec(query).one()


def claim_run(session: Session, *, workspace_id: int, date: str | None, now: datetime, lease: timedelta) -> Run | None:
    """Claim the run of a date, or None when it is done or in other hands.

    The unique (workspace, date) makes the claim; a run whose lease ended without a result is taken over. A run
    by hand has no date and is always new.
    """
    if date is not None and _settled(session, workspace_id, date, now):
        return None
    values: dict[str, Any] = {"status": RunStatus.running, "started_at": now, "lease_until": now + lease}
    empty = {"attempt": 1, "pairs": 0, "tested": False, "promoted": False, "reasons": [], "scorecards": {}}
    insert = insert_into(session, Run, workspace_id=workspace_id).values(
        workspace_id=workspace_id, date=date, **values, **empty
    )
    if date is not None:
        insert = insert.on_conflict_do_update(
            index_elements=["workspace_id", "date"],
            set_={**values, "attempt": Run.attempt + 1},
            where=(col(Run.status) == RunStatus.running) & is_free(Run.lease_until, now),
        )
    return session.scalars(insert.returning(Run), execution_options={"populate_existing": True}).first()


def _settled(session: Session, workspace_id: int, date: str, now: datetime) -> bool:
    """Whether nothing is left to claim: most ticks find this, and cost neither a lock nor a number."""
    settled = or_(col(Run.status) != RunStatus.running, ~is_free(Run.lease_until, now))
    query = select(Run.id).where(Run.workspace_id == workspace_id, Run.date == date, settled)
    return session.exec(query).first() is not None


def running_run(session: Session, *, workspace_id: int, now: datetime) -> Run | None:
    """The training that somebody works on now."""
    query = select(Run).where(
        Run.workspace_id == workspace_id, Run.status == RunStatus.running, ~is_free(Run.lease_until, now)
    )
    return session.exec(query).first()


def ask_for_run(session: Session, *, workspace_id: int, asked_by: str, now: datetime, lease: timedelta) -> Run | None:
    """Claim a run that a person asked for; None while another one runs, and while learning is paused."""
    scope = {"workspace_id": workspace_id}
    in_turn(session, **scope)  # of two who ask at once, one is first
    workspace = workspace_by_id(session, **scope)
    if workspace is None or workspace.learning_paused_at or running_run(session, **scope, now=now):
        return None
    run = claim_run(session, workspace_id=workspace_id, date=None, now=now, lease=lease)
    assert run is not None, "a run by hand is always new"
    run.asked_by = asked_by
    session.flush()
    return run


def heartbeat_run(session: Session, *, workspace_id: int, run_id: int, attempt: int, until: datetime) -> bool:
    """Extend the lease; False when another process has taken the run over."""
    return _if_running(session, workspace_id, run_id, attempt, {"lease_until": until})


def finish_run(session: Session, *, workspace_id: int, run_id: int, attempt: int, changes: dict[str, Any]) -> bool:
    """Write the result, unless the lease was lost; returns whether it was written."""
    return _if_running(session, workspace_id, run_id, attempt, changes)


def _if_running(session: Session, workspace_id: int, run_id: int, attempt: int, changes: dict[str, Any]) -> bool:
    statement = (
        update(Run)
        .where(
            col(Run.workspace_id) == workspace_id,
            col(Run.id) == run_id,
            col(Run.attempt) == attempt,
            col(Run.status) == RunStatus.running,
        )
        .values(**changes)
    )
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]


def claim_report(session: Session, *, workspace_id: int, run_id: int, now: datetime, until: datetime) -> bool:
    """Take the telling of a run, so that until then no other replica tells; whether it is ours to tell."""
    waits = (col(Run.reported_at).is_(None), is_free(Run.report_after, now))
    statement = update(Run).where(col(Run.workspace_id) == workspace_id, col(Run.id) == run_id, *waits)
    return session.execute(statement.values(report_after=until)).rowcount == 1  # type: ignore[attr-defined]


def mark_reported(session: Session, *, workspace_id: int, run_id: int, at: datetime | None) -> None:
    """People were told at that moment; None: they were not, and may be at any time."""
    statement = update(Run).where(col(Run.workspace_id) == workspace_id, col(Run.id) == run_id)
    session.execute(statement.values(reported_at=at, report_after=None))


def add_adapter(session: Session, *, row: Adapter) -> Adapter:
    """Add an adapter under the workspace's next version number."""
    in_turn(session, workspace_id=row.workspace_id)
    newest = session.exec(select(func.max(Adapter.version)).where(Adapter.workspace_id == row.workspace_id)).one()
    row.version = (newest or 0) + 1
    session.add(row)
    session.flush()
    return row


def adapter(session: Session, *, workspace_id: int, adapter_id: int) -> Adapter | None:
    query = select(Adapter).where(Adapter.workspace_id == workspace_id, Adapter.id == adapter_id)
    return session.exec(query).first()


def adapters(session: Session, *, workspace_id: int) -> Sequence[Adapter]:
    """Newest version first, without those that were withdrawn."""
    query = select(Adapter).where(Adapter.workspace_id == workspace_id, col(Adapter.retired_at).is_(None))
    return session.exec(query.order_by(col(Adapter.version).desc())).all()


def pointer(session: Session, *, workspace_id: int) -> Pointer | None:
    return session.exec(select(Pointer).where(Pointer.workspace_id == workspace_id)).first()


def serving(session: Session, *, workspace_id: int) -> Adapter | None:
    """The adapter in service; None is the frozen base."""
    row = pointer(session, workspace_id=workspace_id)
    return adapter(session, workspace_id=workspace_id, adapter_id=row.adapter_id) if row and row.adapter_id else None


def move_pointer(session: Session, *, workspace_id: int, adapter_id: int | None, reason: str, now: datetime) -> None:
    """Put an adapter, or the base, into service; the one before is remembered for a rollback."""
    insert = insert_into(session, Pointer, workspace_id=workspace_id).values(
        workspace_id=workspace_id, adapter_id=adapter_id, previous_id=None, moved_at=now, reason=reason
    )
    changes = {"adapter_id": adapter_id, "previous_id": Pointer.adapter_id, "moved_at": now, "reason": reason}
    session.execute(insert.on_conflict_do_update(index_elements=["workspace_id"], set_=changes))
    session.expire_all()
    if adapter_id is not None:
        chosen = (col(Adapter.workspace_id) == workspace_id, col(Adapter.id) == adapter_id)
        session.execute(update(Adapter).where(*chosen).values(promoted_at=now))


def roll_back(session: Session, *, workspace_id: int, adapter_id: int, reason: str, now: datetime) -> bool:
    """Go back from an adapter to what served before it; False when that adapter does not serve any more."""
    statement = (
        update(Pointer)
        .where(col(Pointer.workspace_id) == workspace_id, col(Pointer.adapter_id) == adapter_id)
        .values(adapter_id=Pointer.previous_id, previous_id=Pointer.adapter_id, moved_at=now, reason=reason)
    )
    moved = session.execute(statement).rowcount == 1  # type: ignore[attr-defined]
    session.expire_all()
    return moved
