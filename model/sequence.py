"""When the next email of a sequence is due, and when the sequence is over. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from model.brief import Event
from model.playbook import Step
from model.slots import day

ANSWERS = {"email_received": "they wrote back", "meeting": "they met with us"}
USAGE = "product_usage"


@dataclass(frozen=True)
class Stopped:
    """The sequence is over; the reason is a sentence for a person."""

    reason: str


def over(
    *, goal: str, started_at: datetime, events: Iterable[Event], stage: str | None, blocked: str | None
) -> Stopped | None:
    """Why nothing more may be drafted, or None. `blocked` says why nobody may write to them, if so."""
    if blocked:
        return Stopped(blocked)
    if stage and stage.casefold().strip() == goal.casefold().strip():
        return Stopped(f"The goal is reached: the deal stands at {stage}.")
    for event in events:
        if event.kind == USAGE and _names(event.subject, goal):
            return Stopped(f"The goal is reached: they used {event.subject} on {day(event.at)}.")
        if event.kind in ANSWERS and event.at > started_at:
            return Stopped(f"A person takes over: {ANSWERS[event.kind]} on {day(event.at)}.")
    return None


def due(
    steps: Sequence[Step],
    started_at: datetime,
    now: datetime,
    events: Iterable[Event],
    *,
    goal: str,
    drafted: Iterable[int] = (),
    waiting: bool = False,
    stage: str | None = None,
    blocked: str | None = None,
) -> Step | Stopped | None:
    """The step to draft now, that the sequence is over, or None: nothing yet.

    `drafted` are the days of the steps that were drafted; one of them that still waits for a person holds up the
    next. After a pause of ours only the latest step that is due is drafted, so that nobody gets two emails at once.
    """
    if stopped := over(goal=goal, started_at=started_at, events=events, stage=stage, blocked=blocked):
        return stopped
    left = [step for step in steps if step.day > max(drafted, default=-1)]
    if not left:
        return Stopped("Every step was drafted.")
    come = [step for step in left if moment_of(step, started_at) <= now]
    return come[-1] if come and not waiting else None


def moment_of(step: Step, started_at: datetime) -> datetime:
    """When a step is due: at the time of day of the start, in its zone, whatever the clocks do meanwhile."""
    return started_at + timedelta(days=step.day)


def wording(step: Step, goal: str) -> str:
    """The goal of a step's email."""
    return step.goal.replace("{goal}", goal)


def _names(subject: str | None, goal: str) -> bool:
    """Whether a usage event is about the feature: "Inspection Rounds finished" is about "inspection rounds"."""
    words = re.escape(" ".join(goal.split())).replace(r"\ ", r"\s+")
    return bool(subject and words and re.search(rf"(?<!\w){words}(?!\w)", subject, re.IGNORECASE))
