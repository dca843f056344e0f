"""What leaves after an approval: the outbox, one row per draft, written in the same transaction as the decision."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Index, String, Text
from sqlmodel import Field, SQLModel

from storage.tables.columns import json_column, one_of


class DeliveryStatus(StrEnum):
    """Where an approved email stands."""

    waiting = "waiting"  # until `due_at`, or to be tried again then
    sending = "sending"  # a worker holds the lease
    sent = "sent"  # it is where `place` says
    failed = "failed"  # it has not gone out and is not tried again; `error` says why
    withdrawn = "withdrawn"  # it does not go out: undone in time, or the contact's own no came first
    unknown = "unknown"  # handed over, and nobody heard how it ended; a person has to look


class Delivery(SQLModel, table=True):
    """An email as it was approved. Recipient and text are never read again from anywhere else."""

    __table_args__ = (
        Index("delivery_queue", "status", "due_at"),
        Index("delivery_message", "message_id"),
        Index("delivery_sent_as", "sent_as"),
        Index("delivery_recipient", "recipient"),
        one_of("status", DeliveryStatus),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE", index=True)
    draft_id: int = Field(foreign_key="draft.id", ondelete="CASCADE", unique=True)
    status: DeliveryStatus = Field(default=DeliveryStatus.waiting, sa_type=String)
    decided_at: datetime
    due_at: datetime
    attempt: int = 0  # the fencing number: every finishing UPDATE names it
    lease_until: datetime | None = None
    message_id: str  # made once, at the decision: the same email is the same email in every attempt
    sent_as: str | None = None  # the Message-ID that a mail program gave the draft when a person sent it
    recipient: str
    subject: str = Field(sa_column=Column(Text, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))
    bulk: bool = False  # marketing mail, which carries a way to unsubscribe
    thread: list[str] = Field(default_factory=list, sa_column=json_column())  # Message-IDs that it answers
    via: str | None = None  # the way that it was handed over by, from just before; empty while nothing has gone out
    place: str | None = None  # where it is, as a sentence
    error: str | None = Field(default=None, sa_column=Column(Text))
    sent_at: datetime | None = None
