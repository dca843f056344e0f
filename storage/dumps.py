"""A PostgreSQL database in one file, by PostgreSQL's own programs: only they know all that a database may hold."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, create_engine, inspect, make_url

from storage.database import DatabaseError

# In the transaction that puts the rows back, so that a crash leaves no database that would send them again.
DOUBT = """
RESET search_path;
DO $$ BEGIN
IF to_regclass('delivery') IS NOT NULL THEN
    UPDATE draft SET version = version + 1
        WHERE id IN (SELECT draft_id FROM delivery WHERE status IN ('waiting', 'sending'));
    UPDATE delivery SET status = 'unknown', error = '{said}' WHERE status IN ('waiting', 'sending');
END IF;
END $$;
"""


def is_postgres(url: str) -> bool:
    return url.startswith("postgres")


def save(url: str, path: Path, *, environment: Mapping[str, str]) -> None:
    """Write a live database as SQL. Raises DatabaseError, when the program is missing too."""
    how = ["--enable-row-security", "--no-owner", "--no-privileges", "--file", str(path)]
    _run("pg_dump", [*how, "--dbname"], make_url(url), environment)


def load(url: str, path: Path, *, doubt: str, environment: Mapping[str, str]) -> None:
    """Put a saved database into an empty one, whole or not at all.

    What waited to be delivered is in doubt then, with this sentence. Raises DatabaseError.
    """
    target = make_url(url)
    shown = target.set(drivername="postgresql").render_as_string(hide_password=True)
    if _tables(target):
        raise DatabaseError(f"{shown} is not empty. Create a new database and set AFTERWORD_DATABASE_URL to it.")
    how = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    after = DOUBT.format(said=doubt.replace("'", "''"))
    _run("psql", [*how, f"--file={path}", f"--command={after}", "--dbname"], target, environment)


def _tables(url: URL) -> list[str]:
    engine = create_engine(url.set(drivername="postgresql+psycopg"))
    with closing(engine.raw_connection()):
        found = inspect(engine).get_table_names()
    engine.dispose()
    return found


def _run(program: str, how: Sequence[str], url: URL, environment: Mapping[str, str]) -> None:
    """The password goes by the environment: every user of the machine sees a command line."""
    found = shutil.which(program, path=environment.get("PATH"))
    if found is None:
        raise DatabaseError(f"{program} is missing. Install PostgreSQL's client programs, of the server's version.")
    known = {**environment, "PGOPTIONS": "-c app.workspace=*"}  # else row-level security keeps the program out
    if url.password:
        known["PGPASSWORD"] = url.password
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    done = subprocess.run([found, *how, address], env=known, capture_output=True, text=True)
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines() if "error" in line.lower()]
        reason = said[0] if said else f"status {done.returncode}"
        raise DatabaseError(f"{program} stopped: {reason}. Nothing was changed.")
