"""An import that was killed is run again: nothing is lost, nothing is there twice."""

import csv
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session, select

from storage import queries
from storage.database import Database
from storage.tables import Contact, Event
from tests.benchmarks import crm_export

ROOT = Path(__file__).parent.parent
CONTACTS, EVENTS = 11_000, 25_000


def command(export: crm_export.Export) -> list[str]:
    files = [f"--{name}={getattr(export, name)}" for name in ("companies", "contacts", "events")]
    return [sys.executable, "-m", "bot", "import", "crm", *files, "--json"]


def rows(database: Database) -> int:
    with database.reading() as session:
        return sum(queries.crm_counts(session, workspace_id=1).values())


def test_an_import_that_is_killed_again_and_again_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    export = crm_export.write(tmp_path, contacts=CONTACTS, events=EVENTS)
    home = {**os.environ, "AFTERWORD_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}
    url = f"sqlite:///{tmp_path / 'home' / 'afterword.sqlite3'}"
    with closing(Database(url)) as database:
        database.migrate()
        for reached in (1, 9_000, 20_000):  # among companies and contacts, then among events
            process = subprocess.Popen(command(export), env=home, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=-3)
            until = time.monotonic() + 60
            while process.poll() is None and rows(database) < reached and time.monotonic() < until:
                time.sleep(0.005)
            assert process.poll() is None, "it had ended before it could be killed"
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert rows(database) >= reached
        subprocess.run(command(export), env=home, cwd=tmp_path, check=True, capture_output=True)
        assert not list(tmp_path.glob("*rejects*"))
        with database.reading() as session:
            _as_written(session, export)


def _as_written(session: Session, export: crm_export.Export) -> None:
    """Every row of the files is there once, says what the file says, and is found."""
    with export.contacts.open(encoding="utf-8-sig", newline="") as file:
        written = {row["Record ID"]: row["Email"] for row in csv.DictReader(file)}
    contacts = session.exec(select(Contact.source_id, Contact.email).where(Contact.workspace_id == 1)).all()
    assert len(contacts) == CONTACTS
    assert dict(contacts) == written
    with export.events.open(encoding="utf-8-sig", newline="") as file:
        happened = sorted((row["id"], row["contact_id"], row["body"]) for row in csv.DictReader(file))
    whose = (Event.workspace_id == 1) & (Contact.workspace_id == 1) & (Contact.id == Event.contact_id)
    events = session.exec(select(Event.source_id, Contact.source_id, Event.body).where(whose)).all()
    assert sorted((event, owner, body or "") for event, owner, body in events) == happened
    assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    session.execute(text("INSERT INTO contact_search (contact_search, rank) VALUES ('integrity-check', 1)"))
    [found] = queries.search_contacts(session, workspace_id=1, text=f"p{CONTACTS - 1}@", limit=20)
    assert found.source_id == str(CONTACTS - 1)
