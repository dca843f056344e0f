"""What the night learns from and what comes of it: pairs, adapters, runs."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Index, String, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import json_column, one_of, utc_now
from storage.tables.drafts import Verdict


class Pair(SQLModel, table=True):
    """What the night learns from: a brief, what was drafted, what a person made of it."""

    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "source_id"),
        Index("pair_newest", "workspace_id", "at"),
        one_of("verdict", Verdict),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE")
    contact_id: int | None = Field(default=None, foreign_key="contact.id", ondelete="CASCADE", index=True)
    source: str  # "review", or the import it came from
    source_id: str
    account: str  # whose customer: company, or domain of the address; what is held out goes by it
    verdict: Verdict = Field(sa_type=String)
    brief: dict[str, Any] = Field(sa_column=json_column())
    messages: list[dict[str, str]] = Field(default_factory=list, sa_column=json_column())
    drafted: str | None = Field(default=None, sa_column=Column(Text))  # "Subject: …\n\nbody", values filled in
    final: str | None = Field(default=None, sa_column=Column(Text))  # None when discarded
    reason: str | None = None
    reviewer: str | None = None
    seconds: float | None = None
    prompt_version: str
    adapter_id: int | None = Field(default=None, foreign_key="adapter.id", ondelete="SET NULL")
    opened: bool | None = None
    replied: bool | None = None
    at: datetime = Field(default_factory=utc_now)  # when it was decided or sent
    written_at: datetime = Field(default_factory=utc_now)  # when it came here


class Adapter(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("workspace_id", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE")
    version: int
    folder: str  # name inside the adapters folder; never a path
    run_id: int | None = Field(default=None, foreign_key="run.id", ondelete="SET NULL")
    pairs: int = 0
    scorecard: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    created_at: datetime = Field(default_factory=utc_now)
    promoted_at: datetime | None = None
    retired_at: datetime | None = None


class Pointer(SQLModel, table=True):
    """Which adapter serves a workspace. One row, moved last; a table of its own keeps the foreign keys acyclic."""

    workspace_id: int = Field(primary_key=True, foreign_key="workspace.id", ondelete="CASCADE")
    adapter_id: int | None = Field(default=None, foreign_key="adapter.id", ondelete="SET NULL")  # None: the base
    previous_id: int | None = None  # what a rollback goes back to; None: the base
    moved_at: datetime = Field(default_factory=utc_now)
    reason: str = ""


class RunStatus(StrEnum):
    running = "running"
    finished = "finished"
    failed = "failed"


class Run(SQLModel, table=True):
    """One refine. The unique (workspace, date) is the claim; a run by hand has no date."""

    __table_args__ = (UniqueConstraint("workspace_id", "date"), one_of("status", RunStatus))
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE")
    date: str | None = None  # ISO date in the workspace's zone; text so that it is a date and nothing more
    status: RunStatus = Field(default=RunStatus.running, sa_type=String)
    attempt: int = 1
    asked_by: str | None = None  # who asked for it in Slack and waits for the verdict
    lease_until: datetime | None = None
    pairs: int = 0
    candidate_id: int | None = None
    tested: bool = False  # the gate compared two adapters, which spends some of the month's allowance for luck
    promoted: bool = False
    reasons: list[str] = Field(default_factory=list, sa_column=json_column())
    scorecards: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    started_at: datetime = Field(default_factory=utc_now)
    finished_at: datetime | None = None
    reported_at: datetime | None = None
    report_after: datetime | None = None  # until then a replica is telling people
