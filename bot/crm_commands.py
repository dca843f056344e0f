"""`afterword connect`, `disconnect` and `sync`: CRMs that are read as they change."""

import getpass
import sys
import time
from argparse import Namespace
from typing import Any

from sqlmodel import Session

from bot.commands import CommandError, now, opened, workspace_of
from bot.settings import Settings
from bot.syncer import syncing
from bot.syncing import Report, Syncing
from bot.syncing import sync as read
from bot.tokens import place
from storage import queries
from storage.crm.live import LiveError
from storage.crm.live.known import CRMS, Crm, checked_address
from storage.database import Database
from storage.tables import Connection

__all__ = ["connect", "disconnect", "sync"]


def connect(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    """Log in once, and keep what it takes to do it again."""
    known = CRMS[arguments.crm]
    address, account = arguments.address or known.address, arguments.account
    if not address or (known.account and not account):
        missing = "--address" if not address else f"--account, the {known.account}"
        raise CommandError(f"{known.title} needs {missing}. docs/importing.md says where to find it.")
    secret = settings.crm_secret or _asked(known)
    with opened(settings) as database:
        workspace_id, job = _workspace(database, arguments), _job(settings, database)
        try:
            address = checked_address(address)
            connector = job.connect(arguments.crm, address=address, account=account or "", secret=secret)
            connector.check()
        except LiveError as error:
            raise CommandError(str(error)) from None
        sealed = job.vault.seal(secret, place=place(workspace_id, arguments.crm))
        row = Connection(
            workspace_id=workspace_id,
            crm=arguments.crm,
            address=address,
            account=account or "",
            secret=sealed,
            connected_at=now(),
            due_at=now(),
        )
        with database.writing() as session:
            _save(session, row)
            _audit(session, workspace_id, "connect", arguments.crm, {"address": address})
    return {"crm": arguments.crm, "address": address, "minutes": settings.sync_minutes}


def _asked(known: Crm) -> str:
    """The secret, typed by a person. Nobody is asked where nobody sits."""
    if not sys.stdin.isatty():
        raise CommandError(f"{known.title} needs the {known.secret}. Put it into AFTERWORD_CRM_SECRET.")
    return getpass.getpass(f"{known.title}: {known.secret} (not shown): ").strip()


def _save(session: Session, row: Connection) -> None:
    """Another address is another CRM, of which nothing was read yet."""
    scope: dict[str, Any] = {"workspace_id": row.workspace_id, "crm": row.crm}
    known = queries.connection(session, **scope)
    queries.save_connection(session, row=row)
    if known and known.address != row.address:
        queries.restart_connection(session, **scope)


def disconnect(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    """Forget the secret; what was read stays."""
    with opened(settings) as database:
        workspace_id = _workspace(database, arguments)
        with database.writing() as session:
            if not queries.remove_connection(session, workspace_id=workspace_id, crm=arguments.crm):
                raise CommandError(f"{CRMS[arguments.crm].title} is not connected.")
            _audit(session, workspace_id, "disconnect", arguments.crm, {})
    return {"crm": arguments.crm}


def sync(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    """Read what has changed now. The exit status is 1 when a CRM could not be read."""
    with opened(settings) as database:
        workspace_id, job = _workspace(database, arguments), _job(settings, database)
        with database.reading() as session:
            rows = queries.connections(session, workspace_id=workspace_id)
        chosen = [row.crm for row in rows if arguments.crm in (None, row.crm)]
        if not chosen:
            which = f"{CRMS[arguments.crm].title} is not" if arguments.crm else "No CRM is"
            raise CommandError(f"{which} connected. Connect it with `afterword connect`.")
        result = {crm: _read(job, workspace_id, crm, full=arguments.full) for crm in chosen}
    if failed := [f"{crm}: {each['error']}" for crm, each in result.items() if each["error"]]:
        raise _Failed(" ".join(failed), result)
    return result


class _Failed(CommandError):
    """At least one CRM was not read; the others were."""

    def __init__(self, sentence: str, result: dict[str, Any]) -> None:
        super().__init__(sentence)
        self.result = result


def _read(job: Syncing, workspace_id: int, crm: str, *, full: bool) -> dict[str, Any]:
    if full:
        with job.database.writing() as session:
            queries.restart_connection(session, workspace_id=workspace_id, crm=crm)
    report = read(job, workspace_id=workspace_id, crm=crm)
    if report is None:
        report = Report(error="Another process is reading it right now.")
    return {**report.counts(), "reasons": report.reasons, "error": report.error}


def _job(settings: Settings, database: Database) -> Syncing:
    return syncing(settings, database, now, time.sleep)


def _workspace(database: Database, arguments: Namespace) -> int:
    found = workspace_of(database, arguments).id
    assert found is not None
    return found


def _audit(session: Session, workspace_id: int, action: str, crm: str, detail: dict[str, Any]) -> None:
    queries.audit(session, workspace_id=workspace_id, actor="command line", action=action, subject=crm, detail=detail)
