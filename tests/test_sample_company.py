"""The sample company is what its generator writes, believable in its numbers, and in one voice."""

import random
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from model import voice
from storage.crm.csv_files import open_companies, open_contacts, open_deals, open_events
from storage.crm.email_files import open_emails
from storage.crm.records import CompanyRow, ContactRow, DealRow, EmailRow, EventRow, Reject
from tests import sample_facts as facts
from tests.personas import house
from tests.sample_company import EVENTS_IN_BRIEF, FOLDER, files

Row = TypeVar("Row")


def taken(rows: Iterable[Row | Reject]) -> list[Row]:
    """The rows of a file of which nothing may be rejected."""
    listed = list(rows)
    assert not [row for row in listed if isinstance(row, Reject)]
    return [row for row in listed if not isinstance(row, Reject)]


@pytest.fixture(scope="module")
def companies() -> dict[str, CompanyRow]:
    return {row.source_id: row for row in taken(open_companies(FOLDER / "companies.csv").rows())}


@pytest.fixture(scope="module")
def contacts() -> dict[str, ContactRow]:
    return {row.email: row for row in taken(open_contacts(FOLDER / "contacts.csv", zone=UTC).rows())}


@pytest.fixture(scope="module")
def deals() -> list[DealRow]:
    return taken(open_deals(FOLDER / "deals.csv").rows())


@pytest.fixture(scope="module")
def events() -> list[EventRow]:
    return taken(open_events(FOLDER / "events.csv", zone=UTC).rows())


@pytest.fixture(scope="module")
def emails() -> list[EmailRow]:
    return taken(open_emails(FOLDER / "emails.csv", zone=UTC).rows())


@pytest.fixture(scope="module")
def briefs(
    companies: dict[str, CompanyRow],
    contacts: dict[str, ContactRow],
    deals: list[DealRow],
    events: list[EventRow],
    emails: list[EmailRow],
) -> list[dict[str, Any]]:
    """The brief of each email, read from the files as an importer would."""
    return [brief_of(email, contacts[email.to_email], companies, deals, events) for email in emails]


def brief_of(
    email: EmailRow,
    contact: ContactRow,
    companies: dict[str, CompanyRow],
    deals: list[DealRow],
    events: list[EventRow],
) -> dict[str, Any]:
    company = companies.get(contact.company_id or "")
    deal = next((row for row in deals if row.contact_id == contact.source_id), None)
    before = [row for row in events if row.contact_id == contact.source_id and row.at < email.sent_at]
    newest = sorted(before, key=lambda row: row.at, reverse=True)[:EVENTS_IN_BRIEF]
    owner = contact.owner or ""
    return {
        "contact": {"first_name": contact.first_name, "email": contact.email},
        "company": {"name": company.name, "industry": company.industry} if company else None,
        "deal": {"name": deal.name} if deal else None,
        "events": [
            {"kind": row.kind, "at": row.at.isoformat(), "subject": row.subject, "body": row.body, "count": row.count}
            for row in newest
        ],
        "goal": email.goal,
        "note": None,
        "sender": {"first_name": owner.split()[0], "name": owner},
        "playbook": email.playbook,
        "at": email.sent_at.isoformat(),
    }


def test_the_committed_files_are_what_the_generator_writes() -> None:
    committed = {name: (FOLDER / name).read_text(encoding="utf-8") for name in files()}
    assert committed == files(), "run: python -m tests.sample_company"


def test_there_is_enough_of_everything(
    companies: dict[str, CompanyRow],
    contacts: dict[str, ContactRow],
    deals: list[DealRow],
    events: list[EventRow],
    emails: list[EmailRow],
) -> None:
    assert len(contacts) >= 72
    assert len(companies) >= 18
    assert len({row.industry for row in companies.values()}) >= 15
    assert len(deals) == 30
    assert len({row.stage for row in deals}) >= 6
    assert len(events) >= 650
    assert len({row.kind for row in events}) >= 10
    assert len(emails) == 90
    assert len({row.goal for row in emails}) >= 10
    assert 20 <= sum(bool(row.replied) for row in emails) <= 45
    assert all(row.opened for row in emails if row.replied)


