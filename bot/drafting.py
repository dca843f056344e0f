"""Request to brief to draft to findings, and the worker that does it away from Slack's threads."""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlmodel import Session

from bot import briefs, checking, logs
from bot.checking import Standards
from bot.choosing import Choice, Writing, choice
from bot.watching import TELL_SECONDS, Progress, Watch
from model.brief import Brief
from model.engine import Engines
from model.playbook import Playbook, missing
from model.prompt import PROMPT_VERSION
from model.vllm import Vllm
from storage import queries
from storage.database import Database
from storage.tables import Adapter, Contact, Draft, Status, Tone

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=40)  # a dead worker's draft is taken up again well within a minute
HEARTBEAT_SECONDS = 10.0
POLL_SECONDS = 1.0  # how long a draft asked for by another process may wait unseen


def request(
    session: Session,
    *,
    workspace_id: int,
    contact_id: int,
    goal: str,
    requested_by: str,
    sender: str,
    channel: str | None,
    request_key: str,
    now: datetime,
    playbook: str = briefs.DEFAULT_PLAYBOOK,
    note: str | None = None,
    tone: Tone | None = None,
    seed: int = 0,
    baseline: bool = False,
    control_share: float = 0.0,
) -> Draft:
    """Ask for a draft. A repeated `request_key` gives the draft that exists, so that nothing is drafted twice.

    `tone` is how it should differ from what the team mostly writes. Seed 0 drafts greedily, any other seed samples.
    Once an adapter serves, a lot gives `control_share` of the drafts to the frozen base, so that what the adapter
    saves can be told from what would have changed anyway. The lot deals first, greedy drafts only.
    """
    existing = queries.draft_by_key(session, workspace_id=workspace_id, request_key=request_key)
    if existing:
        return existing
    serving = queries.serving(session, workspace_id=workspace_id)
    dealt = serving is not None and not baseline and not seed
    control = dealt and _lot(workspace_id, request_key) < control_share
    row = Draft(
        workspace_id=workspace_id,
        contact_id=contact_id,
        request_key=request_key,
        goal=goal,
        note=note,
        playbook=playbook,
        tone=tone,
        sender=sender,
        seed=seed,
        baseline=baseline or control,
        control=control,
        requested_by=requested_by,
        channel=channel,
        requested_at=now,
    )
    return queries.add_draft(session, row=row)


def _lot(workspace_id: int, request_key: str) -> float:
    """From 0 to 1, the same for the same request."""
    return int.from_bytes(hashlib.sha256(f"{workspace_id} {request_key}".encode()).digest()[:6]) / 2**48


class Refused(Exception):
    """No draft can be written; the sentence is for the person who asked."""


@dataclass(frozen=True)
class Desk:
    """What drafting needs besides the row: where rows are, what completes, what texts are held against."""

    database: Database
    engines: Engines | Vllm
    standards: Callable[[int], Standards]  # by workspace id
    adapters: Path
    clock: Callable[[], datetime]
    finished: Callable[[Status, Mapping[str, object]], None] = lambda *_: None  # hears of each result that counts

    def folder(self, adapter: Adapter | None) -> Path | None:
        return self.adapters / adapter.folder if adapter else None


def draft_one(desk: Desk, row: Draft, watch: Watch | None = None) -> bool:
    """Draft a claimed row and write the result; False when another worker has taken the row over meanwhile.

    `watch` is told how far it comes, and ended before there is a result to see.
    """
    target, changes = _drafted(desk, row, watch)
    if watch:
        watch.end()
    counts = _finish(desk, row, target, changes)
    if counts:
        desk.finished(target, changes)
    return counts


def _drafted(desk: Desk, row: Draft, watch: Watch | None) -> tuple[Status, dict[str, object]]:
    try:
        standards = desk.standards(row.workspace_id)
        with desk.database.reading() as session:
            brief, adapter = _read(session, row, standards)
        complete = partial(desk.engines.complete, adapter=desk.folder(adapter))
        writing = Writing(
            brief,
            standards,
            complete,
            slots=adapter is not None,
            at_once=desk.engines.at_once,
            # Untrained, most drafts need repair; while a core has nothing to do, the wait is half as long.
            ahead=adapter is None and desk.engines.idle() > 1,
            heard=watch.heard if watch else None,
        )
        chosen = choice(writing, row)
    except Refused as refusal:
        return Status.failed, {"error": str(refusal)}
    except Exception:
        reference = logs.reference()
        log.exception("draft %s failed, reference %s", row.id, reference)
        return Status.failed, {"error": f"Something went wrong while drafting ({reference})."}
    by = row.adapter_id if chosen.kept else adapter.id if adapter else None
    return Status.drafted, {**_result(desk, brief, standards, chosen), "adapter_id": by}


def _read(session: Session, row: Draft, standards: Standards) -> tuple[Brief, Adapter | None]:
    contact = queries.contact(session, workspace_id=row.workspace_id, contact_id=row.contact_id)
    if contact is None:
        raise Refused("This contact is no longer in the CRM.")
    if reason := blocked(contact):
        raise Refused(reason)
    book = standards.playbooks.get(row.playbook)
    if book is None:
        raise Refused(no_playbook(row.playbook, standards.playbooks))
    brief = checking.brief_of(session, row, contact, book, standards.zone)
    if lacking := missing(book, brief):
        raise Refused(too_thin(book, lacking))
    return brief, None if _by_base(row) else queries.serving(session, workspace_id=row.workspace_id)


