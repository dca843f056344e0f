"""The clock: what is due, claim it once, spawn the refine, tell people. The database decides, the clock only ticks."""

import logging
import subprocess
import threading
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler

from bot.steering import CLAIM
from storage import queries
from storage.database import Database
from storage.tables import Run, RunStatus, Workspace

log = logging.getLogger(__name__)

TICK_SECONDS = 60
TELLING = timedelta(minutes=5)  # a message and a chart take less; whoever dies at it is followed by another replica


def due_date(now: datetime, zone: ZoneInfo, at: time) -> date:
    """The latest local date whose time of day has come. Every date comes exactly once, whatever the clocks do."""
    today = now.astimezone(zone).date()
    return today if moment_of(today, zone, at) <= now else today - timedelta(days=1)


def moment_of(day: date, zone: ZoneInfo, at: time) -> datetime:
    """When a local date's run starts. A time that a clock change skips or repeats still means one moment."""
    return datetime.combine(day, at, tzinfo=zone)


def next_night(now: datetime, zone: ZoneInfo, at: time) -> datetime:
    """When the run after the one that is due starts."""
    return moment_of(due_date(now, zone, at) + timedelta(days=1), zone, at)


class Nightly:
    """Ticks in UTC, claims one run per workspace and date, runs `command(run)` as a child, reports the verdict.

    `report(workspace, run)` returns whether people were told; if not, it is tried again at the next tick.
    """

    def __init__(
        self,
        database: Database,
        *,
        zone: ZoneInfo,
        at: time,
        clock: Callable[[], datetime],
        command: Callable[[Run], Sequence[str]],
        environment: dict[str, str],
        report: Callable[[Workspace, Run], bool],
    ) -> None:
        self._database = database
        self._zone, self._at, self._clock = zone, at, clock
        self._command, self._environment, self._report = command, environment, report
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = False
        self._turn = threading.Lock()  # one child at a time, whoever asked for it
        # Late is better than never: a missed tick runs once, when there is time again.
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._scheduler.add_job(self.tick, "interval", seconds=TICK_SECONDS, id="nightly")

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ticking and end a running child; its lease ends and the next start takes the run up again."""
        self._stopping = True
        self._scheduler.pause()
        child = self._child
        if child and child.poll() is None:
            child.terminate()
        self._scheduler.shutdown(wait=True)

    def tick(self) -> None:
        """Run what is due, then tell people what ended."""
        with self._turn:
            with self._database.reading() as session:
                known = list(queries.workspaces_in_service(session))
            for workspace in known:
                if run := self.claim(workspace):
                    self._refine(run)
            self.tell()

    def begin(self, run: Run) -> None:
        """Work on a run that somebody claimed just now, away from the caller's thread."""
        self._scheduler.add_job(self._begun, args=(run,))

    def _begun(self, run: Run) -> None:
        with self._turn:
            if not self._stopping:
                self._refine(run)
            self.tell()

    def claim(self, workspace: Workspace) -> Run | None:
        """Claim the due date for a workspace.

        None when it is done or in other hands, while another training runs, while learning is paused, and for the time
        before the workspace was there.
        """
        now = self._clock()
        day = due_date(now, self._zone, self._at)
        if moment_of(day, self._zone, self._at) < workspace.created_at:
            return None
        assert workspace.id is not None
        scope = {"workspace_id": workspace.id}
        with self._database.writing() as session:
            queries.in_turn(session, **scope)
            row = queries.workspace_by_id(session, **scope)  # as it is now: the night's other trainings take their time
            if row is None or row.learning_paused_at or queries.running_run(session, **scope, now=now):
                return None
            return queries.claim_run(session, **scope, date=day.isoformat(), now=now, lease=CLAIM)

    def _refine(self, run: Run) -> None:
        self._child = subprocess.Popen(self._command(run), env=self._environment, stdin=subprocess.DEVNULL)
        status = self._child.wait()
        if status == 0 or self._stopping:
            return
        log.error("refine of run %s ended with status %s", run.id, status)
        reason = "The training process ended early. The drafts go on with the adapter in service."
        assert run.id is not None
        with self._database.writing() as session:
            changes = {"status": RunStatus.failed, "reasons": [reason], "finished_at": self._clock()}
            one = {"workspace_id": run.workspace_id, "run_id": run.id, "attempt": run.attempt}
            queries.finish_run(session, **one, changes=changes)

    def tell(self) -> None:
        """Report every nightly run that ended and that nobody has heard of. Of several replicas one does."""
        with self._database.reading() as session:
            waiting = list(queries.runs_to_report(session, now=self._clock()))
        for run in waiting:
            assert run.id is not None
            one = {"workspace_id": run.workspace_id, "run_id": run.id}
            now = self._clock()
            with self._database.writing() as session:
                workspace = queries.workspace_by_id(session, workspace_id=run.workspace_id)
                ours = queries.claim_report(session, **one, now=now, until=now + TELLING)
            assert workspace is not None
            if not ours:
                continue
            told = self._report(workspace, run)
            with self._database.writing() as session:
                queries.mark_reported(session, **one, at=self._clock() if told else None)
