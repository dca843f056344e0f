"""Who to follow up with next: contacts who did something that nobody here has answered, the warmest first.

Only who did something lately is looked at, so the size of the CRM does not matter.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot import briefs
from model.lead_score import ACTS, LeadScore, unanswered
from storage import queries
from storage.tables import Company, Contact

LATELY = timedelta(days=30)
LOOKED_AT = 200  # contacts whose whole record is weighed
SHOWN = 5


@dataclass(frozen=True)
class Lead:
    """Somebody to write to, and why now."""

    contact: Contact
    company: Company | None
    score: LeadScore


def next_up(session: Session, *, workspace_id: int, now: datetime, zone: ZoneInfo) -> list[Lead]:
    """At most five contacts. Nobody who may not be written to, and nobody who got an email or a draft since."""
    since = now - LATELY
    scope: dict[str, Any] = {"workspace_id": workspace_id}
    span: dict[str, Any] = {"since": since, "before": now}
    active = queries.lately_active(session, **scope, kinds=ACTS, **span, limit=LOOKED_AT)
    contacts = queries.contacts_to_write_to(session, **scope, contact_ids=active)
    ids = [contact.id for contact in contacts if contact.id is not None]
    events = queries.events_of_many(session, **scope, contact_ids=ids, **span)
    deals = queries.deals_of_many(session, **scope, contact_ids=ids)
    firms = {contact.company_id for contact in contacts if contact.company_id is not None}
    companies = queries.companies_of_many(session, **scope, company_ids=firms)
    drafted = queries.latest_drafts(session, **scope, since=since)
    found = []
    for contact in contacts:
        assert contact.id is not None
        asked = drafted.get(contact.id)  # a draft is our answer to what happened before
        happened = [event for event in events.get(contact.id, ()) if asked is None or event.at > asked]
        company = companies.get(contact.company_id or 0)
        score = unanswered(briefs.of_rows(contact, company, deals.get(contact.id), happened, at=now, zone=zone))
        if score:
            found.append((Lead(contact, company, score), happened[0].at))
    found.sort(key=lambda each: (each[0].score.score, each[1]), reverse=True)
    return [lead for lead, _ in found[:SHOWN]]
