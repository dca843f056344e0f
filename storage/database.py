"""The database engine and its sessions: one short transaction per unit of work.

SQLite runs every writing transaction as BEGIN IMMEDIATE: the driver's default silently loses read-then-write
updates between threads. The rollback journal is kept where the library is older than 3.51.3, whose WAL mode can
corrupt a database when two connections reset the log at the same moment.

PostgreSQL lets writers work side by side, so what reads before it writes takes a row lock or states what it read. A
reading session sees one moment there too, as it does on SQLite.
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
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError
from sqlmodel import Session

from storage import tenancy
from storage.tenancy import ScopedSession

WAL_IS_SAFE = sqlite3.sqlite_version_info >= (3, 51, 3)
LOCK_SECONDS = 10
IDLE_SECONDS = 60  # a replica that was stopped within a transaction must not hold its rows for ever
SPARE_CONNECTIONS = 20  # beside the pool's five: a `serve` has that many threads
MIGRATING = 0x61667472  # the number of the advisory lock


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
        with self._turn, ScopedSession(self._write, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with ScopedSession(self._read, expire_on_commit=False) as session:
            yield session

    def migrate(self) -> None:
        """Bring the schema to the newest migration; a failed one leaves nothing behind.

        Of several processes that start at once one migrates and the others wait for it. Raises DatabaseError when
        the database cannot be reached or its user may not change it.
        """
        try:
            with self._write.begin() as connection:
                if self._write.dialect.name == "postgresql":
                    _migrate_alone(connection)
                else:
                    command.upgrade(_alembic(connection), "head")
        except (OperationalError, ProgrammingError) as error:
            raise DatabaseError(_unusable(self._write.url, error)) from error

    def backup(self, path: Path) -> None:
        """Copy a live SQLite database with the backup API. A file copy taken during writes is not a backup."""
        if self._write.dialect.name != "sqlite":
            raise DatabaseError("backup copies SQLite only. docs/reliability.md has the pg_dump command.")
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
    """One engine that writes and one that reads."""
    parsed = _parsed(url)
    return _postgres(parsed) if parsed.drivername.startswith("postgres") else _sqlite(parsed)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseError("AFTERWORD_DATABASE_URL is no URL. Write postgresql://user:password@host/name.") from None
    if parsed.drivername.partition("+")[0] not in ("sqlite", "postgresql", "postgres"):
        raise DatabaseError(f"{parsed.drivername} is no database for Afterword. Use postgresql://… or sqlite:///….")
    return parsed


def _postgres(url: URL) -> tuple[Engine, Engine]:
    try:
        write = create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args={"connect_timeout": LOCK_SECONDS, "application_name": "afterword"},
            max_overflow=SPARE_CONNECTIONS,
            pool_pre_ping=True,
            hide_parameters=True,
        )
    except ImportError:
        raise DatabaseError("The driver of PostgreSQL is missing. Run: pip install 'afterword[postgres]'") from None
    event.listen(write, "connect", _prepare_postgres)
    return write, write.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _migrate_alone(connection: Connection) -> None:
    """The schema of PostgreSQL, which of several processes one brings up to date, and the wall between workspaces."""
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATING})"))
    tenancy.unbind(connection)
    command.upgrade(_alembic(connection), "head")
    tenancy.protect(connection)


def _prepare_postgres(connection: Any, _record: Any) -> None:
    connection.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
    connection.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
    connection.commit()


def _unusable(url: URL, error: OperationalError | ProgrammingError) -> str:
    reason = str(error.orig).strip().partition("\n")[0]
    shown = url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)
    return f"The database {shown} cannot be used ({reason}). Check AFTERWORD_DATABASE_URL and the rights of its user."


def _sqlite(url: URL) -> tuple[Engine, Engine]:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    write = create_engine(url, connect_args={"timeout": LOCK_SECONDS}, hide_parameters=True)
    read = create_engine(url, connect_args={"timeout": LOCK_SECONDS}, hide_parameters=True)
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
