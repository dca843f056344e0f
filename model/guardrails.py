"""Pure checks on a finished draft: text, brief and how it came about in, findings out."""

import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from model.compose import Composed
from model.edit_rate import loops
from model.slots import SLOT

BLANK = re.compile(r"\[[^\[\]\n]{2,60}\]")  # [Your Name], as a base model that has seen many templates writes


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


def check(composed: Composed) -> list[Finding]:
    """Everything that is wrong or doubtful with a draft, blocking findings first."""
    findings = [*_placeholders(composed), *_emptiness(composed), *_length(composed), *_loops(composed)]
    return sorted(findings, key=lambda finding: finding.severity is not Severity.block)


def _placeholders(composed: Composed) -> list[Finding]:
    slots = {m[0]: f"The record has no {m[1].replace('_', ' ')}." for m in SLOT.finditer(composed.text)}
    blanks = {m[0]: f"{m[0]} is a blank that somebody has to fill in." for m in BLANK.finditer(composed.text)}
    return [Finding("placeholder", Severity.block, reason, span) for span, reason in {**slots, **blanks}.items()]


def _emptiness(composed: Composed) -> list[Finding]:
    return [] if composed.body.strip() else [Finding("empty", Severity.block, "The draft has no text.")]


def _length(composed: Composed) -> list[Finding]:
    if composed.finished:
        return []
    return [Finding("unfinished", Severity.warn, "The draft ran into the length limit and was cut at a sentence.")]


def _loops(composed: Composed) -> list[Finding]:
    return [Finding("repetition", Severity.warn, "The draft repeats itself.")] if loops(composed.body) else []
