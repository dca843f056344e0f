"""One life of a process that approves and delivers, killed from outside or by its own hand at a named point.

    python -m tests.faults.delivering DATABASE WAY WHERE --die POINT NUMBER

Writes 0 to stdout when it is at work, then the id of each draft whose approval is committed: what was promised. Ends by
itself when nothing is left to do. The clock runs fast, so that leases end within seconds.
"""

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import select

from bot import reviewing
from bot.checking import Standards
from bot.deliverer import Deliverer
from bot.delivery import Mailing
from bot.mail import Way
from bot.mail.imap import Imap
from bot.mail.outbox import Outbox
from bot.mail.server import read
from bot.mail.smtp import Smtp
from bot.outgoing import Outgoing
from model.voice import Voice
from storage.database import Database
from storage.tables import Delivery, DeliveryStatus, Draft, Status
from tests.rows import only

FASTER = 60  # a minute passes in a second
POINTS = ("any moment", "before begin", "after begin", "after delivery")
OPEN = (DeliveryStatus.waiting, DeliveryStatus.sending)
STANDARDS = Standards(Voice(company="Mendwell", what_we_do="maintenance planning software"), ZoneInfo("UTC"))
EPOCH = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def clock() -> datetime:
    """The same for every life: time passes sixty times as fast since a fixed moment."""
    return EPOCH + timedelta(seconds=(time.time() - 1_795_000_000) * FASTER)


class Mortal:
    """A way that is killed at a named point of its so-manieth delivery."""

    def __init__(self, way: Way, point: str, number: int, *, careless: bool) -> None:
        self.name, self.looks_first = way.name, way.looks_first or careless
        self._careless = careless
        self._way = way
        self._point = point
        self._left = number
        self._lock = threading.Lock()

    def deliver(self, message: EmailMessage, *, again: bool, begin: Callable[[], None]) -> str:
        with self._lock:
            self._left -= 1
            dying = self._left == 0

        def guarded() -> None:
            die(dying and self._point == "before begin")
            begin()
            die(dying and self._point == "after begin")

        place = self._way.deliver(message, again=again and not self._careless, begin=guarded)
        die(dying and self._point == "after delivery")
        return place


def die(now: bool) -> None:
    if now:
        os.kill(os.getpid(), signal.SIGKILL)


def way_of(kind: str, where: str, password: str) -> Way:
    if kind == "outbox":
        return Outbox(Path(where))
    server = read(where, password)
    return Imap(server) if kind == "imap" else Smtp(server)


def approve_all(database: Database) -> None:
    """Approve whatever waits, and say so once it is committed."""
    with database.reading() as session:
        waiting = session.exec(select(Draft.id).where(Draft.workspace_id == 1, Draft.status == Status.drafted)).all()
    for draft_id in waiting:
        with database.writing() as session:
            row = only(session, Draft, draft_id)
            reviewing.approve(
                session,
                workspace_id=1,
                draft_id=row.id or 0,
                version=row.version,
                reviewer="U1",
                standards=STANDARDS,
                now=clock(),
                leaving=Outgoing(domain="mendwell.example"),
            )
        sys.stdout.write(f"{draft_id}\n")
        sys.stdout.flush()


def rest(database: Database) -> int:
    with database.reading() as session:
        waiting = session.exec(select(Draft.id).where(Draft.workspace_id == 1, Draft.status == Status.drafted)).all()
        leaving = session.exec(select(Delivery.id).where(Delivery.workspace_id == 1, Delivery.status.in_(OPEN))).all()  # type: ignore[attr-defined]
    return len(waiting) + len(leaving)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("database")
    parser.add_argument("way", choices=["outbox", "imap", "smtp"])
    parser.add_argument("where", help="a folder, or the address of a mail server")
    parser.add_argument("--password", default="")
    parser.add_argument("--die", nargs=2, default=["never", "0"])
    parser.add_argument("--careless", action="store_true", help="try again blindly, which the count must find out")
    given = parser.parse_args()
    database = Database(given.database)
    way = Mortal(
        way_of(given.way, given.where, given.password), given.die[0], int(given.die[1]), careless=given.careless
    )
    sys.stdout.write("0\n")
    sys.stdout.flush()
    worker = Deliverer(
        Mailing(database, way, clock, ZoneInfo("UTC"), sender="Sales <sales@mendwell.example>"), lambda: None
    )
    worker.start()
    approve_all(database)
    while rest(database):
        time.sleep(0.05)
    worker.stop()


if __name__ == "__main__":
    import bot.deliverer

    bot.deliverer.HEARTBEAT_SECONDS = 10.0 / FASTER
    bot.deliverer.POLL_SECONDS = 1.0 / FASTER
    main()
