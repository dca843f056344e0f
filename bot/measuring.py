"""Rows to what training saved: decided drafts become figures for `afterword status` and the nightly report."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from model.benefit import MINUTES_RULE, Arm, Benefit, Reviewed, Week, benefit, weeks
from model.edit_rate import edit_rate, words
from model.repair import of_first_version
from storage import queries
from storage.database import Database
from storage.tables import Draft, Pair, Reason, Verdict

WINDOW = timedelta(weeks=12)


def reviewed(database: Database, workspace_id: int, now: datetime, window: timedelta = WINDOW) -> list[Reviewed]:
    """The decided drafts of the last weeks, without those discarded for a reason that says nothing about the text."""
    with database.reading() as session:
        rows = queries.decided(session, workspace_id=workspace_id, since=now - window)
        return [_reviewed(pair, draft) for pair, draft in rows if _judged(pair)]


def _judged(pair: Pair) -> bool:
    return pair.verdict != Verdict.discarded or Reason.of(pair.reason).about_text


def _reviewed(pair: Pair, draft: Draft) -> Reviewed:
    drafted = pair.drafted or ""
    return Reviewed(
        at=pair.at,
        account=pair.account,
        control=_arm(draft),
        rate=edit_rate(drafted, pair.final),
        words=max(len(words(drafted)), len(words(pair.final or ""))),
        unedited=pair.verdict == Verdict.approved,
        discarded=pair.verdict == Verdict.discarded,
        seconds=pair.seconds,
    )


def _arm(draft: Draft) -> bool | None:
    """Control or adapter where a lot decided.

    A repaired draft counts, as both arms are repaired alike. None for another version, a base draft by request, the
    command line, and before any adapter.
    """
    if not of_first_version(draft.seed) or draft.channel is None or (draft.baseline and not draft.control):
        return None
    return True if draft.control else False if draft.adapter_id else None


def as_json(rows: Sequence[Reviewed]) -> dict[str, Any]:
    """What `afterword status --json` says of learning."""
    found = benefit(rows)
    return {
        "sentence": found.sentence,
        "ratio": found.ratio,
        "interval": [found.low, found.high],
        "halved": found.halved,
        "minutes_saved": found.minutes_saved,
        "minutes_rule": MINUTES_RULE,
        "approved_unedited": found.unedited,
        "adapter": _arm_json(found.adapter),
        "control": _arm_json(found.control),
        "weeks": [
            {
                "monday": week.monday.isoformat(),
                "adapter": _arm_json(week.adapter),
                "control": _arm_json(week.control),
            }
            for week in weeks(rows)
        ],
    }


def _arm_json(arm: Arm | None) -> dict[str, Any] | None:
    return asdict(arm) if arm else None


def sentences(found: Benefit) -> list[str]:
    """The same for people."""
    lines = [found.sentence]
    if found.unedited is not None:
        lines.append(f"{found.unedited:.0%} of all drafts went out without an edit.")
    if found.minutes_saved is not None:
        minutes = f"about {found.minutes_saved:,.0f} minutes of typing and deleting saved"
        lines.append(f"That is {minutes}, counted as {MINUTES_RULE}.")
    return lines


def worth_a_chart(found: list[Week]) -> bool:
    """Whether there are two weeks to compare."""
    return sum(week.adapter is not None or week.control is not None for week in found) > 1
