"""Approvals and deliveries in a process that is killed again and again: what was promised leaves, and nothing twice.

    python -m tests.faults.deliveries [--quick] [--json]

A child approves and delivers for real: into an outbox, to a Dovecot by IMAP (where one can be started), and to an SMTP
server. It is killed with SIGKILL at random moments and at named points: right before the point of no return, right
after it, and between the delivery and its note. Then what arrived is counted against what was promised.
"""

import random
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from sqlmodel import select

from storage.database import Database
from storage.tables import Delivery, DeliveryStatus, Draft, Status
from tests.benchmarks.report import Figure
from tests.benchmarks.report import main as report
from tests.faults.delivering import EPOCH, POINTS
from tests.mail_servers import PASSWORD, USER, dovecot, smtp_sink, why_no_dovecot
from tests.rows import brief, contact, workspace

ROOT = Path(__file__).parent.parent.parent
SEED = 20261128
DATABASE = "fault.sqlite3"
Life = tuple[str, int, float]  # the point at which it ends, of the so-manieth delivery, or after so many seconds


@dataclass
class Told:
    """What a run left behind."""

    promised: set[int] = field(default_factory=set)  # drafts whose approval was said to be committed
    kills: Counter[str] = field(default_factory=Counter)
    arrived: Counter[str] = field(default_factory=Counter)  # by Message-ID
    deliveries: list[Delivery] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """Promised, and neither there nor in a person's hands."""
        known = {row.draft_id: row for row in self.deliveries}
        missing = [draft_id for draft_id in self.promised if draft_id not in known]
        silent = [
            row for row in self.deliveries if not self.arrived[row.message_id] and row.status != DeliveryStatus.unknown
        ]
        return len(missing) + len(silent)

    @property
    def doubled(self) -> int:
        """More than once, or once without anybody having approved it."""
        approved = {row.message_id for row in self.deliveries}
        return sum(count - 1 for count in self.arrived.values()) + len(self.arrived.keys() - approved)

    @property
    def unknown(self) -> int:
        return sum(row.status == DeliveryStatus.unknown for row in self.deliveries)


@contextmanager
def arrivals(way: str, folder: Path) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """Where a child delivers to, and the Message-IDs of what arrived there."""
    if way == "outbox":
        outbox = folder / "outbox"
        yield str(outbox), lambda: [_id(path.read_bytes()) for path in outbox.glob("*.eml")]
    elif way == "imap":
        with dovecot() as mailbox:
            yield (
                f"imap://{USER}@127.0.0.1:{mailbox.port}",
                lambda: [message["Message-ID"] for message, _ in mailbox.drafts()],
            )
    else:
        with smtp_sink() as sink:
            yield f"smtp://127.0.0.1:{sink.port}", sink.ids


def _id(raw: bytes) -> str:
    return str(message_from_bytes(raw, policy=default)["Message-ID"])


def prepared(path: Path, drafts: int) -> str:
    """A database with so many drafts that wait for a decision."""
    url = f"sqlite:///{path}"
    known = brief().model_dump(mode="json")
    with closing(Database(url)) as database:
        database.migrate()
        with database.writing() as session:
            workspace(session)
            who = contact(session, 1)
            for number in range(drafts):
                session.add(
                    Draft(
                        workspace_id=1,
                        contact_id=who.id or 0,
                        request_key=f"fault {number}",
                        status=Status.drafted,
                        goal="say hello",
                        playbook="sales_follow_up",
                        sender="Maya Lindqvist",
                        seed=0,
                        requested_by="U1",
                        brief=known,
                        prompt_version="1",
                        subject="Hello",
                        body="Morning Dana.\n\nMaya",
                        requested_at=EPOCH,
                        drafted_at=EPOCH,
                    )
                )
    return url


def suffer(way: str, *, drafts: int, lives: Iterable[Life], careless: bool = False) -> Told:
    """Approve and deliver so many drafts through so many lives that end violently, then in peace."""
    told = Told()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        where, arrived = stack.enter_context(arrivals(way, folder))
        command = [sys.executable, "-m", "tests.faults.delivering", prepared(folder / DATABASE, drafts), way, where]
        command += ["--password", PASSWORD]
        command += ["--careless"] if careless else []
        for point, number, seconds in lives:
            if not _lived(told, [*command, "--die", point, str(number)], point, seconds):
                break
        _lived(told, command, "never", 0.0)
        told.arrived.update(arrived())
        with closing(Database(f"sqlite:///{folder / DATABASE}")) as database, database.reading() as session:
            told.deliveries = list(session.exec(select(Delivery).where(Delivery.workspace_id == 1)).all())
    return told


def _lived(told: Told, command: list[str], point: str, seconds: float) -> bool:
    """One process from start to death; False when it ended by itself, because nothing was left to do."""
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout
    for line in child.stdout:
        if line == "0\n" and point == "any moment":
            threading.Timer(seconds, child.kill).start()
        elif line.endswith("\n"):
            told.promised.add(int(line))
    code = child.wait(timeout=300)
    assert code in (0, -signal.SIGKILL), f"a child ended with {code}"
    told.promised.discard(0)
    told.kills[point] += code != 0
    return code != 0


def fates(lives: int, seed: int = SEED) -> list[Life]:
    """How so many lives end, by lot."""
    dice = random.Random(seed)
    return [(dice.choice(POINTS), dice.randint(1, 8), dice.uniform(0.0, 0.6)) for _ in range(lives)]


def measure(quick: bool) -> list[Figure]:
    figures = []
    for way in ("outbox", "imap", "smtp"):
        if way == "imap" and why_no_dovecot():
            sys.stderr.write(f"imap is left out: {why_no_dovecot()}\n")
            continue
        told = suffer(way, drafts=60 if quick else 1_000, lives=fates(8 if quick else 120))
        kills = sum(told.kills.values())
        figures += [
            Figure(f"{way}_promised", len(told.promised), "emails", 0, least=True),
            Figure(f"{way}_kills", kills, "kills", 0, least=True),
            Figure(f"{way}_lost", told.lost, "emails", 0),
            Figure(f"{way}_doubled", told.doubled, "emails", 0),
            Figure(f"{way}_unknown", told.unknown, "emails", kills if way == "smtp" else 0),
        ]
    return figures


if __name__ == "__main__":
    sys.exit(report("what leaves although the process is killed", measure))