def test_the_difficulties_of_real_data_are_there(contacts: dict[str, ContactRow], events: list[EventRow]) -> None:
    people = contacts.values()
    full_names = Counter((row.first_name, row.last_name) for row in people)
    assert sum(count > 1 for count in full_names.values()) >= 1
    assert sum(count > 1 for count in Counter(last for _, last in full_names).values()) >= 2
    assert any(row.company_id is None for row in people)
    assert {row.source_id for row in people} - {row.contact_id for row in events}
    assert any(row.do_not_contact for row in people)
    assert any(row.email_opt_out for row in people)
    assert any(row.bounced for row in people)
    bodies = "".join(row.body or "" for row in events)
    assert all(letter in bodies for letter in '",\n?')
    assert max(len(row.body or "") for row in events) > 1000


def test_every_reference_leads_somewhere(
    companies: dict[str, CompanyRow],
    contacts: dict[str, ContactRow],
    deals: list[DealRow],
    events: list[EventRow],
    emails: list[EmailRow],
) -> None:
    ids = {row.source_id for row in contacts.values()}
    assert {row.company_id for row in contacts.values()} - {None} <= set(companies)
    assert {row.contact_id for row in deals} <= ids
    assert len({row.contact_id for row in deals}) == len(deals), "one deal for each contact at most"
    assert {row.contact_id for row in events} <= ids
    assert {row.deal_id for row in events} - {None} <= {row.source_id for row in deals}
    assert {row.to_email for row in emails} <= set(contacts)
    assert {row.from_email for row in emails} == set(facts.REPS.values())


def test_nobody_was_written_to_who_must_not_be(contacts: dict[str, ContactRow], emails: list[EmailRow]) -> None:
    addressed = [contacts[row.to_email] for row in emails]
    assert not any(row.do_not_contact or row.email_opt_out or row.bounced for row in addressed)


def test_no_address_or_link_is_anybodys() -> None:
    text = "".join(files().values())
    hosts = re.findall(r"(?:@|https?://)([\w.-]+)", text)
    assert hosts
    assert {host for host in hosts if not host.endswith(".example")} == set()


def test_the_history_may_be_moved_by_whole_weeks(events: list[EventRow], emails: list[EmailRow]) -> None:
    texts = [f"{row.subject} {row.body}" for row in events] + [f"{row.subject} {row.body}" for row in emails]
    dated = re.compile(
        r"\b20\d\d\b|\b\d{1,2}(st|nd|rd|th)\b|\b(February|March|April|June|July|August|September|October|November"
        r"|December)\b"
    )
    assert [text for text in texts if dated.search(text)] == []
    assert max(row.at for row in events).date() == datetime(2026, 11, 20).date()  # noqa: DTZ001
    assert all(9 <= row.at.hour < 16 and row.at.weekday() < 5 for row in events)


def test_every_past_email_is_one_that_the_house_would_send(
    emails: list[EmailRow], briefs: list[dict[str, Any]]
) -> None:
    for email, brief in zip(emails, briefs, strict=True):
        text = house.joined(email.subject, email.body)
        assert house.edit(text, brief, random.Random(0)) == text
        assert house.telling(brief) is brief["events"][0], "each answers the newest event"
        assert 45 <= len(email.body.split()) <= 90


def test_every_past_email_is_an_event_too(
    contacts: dict[str, ContactRow], emails: list[EmailRow], events: list[EventRow]
) -> None:
    sent = {(row.contact_id, row.at, row.subject) for row in events if row.kind == "email_sent"}
    assert {(contacts[row.to_email].source_id, row.sent_at, row.subject) for row in emails} <= sent


def test_goals_belong_to_the_family_they_are_listed_under() -> None:
    assert {goal: house.family(goal) for goals in facts.GOALS.values() for goal in goals} == {
        goal: name for name, goals in facts.GOALS.items() for goal in goals
    }


def test_the_voice_file_can_be_used(emails: list[EmailRow]) -> None:
    found = voice.read(FOLDER / "voice.yml")
    assert found.company == "Mendwell"
    text = "".join(row.body for row in emails).lower()
    assert not [phrase for phrase in found.avoid if phrase.lower() in text]
    assert "!" not in text
