"""Which events of a long record a draft may use. Rows in, rows out; nothing is read here."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from model.untrusted import plain
from storage.tables import Event

# What a contact does in passing says less than what somebody said; it gives way to that for so long.
PASSING = frozenset({"email_open", "email_click", "page_view", "product_usage", "email_sent"})
TELLS_FOR = timedelta(days=30)
OURS = frozenset({"email_sent", "meeting", "call"})  # after one of these a question counts as answered
ASKING = frozenset({"email_received", "form_submit", "ticket", "note"})
QUESTION = re.compile(r"[^.!?\n]{3,200}\?")
QUESTIONS_KEPT = 3


def once(events: Sequence[Event]) -> list[Event]:
    """Without what a CRM recorded twice on one day, and without older counts of the same thing."""
    seen: dict[tuple[object, ...], Event] = {}
    for event in events:
        day = None if event.count is not None else event.at.date()
        seen.setdefault((event.kind, event.subject, event.body, day), event)
    return list(seen.values())


def most_telling(events: Sequence[Event], at: datetime) -> list[Event]:
    """Events, newest first, in the order in which they are worth their place: the newest, what waits for an answer,
    what was said lately, and then the others."""
    said = [event for event in events if event.kind not in PASSING and at - event.at <= TELLS_FOR]
    order = [*events[:1], *_waiting(events), *said, *events]
    return list({event.id: event for event in order}.values())


def open_questions(events: Sequence[Event]) -> tuple[str, ...]:
    """What they or our own notes ask since we last wrote or spoke, newest first."""
    found = (match.strip() for event in _waiting(events) for match in _questions(event))
    return tuple(dict.fromkeys(found))[:QUESTIONS_KEPT]


def _waiting(events: Iterable[Event]) -> Iterator[Event]:
    for event in events:
        if event.kind in OURS:
            return
        if event.kind in ASKING and _questions(event):
            yield event


def _questions(event: Event) -> list[str]:
    return QUESTION.findall(plain(event.body or "")) or QUESTION.findall(plain(event.subject or ""))
