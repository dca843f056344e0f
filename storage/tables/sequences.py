"""Several emails to one contact."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String, Text, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import one_of, utc_now


class SequenceStatus(StrEnum):
    running = "running"
    stopped = "stopped"  # for the reason that stands beside it


class Sequence(SQLModel, table=True):
    """Several emails to one contact, each drafted when its day comes and never sent alone.

    Which steps were drafted stands in the drafts, whose request keys name the sequence and the step.
    """

    __table_args__ = (
        Index(
            "sequence_running",
            "workspace_id",
            "contact_id",
            "playbook",
            unique=True,
            sqlite_where=text("status = 'running'"),
            postgresql_where=text("status = 'running'"),
        ),
        one_of("status", SequenceStatus),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE")
    contact_id: int = Field(foreign_key="contact.id", ondelete="CASCADE")
    playbook: str
    goal: str = Field(sa_type=Text)  # the feature they should use, or the stage the deal should reach
    sender: str
    started_by: str
    channel: str | None = None  # where its drafts are shown
    status: SequenceStatus = Field(default=SequenceStatus.running, sa_type=String)
    reason: str | None = Field(default=None, sa_type=Text)
    started_at: datetime = Field(default_factory=utc_now)
    stopped_at: datetime | None = None
