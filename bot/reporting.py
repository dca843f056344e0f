"""Tells the team what the night brought."""

from collections.abc import Callable
from typing import Any

from bot import cards
from bot.cards import Block
from storage import queries
from storage.database import Database
from storage.tables import Run, Workspace


class Reporter:
    """Posts a run's verdict; the workspace's own channel goes before `channel`. Without either nobody is told."""

    def __init__(self, database: Database, announce: Callable[[str, Block], bool], *, channel: str | None) -> None:
        self._database = database
        self._announce = announce
        self._channel = channel

    def __call__(self, workspace: Workspace, run: Run) -> bool:
        """Whether nobody needs to try again."""
        channel = workspace.report_channel or self._channel
        return self._announce(channel, self._verdict(run)) if channel else True

    def _verdict(self, run: Run) -> Block:
        if not run.scorecards:
            return cards.quiet_night(run.reasons)
        with self._database.reading() as session:
            serving = queries.serving(session, workspace_id=run.workspace_id)
        return cards.night(
            pairs=run.pairs,
            base=edit_rate(run.scorecards, "base"),
            incumbent=edit_rate(run.scorecards, "incumbent"),
            candidate=edit_rate(run.scorecards, "candidate"),
            promoted=run.promoted,
            adapter=serving.version if serving else None,
            reasons=run.reasons,
        )


def edit_rate(scorecards: dict[str, Any], arm: str) -> float | None:
    """The edit rate of one arm, None where it did not run."""
    card = scorecards.get(arm)
    return float(card["edit_rate"]) if card else None
