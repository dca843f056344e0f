"""The CRMs that a workspace is connected to, how far each was read, and which emails were written back to it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Index, String, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import json_column, one_of, utc_now


class Connection(SQLModel, table=True):
    """One per workspace and CRM. What opens it is sealed (`bot/vault.py`)."""

    __tablename__ = "crm_connection"
    workspace_id: int = Field(primary_key=True, foreign_key="workspace.id", ondelete="CASCADE")
    crm: str = Field(primary_key=True)  # also the `source` of every row that comes from it
    address: str  # where its API is
    account: str = ""  # who logs in there, where the secret alone does not say
    secret: str = Field(sa_column=Column(Text, nullable=False))
    connected_at: datetime = Field(default_factory=utc_now)
    # Stream → its window and the last id read in it. Moves in the transaction that writes the rows.
    cursors: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    due_at: datetime = Field(default_factory=utc_now)
    attempt: int = 0  # the fencing number: whoever lost the lease moves no cursor
    lease_until: datetime | None = None
    finished_at: datetime | None = None  # the last time that everything was read
    counts: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())  # of the last run
    error: str | None = Field(default=None, sa_column=Column(Text))  # of the last run


class EntryStatus(StrEnum):
    """Where the copy of an email stands."""

    waiting = "waiting"
    logging = "logging"  # a worker holds the lease; it may be over there already
    logged = "logged"
    failed = "failed"  # the CRM will not take it; `error` says why


class TimelineEntry(SQLModel, table=True):
    """An email that left, and its copy in the contact's timeline in the CRM. Who logs it looks for it there first."""

    __tablename__ = "timeline_entry"
    __table_args__ = (
        UniqueConstraint("workspace_id", "draft_id"),
        Index("timeline_queue", "workspace_id", "crm", "status"),
        one_of("status", EntryStatus),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE")
    draft_id: int = Field(foreign_key="draft.id", ondelete="CASCADE", index=True)
    crm: str
    status: EntryStatus = Field(default=EntryStatus.waiting, sa_type=String)
    attempt: int = 0
    lease_until: datetime | None = None
    their_id: str | None = None
    error: str | None = Field(default=None, sa_column=Column(Text))
    logged_at: datetime | None = None
