"""Every table, by what it is about.

Times are aware and in UTC. Every row that belongs to a workspace carries `workspace_id`, first in each key.
JSON columns hold plain values (a brief, findings, a scorecard) whose shape `model` owns.
"""

from storage.tables.columns import json_column, one_of, utc_now
from storage.tables.connections import Connection, EntryStatus, TimelineEntry
from storage.tables.crm import Company, Contact, Deal, Event
from storage.tables.delivery import Delivery, DeliveryStatus
from storage.tables.digests import Digest, DigestChannel
from storage.tables.drafts import DECIDED, MOVES, Draft, Reason, Review, Status, Tone, Verdict
from storage.tables.house import Rule, RuleKind, RuleStatus, VoiceSource, VoiceVersion
from storage.tables.installations import Install, Installation
from storage.tables.learning import Adapter, Pair, Pointer, Run, RunStatus
from storage.tables.outcomes import Mailbox, Outcome, OutcomeKind, OutcomeSource
from storage.tables.rights import Rights
from storage.tables.sequences import Sequence, SequenceStatus
from storage.tables.teams import TeamsConversation, TeamsMember
from storage.tables.workspaces import Audit, Forgotten, Person, Workspace

__all__ = [
    "DECIDED",
    "MOVES",
    "Adapter",
    "Audit",
    "Company",
    "Connection",
    "Contact",
    "Deal",
    "Delivery",
    "DeliveryStatus",
    "Digest",
    "DigestChannel",
    "Draft",
    "EntryStatus",
    "Event",
    "Forgotten",
    "Install",
    "Installation",
    "Mailbox",
    "Outcome",
    "OutcomeKind",
    "OutcomeSource",
    "Pair",
    "Person",
    "Pointer",
    "Reason",
    "Review",
    "Rights",
    "Rule",
    "RuleKind",
    "RuleStatus",
    "Run",
    "RunStatus",
    "Sequence",
    "SequenceStatus",
    "Status",
    "TeamsConversation",
    "TeamsMember",
    "TimelineEntry",
    "Tone",
    "Verdict",
    "VoiceSource",
    "VoiceVersion",
    "Workspace",
    "json_column",
    "one_of",
    "utc_now",
]
