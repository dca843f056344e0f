"""The worker that delivers what is due, away from Slack's threads."""

import logging
import threading
import time
from collections.abc import Callable

from bot import logs
from bot.delivery import LEASE, Mailing, deliver_one
from storage import queries
from storage.tables import Delivery

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 10.0
POLL_SECONDS = 1.0


class Deliverer:
    """Claims what is due and delivers it; a heartbeat keeps the leases it holds. Started and stopped with the bot.

    `on_change` is called after each result is committed.
    """

    def __init__(self, job: Mailing, on_change: Callable[[], None], *, parallel: int = 2) -> None:
        self._job = job
        self._on_change = on_change
        self._stopping = threading.Event()
        self._held: dict[tuple[int, int], Delivery] = {}  # by delivery and attempt
        names = [f"deliver-{n}" for n in range(parallel)]
        self._threads = [threading.Thread(target=self._work, name=name, daemon=True) for name in names]
        self._threads.append(threading.Thread(target=self._beat, name="deliver-heartbeat", daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Finish what is in hand and stop. What is not finished in time is taken up by the next start."""
        self._stopping.set()
        until = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self._deliver_next():
                    self._stopping.wait(POLL_SECONDS)
            except Exception:
                log.exception("the deliverer goes on after an error")
                self._stopping.wait(POLL_SECONDS)

    def _deliver_next(self) -> bool:
        with self._job.database.writing() as session:
            row = queries.claim_delivery(session, now=self._job.clock(), lease=LEASE)
        if row is None:
            return False
        assert row.id is not None
        self._held[row.id, row.attempt] = row
        try:
            with logs.referring():
                if deliver_one(self._job, row):
                    self._on_change()
        finally:
            del self._held[row.id, row.attempt]
        return True

    def _beat(self) -> None:
        """First what an earlier run left behind, then the leases of what is in hand."""
        while True:
            try:
                now = self._job.clock()
                for row in list(self._held.values()):
                    with self._job.database.writing() as session:
                        queries.hold_delivery(session, row=row, until=now + LEASE)
                with self._job.database.writing() as session:
                    queries.release_deliveries(session, now=now)
            except Exception:
                log.exception("a heartbeat failed; the leases last until %s", LEASE)
            if self._stopping.wait(HEARTBEAT_SECONDS):
                return
