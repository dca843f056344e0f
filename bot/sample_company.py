"""The sample company that ships with the project, for the demo and for trying things out."""

import csv
import io
import shutil
from datetime import date, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from bot.importing import Bar, Importer, Summary
from storage.database import Database

SOURCE = "sample"
TABLES = ("companies", "contacts", "deals", "events", "emails")
MOMENTS = ("at", "sent_at", "consent_updated_at")
DATES = ("close_date",)


def seed(
    database: Database, *, home: Path, workspace_id: int, zone: ZoneInfo, now: datetime, bar: Bar
) -> list[Summary]:
    """Import the sample company, moved in time by whole weeks so that its newest event lies in the last few days.

    Weekdays stay what the texts say they are. A second call changes nothing.
    """
    importer = Importer(database=database, workspace_id=workspace_id, zone=zone, source=SOURCE, bar=bar)
    with as_file(files("bot") / "sample") as folder, TemporaryDirectory() as scratch:
        moved = _moved(folder, Path(scratch), now)
        home.mkdir(parents=True, exist_ok=True)
        if not (home / "voice.yml").exists():
            shutil.copyfile(folder / "voice.yml", home / "voice.yml")
        rejects = home / "rejects.csv"
        crm = importer.crm(
            contacts=moved["contacts"],
            companies=moved["companies"],
            deals=moved["deals"],
            events=moved["events"],
            rejects=rejects,
        )
        return [crm, importer.emails(moved["emails"], rejects=rejects)]


def _moved(folder: Path, scratch: Path, now: datetime) -> dict[str, Path]:
    tables = {name: list(csv.DictReader(io.StringIO((folder / f"{name}.csv").read_text("utf-8")))) for name in TABLES}
    newest = max(datetime.fromisoformat(event["at"]) for event in tables["events"])
    shift = timedelta(weeks=(now - newest) // timedelta(weeks=1))
    return {name: _write(scratch / f"{name}.csv", rows, shift) for name, rows in tables.items()}


def _write(path: Path, rows: list[dict[str, str]], shift: timedelta) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(_shifted(row, shift) for row in rows)
    return path


def _shifted(row: dict[str, str], shift: timedelta) -> dict[str, str]:
    moved = dict(row)
    for name in MOMENTS:
        if moved.get(name):
            moved[name] = (datetime.fromisoformat(moved[name]) + shift).isoformat()
    for name in DATES:
        if moved.get(name):
            moved[name] = (date.fromisoformat(moved[name]) + shift).isoformat()
    return moved
