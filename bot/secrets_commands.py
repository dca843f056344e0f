"""`afterword secrets …`: the key that seals tokens."""

from argparse import Namespace
from typing import Any

from bot import vault
from bot.commands import opened
from bot.settings import Settings
from bot.tokens import place, sealed
from storage import queries
from storage.tables import Connection, Installation

__all__ = ["secrets_key", "secrets_rotate"]


def secrets_key(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    """A key to put into AFTERWORD_SECRET_KEY."""
    return {"key": vault.new_key()}


def secrets_rotate(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    """Seal every secret anew with the newest key. In one transaction: all of them, or none."""
    if not settings.secret_key:
        vault.add_key(settings.key_file)
    box = vault.Vault(vault.keys_of(settings.secret_key, settings.key_file))
    with opened(settings) as database:
        with database.writing() as session:
            installed, linked = queries.installations(session), queries.every_connection(session)
            for row in installed:
                queries.reseal(session, table=Installation, workspace_id=row.workspace_id, **_tokens(box, row))
            for each in linked:
                where = place(each.workspace_id, each.crm)
                secret = box.seal(box.open(each.secret, place=where), place=where)
                queries.reseal(session, table=Connection, workspace_id=each.workspace_id, crm=each.crm, secret=secret)
        for found in sorted({row.workspace_id for row in installed} | {each.workspace_id for each in linked}):
            with database.writing() as session:
                queries.audit(
                    session, workspace_id=found, actor="command line", action="rotate secrets", subject="app", detail={}
                )
    if not settings.secret_key:
        vault.drop_keys(settings.key_file)
    return {"resealed": len(installed) + len(linked), "file": None if settings.secret_key else str(settings.key_file)}


def _tokens(box: vault.Vault, row: Installation) -> dict[str, Any]:
    found = row.workspace_id
    token = box.open(row.token, place=place(found, "token"))
    refresh = box.open(row.refresh_token, place=place(found, "refresh_token")) if row.refresh_token else None
    return sealed(box, found, token, refresh)
