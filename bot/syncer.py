"""The clock that reads connected CRMs in `serve`, away from Slack's threads."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from bot import vault
from bot.settings import Settings
from bot.syncing import Syncing, sync
from storage import queries
from storage.database import Database

log = logging.getLogger(__name__)

LOOK_SECONDS = 30


def syncing(
    settings: Settings, database: Database, clock: Callable[[], datetime], pause: Callable[[float], object]
) -> Syncing:
    """Read CRMs as the settings say."""
    box = vault.Vault(vault.keys_of(settings.secret_key, settings.key_file))
    return Syncing(database, box, settings.timezone, clock, timedelta(minutes=settings.sync_minutes), pause)


class Syncer:
    """Looks twice a minute which CRM is due, and reads one after the other. A stop lets the page in hand finish."""

    def __init__(self, settings: Settings, database: Database, clock: Callable[[], datetime]) -> None:
        self._stopping = threading.Event()
        self._job = syncing(settings, database, clock, self._stopping.wait)
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._scheduler.add_job(self.look, "interval", seconds=LOOK_SECONDS, id="crm")

    def look(self) -> None:
        """Read what is due."""
        with self._job.database.reading() as session:
            due = queries.connections_due(session, now=self._job.clock())
        for workspace_id, crm in due:
            if self._stopping.is_set():
                return
            report = sync(self._job, workspace_id=workspace_id, crm=crm)
            if report and report.error:
                log.warning("%s of workspace %s: %s", crm, workspace_id, report.error)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._stopping.set()
        self._scheduler.shutdown(wait=True)
