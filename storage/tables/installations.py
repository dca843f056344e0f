"""The app's installations in Slack, where it is installed by OAuth, and the installs that are under way."""

from datetime import datetime

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from storage.tables.columns import json_column, utc_now


class Installation(SQLModel, table=True):
    """One per workspace. The tokens are sealed (`bot/vault.py`); nothing here opens a door without the key."""

    workspace_id: int = Field(primary_key=True, foreign_key="workspace.id", ondelete="CASCADE")
    enterprise_id: str | None = None
    team_id: str | None = None  # None where the app is installed in a whole organisation
    bot_id: str | None = None
    bot_user_id: str | None = None
    scopes: list[str] = Field(default_factory=list, sa_column=json_column())
    installed_by: str
    installed_at: datetime = Field(default_factory=utc_now)
    token: str = Field(sa_column=Column(Text, nullable=False))
    refresh_token: str | None = Field(default=None, sa_column=Column(Text))
    expires_at: datetime | None = None  # of the token; None where tokens are not rotated
    refreshing_until: datetime | None = None  # the lease of whoever is fetching the next token


class Install(SQLModel, table=True):
    """An install that somebody began in a browser. Its state works once, until it expires."""

    state: str = Field(primary_key=True)  # SHA-256 of what the browser holds
    expires_at: datetime = Field(index=True)
