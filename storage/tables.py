"""Every table, and the moves a draft's status may make.

Times are aware and in UTC. Every row that belongs to a workspace carries `workspace_id`, first in each key.
JSON columns hold plain values (a brief, findings, a scorecard) whose shape `model` owns.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, Numeric, String, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel


def utc_now() -> datetime:
    """The default clock of columns; whatever decides something takes `now` as an argument."""
    return datetime.now(UTC)


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


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """`table=True` models do not validate, so the database does."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def json_column(*, nullable: bool = False) -> Column[Any]:
    return Column(JSON, nullable=nullable)


class Workspace(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    team_id: str = Field(unique=True)  # Slack's T… or E… id; "local" for the command line alone
    name: str = ""
    report_channel: str | None = None  # where the nightly verdict goes
    created_at: datetime = Field(default_factory=utc_now)


class Company(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("workspace_id", "source", "source_id"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE")
    source: str
    source_id: str
    name: str
    domain: str | None = None
    industry: str | None = None
    size: str | None = None
    country: str | None = None


class Contact(SQLModel, table=True):
    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "source_id"),
        Index("contact_by_email", "workspace_id", "email"),
        Index("contact_by_name", "workspace_id", "search_name"),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE")
    source: str
    source_id: str
    email: str  # lower case
    first_name: str | None = None
    last_name: str | None = None
    search_name: str = ""  # "first last", folded to plain lower-case letters
    title: str | None = None
    phone: str | None = None
    locale: str | None = None
    timezone: str | None = None
    company_id: int | None = Field(default=None, foreign_key="company.id", ondelete="SET NULL")
    owner: str | None = None
    lifecycle: str | None = None
    # Consent. A block from any source stays; unknown is not consent.
    consent_basis: str | None = None
    do_not_contact: bool = False
    email_opt_out: bool = False
    bounced: bool = False
    consent_updated_at: datetime | None = None
    consent_origin: str | None = None


class Deal(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("workspace_id", "source", "source_id"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE")
    source: str
    source_id: str
    name: str
    stage: str | None = None
    pipeline: str | None = None
    amount: Decimal | None = Field(default=None, sa_column=Column(Numeric(14, 2)))
    currency: str | None = None
    close_date: date | None = None
    is_open: bool = True
    contact_id: int | None = Field(default=None, foreign_key="contact.id", ondelete="SET NULL", index=True)
    company_id: int | None = Field(default=None, foreign_key="company.id", ondelete="SET NULL")
    owner: str | None = None


class Event(SQLModel, table=True):
    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "source_id"),
        Index("event_newest", "workspace_id", "contact_id", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE")
    source: str
    source_id: str
    contact_id: int = Field(foreign_key="contact.id", ondelete="CASCADE")
    deal_id: int | None = Field(default=None, foreign_key="deal.id", ondelete="SET NULL")
    at: datetime
    kind: str
    direction: str | None = None
    subject: str | None = Field(default=None, sa_column=Column(Text))
    body: str | None = Field(default=None, sa_column=Column(Text))
    url: str | None = None
    count: int | None = None  # set on a roll-up, which has no date of its own to quote


class Draft(SQLModel, table=True):
    __table_args__ = (
        UniqueConstraint("workspace_id", "request_key"),
        Index("draft_queue", "status", "requested_at"),
        one_of("status", Status),
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
    sender: str  # display name of the person it is written for
    seed: int
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
    reason: str | None = None
    seconds: float | None = None  # from card to decision
    at: datetime = Field(default_factory=utc_now)


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


class Audit(SQLModel, table=True):
    """Who did what, and when. Never the text of an email."""

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id", ondelete="CASCADE", index=True)
    at: datetime = Field(default_factory=utc_now)
    actor: str
    action: str
    subject: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
