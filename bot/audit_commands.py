"""`afterword audit`: who decided, promoted, overrode, erased and changed what, and when."""

from argparse import Namespace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.commands import now, opened, workspace_of
from bot.settings import Settings
from storage import queries

__all__ = ["audit"]

EVER = datetime(2000, 1, 1, tzinfo=UTC)


def audit(settings: Settings, arguments: Namespace) -> list[dict[str, Any]]:
    since = now() - timedelta(days=arguments.days) if arguments.days else EVER
    with opened(settings) as database:
        workspace = workspace_of(database, arguments)
        assert workspace.id is not None
        with database.reading() as session:
            scope = {"workspace_id": workspace.id}
            rows = queries.audit_trail(session, **scope, since=since, limit=arguments.limit)
    return [
        {
            "at": row.at.isoformat(),
            "who": row.actor,
            "action": row.action,
            "subject": row.subject,
            "detail": row.detail,
        }
        for row in rows
    ]
