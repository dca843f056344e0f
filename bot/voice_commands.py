"""`afterword voice …`: check a voice file before it serves, and see what served before."""

from argparse import Namespace
from typing import Any

from bot.commands import opened, workspace_of
from bot.settings import Settings
from bot.voices import FILE
from model.voice import Voice, read
from storage import queries

__all__ = ["voice_check", "voice_history"]


def voice_check(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    """What a good file sets; FileMistake with the place of the mistake for a wrong one."""
    path = arguments.file or settings.home / FILE
    voice = read(path)
    given = [name for name in Voice.model_fields if name in voice.model_fields_set]
    return {"file": str(path), "company": voice.company, "sets": given, "rules": len(voice.rules)}


def voice_history(settings: Settings, arguments: Namespace) -> list[dict[str, Any]]:
    """Every version, newest first."""
    with opened(settings) as database:
        workspace = workspace_of(database, arguments)
        assert workspace.id is not None
        with database.reading() as session:
            rows = queries.voice_versions(session, workspace_id=workspace.id)
    return [
        {
            "number": row.number,
            "at": row.at.isoformat(),
            "source": str(row.source),
            "who": row.who,
            "sha256": row.sha256,
            "text": row.text,
        }
        for row in rows
    ]
