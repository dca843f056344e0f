"""The database engine and its sessions: one short transaction per unit of work.

SQLite runs every writing transaction as BEGIN IMMEDIATE: the driver's default silently loses read-then-write
updates between threads. The rollback journal is kept where the library is older than 3.51.3, whose WAL mode can
corrupt a database when two connections reset the log at the same moment.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlmodel import Session

WAL_IS_SAFE = sqlite3.sqlite_version_info >= (3, 51, 3)
LOCK_SECONDS = 10


class DatabaseError(Exception):
    """The database cannot be used; the sentence says why and what to do."""


class Database:
    """Sessions on one database URL.

    `writing()` commits on leaving and rolls back on an error; `reading()` never commits. Neither may be held
    across a Slack call or a generation.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._write, self._read = _engines(url)
        # SQLite lets waiting writers poll, and the unlucky ones poll for long; a lock lets threads in by turns.
        self._turn = threading.Lock() if self._write.dialect.name == "sqlite" else nullcontext()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self._turn, Session(self._write, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with Session(self._read, expire_on_commit=False) as session:
            yield session

    def migrate(self) -> None:
        """Bring the schema to the newest migration; a failed one leaves nothing behind."""
        with self._write.begin() as connection:
            command.upgrade(_alembic(connection), "head")

    def backup(self, path: Path) -> None:
        """Copy a live SQLite database with the backup API. A file copy taken during writes is not a backup."""
        if self._write.dialect.name != "sqlite":
            raise DatabaseError("backup copies SQLite only; for PostgreSQL use pg_dump")
        source = self._read.raw_connection()
        try:
            target = sqlite3.connect(path)
            with target:
                source.driver_connection.backup(target)  # type: ignore[union-attr]
            target.close()
        finally:
            source.close()

    def close(self) -> None:
        self._write.dispose()
        self._read.dispose()


def _engines(url: str) -> tuple[Engine, Engine]:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
        return engine, engine
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    write = create_engine(parsed, connect_args={"timeout": LOCK_SECONDS}, hide_parameters=True)
    read = create_engine(parsed, connect_args={"timeout": LOCK_SECONDS}, hide_parameters=True)
    for engine, begin in ((write, "BEGIN IMMEDIATE"), (read, "BEGIN")):
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_with(begin))
    return write, read


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not open transactions of its own
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA journal_mode = {'WAL' if WAL_IS_SAFE else 'DELETE'}")


def _begin_with(statement: str) -> Any:
    def begin(connection: Any) -> None:
        connection.exec_driver_sql(statement)

    return begin


def _alembic(connection: Any) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("storage") / "migrations"))
    config.attributes["connection"] = connection
    return config


def aware(moment: datetime) -> datetime:
    """UTC, whatever zone it came in. A naive time is a programmer's mistake, not a guess to make."""
    assert moment.tzinfo is not None, f"naive time {moment!r}"
    return moment.astimezone(UTC)
