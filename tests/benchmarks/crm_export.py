"""A CRM export of any size, the same for the same seed: companies, contacts, and what happened, in the order it did.

The shape is HubSpot's, with what an export has of dirt: accents, empty cells, quoted line breaks, opt-outs.
"""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

SEED = 20261128
FIRST = "Dana Zoë Lisa Jürgen Maya Tom Aïcha Luca Ewa Søren Inés Noah Priya Olga Ken Fatima Björn Chloé Ravi Anna"
LAST = "Whitfield Ørsted Lindqvist Müller Roy Hendriks O'Neil Kowalska Rossi Tanaka Silva Novák Weiß Diallo Park"
SYLLABLES = "ba re mi do lu ka no ve si ta ru pe go fa"
TRADES = ("Foods", "Sails", "Freight", "Clinics", "Windows", "Energy")
TITLES = ("COO", "Head of Operations", "Buyer", "Office Manager", "CTO", "")
OWNERS = ("Maya Lindqvist", "Tom Berg", "Inés Duarte", "Ken Osei")
STAGES = ("subscriber", "lead", "opportunity", "customer")
KINDS = (("email_open", "Your quote"), ("page_view", "Pricing"), ("email_click", "Release notes"), ("call", "Call"))
BODY = "Could you tell us what the larger plan costs?\nWe are {count} people and would start in spring."
STARTS = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Export:
    companies: Path
    contacts: Path
    events: Path


def write(folder: Path, *, contacts: int, events: int) -> Export:
    """Write the three files into `folder`."""
    export = Export(folder / "companies.csv", folder / "contacts.csv", folder / "events.csv")
    rng, firms = random.Random(SEED), max(contacts // 20, 1)
    _file(export.companies, ("Record ID", "Company name", "Industry"), _companies(firms))
    header = "Record ID,First Name,Last Name,Email,Phone Number,Job Title,Associated Company IDs,Contact owner"
    consent = "Lifecycle Stage,Unsubscribed from all email"
    _file(export.contacts, (*header.split(","), *consent.split(",")), _contacts(rng, contacts, firms))
    _file(export.events, ("id", "contact_id", "at", "kind", "subject", "body", "count"), _events(rng, events, contacts))
    return export


def _file(path: Path, header: tuple[str, ...] | list[str], rows: Iterator[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def _companies(count: int) -> Iterator[tuple[object, ...]]:
    stems = ["".join(parts).title() for parts in product(SYLLABLES.split(), repeat=3)]
    for number in range(count):
        stem, again = stems[number % len(stems)], number // len(stems)
        trade = TRADES[number % len(TRADES)]
        yield f"c{number}", f"{stem} {trade}{f' {again}' if again else ''}", trade


def _contacts(rng: random.Random, count: int, firms: int) -> Iterator[tuple[object, ...]]:
    firsts, lasts = FIRST.split(), LAST.split()
    for number in range(count):
        first, last, company = rng.choice(firsts), rng.choice(lasts), rng.randrange(firms)
        email = f"p{number}@firm{company}.example"
        phone = f"+49 30 {number:07}" if number % 3 else ""
        title, owner, stage = rng.choice(TITLES), rng.choice(OWNERS), rng.choice(STAGES)
        yield number, first, last, email, phone, title, f"c{company}", owner, stage, "true" if number % 50 == 0 else ""


def _events(rng: random.Random, count: int, contacts: int) -> Iterator[tuple[object, ...]]:
    step = timedelta(days=1000) / max(count, 1)
    for number in range(count):
        kind, subject = KINDS[rng.randrange(4)]
        at = (STARTS + number * step).strftime("%Y-%m-%dT%H:%M:%SZ")
        if number % 10 == 0:
            kind, body = "email_received", BODY.format(count=number % 90 + 3)
        else:
            body = ""
        times = rng.randrange(2, 9) if kind == "page_view" else ""
        yield f"e{number}", rng.randrange(contacts), at, kind, subject, body, times
