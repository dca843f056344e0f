"""Which of several drafts of one email a person gets to see, and which seeds belong to one version of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from model.compose import Composed
from model.edit_rate import words
from model.facts.text import split
from model.findings import Finding, Severity
from model.sentences import left_after

REPAIRS = 3  # further candidates where the first draft must not leave as it is
LEFT = 2 / 3  # of the words at least; an email that loses more says something else
SEEDS = REPAIRS + 1  # of one version: its first draft's and its candidates'


@dataclass(frozen=True)
class Candidate:
    """One draft and what the checks say of it."""

    seed: int
    composed: Composed
    findings: tuple[Finding, ...]

    @property
    def blocks(self) -> int:
        """How many findings keep it from leaving."""
        return sum(finding.severity is Severity.block for finding in self.findings)


def best(candidates: Iterable[Candidate]) -> Candidate:
    """The one with the fewest blocks, then the fewest warnings, then the lowest seed. There must be one at least."""
    return min(candidates, key=lambda one: (one.blocks, len(one.findings) - one.blocks, one.seed))


def cut(candidate: Candidate) -> Composed | None:
    """The draft without the sentences that block it; None where too little would be left of it."""
    spans = [finding.span for finding in candidate.findings if finding.severity is Severity.block]
    body = candidate.composed.body
    said = [sentence.text for sentence in split("", body)[1] if sentence.part == "body"]
    wrong = {sentence for sentence in said if any(span and span in sentence for span in spans)}
    if not wrong or any(not any(span in sentence for sentence in wrong) for span in spans):
        return None  # it lies in the subject, the greeting, or nowhere in particular
    left = left_after(body, wrong.__contains__)
    return replace(candidate.composed, body=left) if len(words(left)) >= LEFT * len(words(body)) else None


def of_first_version(seed: int) -> bool:
    """Whether a draft is what was written at once, repaired or not, and not after somebody asked for another."""
    return seed < SEEDS


def next_version(seed: int) -> int:
    """The seed of another version's first draft; no version has a seed of another."""
    return seed - seed % SEEDS + SEEDS
