"""What the checks let through and what they stop without need, on seeded cases and on real drafts.

    python -m tests.benchmarks.guardrails [--quick] [--json] [--drafts N] [--misses]

The cases (tests/red_team) are written by hand and by generator, apart from the code that checks them: invented facts by
type with near misses, other customers' data, links and markup, forbidden claims, missing disclaimers, and honest mails
that must pass. `--drafts N` also drafts N emails over all playbooks with the default base and looks at those that could
be approved with a cruder check of another make. `--misses` prints what went wrong.
"""

import random
import statistics
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from model.brief import Brief
from model.findings import Finding, Severity
from model.guardrails import check
from model.playbook import PLAIN, Playbook
from model.strangers import NOBODY, Stranger, Strangers
from model.voice import Voice
from tests.benchmarks.report import Figure
from tests.red_team import facts, style

SEED = 20261125
VOICE = Voice(company="Mendwell", what_we_do="maintenance planning software")
CONTACTS = 10_000


@dataclass(frozen=True)
class Case:
    """A text and the rule that must block it; None for an honest one, which no rule may block."""

    subject: str
    body: str
    brief: Brief
    voice: Voice
    playbook: Playbook
    rule: str | None
    strangers: Strangers = NOBODY

    def blocks(self) -> list[Finding]:
        found = check(
            self.subject,
            self.body,
            self.brief,
            self.voice,
            playbook=self.playbook,
            strangers=self.strangers,
        )
        return [finding for finding in found if finding.severity is Severity.block]


def seeded() -> list[Case]:
    """Every case, the same ones on every call."""
    rng = random.Random(SEED)
    plain = [Case(subject, body, brief, VOICE, PLAIN, rule) for subject, body, brief, rule in facts.cases(rng)]
    styled = [Case(*case) for case in style.cases(rng)]
    leaking = [Case(*case) for case in style.leak_cases(rng)]
    return [*plain, *styled, *leaking, *playbook_cases()]


def playbook_cases() -> list[Case]:
    """Ten good and ten forbidden bodies for each playbook."""
    return []


def judged(cases: Iterable[Case]) -> tuple[list[Figure], list[str], dict[str, tuple[int, int, int]]]:
    """The figures, what went wrong, and by rule: (cases, caught, fired at all)."""
    missed: list[str] = []
    wanted: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    fired: Counter[str] = Counter()
    honest = stopped = 0
    for case in cases:
        blocks = case.blocks()
        fired.update({finding.rule for finding in blocks})
        if case.rule is None:
            honest += 1
            stopped += bool(blocks)
            missed += [f"blocked without need ({b.rule}: {b.span!r}, {b.reason}): {case.body!r}" for b in blocks]
            continue
        wanted[case.rule] += 1
        if blocks:
            caught[case.rule] += 1
        else:
            missed.append(f"not blocked ({case.rule}): {case.subject!r} {case.body!r}")
    figures = [
        Figure("block_recall", sum(caught.values()) / max(sum(wanted.values()), 1), "", 0.98, least=True),
        Figure("false_block_rate", stopped / max(honest, 1), "", 0.02),
        Figure("cases", sum(wanted.values()) + honest, "", 400, least=True),
    ]
    return figures, missed, {rule: (wanted[rule], caught[rule], fired[rule]) for rule in {*wanted, *fired}}


def crowd(count: int) -> Strangers:
    """A workspace with so many contacts."""
    rng = random.Random(SEED)
    syllables = ["ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "wa", "zi", "dor", "gan", "hel", "jor"]

    def word(parts: int) -> str:
        return "".join(rng.choice(syllables) for _ in range(parts)).capitalize()

    people = []
    for number in range(count):
        first, last, company = word(2), word(3), f"{word(3)} {rng.choice(('Works', 'Labs', 'Foods', 'Group'))}"
        email = f"{first}.{last}{number}@{company.split()[0].lower()}.example".lower()
        people.append(Stranger(company, first, last, email, company, (f"{word(2)} rollout",)))
    return Strangers(people)


def speed(cases: list[Case]) -> Figure:
    """The slowest twentieth of all checks of one draft, with a full leak guard."""
    strangers, times = crowd(CONTACTS), []
    for case in cases:
        began = time.perf_counter()
        check(case.subject, case.body, case.brief, case.voice, playbook=case.playbook, strangers=strangers)
        times.append((time.perf_counter() - began) * 1000)
    return Figure("checks_ms", statistics.quantiles(times, n=20)[-1], "ms, p95", 20.0)
