"""Sentences written by somebody who had not seen the checks, about two customers: right (`kind: ok`) and wrong ones.

What the checks make of them shows what they miss of sentences that nobody wrote for them. Those at even places of both
files have been used to improve the checks since, and all of the first file has been looked at; the odd ones of
`clinic.yml` have not.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import yaml

from model.brief import Brief, Company, Contact, Deal, Event, Sender

FOOD = Brief(
    contact=Contact(email="dana@northwind.example", first_name="Dana", last_name="Whitfield", title="COO"),
    company=Company(name="Northwind Foods", industry="food production"),
    sender=Sender(name="Maya Lindqvist", first_name="Maya"),
    deal=Deal(name="Northwind rollout", stage="proposal", amount=Decimal(18400), close_date=date(2026, 3, 27)),
    events=[
        Event(kind="webinar_attended", at=datetime(2026, 3, 9, 14, tzinfo=UTC), subject="Planned Beats Urgent"),
        Event(kind="page_view", at=datetime(2026, 3, 8, 14, tzinfo=UTC), subject="Pricing", count=4),
        Event(kind="email_received", at=datetime(2026, 3, 6, 9, tzinfo=UTC), subject="Question about shifts"),
        Event(kind="document_download", at=datetime(2026, 2, 17, 9, tzinfo=UTC), subject="The Small Plant Guide"),
    ],
    goal="book a demo",
    playbook="sales_follow_up",
    at=datetime(2026, 3, 11, 10, tzinfo=UTC),
)
CLINIC = Brief(
    contact=Contact(
        email="jonas.eriksen@harborclinic.example", first_name="Jonas", last_name="Eriksen", title="Facility Manager"
    ),
    company=Company(name="Harbor Clinic", industry="healthcare"),
    sender=Sender(name="Priya Raman", first_name="Priya"),
    deal=Deal(name="Harbor pilot", stage="trial", amount=Decimal(7250), close_date=date(2026, 7, 10)),
    events=[
        Event(kind="call", at=datetime(2026, 6, 16, 14, tzinfo=UTC), subject="sensor alarms"),
        Event(kind="ticket", at=datetime(2026, 6, 11, 14, tzinfo=UTC), subject="Checklist does not print"),
        Event(kind="meeting", at=datetime(2026, 6, 1, 9, tzinfo=UTC), subject="site visit"),
        Event(kind="product_usage", at=datetime(2026, 6, 17, 9, tzinfo=UTC), subject="mobile app", count=12),
    ],
    goal="plan the rollout",
    playbook="sales_follow_up",
    at=datetime(2026, 6, 18, 8, 30, tzinfo=UTC),
)


def cases() -> Iterator[tuple[Brief, str, str]]:
    """The record, the body of an email, and its kind."""
    for brief, name in ((FOOD, "food"), (CLINIC, "clinic")):
        for case in yaml.safe_load((Path(__file__).parent / f"{name}.yml").read_text("utf-8")):
            body = f"Hi {brief.contact.first_name},\n\n{case['text']}\n\nBest,\n{brief.sender.first_name}"
            yield brief, body, case["kind"]
