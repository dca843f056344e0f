"""Tells the team what the night brought."""

from collections.abc import Callable
from typing import Any

from bot import cards, measuring
from bot.cards import Block
from model.benefit import benefit, weeks
from storage import queries
from storage.database import Database
from storage.tables import Run, RunStatus, Workspace


class Reporter:
    """Posts a run's verdict; the workspace's own channel goes before `channel`. Without either nobody is told.

    A night with nothing to learn is not worth a message. `chart(workspace_id, channel)` adds the picture.
    """

    def __init__(
        self,
        database: Database,
        announce: Callable[[str, Block], bool],
        chart: Callable[[int, str], None],
        *,
        channel: str | None,
    ) -> None:
        self._database = database
        self._announce = announce
        self._chart = chart
        self._channel = channel

    def __call__(self, workspace: Workspace, run: Run) -> bool:
        """Whether nobody needs to try again."""
        channel = workspace.report_channel or self._channel
        nothing_new = run.status == RunStatus.finished and not run.scorecards
        if channel is None or nothing_new:
            return True
        if not self._announce(channel, self._verdict(run)):
            return False
        rows = measuring.reviewed(self._database, run.workspace_id, run.finished_at or run.started_at)
        if measuring.worth_a_chart(weeks(rows)):
            self._chart(run.workspace_id, channel)
        return True

    def _verdict(self, run: Run) -> Block:
        if not run.scorecards:
            return cards.quiet_night(run.reasons)
        with self._database.reading() as session:
            serving = queries.serving(session, workspace_id=run.workspace_id)
        rows = measuring.reviewed(self._database, run.workspace_id, run.finished_at or run.started_at)
        return cards.night(
            pairs=run.pairs,
            base=edit_rate(run.scorecards, "base"),
            incumbent=edit_rate(run.scorecards, "incumbent"),
            candidate=edit_rate(run.scorecards, "candidate"),
            promoted=run.promoted,
            adapter=serving.version if serving else None,
            reasons=run.reasons,
            saved=measuring.sentences(benefit(rows)) if rows else (),
        )


def edit_rate(scorecards: dict[str, Any], arm: str) -> float | None:
    """The edit rate of one arm, None where it did not run."""
    card = scorecards.get(arm)
    return float(card["edit_rate"]) if card else None
