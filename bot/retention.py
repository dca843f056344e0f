"""What goes for good after a time: old rows where a time is set for them, and a workspace that removed the app.

A workspace is first cut off from its team, then its files go, then its rows: after a crash in between the next look
goes on, and nobody who installs meanwhile comes back to half of it.
"""

import logging
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from storage import queries
from storage.database import Database
from storage.queries import Kept

log = logging.getLogger(__name__)

LOOK_SECONDS = 3600
AT_ONCE = 2000  # rows in a transaction, so that drafting need not wait


def erase(database: Database, adapters: Path, *, before: datetime) -> list[int]:
    """Erase what was removed before then; the row ids of the workspaces that went."""
    with database.writing() as session:
        queries.give_up_workspaces(session, before=before)
    with database.reading() as session:
        going = [row.id for row in queries.given_up(session) if row.id is not None]
        folders = {
            found: [adapters / row.folder for row in queries.adapters(session, workspace_id=found)] for found in going
        }
    for workspace_id in going:
        for folder in folders[workspace_id]:
            shutil.rmtree(folder, ignore_errors=True)
        with database.writing() as session:
            queries.erase_workspace(session, workspace_id=workspace_id)
        log.warning("workspace %s was erased, since the app was removed from it long ago", workspace_id)
    return going


def expire(database: Database, *, days: Mapping[Kept, int], now: datetime) -> dict[Kept, int]:
    """Delete what is older than its time in every workspace; how many rows went."""
    gone = dict.fromkeys(days, 0)
    with database.reading() as session:
        known = [row.id for row in queries.workspaces(session) if row.id is not None]
    for workspace_id in known:
        for kept, time in days.items():
            before, more = now - timedelta(days=time), True
            while more:
                with database.writing() as session:
                    went = queries.expire(session, workspace_id=workspace_id, kept=kept, before=before, limit=AT_ONCE)
                gone[kept] += went
                more = went == AT_ONCE
    return gone


class Retention:
    """Looks every hour."""

    def __init__(
        self,
        database: Database,
        adapters: Path,
        *,
        days: int,
        clock: Callable[[], datetime],
        kept: Mapping[Kept, int] | None = None,
    ) -> None:
        def look() -> None:
            erase(database, adapters, before=clock() - timedelta(days=days))
            if any(gone := expire(database, days=kept or {}, now=clock())):
                log.info("past their time: %s", ", ".join(f"{count} {name}" for name, count in gone.items() if count))

        self._look = look
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._scheduler.add_job(self._look, "interval", seconds=LOOK_SECONDS, id="retention")

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=True)
