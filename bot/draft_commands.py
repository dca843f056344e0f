"""`afterword draft` and `afterword review`: one email from the terminal, by the same code path as in Slack."""

import secrets
import time
from argparse import Namespace
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot import checking, delivery, drafting, progress, reviewing
from bot.briefs import DEFAULT_PLAYBOOK
from bot.commands import CommandError, now, opened, workspace_of
from bot.engines import engines_for
from bot.settings import Settings
from model import base as base_model
from model.playbook import Playbooks
from model.prompt import parted
from storage import queries
from storage.database import Database
from storage.tables import Draft, Status, Workspace

__all__ = ["draft", "review"]

WAIT_FOR_SERVE_SECONDS = 120.0


def draft(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    with opened(settings) as database:
        workspace = workspace_of(database, arguments)
        row = _request(database, workspace, arguments, Playbooks([settings.playbooks]))
        base = base_model.find(settings.base_model, settings.cache, progress=progress.download())
        with closing(engines_for(settings, base.path)) as engines:
            desk = drafting.Desk(
                database=database,
                engines=engines,
                standards=checking.by_workspace(settings, database),
                adapters=settings.adapters,
                clock=now,
            )
            finished = _drafted(desk, row)
        return _draft_result(database, finished)


def _request(database: Database, workspace: Workspace, arguments: Namespace, playbooks: Playbooks) -> Draft:
    assert workspace.id is not None
    playbook = arguments.playbook or DEFAULT_PLAYBOOK
    if playbook not in playbooks:
        raise CommandError(drafting.no_playbook(playbook, playbooks))
    with database.writing() as session:
        contact = queries.contact_by_email(session, workspace_id=workspace.id, email=arguments.to)
        if contact is None:
            raise CommandError(f"No contact has the address {arguments.to}. Import it with `afterword import crm`.")
        assert contact.id is not None
        return drafting.request(
            session,
            workspace_id=workspace.id,
            contact_id=contact.id,
            goal=arguments.goal,
            requested_by="command line",
            sender=contact.owner or workspace.name,
            channel=None,
            request_key=f"cli:{secrets.token_hex(8)}",
            now=now(),
            playbook=playbook,
            seed=arguments.seed,
            baseline=arguments.baseline,
        )


def _drafted(desk: drafting.Desk, row: Draft) -> Draft:
    """Draft the row here, unless a running `serve` was faster; then wait for it."""
    assert row.id is not None
    with desk.database.writing() as session:
        claimed = queries.claim_draft(session, now=now(), lease=drafting.LEASE, draft_id=row.id)
    if claimed:
        drafting.draft_one(desk, claimed)
    until = time.monotonic() + WAIT_FOR_SERVE_SECONDS
    while True:
        with desk.database.reading() as session:
            current = queries.draft(session, workspace_id=row.workspace_id, draft_id=row.id)
        if current and current.status not in (Status.requested, Status.drafting):
            return current
        if time.monotonic() > until:
            raise CommandError(f"Draft {row.id} is still being written by `afterword serve`; see `afterword status`.")
        time.sleep(0.2)


def _draft_result(database: Database, row: Draft) -> dict[str, Any]:
    if row.status == Status.failed:
        raise CommandError(row.error or "The draft failed.")
    with database.reading() as session:
        adapter = (
            queries.adapter(session, workspace_id=row.workspace_id, adapter_id=row.adapter_id)
            if row.adapter_id
            else None
        )
    return {
        "draft_id": row.id,
        "subject": row.subject,
        "body": row.body,
        "findings": row.findings,
        "evidence": row.brief,
        "sentences": row.evidence,
        "adapter": adapter.version if adapter else None,
        "engine": row.engine,
        "seconds": row.seconds,
        "tokens": row.tokens,
    }


def review(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    edited = _email_in(arguments.edit) if arguments.edit else None
    _check_override(settings, arguments)
    with opened(settings) as database:
        workspace = workspace_of(database, arguments)
        assert workspace.id is not None
        standards = checking.by_workspace(settings, database)(workspace.id)
        leaving = replace(delivery.leaving(settings), undo=timedelta(0))  # there is no Undo in a terminal
        with database.writing() as session:
            row = queries.draft(session, workspace_id=workspace.id, draft_id=arguments.draft_id)
            if row is None:
                raise reviewing.NotFound(arguments.draft_id)
            who: dict[str, Any] = {
                "workspace_id": workspace.id,
                "draft_id": arguments.draft_id,
                "version": row.version,
                "reviewer": "command line",
                "now": now(),
            }
            if edited:
                final: dict[str, Any] = {"subject": edited[0] or row.subject or "", "body": edited[1]}
                more = {"standards": standards, "override": arguments.override, "leaving": leaving}
                reviewing.edit(session, **who, **final, **more)
            elif arguments.approve:
                reviewing.approve(session, **who, standards=standards, leaving=leaving)
            else:
                reviewing.discard(session, **who, reason=arguments.reason)
            decided = queries.review_of(session, workspace_id=workspace.id, draft_id=arguments.draft_id)
        assert decided is not None
        return {
            "draft_id": arguments.draft_id,
            "status": str(decided.verdict),
            "findings": decided.findings,
            "delivery": _delivered(settings, database, workspace.id, arguments.draft_id),
        }


def _delivered(settings: Settings, database: Database, workspace_id: int, draft_id: int) -> dict[str, Any] | None:
    """Deliver here, without waiting for `serve`, and say how it went; None where nothing goes out."""
    delivery.deliver_now(delivery.mailing(settings, database, now), draft_id=draft_id)
    with database.reading() as session:
        row = queries.delivery_of(session, workspace_id=workspace_id, draft_id=draft_id)
    return {"status": str(row.status), "place": row.place, "error": row.error} if row else None


def _check_override(settings: Settings, arguments: Namespace) -> None:
    """Who runs this holds the settings: naming somebody who may override is what switches it on."""
    if arguments.override is None:
        return
    if not arguments.edit or not arguments.override.strip():
        raise CommandError("--override gives the reason why the email of --edit FILE goes out. Give both.")
    if not settings.named_admins:
        raise CommandError("Nobody may override a check here. Set AFTERWORD_ADMINS to the Slack ids of those who may.")


def _email_in(path: Path) -> tuple[str, str]:
    try:
        subject, body = parted(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read ({error}). Give a UTF-8 text file with the final email.") from None
    if not body.strip():
        raise CommandError(f"{path} has no text. Put the final email into it; line one may be `Subject: …`.")
    return subject, body
