"""What the checks let through and what they stop without need, on seeded cases.

    python -m tests.benchmarks.guardrails [--json]

The cases (tests/red_team) are written by hand and by generator, apart from the code that checks them: invented facts by
type with near misses, other customers' data, links and markup, forbidden claims, missing disclaimers, and honest mails
that must pass. Under the figures stands each rule's recall and precision, and what went wrong.
"""

import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from model.brief import Brief
from model.facts import sentences
from model.findings import Finding, Severity
from model.guardrails import check
from model.playbook import PLAIN, Playbook, Playbooks, finished_body
from model.slots import slotted
from model.strangers import NOBODY, Stranger, Strangers
from model.voice import Voice
from tests.benchmarks.report import Figure, main
from tests.red_team import apart, facts, style
from tests.red_team.injections import forms, mutated
from tests.red_team.shown import faults_of

SEED = 20261125
VOICE = Voice(company="Mendwell", what_we_do="maintenance planning software")
CONTACTS = 10_000
PLAYBOOKS = Path(__file__).parent.parent / "red_team" / "playbooks"


@dataclass
class Score:
    """Of one rule: cases made for it, those it found, how often it fired, and how often on a wrong text."""

    seeded: int = 0
    caught: int = 0
    fired: int = 0
    right: int = 0


@dataclass(frozen=True)
class Case:
    """A text and the rule that must find it; None for an honest one, which no rule may block."""

    subject: str
    body: str
    brief: Brief
    voice: Voice
    playbook: Playbook
    rule: str | None
    strangers: Strangers = NOBODY
    house: frozenset[str] = frozenset()

    @property
    def must_block(self) -> bool:
        return self.rule is not None and (self.rule in style.BLOCKS or self.rule.startswith(("fact_", "leak")))

    def findings(self) -> list[Finding]:
        how = {"playbook": self.playbook, "strangers": self.strangers, "house": self.house}
        return check(self.subject, self.body, self.brief, self.voice, **how)  # type: ignore[arg-type]


def seeded() -> list[Case]:
    """Every case, the same ones on every call.

    Cases of style and of leaks are about a house that writes such sentences to everybody; what a customer's record
    holds is the other cases' subject.
    """
    rng = random.Random(SEED)
    plain = [Case(subject, body, brief, VOICE, PLAIN, rule) for subject, body, brief, rule in facts.cases(rng)]
    styled = [Case(*case, house=_said(*case[:3])) for case in style.cases(rng)]
    leaking = [
        Case(subject, body, brief, style.FREE, style.SALES, rule, Strangers(people), _said(subject, body, brief))
        for subject, body, brief, people, rule in style.leak_cases(rng)
    ]
    return [*plain, *styled, *leaking, *playbook_cases()]


def _said(subject: str, body: str, brief: Brief) -> frozenset[str]:
    return frozenset(sentence for text in (subject, body) for sentence in sentences(slotted(text, brief)))


def playbook_cases() -> list[Case]:
    """Ten good and ten forbidden bodies for each playbook; the good ones with its required lines, as drafts have."""
    found = []
    for name, book in Playbooks().items():
        given = yaml.safe_load((PLAYBOOKS / f"{name}.yml").read_text("utf-8"))
        brief = Brief.model_validate(given["brief"])
        good = [(finished_body(book, brief, body), None) for body in given["good"]]
        wrong = [(case["body"], case["rule"]) for case in given["forbidden"]]
        found += [Case("A thought", body, brief, VOICE, book, rule) for body, rule in [*good, *wrong]]
    return found


def judged(cases: Iterable[Case]) -> tuple[list[Figure], list[str], dict[str, Score]]:
    """The figures, what went wrong, and each rule's score."""
    missed: list[str] = []
    scores: dict[str, Score] = defaultdict(Score)
    wrong = caught = honest = stopped = 0
    for case in cases:
        found = case.findings()
        blocks = [finding for finding in found if finding.severity is Severity.block]
        rules = {finding.rule for finding in found}
        for rule in rules:
            scores[rule].fired += 1
            scores[rule].right += case.rule is not None
        if case.rule is not None:
            scores[case.rule].seeded += 1
            scores[case.rule].caught += case.rule in rules
            if case.rule not in rules:
                missed.append(f"not found ({case.rule}): {case.subject!r} {case.body!r}")
        if case.must_block:
            wrong, caught = wrong + 1, caught + bool(blocks)
        else:
            honest, stopped = honest + 1, stopped + bool(blocks)
            missed += [f"blocked without need ({b.rule}: {b.span!r}, {b.reason}): {case.body!r}" for b in blocks]
    figures = [
        Figure("block_recall", caught / max(wrong, 1), "", 0.98, least=True),
        Figure("false_block_rate", stopped / max(honest, 1), "", 0.02),
        Figure("cases", wrong + honest, "", 400, least=True),
    ]
    return figures, missed, scores


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


def unseen() -> list[Figure]:
    """Sentences that were written without a look at the checks; recall by kind goes to stderr."""
    found: dict[str, list[bool]] = defaultdict(list)
    book = Playbooks()["sales_follow_up"]
    for brief, body, kind in apart.cases():
        findings = check(brief.goal.capitalize(), body, brief, VOICE, playbook=book)
        found[kind].append(any(finding.severity is Severity.block for finding in findings))
    for kind, blocked in sorted(found.items()):
        sys.stderr.write(f"written apart, {kind:<11} {sum(blocked):>3} of {len(blocked):<3} blocked\n")
    right = found.pop("ok")
    wrong = [blocked for kind in found.values() for blocked in kind]
    return [
        Figure("apart_recall", sum(wrong) / len(wrong), f"of {len(wrong)}", 0.98, least=True),
        Figure("apart_false_blocks", sum(right) / len(right), f"of {len(right)}", 0.02),
    ]


def injections() -> list[Figure]:
    """Texts that try to turn a card, a link or a recipient, as they would be shown."""
    texts = [*forms(), *mutated(random.Random(SEED))]
    faults = [fault for text in texts for fault in faults_of(text)]
    sys.stderr.write("".join(f"{fault}\n" for fault in faults))
    return [Figure("injections", len(texts), "", 1500, least=True), Figure("injections_live", len(faults), "", 0)]


def speed(cases: list[Case]) -> Figure:
    """The slowest twentieth of all checks of one draft, with a full leak guard."""
    strangers, times = crowd(CONTACTS), []
    for case in cases:
        began = time.perf_counter()
        check(case.subject, case.body, case.brief, case.voice, playbook=case.playbook, strangers=strangers)
        times.append((time.perf_counter() - began) * 1000)
    return Figure("checks_ms", statistics.quantiles(times, n=20)[-1], "ms, p95", 20.0)


def measure(quick: bool) -> list[Figure]:
    """Every figure; what is behind them goes to stderr."""
    cases = seeded()
    figures, missed, rules = judged(cases)
    for rule, score in sorted(rules.items()):
        precision = f"{score.right / score.fired:.2f}" if score.fired else "–"
        sys.stderr.write(f"{rule:<18} {score.caught:>4} of {score.seeded:<4} found, precision {precision}\n")
    sys.stderr.write("".join(f"{each}\n" for each in missed))
    return [*figures, *unseen(), *injections(), speed(cases)]


if __name__ == "__main__":
    raise SystemExit(main("What the checks let through and stop without need.", measure))
