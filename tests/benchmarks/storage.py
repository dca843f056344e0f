"""Importing, finding and briefing at the size of a large CRM, on SQLite, with the command that people use.

    python -m tests.benchmarks.storage [--quick] [--json]

A million contacts and five million events, or with --quick a twentieth of that. Events come in the order they happened,
each of any contact, which is the hardest order for the indexes.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from bot import briefs
from storage import queries
from storage.database import Database
from tests.benchmarks import crm_export
from tests.benchmarks.report import Figure, main

ROOT = Path(__file__).parent.parent.parent
FULL, QUICK = (1_000_000, 5_000_000), (50_000, 250_000)
ASKED = 400
ZONE = ZoneInfo("Europe/Berlin")
NOW = crm_export.STARTS + timedelta(days=1001)


def measure(quick: bool) -> list[Figure]:
    contacts, events = QUICK if quick else FULL
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        export = crm_export.write(Path(folder), contacts=contacts, events=events)
        seconds, megabytes, told = _imported(export, home)
        with closing(Database(f"sqlite:///{home / 'afterword.sqlite3'}")) as database:
            with database.reading() as session:
                present = sum(queries.crm_counts(session, workspace_id=1).values())
            return [
                Figure("import_rows_per_s", told / seconds, "rows/s", 20_000, least=True),
                Figure("import_memory_mb", megabytes, "MB", 300),
                Figure("import_rows_missing", abs(told - present), "rows", 0),
                Figure("search_p95_ms", _p95(_searching(database, contacts)), "ms", 50),
                Figure("brief_p95_ms", _p95(_briefing(database, contacts)), "ms", 20),
            ]


def _imported(export: crm_export.Export, home: Path) -> tuple[float, float, int]:
    """Seconds, megabytes at the most and rows of one import, process start included."""
    files = [f"--{name}={getattr(export, name)}" for name in ("companies", "contacts", "events")]
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "import", "crm", *files, "--json"],
        env={**os.environ, "AFTERWORD_HOME": str(home), "PYTHONPATH": str(ROOT)},
        cwd=export.contacts.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return seconds, used.ru_maxrss / 1000, json.loads(said)["imported"]


def _searching(database: Database, contacts: int) -> Iterator[Callable[[], object]]:
    for typed in _typed(random.Random(1), contacts):

        def search(typed: str = typed) -> object:
            with database.reading() as session:
                return queries.search_contacts(session, workspace_id=1, text=typed, limit=20)

        yield search


def _typed(rng: random.Random, contacts: int) -> Iterator[str]:
    """What people have typed so far: the beginning of a name, of two, of an address or of a company."""
    for number in range(ASKED):
        first, last = rng.choice(crm_export.FIRST.split()), rng.choice(crm_export.LAST.split())
        whole = (
            first,
            last,
            f"{first} {last}",
            f"p{rng.randrange(contacts)}@firm",
            "".join(rng.choices(crm_export.SYLLABLES.split(), k=3)),
            f"{last} {rng.choice(crm_export.TRADES)}",
        )[number % 6]
        yield whole[: rng.randrange(1, len(whole) + 1)]


def _briefing(database: Database, contacts: int) -> Iterator[Callable[[], object]]:
    rng = random.Random(2)
    for _ in range(ASKED):

        def build(contact_id: int = rng.randrange(1, contacts)) -> object:
            with database.reading() as session:
                contact = queries.contact(session, workspace_id=1, contact_id=contact_id)
                assert contact
                return briefs.build(
                    session,
                    contact=contact,
                    goal="answer their question",
                    note=None,
                    sender="Maya Lindqvist",
                    playbook=briefs.DEFAULT_PLAYBOOK,
                    at=NOW,
                    zone=ZONE,
                )

        yield build


def _p95(calls: Iterator[Callable[[], object]]) -> float:
    """Milliseconds that 95 of 100 calls stay below; the first ten warm the caches."""
    took = []
    for call in calls:
        begun = time.perf_counter()
        call()
        took.append(1000 * (time.perf_counter() - begun))
    return statistics.quantiles(took[10:], n=100)[94]


if __name__ == "__main__":
    raise SystemExit(main("Importing, finding and briefing at the size of a large CRM.", measure))
