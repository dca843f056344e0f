"""`afterword learning …`: pause learning, and resume it, as App Home does."""

from argparse import Namespace
from typing import Any

from bot import steering
from bot.commands import now, opened, workspace_of
from bot.settings import Settings

__all__ = ["learning_pause", "learning_resume"]

WHO = "command line"


def learning_pause(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    with opened(settings) as database:
        workspace = workspace_of(database, arguments)
        assert workspace.id is not None
        with database.writing() as session:
            changed = steering.pause(session, workspace_id=workspace.id, who=WHO, now=now())
    return {"paused": True, "changed": changed}


def learning_resume(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    with opened(settings) as database:
        workspace = workspace_of(database, arguments)
        assert workspace.id is not None
        with database.writing() as session:
            changed = steering.resume(session, workspace_id=workspace.id, who=WHO)
    return {"paused": False, "changed": changed}
