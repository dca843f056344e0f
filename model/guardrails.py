"""Pure checks on a finished text: text, brief, voice and playbook in, findings out."""

import re

from model.brief import Brief
from model.checks import checks
from model.edit_rate import loops
from model.facts import untraced
from model.findings import Finding, Severity
from model.playbook import PLAIN, Playbook
from model.slots import SLOT
from model.strangers import NOBODY, Strangers
from model.voice import Voice

__all__ = ["Finding", "Severity", "check"]

BLANK = re.compile(r"\[[^\[\]\n]{2,60}\]")  # [Your Name], as a base model that has seen many templates writes
# The labels of model/prompt.py, which a small base model at times copies out instead of writing. A person's email could
# hold one of the first kind, and none of the second.
ASKED = re.compile(r"^(?:Deal|Note):", re.MULTILINE)
TOLD = re.compile(
    r"^\W*(?:To|From|Tone|Avoid|What happened, newest first|Write the email\. Goal): "
    r"|\byou write short follow-up emails\b",
    re.IGNORECASE | re.MULTILINE,
)


def check(
    subject: str,
    body: str,
    brief: Brief,
    voice: Voice,
    *,
    playbook: Playbook = PLAIN,
    strangers: Strangers = NOBODY,
    house: frozenset[str] = frozenset(),
    finished: bool = True,
) -> list[Finding]:
    """Everything that is wrong or doubtful with a draft or with what a person made of it, blocking findings first."""
    text = f"{subject}\n\n{body}"
    findings = [
        *_placeholders(text),
        *_emptiness(body),
        *_echo(body),
        *untraced(subject, body, brief, voice, playbook, house),
        *strangers.leaks(text, brief),
        *checks(subject, body, brief, voice, playbook),
        *_length(finished),
        *_loops(body),
    ]
    return sorted(findings, key=lambda finding: finding.severity is not Severity.block)


def _placeholders(text: str) -> list[Finding]:
    slots = {m[0]: f"The record has no {m[1].replace('_', ' ')}." for m in SLOT.finditer(text)}
    blanks = {m[0]: f"{m[0]} is a blank that somebody has to fill in." for m in BLANK.finditer(text)}
    return [Finding("placeholder", Severity.block, reason, span) for span, reason in {**slots, **blanks}.items()]


def _emptiness(body: str) -> list[Finding]:
    return [] if body.strip() else [Finding("empty", Severity.block, "The draft has no text.")]


def _echo(body: str) -> list[Finding]:
    lines = {match[0] for match in ASKED.finditer(body)}
    if len(lines) < 2 and not TOLD.search(body):
        return []
    reason = "The draft repeats what the model was told instead of writing to the person."
    return [Finding("echo", Severity.block, reason)]


def _length(finished: bool) -> list[Finding]:
    if finished:
        return []
    return [Finding("unfinished", Severity.warn, "The draft ran into the length limit and was cut at a sentence.")]


def _loops(body: str) -> list[Finding]:
    return [Finding("repetition", Severity.warn, "The draft repeats itself.")] if loops(body) else []
