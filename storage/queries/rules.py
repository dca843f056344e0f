"""Learned rules: proposed once, decided once, shown once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from storage.queries.learners import learned_from
from storage.queries.writing import in_turn, insert_into
from storage.tables import Draft, Pair, Review, Rule, RuleStatus

RULE_MOVES = frozenset(
    {
        (RuleStatus.proposed, RuleStatus.accepted),
        (RuleStatus.proposed, RuleStatus.declined),
        (RuleStatus.accepted, RuleStatus.declined),
    }
)


def reviewed_pairs(session: Session, *, workspace_id: int, limit: int) -> Sequence[Pair]:
    """The newest drafts that somebody approved or edited and that may be learned from, oldest of them first."""
    query = select(Pair).where(
        Pair.workspace_id == workspace_id,
        Pair.source == "review",
        col(Pair.drafted).is_not(None),
        col(Pair.final).is_not(None),
        learned_from(),
    )
    newest = session.exec(query.order_by(col(Pair.at).desc(), col(Pair.id).desc()).limit(limit)).all()
    return newest[::-1]


def latest_review(session: Session, *, workspace_id: int) -> int | None:
    """The id of the newest review: whether there is anything new to learn from."""
    return session.exec(select(func.max(Review.id)).where(col(Review.workspace_id) == workspace_id)).one()


def review_channel(session: Session, *, workspace_id: int) -> str | None:
    """Where the latest draft was decided about; None where nobody decided in Slack yet."""
    same = (col(Review.draft_id) == col(Draft.id)) & (col(Review.workspace_id) == col(Draft.workspace_id))
    query = select(Draft.channel).join(Review, same)
    query = query.where(Draft.workspace_id == workspace_id, col(Draft.channel).is_not(None))
    return session.exec(query.order_by(col(Review.id).desc()).limit(1)).first()


def rule(session: Session, *, workspace_id: int, rule_id: int) -> Rule | None:
    return session.exec(select(Rule).where(Rule.workspace_id == workspace_id, Rule.id == rule_id)).first()


def rules(session: Session, *, workspace_id: int, status: RuleStatus | None = None) -> Sequence[Rule]:
    """Oldest first: all, or those of one status."""
    query = select(Rule).where(Rule.workspace_id == workspace_id)
    if status is not None:
        query = query.where(Rule.status == status)
    return session.exec(query.order_by(col(Rule.id))).all()


def propose_rules(session: Session, *, workspace_id: int, found: Sequence[Rule], limit: int) -> int:
    """Add what nobody was asked about yet, while fewer than `limit` proposals are open; returns how many are new.

    A proposal that is still open gets the new figures. What was decided stays decided.
    """
    in_turn(session, workspace_id=workspace_id)
    known = {(str(row.kind), row.old.casefold()): row for row in rules(session, workspace_id=workspace_id)}
    room = limit - sum(row.status == RuleStatus.proposed for row in known.values())
    added = 0
    for row in found:
        same = known.get((str(row.kind), row.old.casefold()))
        if same is None and added < room:
            added += _insert(session, workspace_id, row)
        elif same is not None and same.status == RuleStatus.proposed and same.new == row.new:
            same.seen, same.out_of = row.seen, row.out_of
    session.flush()
    return added


def _insert(session: Session, workspace_id: int, row: Rule) -> int:
    values = row.model_dump(exclude={"id", "workspace_id"})
    insert = insert_into(session, Rule, workspace_id=workspace_id).values(workspace_id=workspace_id, **values)
    once = insert.on_conflict_do_nothing(index_elements=["workspace_id", "kind", "old"]).returning(Rule.id)
    return len(session.execute(once).all())


def move_rule(
    session: Session,
    *,
    workspace_id: int,
    rule_id: int,
    source: RuleStatus,
    target: RuleStatus,
    decided_by: str,
    now: datetime,
) -> bool:
    """Accept, decline or take back if nobody was faster; returns whether it moved."""
    assert (source, target) in RULE_MOVES, f"no rule moves from {source} to {target}"
    statement = (
        update(Rule)
        .where(col(Rule.workspace_id) == workspace_id, col(Rule.id) == rule_id, col(Rule.status) == source)
        .values(status=target, decided_by=decided_by, decided_at=now)
    )
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]


def rules_to_post(session: Session, *, workspace_id: int) -> Sequence[Rule]:
    """Open proposals that nobody has been shown, oldest first."""
    query = select(Rule).where(
        Rule.workspace_id == workspace_id, Rule.status == RuleStatus.proposed, col(Rule.posted_at).is_(None)
    )
    return session.exec(query.order_by(col(Rule.id))).all()


def claim_rule_post(session: Session, *, workspace_id: int, rule_id: int, now: datetime) -> bool:
    """Note that a proposal is shown, before it is: once at most. Returns whether it is ours to show."""
    statement = (
        update(Rule)
        .where(
            col(Rule.workspace_id) == workspace_id,
            col(Rule.id) == rule_id,
            col(Rule.posted_at).is_(None),
            col(Rule.status) == RuleStatus.proposed,
        )
        .values(posted_at=now)
    )
    return session.execute(statement).rowcount == 1  # type: ignore[attr-defined]


def release_rule_post(session: Session, *, workspace_id: int, rule_id: int) -> None:
    """Slack did not take it, so it may be shown later."""
    shown = (col(Rule.workspace_id) == workspace_id, col(Rule.id) == rule_id)
    session.execute(update(Rule).where(*shown).values(posted_at=None))
