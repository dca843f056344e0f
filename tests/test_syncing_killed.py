"""`afterword sync` killed for real, again and again: what arrives in the end is what there is, once."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.syncing import LEASE, Syncing, sync
from bot.tokens import place
from bot.vault import Vault, keys_of
from storage import queries
from storage.database import Database
from storage.tables import Connection
from tests.crm_servers import TOKEN, HubSpotServer, serving
from tests.running import until

PEOPLE, KILLS = 1500, 3
ROOT = Path(__file__).parent.parent


def connect(home: Path, portal: HubSpotServer) -> Database:
    database = Database(f"sqlite:///{home / 'afterword.sqlite3'}")
    database.migrate()
    vault = Vault(keys_of("", home / "secret.key"))
    with database.writing() as session:
        assert queries.workspace_for_team(session, team_id="local").id == 1
        secret = vault.seal(TOKEN, place=place(1, "hubspot"))
        queries.save_connection(
            session, row=Connection(workspace_id=1, crm="hubspot", address=portal.url, secret=secret)
        )
    return database


def release(database: Database) -> None:
    """As if the lease of the dead one had run out."""
    with database.writing() as session:
        row = queries.connection(session, workspace_id=1, crm="hubspot")
        assert row
        row.lease_until = datetime.now(UTC) - LEASE
        session.add(row)


def counts(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return queries.crm_counts(session, workspace_id=1)


def test_killed_at_random_moments_nothing_is_lost_and_nothing_is_there_twice(tmp_path: Path) -> None:
    portal, seeded = HubSpotServer(), random.Random(7)
    changed = datetime.now(UTC) - timedelta(days=1)
    for id in range(1, PEOPLE + 1):
        portal.put("contacts", id, changed, email=f"p{id}@northwind.example", firstname=f"P{id}")
        portal.put("notes", id, changed, hs_timestamp="2026-11-20T10:00:00Z", hs_note_body=f"n{id}")
        portal.link("notes", id, "contacts", id)
    with serving(portal), closing(connect(tmp_path, portal)) as database:
        for _ in range(KILLS):
            _killed(tmp_path, portal, seeded)
            release(database)
        assert 0 < counts(database)["contacts"] <= PEOPLE
        job = Syncing(
            database,
            Vault(keys_of("", tmp_path / "secret.key")),
            ZoneInfo("UTC"),
            lambda: datetime.now(UTC),
            timedelta(minutes=15),
            lambda _: None,
        )
        report = sync(job, workspace_id=1, crm="hubspot")
        assert report and report.error is None and report.left_out == 0
        found: dict[str, Any] = counts(database)
    assert (found["contacts"], found["events"]) == (PEOPLE, PEOPLE)


def _killed(home: Path, portal: HubSpotServer, seeded: random.Random) -> None:
    """Start a sync, and kill it some moments after it asked for its first records."""
    known = {name: value for name, value in os.environ.items() if not name.startswith(("AFTERWORD_", "SLACK_"))}
    environment = {**known, "AFTERWORD_HOME": str(home), "PYTHONPATH": str(ROOT)}
    before = len(portal.asked)
    child = subprocess.Popen([sys.executable, "-m", "bot", "sync"], env=environment, cwd=home)
    until(lambda: len(portal.asked) > before + 2 or child.poll() is not None, 30)
    time.sleep(seeded.uniform(0, 0.3))
    child.send_signal(signal.SIGKILL)
    child.wait()
