"""Rows to a brief: the one place where CRM tables become the facts a draft may use.

What stands in a CRM was written by anybody, customers among them, so every text is made plain here.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot import telling
from model import brief as facts
from model import required
from model.brief import EVENTS_KEPT, Brief
from model.playbook import DEFAULT, PLAIN, Playbook
from model.untrusted import plain
from storage import queries
from storage.tables import Company, Contact, Deal, Event

DEFAULT_PLAYBOOK = DEFAULT
LOOKED_AT = 20  # events that may be shown; a lead score looks at all of them
# Characters of a text that a small model's context has room for, beside the others at their longest.
NAME, SUBJECT, GOAL, NOTE = 120, 200, 400, 800
OCCASIONS = {
    "email_received": "answer their email",
    "meeting": "follow up on the meeting",
    "call": "follow up on the call",
    "webinar_attended": "follow up on the webinar",
    "form_submit": "answer their request",
    "document_download": "follow up on the download",
    "ticket": "follow up on the ticket",
    "stage_change": "move the deal forward",
}


def build(
    session: Session,
    *,
    contact: Contact,
    goal: str,
    note: str | None,
    sender: str,
    playbook: str,
    at: datetime,
    zone: ZoneInfo,
    book: Playbook = PLAIN,
) -> Brief:
    """The brief for a contact as the record stood at a moment, which may lie in the past.

    What `book` asks for is among the events that the prompt shows, even where newer ones would have pushed it out.
    """
    assert contact.id is not None
    scope = {"workspace_id": contact.workspace_id}
    company = queries.company(session, **scope, company_id=contact.company_id) if contact.company_id else None
    deal = queries.deal_for(session, **scope, contact_id=contact.id)
    looked_at = _newest(session, contact, at)
    events = _events(session, contact, at, book, looked_at)
    known = of_rows(contact, company, deal, events, at=at, zone=zone, goal=goal, sender=sender, playbook=playbook)
    more = {
        "note": _plain(note, NOTE),
        "open_questions": telling.open_questions(looked_at),
        "left_out": _left_out(session, contact, at, events, zone) if len(looked_at) > len(events) else (),
    }
    return known.model_copy(update=more)


def of_rows(
    contact: Contact,
    company: Company | None,
    deal: Deal | None,
    events: Sequence[Event],
    *,
    at: datetime,
    zone: ZoneInfo,
    goal: str = "",
    sender: str = "",
    playbook: str = DEFAULT_PLAYBOOK,
) -> Brief:
    """The brief of a record that was read before; `events` newest first."""
    return Brief(
        contact=facts.Contact(
            first_name=_plain(contact.first_name, NAME),
            last_name=_plain(contact.last_name, NAME),
            title=_plain(contact.title, NAME),
            email=contact.email,
        ),
        company=_company(company),
        deal=_deal(deal),
        events=tuple(event(row, zone) for row in events),
        goal=_plain(goal, GOAL) or default_goal(events[0] if events else None),
        sender=_sender(sender),
        playbook=playbook,
        at=at.astimezone(zone),
    )


def _newest(session: Session, contact: Contact, at: datetime) -> Sequence[Event]:
    assert contact.id is not None
    return queries.events_for(
        session, workspace_id=contact.workspace_id, contact_id=contact.id, before=at, limit=LOOKED_AT
    )


def _events(
    session: Session, contact: Contact, at: datetime, book: Playbook, looked_at: Sequence[Event]
) -> Sequence[Event]:
    assert contact.id is not None
    before = partial(queries.events_for, session, workspace_id=contact.workspace_id, contact_id=contact.id, before=at)
    # A score counts what happened, all of it and in its order; who writes needs the telling events, once each.
    newest = looked_at if book.scored else telling.most_telling(telling.once(looked_at), at)
    wanted = [kinds for fact in book.requires if (kinds := required.kinds(fact))]
    found = [before(limit=1, kinds=kinds) for kinds in wanted]
    needed = [event for events in found for event in events]
    shown = list({event.id: event for event in [*needed, *newest]}.values())[:EVENTS_KEPT]
    shown.sort(key=_when, reverse=True)
    older = [event for event in newest if _when(event) < _when(shown[-1])] if book.scored else []
    return [*shown, *older]


def _left_out(
    session: Session, contact: Contact, at: datetime, kept: Sequence[Event], zone: ZoneInfo
) -> tuple[facts.LeftOut, ...]:
    assert contact.id is not None
    scope = {"workspace_id": contact.workspace_id, "contact_id": contact.id}
    tallies = queries.event_tallies(session, **scope, before=at, without=[event.id for event in kept if event.id])
    return tuple(
        facts.LeftOut(
            kind=plain(tally.kind),
            count=tally.times,
            first=tally.first.astimezone(zone),
            last=tally.last.astimezone(zone),
        )
        for tally in tallies
    )


def _when(event: Event) -> tuple[datetime, int]:
    return event.at, event.id or 0


def thin(*, email: str, goal: str, sender: str, playbook: str, at: datetime, zone: ZoneInfo) -> Brief:
    """The brief for an address that the CRM does not know: nothing but the address."""
    return Brief(
        contact=facts.Contact(email=email),
        goal=plain(goal),
        sender=_sender(sender),
        playbook=playbook,
        at=at.astimezone(zone),
    )


def default_goal(newest: Event | None) -> str:
    """What someone most likely wants who typed no goal."""
    return OCCASIONS.get(newest.kind, "follow up") if newest else "follow up"


def _plain(text: str | None, limit: int | None = None) -> str | None:
    """None where nothing is left that a person could read; what does not fit ends in an ellipsis."""
    words = plain(text or "")
    if limit and len(words) > limit:
        words = words[: limit - 2].rpartition(" ")[0] or words[: limit - 2]
        words += " …"
    return words or None


def _sender(name: str) -> facts.Sender:
    name = plain(name)
    return facts.Sender(first_name=name.partition(" ")[0], name=name)


def _company(row: Company | None) -> facts.Company | None:
    name = _plain(row.name, NAME) if row else None
    return facts.Company(name=name, industry=_plain(row.industry, NAME)) if row and name else None


def _deal(row: Deal | None) -> facts.Deal | None:
    name = _plain(row.name, NAME) if row else None
    if row is None or name is None:
        return None
    return facts.Deal(name=name, stage=_plain(row.stage, NAME), amount=row.amount, close_date=row.close_date)


def event(row: Event, zone: ZoneInfo) -> facts.Event:
    """A row as the fact a draft may use, its time in the zone."""
    return facts.Event(
        kind=plain(row.kind),
        at=row.at.astimezone(zone),
        subject=_plain(row.subject, SUBJECT),
        body=_plain(row.body),
        count=row.count,
    )
