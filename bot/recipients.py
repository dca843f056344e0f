"""Whom a command means: its text to a contact and a goal, or to what stands in the way."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from bot import cards
from bot.cards import Choice
from storage import queries
from storage.tables import Contact

EMAIL = re.compile(r"^(?:<mailto:)?([^\s<>|@]+@[^\s<>|@]+\.[^\s<>|@]+)(?:\|[^>]*>)?$")
NAME_WORDS = 4  # the longest name looked for at the start of a command


@dataclass(frozen=True)
class Found:
    contact: Contact
    goal: str


@dataclass(frozen=True)
class Ambiguous:
    contacts: Sequence[Contact]
    goal: str


@dataclass(frozen=True)
class Unknown:
    name: str
    closest: Sequence[Contact]
    goal: str = ""


@dataclass(frozen=True)
class Empty:
    """The workspace has no contacts at all."""


def resolve(session: Session, *, workspace_id: int, text: str) -> Found | Ambiguous | Unknown | Empty:
    """Read `NAME-OR-EMAIL [goal]`. A name may be quoted; otherwise the longest known name at the start wins."""
    if not queries.any_contact(session, workspace_id=workspace_id):
        return Empty()
    first, _, rest = text.strip().partition(" ")
    if match := EMAIL.match(first):
        contact = queries.contact_by_email(session, workspace_id=workspace_id, email=match[1])
        return Found(contact, _goal(rest)) if contact else _unknown(session, workspace_id, match[1], rest)
    for name, goal in _readings(text):
        contacts = queries.contacts_named(session, workspace_id=workspace_id, name=name)
        if len(contacts) == 1:
            return Found(contacts[0], _goal(goal))
        if contacts:
            return Ambiguous(contacts, _goal(goal))
    name, goal = _readings(text)[0] if text.strip()[:1] in '"“' else _first_words(text)
    return _unknown(session, workspace_id, name, goal)


def choices(session: Session, contacts: Sequence[Contact]) -> list[Choice]:
    """The contacts as they are shown to somebody who has to pick one."""
    if not contacts:
        return []
    firms = {contact.company_id for contact in contacts if contact.company_id is not None}
    companies = queries.companies_of_many(session, workspace_id=contacts[0].workspace_id, company_ids=firms)
    return [cards.choice(contact, companies.get(contact.company_id or 0)) for contact in contacts]


def _readings(text: str) -> list[tuple[str, str]]:
    """Ways to part a command into name and goal, the longest name first."""
    if quoted := re.match(r'\s*["“]([^"”]+)["”]\s*(.*)', text, re.DOTALL):
        return [(quoted[1], quoted[2])]
    words = text.split()
    return [
        (" ".join(words[:n]).rstrip(",:;-–"), " ".join(words[n:])) for n in range(min(NAME_WORDS, len(words)), 0, -1)
    ]


def _first_words(text: str) -> tuple[str, str]:
    """What the name was probably meant to be: the leading words that are written like names."""
    words = text.split()
    names = 1
    while names < min(3, len(words)) and words[names][:1].isupper():
        names += 1
    return " ".join(words[:names]), " ".join(words[names:])


def _goal(text: str) -> str:
    return text.strip().strip(",:;-–").strip()


def _unknown(session: Session, workspace_id: int, name: str, goal: str) -> Unknown:
    closest = queries.closest_contacts(session, workspace_id=workspace_id, name=name)
    return Unknown(name, closest, _goal(goal))
