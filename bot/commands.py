"""What each subcommand does: settings and arguments in, a plain result out. `showing.py` writes it for people."""

import gc
import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot import app, logs, mapping_file, measuring, progress, refining, reviewing, sequences, steering
from bot import demo as trial
from bot.app import ServeError
from bot.demo import DemoError
from bot.importing import Importer, Summary
from bot.settings import Settings
from bot.teams import demo as teams_demo
from bot.vault import VaultError
from bot.voices import Voices
from model import base as base_model
from model.adapters import AdapterError, verify
from model.base import BaseModelError
from model.benefit import Reviewed, benefit, weeks
from model.engine import EngineError
from model.yaml_file import FileMistake
from storage import queries
from storage.crm.csv_text import CrmFileError
from storage.database import Database, DatabaseError
from storage.queries.workspaces import LOCAL
from storage.tables import Connection, Workspace


class CommandError(Exception):
    """Something that a person can put right; the sentence says how."""


KNOWN_ERRORS = (
    AdapterError,
    BaseModelError,
    CommandError,
    CrmFileError,
    DatabaseError,
    DemoError,
    EngineError,
    FileMistake,
    ServeError,
    VaultError,
    refining.LeaseLost,
    reviewing.Blocked,
    reviewing.NotFound,
    reviewing.TooLate,
    sequences.SequenceError,
)

