"""What came back: answers to emails of ours, and how far each mailbox is read."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, String, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import one_of


class OutcomeKind(StrEnum):
    """What an answer says; `model/replies.py` decides it."""

    positive = "positive"
    negative = "negative"
    question = "question"
    out_of_office = "out_of_office"
    unsubscribe = "unsubscribe"
    bounce = "bounce"
    other = "other"


class OutcomeSource(StrEnum):
    """Who knows of it."""

    mailbox = "mailbox"  # the email itself was read
    crm = "crm"  # the CRM reports it


class Outcome(SQLModel, table=True):
    """An answer to one draft. The same message is one outcome, however often it is read."""

    __table_args__ = (
        UniqueConstraint("workspace_id", "message_id"),
        one_of("kind", OutcomeKind),
        one_of("source", OutcomeSource),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE")
    draft_id: int = Field(foreign_key="draft.id", ondelete="CASCADE", index=True)
    kind: OutcomeKind = Field(sa_type=String)
    source: OutcomeSource = Field(sa_type=String)
    message_id: str
    reason: str = Field(sa_type=Text)  # why it is of this kind
    automatic: bool = False  # no person wrote it
    certain: bool = True  # it names our Message-ID; otherwise it fits by sender and subject
    at: datetime


class Mailbox(SQLModel, table=True):
    """How far a folder is read. It belongs to no workspace: there is one mailbox for the whole installation."""

    name: str = Field(primary_key=True)  # user, server and folder
    # The server's word that UIDs are still the same; another one means: read anew. Both have 32 bits without a sign.
    uidvalidity: int | None = Field(default=None, sa_type=BigInteger)
    uid: int = Field(default=0, sa_type=BigInteger)  # the last one that was read
    read_after: datetime | None = None  # until then a replica is reading it
