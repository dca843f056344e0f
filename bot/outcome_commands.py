"""`afterword outcomes`: what came back."""

from argparse import Namespace
from typing import Any

from bot import outcomes as figures
from bot.commands import now, opened, workspace_of
from bot.settings import Settings

__all__ = ["outcomes"]


def outcomes(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    with opened(settings) as database:
        workspace = workspace_of(database, arguments)
        assert workspace.id is not None
        with database.reading() as session:
            return figures.figures(session, workspace_id=workspace.id, now=now())