RUN_LEASE = timedelta(minutes=5)


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database, migrated."""
    with closing(Database(settings.database)) as database:
        database.migrate()
        yield database


def workspace_of(database: Database, arguments: Namespace) -> Workspace:
    """The workspace named, the only one, or a new local one."""
    with database.writing() as session:
        known = list(queries.workspaces(session))
        if arguments.workspace is None and len(known) <= 1:
            return known[0] if known else queries.workspace_for_team(session, team_id=LOCAL, name="This machine")
    chosen = [row for row in known if row.id == arguments.workspace]
    if chosen:
        return chosen[0]
    listed = ", ".join(f"{row.id} ({row.name or row.team_id})" for row in known)
    asked = "Several workspaces are here" if arguments.workspace is None else f"No workspace {arguments.workspace}"
    raise CommandError(f"{asked}; choose one with --workspace ID: {listed}.")


def serve(settings: Settings, arguments: Namespace) -> None:
    with logs.written(settings.log, sys.stderr):
        app.serve(settings)


def demo(settings: Settings, arguments: Namespace) -> None:
    trial.run(settings, teams_demo.start if arguments.surface == "teams" else trial.start_slack)


def fetch(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    base = base_model.find(settings.base_model, settings.cache, progress=progress.download())
    return {"path": str(base.path), "sha256": base.sha256}


def import_crm(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    mapping = mapping_file.load(arguments.mapping) if arguments.mapping else mapping_file.NO_MAPPING
    gc.freeze()  # what is loaded by now stays; to look through it again and again took a sixth of a large import
    with opened(settings) as database:
        importer = _importer(settings, database, arguments)
        summary = importer.crm(
            contacts=arguments.contacts,
            companies=arguments.companies,
            deals=arguments.deals,
            events=arguments.events,
            rejects=Path("rejects.csv"),
            mapping=mapping,
        )
    return _summary(summary)


def import_emails(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    with opened(settings) as database:
        importer = _importer(settings, database, arguments)
        return _summary(importer.emails(arguments.file, rejects=Path("rejects.csv")))


def _importer(settings: Settings, database: Database, arguments: Namespace) -> Importer:
    workspace = workspace_of(database, arguments)
    assert workspace.id is not None
    return Importer(database, workspace.id, settings.timezone, arguments.source, progress.bar)


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "files": [{**vars(file), "said": file.said()} for file in summary.files],
        "imported": sum(file.imported for file in summary.files),
        "rejected": sum(file.rejected for file in summary.files),
        "rejects": str(summary.rejects) if summary.rejects else None,
    }


def refine(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    settings.prepare_training(spawned=arguments.run_id is not None)
    with logs.written(settings.log, sys.stderr), opened(settings) as database:
        workspace = workspace_of(database, arguments)
        assert workspace.id is not None
        if workspace.learning_paused_at and not arguments.run_id:
            since = workspace.learning_paused_at.isoformat(timespec="minutes")
            raise CommandError(f"Learning is paused since {since}. Resume it first with `afterword learning resume`.")
        with database.writing() as session:
            run = (
                queries.run(session, workspace_id=workspace.id, run_id=arguments.run_id)
                if arguments.run_id
                else queries.claim_run(session, workspace_id=workspace.id, date=None, now=now(), lease=RUN_LEASE)
            )
        if run is None:
            raise CommandError(f"There is no run {arguments.run_id} in this workspace.")
        with progress.stages() as advance:
            job = refining.Refining(settings, database, Voices(settings.home, database)(workspace.id), now, advance)
            done = refining.refine(
                job, run=run, minutes=arguments.minutes or settings.refine_minutes, force=arguments.force
            )
        return _run_result(database, done)


def _run_result(database: Database, run: Any) -> dict[str, Any]:
    with database.reading() as session:
        candidate = (
            queries.adapter(session, workspace_id=run.workspace_id, adapter_id=run.candidate_id)
            if run.candidate_id
            else None
        )
    return {
        "run": run.id,
        "pairs": run.pairs,
        "candidate": candidate.version if candidate else None,
        "verdict": "promoted" if run.promoted else "kept" if run.status == "finished" else "failed",
        "reasons": run.reasons,
        "scorecards": run.scorecards,
    }


def adapters_list(settings: Settings, arguments: Namespace) -> list[dict[str, Any]]:
    with opened(settings) as database:
        workspace = workspace_of(database, arguments)
        assert workspace.id is not None
        with database.reading() as session:
            rows = queries.adapters(session, workspace_id=workspace.id)
            pointer = queries.pointer(session, workspace_id=workspace.id)
    return [
        {
            "version": row.version,
            "serving": bool(pointer and pointer.adapter_id == row.id),
            "pairs": row.pairs,
            "edit_rate": row.scorecard.get("edit_rate"),
            "created_at": row.created_at.isoformat(),
            "folder": row.folder,
        }
        for row in rows
    ]


def adapters_promote(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    with opened(settings) as database:
        workspace = workspace_of(database, arguments)
        assert workspace.id is not None
        with database.reading() as session:
            rows = {row.version: row for row in queries.adapters(session, workspace_id=workspace.id)}
        row = rows.get(arguments.version)
        if row is None:
            listed = ", ".join(map(str, rows)) or "none yet"
            raise CommandError(f"There is no adapter {arguments.version}; there are: {listed}.")
        base = base_model.find(settings.base_model, settings.cache, progress=progress.download())
        verify(settings.adapters / row.folder, base)
        return _serve_adapter(database, workspace.id, row.id, "promoted by hand")


def adapters_rollback(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    with opened(settings) as database:
        workspace = workspace_of(database, arguments)
        assert workspace.id is not None
        scope = {"workspace_id": workspace.id}
        with database.writing() as session:
            pointer = queries.pointer(session, **scope)
            if pointer is None or pointer.adapter_id is None:
                raise CommandError("The base model serves; there is nothing to roll back to.")
            steering.roll_back(session, **scope, adapter_id=pointer.adapter_id, who="command line", now=now())
            row = queries.serving(session, **scope)
        return {"serving": row.version if row else None}


def _serve_adapter(database: Database, workspace_id: int, adapter_id: int | None, reason: str) -> dict[str, Any]:
    with database.writing() as session:
        queries.move_pointer(session, workspace_id=workspace_id, adapter_id=adapter_id, reason=reason, now=now())
        row = queries.serving(session, workspace_id=workspace_id)
        version = row.version if row else None
        queries.audit(
            session,
            workspace_id=workspace_id,
            actor="command line",
            action=reason,
            subject=f"adapter {version}",
            detail={},
        )
    return {"serving": version}


def pairs_export(settings: Settings, arguments: Namespace) -> str:
    with opened(settings) as database:
        workspace = workspace_of(database, arguments)
        assert workspace.id is not None
        with database.reading() as session:
            rows = queries.pairs(session, workspace_id=workspace.id, limit=1_000_000)
            plain = [row.model_dump(mode="json", warnings=False) for row in rows]
        return "\n".join(json.dumps(pair, ensure_ascii=False) for pair in plain)


def status(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    with opened(settings) as database:
        workspace = workspace_of(database, arguments)
        assert workspace.id is not None
        scope = {"workspace_id": workspace.id}
        with database.reading() as session:
            serving = queries.serving(session, **scope)
            last = queries.latest_run(session, **scope)
            known = {
                "workspace": {"id": workspace.id, "name": workspace.name or workspace.team_id},
                "crm": queries.crm_counts(session, **scope),
                "connected": [_connected(row) for row in queries.connections(session, **scope)],
                "pairs": queries.pair_counts(session, **scope),
                "drafts": queries.draft_counts(session, **scope),
                "waiting": [row.id for row in queries.waiting_drafts(session, **scope, limit=20)],
                "adapter": serving.version if serving else None,
                "paused_at": workspace.learning_paused_at.isoformat() if workspace.learning_paused_at else None,
                "last_run": {
                    "id": last.id,
                    "status": str(last.status),
                    "started_at": last.started_at.isoformat(),
                    "promoted": last.promoted,
                    "reasons": last.reasons,
                }
                if last
                else None,
            }
        rows = measuring.reviewed(database, workspace.id, now())
    if arguments.chart:
        _chart(arguments.chart, rows)
    return {**known, "learning": measuring.as_json(rows), "chart": str(arguments.chart) if arguments.chart else None}


def _connected(row: Connection) -> dict[str, Any]:
    read = row.finished_at.isoformat(timespec="seconds") if row.finished_at else None
    return {"crm": row.crm, "address": row.address, "read_at": read, "last": row.counts, "error": row.error}


def _chart(path: Path, rows: list[Reviewed]) -> None:
    from bot import chart  # a library that only this needs

    by_week = weeks(rows)
    if not measuring.worth_a_chart(by_week):
        raise CommandError("There is no chart yet: two weeks with reviewed drafts of an adapter are needed.")
    chart.draw(path, by_week, benefit(rows))
