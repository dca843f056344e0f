"""Sequences: the clock that asks for each step's draft when its day comes. A person reviews each; none is sent alone.

What was drafted stands in the drafts alone: a step's request key names it, so asking twice gives the draft that exists,
and every advance is one transaction. A crash anywhere leaves either all of it or nothing.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler
from sqlmodel import Session

from bot import briefs, drafting
from model.playbook import Playbook, Step, missing
from model.sequence import ANSWERS, USAGE, Stopped, due, moment_of, over, wording
from storage import queries
from storage.database import Database
from storage.tables import Contact, Draft, Sequence, SequenceStatus, Status, Workspace

log = logging.getLogger(__name__)

TICK_SECONDS = 60
UNDECIDED = frozenset({Status.requested, Status.drafting, Status.drafted})


class SequenceError(Exception):
    """A sequence cannot be started or stopped; the sentence says why and what to do."""


@dataclass(frozen=True)
class Sequencing:
    """What sequences need: where rows are, which playbooks, whose days, and where drafts are shown if nowhere else."""

    database: Database
    playbooks: Mapping[str, Playbook]
    zone: ZoneInfo
    clock: Callable[[], datetime]
    channel: str | None = None


def begin(
    job: Sequencing,
    *,
    workspace: Workspace,
    email: str,
    playbook: str,
    goal: str,
    started_by: str,
    channel: str | None = None,
) -> Sequence:
    """Start a sequence for a contact. Raises SequenceError where there is nothing to write, or one runs already."""
    assert workspace.id is not None
    book = _with_steps(job, playbook)
    now = job.clock()
    with job.database.writing() as session:
        contact = queries.contact_by_email(session, workspace_id=workspace.id, email=email)
        if contact is None or contact.id is None:
            raise SequenceError(f"No contact has the address {email}. Import it with `afterword import crm`.")
        row = Sequence(
            workspace_id=workspace.id,
            contact_id=contact.id,
            playbook=playbook,
            goal=goal.strip(),
            sender=contact.owner or workspace.name,
            started_by=started_by,
            channel=channel,
            started_at=now,
        )
        _refuse_what_is_vain(session, job, row, contact, book)
        made = queries.add_sequence(session, row=row)
        if made is None:
            raise SequenceError(_runs_already(session, row, email))
        _audit(session, made, started_by, "sequence started")
        return made


def _with_steps(job: Sequencing, name: str) -> Playbook:
    book = job.playbooks.get(name)
    if book is None:
        raise SequenceError(drafting.no_playbook(name, job.playbooks))
    if not book.steps:
        having = ", ".join(sorted(other for other, one in job.playbooks.items() if one.steps))
        raise SequenceError(f"{name!r} has no steps, so it is no sequence. Choose one that has: {having}.")
    return book


def _refuse_what_is_vain(session: Session, job: Sequencing, row: Sequence, contact: Contact, book: Playbook) -> None:
    if not row.goal:
        raise SequenceError("The goal is empty. Give the feature that they should use, or the stage to reach.")
    if stopped := over(**_state(session, job, row, contact)):
        raise SequenceError(f"There is nothing to start. {stopped.reason}")
    brief = briefs.build(
        session,
        contact=contact,
        goal=row.goal,
        note=None,
        sender=row.sender,
        playbook=book.name,
        at=row.started_at,
        zone=job.zone,
        book=book,
    )
    if lacking := missing(book, brief):
        raise SequenceError(drafting.too_thin(book, lacking))


def _runs_already(session: Session, row: Sequence, email: str) -> str:
    running = next(
        other.id
        for other in queries.sequences(session, workspace_id=row.workspace_id)
        if other.status == SequenceStatus.running
        and (other.contact_id, other.playbook) == (row.contact_id, row.playbook)
    )
    return f"A sequence runs already for {email}. Stop it first with `afterword sequence stop {running}`."


def end(job: Sequencing, *, workspace_id: int, sequence_id: int, by: str) -> Sequence:
    """Stop a sequence by hand. Raises SequenceError for one that is not there or is over."""
    with job.database.writing() as session:
        known = queries.sequence(session, workspace_id=workspace_id, sequence_id=sequence_id)
        if known is None:
            raise SequenceError(f"There is no sequence {sequence_id}. `afterword sequence list` shows them.")
        reason = f"Stopped by {by}."
        if not queries.stop_sequence(
            session, workspace_id=workspace_id, sequence_id=sequence_id, reason=reason, now=job.clock()
        ):
            raise SequenceError(f"Sequence {sequence_id} is over already: {known.reason}")
        _audit(session, known, by, "sequence stopped")
        session.refresh(known)
        return known


def advance(job: Sequencing, *, workspace_id: int, sequence_id: int) -> Draft | None:
    """Ask for the draft that is due, or end what is over; the draft, or None. All of it or nothing is written."""
    with job.database.writing() as session:
        row = queries.hold_sequence(session, workspace_id=workspace_id, sequence_id=sequence_id)
        book = job.playbooks.get(row.playbook) if row else None
        if row is None or book is None:  # a playbook whose file is broken or gone holds its sequences up
            return None
        contact = queries.contact(session, workspace_id=row.workspace_id, contact_id=row.contact_id)
        assert contact is not None, f"sequence {row.id} without its contact"
        found = _due(session, job, row, contact, book)
        if isinstance(found, Stopped):
            queries.stop_sequence(
                session,
                workspace_id=workspace_id,
                sequence_id=sequence_id,
                reason=found.reason,
                now=job.clock(),
            )
        return _request(session, job, row, found) if isinstance(found, Step) else None


def _due(session: Session, job: Sequencing, row: Sequence, contact: Contact, book: Playbook) -> Step | Stopped | None:
    drafts = drafts_of(session, row)
    return due(
        book.steps,
        now=job.clock(),
        drafted=drafts,
        waiting=any(draft.status in UNDECIDED for draft in drafts.values()),
        **_state(session, job, row, contact),
    )


def _state(session: Session, job: Sequencing, row: Sequence, contact: Contact) -> dict[str, Any]:
    """What tells whether a sequence is over."""
    scope = {"workspace_id": row.workspace_id, "contact_id": row.contact_id}
    deal = queries.deal_for(session, **scope)
    events = queries.latest_events(session, **scope, kinds=[*ANSWERS, USAGE], before=job.clock())
    return {
        "goal": row.goal,
        "started_at": row.started_at.astimezone(job.zone),
        "events": [briefs.event(one, job.zone) for one in events],
        "stage": deal.stage if deal else None,
        "blocked": drafting.blocked(contact),
    }


def drafts_of(session: Session, row: Sequence) -> dict[int, Draft]:
    """Day of the step → its draft."""
    found = queries.drafts_asked_as(session, workspace_id=row.workspace_id, prefix=_key(row, ""))
    return {int(draft.request_key.rpartition(":")[2]): draft for draft in found}


def _key(row: Sequence, step: int | str) -> str:
    return f"sequence:{row.id}:{step}"


def _request(session: Session, job: Sequencing, row: Sequence, step: Step) -> Draft:
    channel = row.channel or queries.review_channel(session, workspace_id=row.workspace_id) or job.channel
    return drafting.request(
        session,
        workspace_id=row.workspace_id,
        contact_id=row.contact_id,
        goal=wording(step, row.goal),
        requested_by=row.started_by,
        sender=row.sender,
        channel=channel,
        request_key=_key(row, step.day),
        now=job.clock(),
        playbook=row.playbook,
    )


def _audit(session: Session, row: Sequence, actor: str, action: str) -> None:
    queries.audit(
        session,
        workspace_id=row.workspace_id,
        actor=actor,
        action=action,
        subject=f"sequence {row.id}",
        detail={"playbook": row.playbook},
    )


def described(job: Sequencing, session: Session, row: Sequence) -> dict[str, Any]:
    """A sequence as plain values: who, what for, what was drafted, what comes next."""
    contact = queries.contact(session, workspace_id=row.workspace_id, contact_id=row.contact_id)
    drafts = drafts_of(session, row)
    book = job.playbooks.get(row.playbook)
    start = row.started_at.astimezone(job.zone)
    left = [step for step in book.steps if step.day > max(drafts, default=-1)] if book else []
    coming = left[0] if left and row.status == SequenceStatus.running else None
    return {
        "sequence": row.id,
        "to": contact.email if contact else None,
        "playbook": row.playbook,
        "goal": row.goal,
        "status": str(row.status),
        "reason": row.reason,
        "started_at": start.isoformat(),
        "drafts": [
            {"day": day, "draft_id": drafts[day].id, "status": str(drafts[day].status)} for day in sorted(drafts)
        ],
        "next": {"day": coming.day, "at": moment_of(coming, start).isoformat()} if coming else None,
    }


class Sequences:
    """Looks every minute which step is due. Started and stopped with the bot."""

    def __init__(self, job: Sequencing) -> None:
        self._job = job
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._scheduler.add_job(self.tick, "interval", seconds=TICK_SECONDS, id="sequences")

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=True)

    def tick(self) -> None:
        """Advance whatever runs; trouble with one sequence holds up no other."""
        with self._job.database.reading() as session:
            running = queries.running_sequences(session)
        for workspace_id, sequence_id in running:
            try:
                advance(self._job, workspace_id=workspace_id, sequence_id=sequence_id)
            except Exception:
                log.exception("sequence %s could not be advanced; it is tried again", sequence_id)