def no_playbook(name: str, known: Iterable[str]) -> str:
    """What to tell somebody who asked for a playbook that there is not."""
    return f"There is no playbook {name!r}. There are: {', '.join(sorted(known))}."


def too_thin(book: Playbook, lacking: Sequence[str]) -> str:
    """What to tell somebody whose record cannot carry the email they asked for."""
    *most, last = lacking
    listed = f"{', '.join(most)} and {last}" if most else last
    remedy = "Add it to the CRM and import it again, or choose a playbook that needs less."
    return f"Not enough to write honestly: missing {listed}. “{book.title}” needs that. {remedy}"


def _by_base(row: Draft) -> bool:
    """Who asks for another version of a control draft gets the best there is; it then counts for neither arm."""
    return row.baseline and not (row.control and row.seed)


def blocked(contact: Contact) -> str | None:
    """Why nobody may write to this contact, or None."""
    return checking.barred(contact, "so there is no draft.")


def _result(desk: Desk, brief: Brief, standards: Standards, chosen: Choice) -> dict[str, object]:
    composed = chosen.candidate.composed
    evidence = standards.evidence(composed.subject, composed.body, brief)
    return {
        "brief": brief.model_dump(mode="json"),
        "messages": composed.messages,
        "prompt_version": PROMPT_VERSION,
        "seed": chosen.candidate.seed,
        "completion": composed.completion,
        "subject": composed.subject,
        "body": composed.body,
        "findings": [finding.as_json() for finding in chosen.candidate.findings],
        "evidence": [asdict(support) for support in evidence],
        "toned": chosen.toned.as_json() if chosen.toned else None,
        "engine": desk.engines.name,
        "tokens": composed.tokens,
        "seconds": composed.seconds,
        "drafted_at": desk.clock(),
        "error": None,
    }


def _finish(desk: Desk, row: Draft, target: Status, changes: dict[str, object]) -> bool:
    assert row.id is not None
    with desk.database.writing() as session:
        return queries.move_draft(
            session,
            workspace_id=row.workspace_id,
            draft_id=row.id,
            source=Status.drafting,
            target=target,
            attempt=row.attempt,
            changes={**changes, "lease_until": None},
        )


class Worker:
    """Claims requested drafts and drafts them, several at a time; a heartbeat keeps the leases it holds.

    `on_change(workspace_id, draft_id)` is called after each result is committed, `on_progress` with a claimed row
    while it is being written for long, at most every three seconds and never after the result.
    """

    def __init__(
        self,
        desk: Desk,
        on_change: Callable[[int, int], None],
        on_progress: Callable[[Draft, Progress], None] = lambda *_: None,
        *,
        parallel: int = 2,
    ) -> None:
        self._desk = desk
        self._on_change = on_change
        self._on_progress = on_progress
        self._asked = threading.Condition()
        self._stopping = threading.Event()
        # By draft and attempt: after a long stop a draft may come a second time.
        self._held: dict[tuple[int, int], tuple[Draft, Watch]] = {}
        names = [f"draft-{n}" for n in range(parallel)]
        self._threads = [threading.Thread(target=self._work, name=name, daemon=True) for name in names]
        self._threads.append(threading.Thread(target=self._beat, name="draft-heartbeat", daemon=True))
        self._threads.append(threading.Thread(target=self._tell, name="draft-progress", daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Say that a draft was asked for; otherwise it is found within a second."""
        with self._asked:
            self._asked.notify()

    def stop(self, timeout: float = 5.0) -> None:
        """Finish the drafts in hand and stop. What is not finished in time is taken up by the next start."""
        self._stopping.set()
        with self._asked:
            self._asked.notify_all()
        until = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self._draft_next():
                    with self._asked:
                        self._asked.wait(POLL_SECONDS)
            except Exception:
                log.exception("the drafting worker goes on after an error")
                self._stopping.wait(POLL_SECONDS)

    def _draft_next(self) -> bool:
        with self._desk.database.writing() as session:
            row = queries.claim_draft(session, now=self._desk.clock(), lease=LEASE)
        if row is None:
            return False
        assert row.id is not None
        watch, held = Watch(), (row.id, row.attempt)
        self._held[held] = row, watch
        try:
            with logs.referring():
                if draft_one(self._desk, row, watch):
                    self._on_change(row.workspace_id, row.id)
        finally:
            del self._held[held]
        return True

    def _beat(self) -> None:
        while not self._stopping.wait(HEARTBEAT_SECONDS):
            try:
                now = self._desk.clock()
                with self._desk.database.writing() as session:
                    for draft_id, attempt in list(self._held):
                        queries.extend_lease(session, draft_id=draft_id, attempt=attempt, until=now + LEASE)
                with self._desk.database.writing() as session:
                    queries.release_expired(session, now=now)
            except Exception:
                log.exception("a heartbeat failed; the leases last until %s", LEASE)

    def _tell(self) -> None:
        """One draft at a time, the one that was told least lately, since Slack takes fifty updates a minute in all."""
        while not self._stopping.wait(TELL_SECONDS / 2):
            if held := list(self._held.values()):
                row, watch = min(held, key=lambda each: each[1].told_at)
                try:
                    watch.tell(partial(self._on_progress, row))
                except Exception:
                    log.exception("how far draft %s has come could not be told", row.id)
