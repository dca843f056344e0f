"""Sessions that lose nothing, and migrations that leave all or nothing."""

import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlmodel import SQLModel

from storage.database import Database
from storage.tables import Workspace

THREADS, ROUNDS = 4, 25


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    database.migrate()
    return database


def test_the_migrations_make_exactly_the_tables(database: Database) -> None:
    with database.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"include_name": _ours})
        assert compare_metadata(context, SQLModel.metadata) == []


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    """The search index is no table of ours: SQLite keeps it in some of its own, PostgreSQL as an index."""
    return not (name or "").startswith("contact_search")


def test_migrating_twice_changes_nothing(database: Database) -> None:
    database.migrate()


def test_read_then_write_from_several_threads_keeps_every_update(database: Database) -> None:
    with database.writing() as session:
        session.add(Workspace(team_id="T1", name="0"))

    def count() -> None:
        for _ in range(ROUNDS):
            with database.writing() as session:
                row = session.get(Workspace, 1)
                assert row
                row.name = str(int(row.name) + 1)

    threads = [threading.Thread(target=count) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        row = session.get(Workspace, 1)
        assert row and row.name == str(THREADS * ROUNDS)


def test_an_error_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(RuntimeError), database.writing() as session:
        session.add(Workspace(team_id="T1"))
        session.flush()
        raise RuntimeError
    with database.reading() as session:
        assert session.execute(text("select count(*) from workspace")).scalar() == 0


def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(Exception, match="FOREIGN KEY"), database.writing() as session:
        session.execute(text("insert into pointer (workspace_id, moved_at, reason) values (99, '2026-01-01', '')"))


def test_a_backup_of_a_live_database_is_whole(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        session.add(Workspace(team_id="T1"))
    database.backup(tmp_path / "copy.sqlite3")
    with sqlite3.connect(tmp_path / "copy.sqlite3") as copy:
        assert copy.execute("select team_id from workspace").fetchall() == [("T1",)]
        assert copy.execute("pragma integrity_check").fetchone() == ("ok",)
