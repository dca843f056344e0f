"""What an import file says, row by row: plain values, checked, not yet in the database.

Ids are the source's own, as text, and so are the references between files (`company_id`, `contact_id`,
`deal_id`). Times are aware and in UTC. An empty cell and an absent column are both None; `Table.fields`
tells them apart.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Generic, TypeVar


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyRow:
    line: int
    source_id: str
    name: str
    domain: str | None = None
    industry: str | None = None
    size: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    line: int
    source_id: str  # the address where the file has no ids
    email: str  # lower case
    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    phone: str | None = None
    company_id: str | None = None
    company: str | None = None  # its name, where that is all there is
    owner: str | None = None
    lifecycle: str | None = None
    locale: str | None = None
    timezone: str | None = None
    consent_basis: str | None = None
    do_not_contact: bool = False  # False is "this file blocks nothing", never "this file lifts a block"
    email_opt_out: bool = False
    bounced: bool = False
    consent_updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DealRow:
    line: int
    source_id: str
    name: str
    stage: str | None = None
    pipeline: str | None = None
    amount: Decimal | None = None
    currency: str | None = None  # three capitals
    close_date: date | None = None
    is_open: bool | None = None
    contact_id: str | None = None
    company_id: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    line: int
    source_id: str  # a hash of what happened where the file has no ids
    contact_id: str
    at: datetime
    kind: str  # lower_snake_case
    deal_id: str | None = None
    direction: str | None = None  # "in" or "out"
    subject: str | None = None
    body: str | None = None
    url: str | None = None
    count: int | None = None  # a roll-up: it has no date of its own to quote


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailRow:
    line: int
    source_id: str  # Message-ID, else a hash of address, time and subject
    to_email: str  # lower case
    subject: str  # may be empty, but then `goal` is not
    body: str
    sent_at: datetime
    opened: bool | None = None  # None is unknown
    replied: bool | None = None
    from_email: str | None = None
    goal: str | None = None
    playbook: str | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was not taken, and what would make it acceptable."""

    line: int
    reason: str
    raw: str  # the row as it stood in the file, shortened


Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Table(Generic[Row]):
    """An opened file: its header is known, its rows are read again each time they are asked for."""

    path: Path
    lines: int  # physical lines; `row.line / lines` is the progress
    fields: tuple[str, ...]  # what the file gives, under our names; an upsert must leave the others alone
    unknown: tuple[str, ...]  # columns that mean nothing to us, as written
    repeated: tuple[str, ...]  # columns passed over because another one gives the same field
    rows: Callable[[], Iterator[Row | Reject]]
    tool: str | None = None  # whose export it is, by its headers
    encoding: str = "utf-8"
    mapping: tuple[tuple[str, str], ...] = ()  # the file's columns and the fields they give, in the file's order
    read_as: tuple[tuple[str, str], ...] = ()  # columns whose other values said how their dates or amounts are written
