"""What an email to somebody could be for: goals and a playbook, from what they did since our last email."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot import briefs
from bot.briefs import DEFAULT_PLAYBOOK, OCCASIONS
from model.brief import Brief
from model.lead_score import lead_score
from model.playbook import PLAIN, Playbook, missing
from storage.tables import Contact

GOALS = 5
LONGEST_GOAL = 75  # more would be cut where it is offered
FITTING = {"webinar_attended": "event_follow_up", "event_attended": "event_follow_up"}  # kind of event → playbook
WHOLE = PLAIN.model_copy(update={"scored": True})  # looks further back than a prompt does


@dataclass(frozen=True)
class Occasion:
    """Why to write to somebody: the likeliest goal first, the playbook for it, what speaks for it, strongest first."""

    goals: tuple[str, ...]
    playbook: str
    reasons: tuple[str, ...]


def occasion(
    session: Session, *, contact: Contact, now: datetime, zone: ZoneInfo, playbooks: Mapping[str, Playbook]
) -> Occasion:
    brief = briefs.build(
        session,
        contact=contact,
        goal="",
        note=None,
        sender=contact.owner or "",
        playbook=DEFAULT_PLAYBOOK,
        at=now,
        zone=zone,
        book=WHOLE,
    )
    kinds = [event.kind for event in takewhile(lambda event: event.kind != "email_sent", brief.events)]
    book = _playbook(kinds, brief, playbooks)
    goals = dict.fromkeys([*(OCCASIONS[kind] for kind in kinds if kind in OCCASIONS), *book.goals])
    offered = [goal for goal in goals if len(goal) <= LONGEST_GOAL][:GOALS]
    return Occasion(tuple(offered), book.name, tuple(reason.text for reason in lead_score(brief).reasons))


def _playbook(kinds: Iterable[str], brief: Brief, playbooks: Mapping[str, Playbook]) -> Playbook:
    """What fits the newest event that calls for an email, if the record carries it; else the default."""
    newest = next((kind for kind in kinds if kind in OCCASIONS or kind in FITTING), "")
    book = playbooks.get(FITTING.get(newest, ""))
    return book if book and not missing(book, brief) else playbooks.get(DEFAULT_PLAYBOOK, PLAIN)
