"""A draft, the moves its status may make, and what a person decided."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Index, String, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import json_column, one_of, utc_now


class Status(StrEnum):
    """Where a draft stands. The queue is this column: there is no second place that could disagree."""

    requested = "requested"  # someone asked; no worker has it
    drafting = "drafting"  # a worker holds the lease
    drafted = "drafted"  # the card is up and waits for a decision
    approved = "approved"  # taken as it was
    edited = "edited"  # taken with changes
    discarded = "discarded"  # not wanted
    delivered = "delivered"  # left for the mailbox or outbox
    failed = "failed"  # could not be drafted; the reason stands in `error`


MOVES: dict[Status, frozenset[Status]] = {
    Status.requested: frozenset({Status.drafting, Status.failed}),
    Status.drafting: frozenset({Status.drafted, Status.requested, Status.failed}),
    Status.drafted: frozenset({Status.approved, Status.edited, Status.discarded, Status.requested}),
    Status.approved: frozenset({Status.delivered}),
    Status.edited: frozenset({Status.delivered}),
    Status.discarded: frozenset(),
    Status.delivered: frozenset(),
    Status.failed: frozenset({Status.requested}),
}

DECIDED = frozenset({Status.approved, Status.edited, Status.discarded, Status.delivered})


class Tone(StrEnum):
    """How a draft should differ from what the team mostly writes."""

    shorter = "shorter"
    warmer = "warmer"
    more_direct = "more direct"


class Draft(SQLModel, table=True):
    __table_args__ = (
        UniqueConstraint("workspace_id", "request_key"),
        Index("draft_queue", "status", "requested_at"),
        one_of("status", Status),
        one_of("tone", Tone),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE")
    contact_id: int = Field(foreign_key="contact.id", ondelete="CASCADE")
    request_key: str  # one per command or click, so that a repeated delivery is one draft
    status: Status = Field(default=Status.requested, sa_type=String)
    attempt: int = 0  # the fencing number: every finishing UPDATE names it
    version: int = 1  # raised by every change a person should see; buttons carry it, so a stale card decides nothing
    lease_until: datetime | None = None
    goal: str
    note: str | None = None
    playbook: str
    tone: Tone | None = Field(default=None, sa_type=String)  # None: as the team writes
    toned: dict[str, Any] | None = Field(default=None, sa_column=json_column(nullable=True))  # what came of the tone
    sender: str  # display name of the person it is written for
    seed: (
        int  # of the candidate that is shown: 0 is the greedy first one, what a repair or "try again" wrote has another
    )
    baseline: bool = False  # drafted by the frozen base
    control: bool = False  # by lot, so that the effect of adapters can be measured; else by request
    requested_by: str
    channel: str | None = None
    message_ts: str | None = None  # the placeholder that became the card
    posted_version: int = 0  # the version that Slack shows
    brief: dict[str, Any] | None = Field(default=None, sa_column=json_column(nullable=True))
    messages: list[dict[str, str]] = Field(default_factory=list, sa_column=json_column())
    prompt_version: str | None = None
    completion: str | None = Field(default=None, sa_column=Column(Text))  # as the engine gave it, slots and all
    subject: str | None = Field(default=None, sa_column=Column(Text))
    body: str | None = Field(default=None, sa_column=Column(Text))
    findings: list[dict[str, Any]] = Field(default_factory=list, sa_column=json_column())
    evidence: list[dict[str, Any]] = Field(default_factory=list, sa_column=json_column())  # what each sentence rests on
    adapter_id: int | None = Field(default=None, foreign_key="adapter.id", ondelete="SET NULL")
    engine: str | None = None
    tokens: int | None = None
    seconds: float | None = None
    error: str | None = Field(default=None, sa_column=Column(Text))
    requested_at: datetime = Field(default_factory=utc_now)
    drafted_at: datetime | None = None


class Verdict(StrEnum):
    """What a person said about a draft; `imported` is a past email that nobody drafted for."""

    approved = "approved"
    edited = "edited"
    discarded = "discarded"
    imported = "imported"


class Review(SQLModel, table=True):
    __table_args__ = (one_of("verdict", Verdict),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE", index=True)
    draft_id: int = Field(foreign_key="draft.id", ondelete="CASCADE", unique=True)
    verdict: Verdict = Field(sa_type=String)
    reviewer: str
    subject: str | None = Field(default=None, sa_column=Column(Text))
    body: str | None = Field(default=None, sa_column=Column(Text))
    reason: str | None = None  # why it was discarded, or why it goes out although a check blocks it
    findings: list[dict[str, Any]] = Field(default_factory=list, sa_column=json_column())  # of the text that goes out
    seconds: float | None = None  # from card to decision
    redline_ts: str | None = None  # the message under the card that shows what an edit changed
    at: datetime = Field(default_factory=utc_now)
