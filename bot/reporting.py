"""Tells the team what the night brought."""

import logging
from collections.abc import Callable
from typing import Any

from bot import cards, measuring
from bot.cards import Block
from model.benefit import Reviewed, benefit, weeks
from storage import queries
from storage.database import Database
from storage.tables import Run, RunStatus, Workspace

log = logging.getLogger(__name__)


class Reporter:
    """Posts a run's verdict; the workspace's own channel goes before `channel`. Without either only who asked is told.

    A night with nothing to learn is not worth a message, unless the one before broke. `chart(workspace_id, channel)`
    adds the picture; without it the text has still been said.
    """

    def __init__(
        self,
        database: Database,
        announce: Callable[[int, str, Block], bool],
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
        channel = workspace.report_channel or self._channel or run.asked_by
        said = self._said(run) if channel else None
        if channel is None or said is None:
            return True
        if not self._announce(run.workspace_id, channel, said):
            return False
        if run.scorecards and channel != run.asked_by:  # a picture needs a channel
            self._add_chart(run, channel)
        return True

    def _said(self, run: Run) -> Block | None:
        if run.scorecards:
            return self._verdict(run)
        if run.asked_by:
            return cards.no_result(run.reasons, failed=run.status == RunStatus.failed)
        if run.status == RunStatus.failed:
            return cards.quiet_night(run.reasons)
        with self._database.reading() as session:
            before = queries.night_before(session, workspace_id=run.workspace_id, run_id=run.id or 0)
        return cards.recovered(run.reasons) if before and before.status == RunStatus.failed else None

    def _add_chart(self, run: Run, channel: str) -> None:
        try:
            if measuring.worth_a_chart(weeks(self._rows(run))):
                self._chart(run.workspace_id, channel)
        except Exception as error:  # the message stands in Slack; to fail now would post it again every minute
            log.error("the chart of run %s could not be posted: %r", run.id, error)

    def _rows(self, run: Run) -> list[Reviewed]:
        return measuring.reviewed(self._database, run.workspace_id, run.finished_at or run.started_at)

    def _verdict(self, run: Run) -> Block:
        with self._database.reading() as session:
            serving = queries.serving(session, workspace_id=run.workspace_id)
        rows = self._rows(run)
        return cards.night(
            pairs=run.pairs,
            base=edit_rate(run.scorecards, "base"),
            incumbent=edit_rate(run.scorecards, "incumbent"),
            candidate=edit_rate(run.scorecards, "candidate"),
            promoted=run.promoted,
            adapter=serving.version if serving else None,
            reasons=run.reasons,
            saved=measuring.sentences(benefit(rows)) if rows else (),
            asked=run.asked_by is not None,
        )


def edit_rate(scorecards: dict[str, Any], arm: str) -> float | None:
    """The edit rate of one arm, None where it did not run."""
    card = scorecards.get(arm)
    return float(card["edit_rate"]) if card else None
