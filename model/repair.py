"""Which of several drafts of one email a person gets to see, and which seeds belong to one version of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from model.compose import Composed
from model.findings import Finding, Severity

REPAIRS = 3  # further candidates where the first draft must not leave as it is
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


def of_first_version(seed: int) -> bool:
    """Whether a draft is what was written at once, repaired or not, and not after somebody asked for another."""
    return seed < SEEDS


def next_version(seed: int) -> int:
    """The seed of another version's first draft; no version has a seed of another."""
    return seed - seed % SEEDS + SEEDS
