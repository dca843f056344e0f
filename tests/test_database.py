"""Sessions that lose nothing, and migrations that leave all or nothing, on SQLite and on PostgreSQL."""

import sqlite3
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import SQLModel

from storage import queries
from storage.database import Database, DatabaseError, _alembic
from storage.tables import Draft, Review, Tone, Workspace
from tests.fakes import MONDAY
from tests.postgres import Postgres
from tests.rows import only

pytestmark = pytest.mark.both_databases

THREADS, ROUNDS = 4, 25
NOW = "2026-11-23 09:00:00"
OLD_ROWS = (
    f"insert into workspace (id, team_id, name, created_at) values (1, 'T1', 'Acme', '{NOW}')",
    "insert into contact (id, workspace_id, source, source_id, email, search_name, email_opt_out, do_not_contact,"
    " bounced) values (1, 1, 'csv', 'd', 'd@x.example', 'dana', false, false, false)",
    "insert into draft (id, workspace_id, contact_id, request_key, status, attempt, version, goal, playbook, sender,"
    " seed, baseline, control, requested_by, posted_version, messages, findings, evidence, body, requested_at)"
    " values (1, 1, 1, 'k', 'approved', 1, 3, 'g', 'p', 'Maya', 0, false, false, 'U1', 3, '[]', '[]', '[]',"
    f" 'Morning Dana.', '{NOW}')",
    "insert into review (id, workspace_id, draft_id, verdict, reviewer, findings, at)"
    f" values (1, 1, 1, 'approved', 'U1', '[]', '{NOW}')",
)


def name_of_first(database: Database) -> str:
    with database.reading() as session:
        row = session.get(Workspace, 1)
    assert row
    return row.name


def test_the_migrations_make_exactly_the_tables(empty: Database) -> None:
    with empty.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"include_name": _ours})
        assert compare_metadata(context, SQLModel.metadata) == []


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    """The search index is no table of ours: SQLite keeps it in some of its own, PostgreSQL as an index."""
    return not (name or "").startswith("contact_search")


def test_only_the_known_tones_can_be_stored(database: Database) -> None:
    asked = {"workspace_id": 1, "contact_id": 1, "goal": "", "playbook": "p", "sender": "", "seed": 0}
    with database.writing() as session:
        for key, tone in enumerate([None, *Tone]):
            session.add(Draft(**asked, requested_by="", request_key=str(key), tone=tone))
    with pytest.raises(Exception, match="tone_known"), database.writing() as session:
        session.add(Draft(**asked, requested_by="", request_key="louder", tone="louder"))


def test_an_upgrade_keeps_what_people_decided(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    with database._write.begin() as connection:
        command.upgrade(_alembic(connection), "0005")
        for insert in OLD_ROWS:
            connection.execute(text(insert))
    database.migrate()
    with database.reading() as session:
        assert only(session, Draft).body == "Morning Dana." and only(session, Review).reviewer == "U1"


def test_migrating_twice_changes_nothing(empty: Database) -> None:
    empty.migrate()


def test_several_processes_that_start_at_once_migrate_one_empty_database(postgres: Postgres) -> None:
    url = postgres.empty()
    databases = [Database(url) for _ in range(4)]
    with ThreadPoolExecutor(len(databases)) as pool:
        list(pool.map(Database.migrate, databases))
    for database in databases:
        with database.writing() as session:
            session.add(Workspace(team_id=str(id(database))))
        database.close()


def test_read_then_write_from_several_threads_keeps_every_update(empty: Database) -> None:
    with empty.writing() as session:
        session.add(Workspace(team_id="T1", name="0"))

    def count() -> None:
        for _ in range(ROUNDS):
            with empty.writing() as session:
                row = session.get(Workspace, 1, with_for_update=True)
                assert row
                row.name = str(int(row.name) + 1)

    threads = [threading.Thread(target=count) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert name_of_first(empty) == str(THREADS * ROUNDS)


def test_a_reading_session_sees_one_moment(empty: Database) -> None:
    with empty.writing() as session:
        session.add(Workspace(team_id="T1", name="before"))
    with empty.reading() as session:
        names = [session.execute(text("select name from workspace")).scalar()]
        thread = threading.Thread(target=_rename, args=(empty,))
        thread.start()
        thread.join(0.2)  # SQLite's rollback journal makes the writer wait for the reader
        names.append(session.execute(text("select name from workspace")).scalar())
    thread.join()
    assert names == ["before", "before"]
    assert name_of_first(empty) == "after"


def _rename(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("update workspace set name = 'after'"))


def test_an_error_leaves_nothing_behind(empty: Database) -> None:
    with pytest.raises(RuntimeError), empty.writing() as session:
        session.add(Workspace(team_id="T1"))
        session.flush()
        raise RuntimeError
    with empty.reading() as session:
        assert session.execute(text("select count(*) from workspace")).scalar() == 0


def test_foreign_keys_hold(empty: Database) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), empty.writing() as session:
        queries.move_pointer(session, workspace_id=99, adapter_id=None, reason="", now=MONDAY)


def test_a_backup_of_a_live_database_is_whole(tmp_path: Path, empty: Database) -> None:
    with empty.writing() as session:
        session.add(Workspace(team_id="T1"))
    if empty.url.startswith("postgresql"):
        with pytest.raises(DatabaseError, match="pg_dump"):
            empty.backup(tmp_path / "copy.sqlite3")
        return
    empty.backup(tmp_path / "copy.sqlite3")
    with sqlite3.connect(tmp_path / "copy.sqlite3") as copy:
        assert copy.execute("select team_id from workspace").fetchall() == [("T1",)]
        assert copy.execute("pragma integrity_check").fetchone() == ("ok",)


def test_what_reads_on_postgresql_cannot_write(postgres: Postgres) -> None:
    database = Database(postgres.migrated())
    with pytest.raises(DBAPIError, match="read-only"), database.reading() as session:
        session.execute(text("update workspace set name = ''"))
    database.close()


# Which database ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "AFTERWORD_DATABASE_URL is no URL"),
        ("mysql://localhost/afterword", "mysql is no database for Afterword"),
    ],
)
def test_an_url_that_names_no_database_is_said(url: str, said: str) -> None:
    with pytest.raises(DatabaseError, match=said):
        Database(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2"])
def test_nobody_has_to_name_the_driver(postgres: Postgres, scheme: str) -> None:
    database = Database(postgres.migrated().replace("postgresql", scheme, 1))
    with database.reading() as session:
        assert session.execute(text("select count(*) from workspace")).scalar() == 0
    database.close()


def test_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DatabaseError, match=r"pip install 'afterword\[postgres\]'"):
        Database("postgresql://localhost/afterword")


def test_a_server_that_does_not_answer_is_said_without_the_password() -> None:
    database = Database("postgresql://maya:verysecret@127.0.0.1:9/afterword")
    with pytest.raises(DatabaseError, match=r"127\.0\.0\.1:9/afterword cannot be used") as caught:
        database.migrate()
    assert "verysecret" not in str(caught.value) and "AFTERWORD_DATABASE_URL" in str(caught.value)
