"""The app was removed from a workspace, or its token revoked: nothing is posted there any more, and the data stays.

Bolt acknowledges an event before its listener runs, and Slack sends an acknowledged event once. So both are noted in a
middleware, before the acknowledgement.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from slack_bolt import App, BoltContext, BoltResponse

from bot.listeners.services import Services, team
from storage import queries

log = logging.getLogger(__name__)

UNINSTALLED, REVOKED = "app_uninstalled", "tokens_revoked"


def register(app: App, services: Services) -> None:
    leaving = Leaving(services)
    app.middleware(leaving.note)
    for event in (UNINSTALLED, REVOKED):
        app.event(event)(leaving.heard)


class Leaving:
    def __init__(self, services: Services) -> None:
        self._services = services

    def note(
        self, body: Mapping[str, Any], context: BoltContext, next: Callable[[], BoltResponse]
    ) -> BoltResponse | None:
        event = body.get("event") or {}
        if body.get("type") == "event_callback" and _leaves(event):
            self._remove(team(context), datetime.fromtimestamp(int(body["event_time"]), UTC), event["type"])
        return next()

    def heard(self) -> None:
        """Noted already."""

    def _remove(self, tenant: str, at: datetime, why: str) -> None:
        with self._services.database.writing() as session:
            workspace = queries.workspace_of_team(session, team_id=tenant)
            if workspace is None or workspace.id is None:
                return
            scope = {"workspace_id": workspace.id}
            if queries.remove_workspace(session, **scope, at=at):
                queries.audit(session, **scope, actor="Slack", action="remove", subject="app", detail={"event": why})
                log.warning("the app was removed from workspace %s (%s)", workspace.id, why)


def _leaves(event: Mapping[str, Any]) -> bool:
    """A person's token that is revoked is none of ours."""
    kind = event.get("type")
    return kind == UNINSTALLED or (kind == REVOKED and bool((event.get("tokens") or {}).get("bot")))
