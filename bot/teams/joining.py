"""Joins Teams to the bot: its door, and its client beside Slack's."""

from collections.abc import Callable
from typing import cast

from slack_sdk import WebClient

from bot.listeners.services import Services
from bot.settings import Settings
from bot.teams.client import Both, Client
from bot.teams.desk import Desk, Tenant
from bot.teams.door import Door, local
from bot.teams.line import SdkLine
from storage.database import Database

Clients = Callable[[int], WebClient]


class Teams:
    """What `serve` needs of Teams. The line is opened first and closed last."""

    def __init__(self, database: Database, tenant: Tenant, line: SdkLine) -> None:
        self.line = line
        self._database = database
        self._tenant = tenant

    def client(self, workspace_id: int) -> Client:
        tenant = self._tenant
        return Client(self._database, self.line, workspace_id, tenant=tenant.id, home=tenant.home)

    def beside(self, slack: Clients) -> Clients:
        """Clients that speak in Slack and in Teams. They make the calls that Afterword makes, and no others."""
        return lambda workspace_id: cast(WebClient, Both(lambda: slack(workspace_id), self.client(workspace_id)))

    def door(self, services: Services) -> Door:
        accepts = local if self.line.open else lambda _service_url: True  # else the SDK holds it against the token
        return Door(self.line, Desk(services, self._tenant, self.client, accepts))


def teams(settings: Settings, database: Database) -> Teams:
    """Teams as the settings have it; they were checked to be complete."""
    client_id, tenant_id = settings.teams_client_id or "", settings.teams_tenant_id or ""
    secret, port = settings.teams_client_secret or "", settings.teams_port
    line = SdkLine(client_id, secret, tenant_id, port=port, open=settings.teams_unsafe_local)
    return Teams(database, Tenant.of(tenant_id, settings.teams_workspace), line)
