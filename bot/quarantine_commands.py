"""`afterword pairs quarantine`: which pairs are not learned from, and why."""

from argparse import Namespace
from typing import Any

from bot import refining
from bot.commands import opened, workspace_of
from bot.settings import Settings

__all__ = ["pairs_quarantine"]


def pairs_quarantine(settings: Settings, arguments: Namespace) -> list[dict[str, Any]]:
    with opened(settings) as database:
        workspace = workspace_of(database, arguments)
        assert workspace.id is not None
        pairs, reasons = refining.sorted_out(database, workspace.id)
    return [
        {"pair": pair.id, "at": pair.at.isoformat(), "reviewer": pair.reviewer, "reasons": reasons[pair.id]}
        for pair in pairs
        if pair.id in reasons
    ]
