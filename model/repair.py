"""Which of several drafts of one email a person gets to see."""

from collections.abc import Iterable
from dataclasses import dataclass

from model.compose import Composed
from model.findings import Finding, Severity


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
