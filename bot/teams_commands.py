"""`afterword teams-package`: what an admin of Microsoft Teams uploads."""

from argparse import Namespace
from typing import Any
from urllib.parse import urlsplit

from bot.commands import CommandError
from bot.settings import Settings
from bot.teams import package

__all__ = ["teams_package"]


def teams_package(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    if not settings.teams_client_id:
        raise CommandError("TEAMS_CLIENT_ID is not set; docs/teams.md says where to find it.")
    if urlsplit(arguments.website).scheme != "https":
        raise CommandError(f"--website {arguments.website!r} is no https address; Teams takes no other.")
    package.write(arguments.path, package.manifest(settings.teams_client_id, arguments.website))
    return {"path": str(arguments.path)}
