"""Which channels want to hear every working morning, and which mornings were taken care of."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.tables.columns import utc_now


class DigestChannel(SQLModel, table=True):
    """A channel that asked for the digest."""

    __tablename__ = "digest_channel"
    workspace_id: int = Field(primary_key=True, foreign_key="workspace.id", ondelete="CASCADE")
    channel: str = Field(primary_key=True)
    asked_by: str
    asked_at: datetime = Field(default_factory=utc_now)


class Digest(SQLModel, table=True):
    """A channel's morning. The key is the claim: whoever wrote the row says what there is to say, if anything."""

    workspace_id: int = Field(primary_key=True, foreign_key="workspace.id", ondelete="CASCADE")
    channel: str = Field(primary_key=True)
    date: str = Field(primary_key=True)  # ISO date in the workspace's zone
    claimed_at: datetime = Field(default_factory=utc_now)
