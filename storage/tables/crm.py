"""What the CRM knows: companies, contacts, deals, events."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Column, Index, Numeric, Text, UniqueConstraint
from sqlmodel import Field, SQLModel


class Company(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("workspace_id", "source", "source_id"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE")
    source: str
    source_id: str
    name: str
    domain: str | None = None
    industry: str | None = None
    size: str | None = None
    country: str | None = None


class Contact(SQLModel, table=True):
    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "source_id"),
        Index("contact_by_email", "workspace_id", "email"),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE")
    source: str
    source_id: str
    email: str  # lower case
    first_name: str | None = None
    last_name: str | None = None
    search_name: str = ""  # "first last", folded to plain lower-case letters
    search_text: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))  # words to find by
    title: str | None = None
    phone: str | None = None
    locale: str | None = None
    timezone: str | None = None
    company_id: int | None = Field(default=None, foreign_key="company.id", ondelete="SET NULL")
    owner: str | None = None
    lifecycle: str | None = None
    # Consent. A block from any source stays; unknown is not consent.
    consent_basis: str | None = None
    do_not_contact: bool = False
    email_opt_out: bool = False
    bounced: bool = False
    consent_updated_at: datetime | None = None
    consent_origin: str | None = None


class Deal(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("workspace_id", "source", "source_id"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE")
    source: str
    source_id: str
    name: str
    stage: str | None = None
    pipeline: str | None = None
    amount: Decimal | None = Field(default=None, sa_column=Column(Numeric(14, 2)))
    currency: str | None = None
    close_date: date | None = None
    is_open: bool = True
    contact_id: int | None = Field(default=None, foreign_key="contact.id", ondelete="SET NULL", index=True)
    company_id: int | None = Field(default=None, foreign_key="company.id", ondelete="SET NULL")
    owner: str | None = None


class Event(SQLModel, table=True):
    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "source_id"),
        Index("event_newest", "workspace_id", "contact_id", "at"),
        Index("event_recent", "workspace_id", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE")
    source: str
    source_id: str
    contact_id: int = Field(foreign_key="contact.id", ondelete="CASCADE")
    deal_id: int | None = Field(default=None, foreign_key="deal.id", ondelete="SET NULL")
    at: datetime
    kind: str
    direction: str | None = None
    subject: str | None = Field(default=None, sa_column=Column(Text))
    body: str | None = Field(default=None, sa_column=Column(Text))
    url: str | None = None
    count: int | None = None  # set on a roll-up, which has no date of its own to quote
