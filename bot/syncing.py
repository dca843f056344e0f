"""A connected CRM, read as it changes: page by page, each with its cursor in one transaction.

Killed between any two lines, the next run asks for the same page again, and the same record is the same row.
"""

import logging
import secrets
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bot import timeline
from bot.importing import Importer
from bot.tokens import place
from bot.vault import Vault, VaultError
from storage import queries
from storage.crm.columns import BLOCKS
from storage.crm.live import Busy, Connector, LiveError, Page, Stream, known, windows
from storage.crm.live.rows import rows_of
from storage.crm.records import Reject
from storage.database import Database
from storage.tables import Connection

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
LONGEST_PAUSE = 20.0  # seconds that a run waits for a CRM; for longer it ends and comes back
TRIES = 5
TOLD = 20  # reasons that are shown of what was left out

Connect = Callable[..., Connector]
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Syncing:
    """What reading CRMs needs."""

    database: Database
    vault: Vault
    zone: ZoneInfo
    clock: Callable[[], datetime]
    every: timedelta
    pause: Callable[[float], object]  # returns true where it is time to stop
    connect: Connect = known.connected


@dataclass
class Report:
    """What became of a run. `reasons` are told and not kept: they quote what stands in the CRM."""

    read: dict[str, int] = field(default_factory=dict)  # records by stream
    left_out: int = 0
    reasons: list[str] = field(default_factory=list)
    logged: int = 0
    error: str | None = None

    def counts(self) -> dict[str, Any]:
        return {"read": self.read, "left_out": self.left_out, "logged": self.logged}


class Lost(Exception):
    """Another process has taken the CRM over."""


class Stopped(Exception):
    """The bot is being stopped; what was read is kept."""


def sync(job: Syncing, *, workspace_id: int, crm: str) -> Report | None:
    """Read what has changed and log what left; None where somebody else is at it."""
    with job.database.writing() as session:
        row = queries.claim_connection(session, workspace_id=workspace_id, crm=crm, now=job.clock(), lease=LEASE)
    if row is None:
        return None
    report, wait = Report(), job.every
    try:
        connector = opened(job, row)
        _Run(job, row, connector, report).read()
        report.logged = timeline.log_back(job.database, row, connector, job.clock)
    except Lost:
        return None
    except Stopped:
        wait = timedelta(0)
    except (LiveError, VaultError) as trouble:
        report.error = str(trouble)
        if isinstance(trouble, Busy) and trouble.seconds:
            wait = timedelta(seconds=trouble.seconds)
    except Exception as error:
        report.error = _broken(row, error)
    _finish(job, row, report, wait)
    return report


def opened(job: Syncing, row: Connection) -> Connector:
    """Log in with what the vault holds. Raises LiveError, VaultError."""
    secret = job.vault.open(row.secret, place=place(row.workspace_id, row.crm))
    return job.connect(row.crm, address=row.address, account=row.account, secret=secret)


def _finish(job: Syncing, row: Connection, report: Report, wait: timedelta) -> None:
    now = job.clock()
    changes: dict[str, Any] = {"due_at": now + wait, "counts": report.counts(), "error": report.error}
    if report.error is None and wait:
        changes["finished_at"] = now
    with job.database.writing() as session:
        queries.finish_connection(session, **_held(row), changes=changes)


def _given(stream: Stream) -> tuple[str, ...]:
    """The fields of a stream. A contact's no is always among them, also where a connector forgets to list it."""
    return (*stream.fields, *BLOCKS) if stream.table == "contacts" else stream.fields


def _held(row: Connection) -> dict[str, Any]:
    """What names a run."""
    return {"workspace_id": row.workspace_id, "crm": row.crm, "attempt": row.attempt}


def _broken(row: Connection, error: Exception) -> str:
    """A fault of our own. Its message may quote a record, so the log gets its type and place."""
    reference = secrets.token_hex(4)
    trace = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s was not read, reference %s: %s\n%s", row.crm, reference, type(error).__name__, trace)
    return f"Something went wrong on my side ({reference})."


class _Run:
    """Every stream from its cursor to the moment of the start, so that what refers to others finds them here."""

    def __init__(self, job: Syncing, row: Connection, connector: Connector, report: Report) -> None:
        self._job = job
        self._row = row
        self._connector = connector
        self._report = report
        self._cursors = dict(row.cursors)
        self._started = job.clock()
        self._importer = Importer(
            job.database, row.workspace_id, job.zone, row.crm, lambda *_: nullcontext(lambda _: None)
        )

    def read(self) -> None:
        """What may not be read is passed over and told. Without contacts nothing else has anybody to go to."""
        for stream in self._connector.streams:
            try:
                self._read(stream)
            except Busy:
                raise
            except LiveError as trouble:
                if stream.table == "contacts":
                    raise
                self._report.error = self._report.error or f"{stream.name}: {trouble}"

    def _read(self, stream: Stream) -> None:
        while True:
            window = windows.current(self._cursors.get(stream.name), now=self._started)
            page = self._patiently(lambda window=window: self._connector.page(stream, window))  # type: ignore[misc]
            self._keep(stream, page, windows.moved(window, page.after))
            if page.after is None and window.until >= self._started:
                return

    def _keep(self, stream: Stream, page: Page, cursor: dict[str, Any]) -> None:
        """A page and how far it brings us, both or neither."""
        found = list(rows_of(stream.table, page.found, self._job.zone))
        rows = [row for row in found if not isinstance(row, Reject)]
        cursors = {**self._cursors, stream.name: cursor}
        with self._job.database.writing() as session:
            # What comes back is about people who are not here: without an address, or erased.
            self._importer.write(session, stream.table, rows, _given(stream))
            if not queries.move_cursor(session, **_held(self._row), until=self._job.clock() + LEASE, cursors=cursors):
                raise Lost
        self._cursors = cursors
        self._note(stream, len(found), [row for row in found if isinstance(row, Reject)])

    def _note(self, stream: Stream, count: int, rejects: list[Reject]) -> None:
        report = self._report
        report.read[stream.name] = report.read.get(stream.name, 0) + count
        report.left_out += len(rejects)
        room = max(TOLD - len(report.reasons), 0)
        report.reasons += [f"{stream.name} {each.raw}: {each.reason}" for each in rejects[:room]]

    def _patiently(self, question: Callable[[], Answer]) -> Answer:
        """An answer, after a while if the CRM wants one. Raises Busy for a long while, Stopped when told to stop."""
        for attempt in range(TRIES):
            if self._job.pause(0):
                raise Stopped
            try:
                return question()
            except Busy as busy:
                wait = busy.seconds or 2.0**attempt
                if attempt == TRIES - 1 or wait > LONGEST_PAUSE:
                    raise
                if self._job.pause(wait):
                    raise Stopped from None
        raise AssertionError("the last try returns or raises")
