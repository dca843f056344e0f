"""`afterword backup` and `restore` on PostgreSQL: whole or not at all, every workspace, and nothing sent twice."""

import os
from contextlib import closing
from pathlib import Path

import pytest

from bot.mail.outbox import Outbox
from storage import queries
from storage.database import Database
from tests.fakes import FakeEngines
from tests.postgres import Postgres
from tests.rows import contact, workspace
from tests.test_cli import refused, run
from tests.test_delivery import Office
from tests.test_drafting import ask, current, desk
from tests.test_reviewing import claim_and_draft


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: Postgres) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("AFTERWORD_", "SLACK_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AFTERWORD_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", f"{Path(postgres.tool('psql')).parent}:{os.environ['PATH']}")
    folder = tmp_path / "home" / "adapters" / "w1-r1-aa"
    folder.mkdir(parents=True)
    (folder / "weights").write_text("numbers")
    return tmp_path


@pytest.fixture
def waiting(home: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> str:
    """Two workspaces; in the first an approved email waits to leave."""
    url = postgres.migrated()
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", url)
    with closing(Database(url)) as database:
        with database.writing() as session:
            workspace(session), workspace(session, "T2")
        for workspace_id in (1, 2):
            with database.writing() as session:
                contact(session, workspace_id)
        ask(database)
        claim_and_draft(desk(database, FakeEngines("Subject: Hello\n\nMorning Dana.\n\nMaya")))
        Office(database, Outbox(home / "outbox")).approve(current(database, 1))
    return url


def test_a_backup_goes_into_an_empty_database_with_every_workspace_and_sends_nothing_again(
    home: Path,
    waiting: str,
    postgres: Postgres,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(capsys, "backup", str(home / "copy"))
    assert "is not empty" in refused(capsys, "restore", str(home / "copy"))
    (home / "home" / "adapters" / "w1-r1-aa" / "weights").unlink()
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", new := postgres.empty())
    run(capsys, "restore", str(home / "copy"))
    assert (home / "home" / "adapters" / "w1-r1-aa" / "weights").read_text() == "numbers"
    with closing(Database(new)) as database:
        for workspace_id in (1, 2):
            with database.reading() as session:
                assert queries.contact(session, workspace_id=workspace_id, contact_id=workspace_id)
        office = Office(database, Outbox(home / "another"))
        assert not office.work(days=1) and office.delivery().status == "unknown"
        with database.writing() as session:
            contact(session, 1, first="Sam")  # the numbering goes on where it was


def test_a_restore_that_stops_half_way_leaves_the_database_empty(
    home: Path,
    waiting: str,
    postgres: Postgres,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(capsys, "backup", str(home / "copy"))
    dump = home / "copy" / "afterword.sql"
    whole = dump.read_text("utf-8")
    dump.write_text(whole + "\nSELECT nonsense;\n", "utf-8")
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", postgres.empty())
    assert "psql stopped" in refused(capsys, "restore", str(home / "copy"))
    dump.write_text(whole, "utf-8")
    run(capsys, "restore", str(home / "copy"))


def test_what_is_missing_or_does_not_fit_is_said(
    home: Path, waiting: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "backup", str(home / "copy"))
    monkeypatch.setenv("PATH", str(home))
    assert "pg_dump is missing. Install PostgreSQL's client programs" in refused(capsys, "backup", str(home / "other"))
    assert not (home / "other").exists()
    monkeypatch.delenv("AFTERWORD_DATABASE_URL")
    assert "Set AFTERWORD_DATABASE_URL" in refused(capsys, "restore", str(home / "copy"))
