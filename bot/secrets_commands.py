"""`afterword secrets …`: the key that seals tokens."""

from argparse import Namespace
from typing import Any

from bot import vault
from bot.commands import opened
from bot.settings import Settings
from bot.tokens import place, sealed
from storage import queries

__all__ = ["secrets_key", "secrets_rotate"]


def secrets_key(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    """A key to put into AFTERWORD_SECRET_KEY."""
    return {"key": vault.new_key()}


def secrets_rotate(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    """Seal every secret anew with the newest key. In one transaction: all of them, or none."""
    if not settings.secret_key:
        vault.add_key(settings.key_file)
    box = vault.Vault(vault.keys_of(settings.secret_key, settings.key_file))
    with opened(settings) as database, database.writing() as session:
        rows = queries.installations(session)
        for row in rows:
            found = row.workspace_id
            token = box.open(row.token, place=place(found, "token"))
            refresh = box.open(row.refresh_token, place=place(found, "refresh_token")) if row.refresh_token else None
            queries.reseal_installation(session, workspace_id=found, **sealed(box, found, token, refresh))
        linked = queries.every_connection(session)
        for each in linked:
            found, where = each.workspace_id, place(each.workspace_id, each.crm)
            secret = box.seal(box.open(each.secret, place=where), place=where)
            queries.reseal_connection(session, workspace_id=found, crm=each.crm, secret=secret)
        for found in sorted({row.workspace_id for row in rows} | {each.workspace_id for each in linked}):
            queries.audit(
                session,
                workspace_id=found,
                actor="command line",
                action="rotate secrets",
                subject="app",
                detail={},
            )
    return {"resealed": len(rows) + len(linked), "file": None if settings.secret_key else str(settings.key_file)}
