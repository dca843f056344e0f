"""The typed facts one draft may use. Missing facts are None, never invented."""

from datetime import date, datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

EVENTS_KEPT = 3  # what fits beside the voice in a small model's prompt, newest first


class Fact(BaseModel):
    """Frozen, and strict about names: an unknown key in stored JSON is a mistake worth hearing of."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Contact(Fact):
    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    email: str


class Company(Fact):
    name: str
    industry: str | None = None


class Deal(Fact):
    name: str
    stage: str | None = None
    amount: Decimal | None = None
    close_date: date | None = None


class Event(Fact):
    """`at` is in the workspace's zone, so that its weekday is the one people mean; a `count` marks a roll-up."""

    kind: str
    at: datetime
    subject: str | None = None
    body: str | None = None
    count: int | None = None


class LeftOut(Fact):
    """Events of one kind that the brief has no room for: a count, and never something to quote."""

    kind: str
    count: int
    first: datetime
    last: datetime


class Sender(Fact):
    first_name: str
    name: str


class Brief(Fact):
    """Everything the prompt, the slots and the checks may look at. `at` is the moment of asking."""

    contact: Contact
    company: Company | None = None
    deal: Deal | None = None
    events: tuple[Event, ...] = ()  # newest first
    goal: str
    note: str | None = None
    sender: Sender
    playbook: str
    at: datetime
    open_questions: tuple[str, ...] = ()  # what waits for an answer, as it was asked
    left_out: tuple[LeftOut, ...] = ()  # what else happened

    @property
    def account(self) -> str:
        """Whose customer this is: people of one company, or of one mail domain, are one account."""
        return self.company.name if self.company else self.contact.email.partition("@")[2]
