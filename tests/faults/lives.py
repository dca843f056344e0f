"""One life of the whole bot in a process of its own, which ends or stands still where it is told to.

Real are Bolt, its HTTP door, the worker, the poster, the deliverer, SQLite and the outbox; the language model is a
double, and Slack keeps a transcript in the parent. Lives are forked from a server that has imported everything, so that
hundreds of them take minutes.
"""

import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bot import deliverer, drafting, posting
from storage.database import Database
from tests.fakes import FakeEngines
from tests.faults import points
from tests.running import REPLY, running, settings

EPOCH = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DYING = 0.2  # seconds until the end of a process is known
STARTING = 60.0  # seconds that a start may take on a busy machine

Plant = Callable[[], None]


@dataclass(frozen=True)
class Fate:
    """What happens at the so-manieth call of a point; `plant` is done to the life first, to see it found out."""

    point: str | None = None
    number: int = 1
    act: Callable[[], None] = points.die
    plant: Plant | None = None


class Life:
    """A bot that runs. `port` is where it listens, None where it died before that."""

    def __init__(self, url: str, home: Path, slack_url: str, ahead: Any, struck: Any, fate: Fate) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        ours, theirs = context.Pipe()
        given = (theirs, url, home, slack_url, ahead, struck, fate)
        self._process: BaseProcess = context.Process(target=_live, args=given, daemon=True)
        self._process.start()
        theirs.close()
        self.port = self._heard(ours)

    @staticmethod
    def _heard(ours: Connection) -> int | None:
        try:
            return int(ours.recv()) if ours.poll(STARTING) else None
        except EOFError:
            return None

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    @property
    def stands_still(self) -> bool:
        """Whether somebody stopped it: the state in Linux's list of processes."""
        try:
            return Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
        except OSError:
            return False

    def wake(self) -> None:
        assert self._process.pid
        os.kill(self._process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it, if it has not ended."""
        self._process.join(DYING)
        self._process.kill()
        self._process.join()


def _live(pipe: Connection, url: str, home: Path, slack_url: str, ahead: Any, struck: Any, fate: Fate) -> None:
    _be_hasty()
    if fate.plant:
        fate.plant()
    if fate.point:
        points.arm(fate.point, fate.number, lambda: _strike(struck, fate))
    begun = time.time()

    def clock() -> datetime:
        return EPOCH + timedelta(seconds=time.time() - begun + ahead.value)

    given = settings(home, SimpleNamespace(url=slack_url), undo_seconds=0)  # type: ignore[arg-type]
    database = Database(url)
    with running(given, database, FakeEngines(REPLY), clock):  # type: ignore[arg-type]
        pipe.send(given.port)
        signal.pause()


def _strike(struck: Any, fate: Fate) -> None:
    """Counted where it happens: a point that is never reached must not look like one that was survived."""
    struck.value += 1
    fate.act()


def _be_hasty() -> None:
    """Look often. Leases and pauses keep their length; the parent moves the clock over them."""
    logging.disable()
    sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115  http.server prints what breaks off
    drafting.HEARTBEAT_SECONDS = deliverer.HEARTBEAT_SECONDS = 0.1
    drafting.POLL_SECONDS = deliverer.POLL_SECONDS = posting.SWEEP_SECONDS = 0.03
