"""What people decide about learning: pause it, train now, go back, leave my edits out. Each a compare-and-set, audited.

Every function says whether it changed something; if not, somebody was faster, or it was so already.
"""

from datetime import datetime, timedelta

from sqlmodel import Session

from storage import queries
from storage.tables import Run

CLAIM = timedelta(minutes=5)  # of a run, until the first heartbeat of its process, which comes well before


def pause(session: Session, *, workspace_id: int, who: str, now: datetime) -> bool:
    """No training and no new rules until somebody resumes. What people decide is kept and learned from then."""
    changed = queries.set_paused(session, workspace_id=workspace_id, at=now)
    return _noted(session, changed, workspace_id, who, "pause learning", "learning")


def resume(session: Session, *, workspace_id: int, who: str) -> bool:
    """Learn again; a night that was left out is made up for by the next tick."""
    changed = queries.set_paused(session, workspace_id=workspace_id, at=None)
    return _noted(session, changed, workspace_id, who, "resume learning", "learning")


def choose(session: Session, *, workspace_id: int, user_id: str, learns: bool) -> bool:
    """Whether a person's edits may be trained on, those of the past included."""
    changed = queries.set_learns(session, workspace_id=workspace_id, user_id=user_id, learns=learns)
    return _noted(session, changed, workspace_id, user_id, "opt in" if learns else "opt out", f"person {user_id}")


def roll_back(session: Session, *, workspace_id: int, adapter_id: int, who: str, now: datetime) -> bool:
    """Put what served before an adapter back into service, if that adapter still serves."""
    reason = "rolled back by hand"
    changed = queries.roll_back(session, workspace_id=workspace_id, adapter_id=adapter_id, reason=reason, now=now)
    row = queries.serving(session, workspace_id=workspace_id)
    return _noted(session, changed, workspace_id, who, reason, f"adapter {row.version if row else None}")


def refine_now(session: Session, *, workspace_id: int, who: str, now: datetime) -> Run | None:
    """Claim a training that somebody asked for; None while one runs, and while learning is paused."""
    run = queries.ask_for_run(session, workspace_id=workspace_id, asked_by=who, now=now, lease=CLAIM)
    _noted(session, run is not None, workspace_id, who, "refine now", f"run {run.id if run else None}")
    return run


def _noted(session: Session, changed: bool, workspace_id: int, who: str, action: str, subject: str) -> bool:
    if changed:
        queries.audit(session, workspace_id=workspace_id, actor=who, action=action, subject=subject, detail={})
    return changed
