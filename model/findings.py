"""What a check has to say about a draft."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

CONSENT = "consent"  # the rule that a contact's no breaks; nobody overrides it


class Severity(StrEnum):
    block = "block"  # must not leave like this
    warn = "warn"  # worth a look


@dataclass(frozen=True)
class Finding:
    """One thing a reviewer should know. `span` is the text it is about; `evidence` is what it was held against."""

    rule: str
    severity: Severity
    reason: str
    span: str = ""
    evidence: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
