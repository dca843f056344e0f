"""Whose rows they are, and who did what."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import json_column, utc_now


class Workspace(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    team_id: str = Field(unique=True)  # Slack's T… or E… id; "local" for the command line alone
    name: str = ""
    report_channel: str | None = None  # where the nightly verdict goes
    learning_paused_at: datetime | None = None  # no training while it is set
    created_at: datetime = Field(default_factory=utc_now)
    removed_at: datetime | None = None  # the app was removed: nothing is posted, and all is erased after a while


class Person(SQLModel, table=True):
    """What a Slack user chose. Whoever is not here has chosen nothing."""

    workspace_id: int = Field(primary_key=True, foreign_key="workspace.id", ondelete="CASCADE")
    user_id: str = Field(primary_key=True)
    learns: bool = True  # False: no training on their edits


class Audit(SQLModel, table=True):
    """Who did what, and when. Never the text of an email; an override names the words that it let through."""

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE", index=True)
    at: datetime = Field(default_factory=utc_now)
    actor: str
    action: str
    subject: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())


class Forgotten(SQLModel, table=True):
    """Somebody who asked to be erased, as a fingerprint of the address: an import must not bring them back."""

    __table_args__ = (UniqueConstraint("workspace_id", "digest"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE")
    digest: str
    at: datetime = Field(default_factory=utc_now)
