"""`afterword backup` and `afterword restore`: database and adapters into a folder, and back."""

import shutil
from argparse import Namespace
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.commands import CommandError, opened
from bot.settings import Settings
from storage import dumps, queries
from storage.database import Database

__all__ = ["backup", "restore"]

FILE, DUMP = "afterword.sqlite3", "afterword.sql"
DOUBT = "This email waited when the backup was made that was put back."


def backup(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    """The database first: what is in it names adapters that stand complete by then."""
    target: Path = arguments.path
    if target.exists():
        raise CommandError(f"{target} exists already. Give a path that does not exist yet.")
    staging = target.with_name(target.name + ".part")
    shutil.rmtree(staging, ignore_errors=True)  # of a backup that was cut short
    staging.mkdir(parents=True)
    with opened(settings) as database:
        if dumps.is_postgres(settings.database):
            dumps.save(settings.database, staging / DUMP, environment=settings.child_environment())
        else:
            database.backup(staging / FILE)
    if settings.adapters.exists():
        shutil.copytree(settings.adapters, staging / "adapters")
    staging.rename(target)
    return {"path": str(target)}


def restore(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    """The adapters first, for the same reason."""
    source: Path = arguments.path
    if not (source / FILE).exists() and not (source / DUMP).exists():
        raise CommandError(f"{source} holds no backup ({FILE} is missing). Give a folder made by backup.")
    dumped = (source / DUMP).exists()
    if dumped and not dumps.is_postgres(settings.database):
        raise CommandError(f"{source} is of PostgreSQL. Set AFTERWORD_DATABASE_URL to a database that is empty.")
    if not dumped and settings.database_url:
        raise CommandError(f"{source} is of SQLite, which goes into home. Take out AFTERWORD_DATABASE_URL first.")
    settings.home.mkdir(parents=True, exist_ok=True)
    if (source / "adapters").exists():
        shutil.copytree(source / "adapters", settings.adapters, dirs_exist_ok=True)
    if dumped:
        _load(settings, source / DUMP)
    else:
        _replace(settings, source / FILE)
    return {"path": str(source)}


def _load(settings: Settings, saved: Path) -> None:
    dumps.load(settings.database, saved, doubt=DOUBT, environment=settings.child_environment())
    with opened(settings):
        """An older backup is brought up to date, as a start would."""


def _replace(settings: Settings, saved: Path) -> None:
    with closing(Database(f"sqlite:///{saved}")) as database:
        staging = settings.home / f"{FILE}.part"
        staging.unlink(missing_ok=True)
        database.backup(staging)
    with closing(Database(f"sqlite:///{staging}")) as database:
        database.migrate()
        with database.writing() as session:
            queries.doubt_deliveries(session, error=DOUBT)
    staging.rename(settings.home / FILE)
