"""How the house writes: learned rules and versions of the voice."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import one_of, utc_now


class RuleKind(StrEnum):
    """What people keep doing to drafts."""

    phrase = "replace"  # str has a method replace, so the member has another name
    delete = "delete"
    greeting = "greeting"
    sign_off = "sign_off"
    length = "length"


class RuleStatus(StrEnum):
    proposed = "proposed"
    accepted = "accepted"
    declined = "declined"


class Rule(SQLModel, table=True):
    """A recurring edit, mined from reviews. Only an accepted one touches drafts."""

    __table_args__ = (
        UniqueConstraint("workspace_id", "kind", "old"),
        one_of("kind", RuleKind),
        one_of("status", RuleStatus),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE")
    kind: RuleKind = Field(sa_type=String)
    old: str = Field(default="", sa_type=Text)  # the phrase that people take out; empty where the kind has only one
    new: str = Field(default="", sa_type=Text)  # what they put there, with slots
    status: RuleStatus = Field(default=RuleStatus.proposed, sa_type=String)
    seen: int  # in so many drafts
    out_of: int  # of so many that could have shown it
    decided_by: str | None = None
    proposed_at: datetime = Field(default_factory=utc_now)
    decided_at: datetime | None = None
    posted_at: datetime | None = None


class VoiceSource(StrEnum):
    """Who wrote a version of the voice."""

    file = "file"  # voice.yml in home
    rules = "rules"  # an accepted rule
    app = "app"  # App Home


class VoiceVersion(SQLModel, table=True):
    """A voice that was in service from then on, as YAML. Only what could be read is kept; the newest serves."""

    __tablename__ = "voice_version"
    __table_args__ = (UniqueConstraint("workspace_id", "number"), one_of("source", VoiceSource))
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE")
    number: int
    text: str = Field(sa_type=Text)
    sha256: str  # of the text
    source: VoiceSource = Field(sa_type=String)
    who: str
    at: datetime = Field(default_factory=utc_now)
