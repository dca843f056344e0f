"""Every table, by what it is about.

Times are aware and in UTC. Every row that belongs to a workspace carries `workspace_id`, first in each key.
JSON columns hold plain values (a brief, findings, a scorecard) whose shape `model` owns.
"""

from storage.tables.columns import json_column, one_of, utc_now
from storage.tables.crm import Company, Contact, Deal, Event
from storage.tables.digests import Digest, DigestChannel
from storage.tables.drafts import DECIDED, MOVES, Draft, Review, Status, Verdict
from storage.tables.house import Rule, RuleKind, RuleStatus, VoiceSource, VoiceVersion
from storage.tables.learning import Adapter, Pair, Pointer, Run, RunStatus
from storage.tables.sequences import Sequence, SequenceStatus
from storage.tables.workspaces import Audit, Person, Workspace

__all__ = [
    "DECIDED",
    "MOVES",
    "Adapter",
    "Audit",
    "Company",
    "Contact",
    "Deal",
    "Digest",
    "DigestChannel",
    "Draft",
    "Event",
    "Pair",
    "Person",
    "Pointer",
    "Review",
    "Rule",
    "RuleKind",
    "RuleStatus",
    "Run",
    "RunStatus",
    "Sequence",
    "SequenceStatus",
    "Status",
    "Verdict",
    "VoiceSource",
    "VoiceVersion",
    "Workspace",
    "json_column",
    "one_of",
    "utc_now",
]
