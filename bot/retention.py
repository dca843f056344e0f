"""What was kept of a workspace that removed the app goes for good after the retention time.

First the workspace is cut off from its team, then its files go, then its rows: after a crash in between the next look
goes on, and nobody who installs meanwhile comes back to half of it.
"""

import logging
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from storage import queries
from storage.database import Database

log = logging.getLogger(__name__)

LOOK_SECONDS = 3600


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


class Retention:
    """Looks every hour."""

    def __init__(self, database: Database, adapters: Path, *, days: int, clock: Callable[[], datetime]) -> None:
        self._look = lambda: erase(database, adapters, before=clock() - timedelta(days=days))
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._scheduler.add_job(self._look, "interval", seconds=LOOK_SECONDS, id="retention")

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=True)
