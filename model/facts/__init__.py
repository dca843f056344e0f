"""Typed facts of a draft, each matched to the brief with its type and unit.

Every reader finds the facts of one type and says for each what it rests on. Those that rest on nothing block.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from model.brief import Brief
from model.facts import assertions, commitments, events, names, numbers, times, verbatim
from model.facts.quantities import quantities
from model.facts.record import Record
from model.facts.stated import Draft, Stated
from model.facts.text import Sentence, sentences, split
from model.findings import Finding, Severity
from model.playbook import Playbook
from model.slots import fill, slotted
from model.voice import Voice

__all__ = ["KNOWABLE", "Support", "evidence", "sentences", "untraced"]

# What a person may know although no record holds it. A promise is nobody's knowledge.
KNOWABLE = frozenset(
    f"fact_{kind}"
    for kind in (
        *("name", "company", "product", "number", "money", "percent", "date", "time"),
        *("link", "email", "phone", "quote", "event", "claim"),
    )
)


NO_PROOF = ("fact_name", "fact_company", "fact_product", "fact_date")  # of what is said of them


@dataclass(frozen=True)
class Support:
    """One sentence of a draft and what it rests on: a field of the record or an event, in words for a person."""

    sentence: str
    rests_on: tuple[str, ...] = ()


def untraced(
    subject: str, body: str, brief: Brief, voice: Voice, playbook: Playbook, house: frozenset[str] = frozenset()
) -> list[Finding]:
    """Every stated fact that the brief does not hold; all of them block.

    `house` holds slotted sentences (model/slots.py), split by `sentences`, that people sent to several customers: what
    stands in them beside the slots is how the house writes, and not a fact of this customer.
    """
    draft = _draft(subject, body, brief, voice, playbook, house)
    found = {(fact.rule, fact.span): fact for fact in reversed(_facts(draft)) if fact.reason}
    return [
        Finding(fact.rule, Severity.block, fact.reason, fact.span, fact.evidence)
        for fact in sorted(found.values(), key=lambda fact: fact.start)
    ]


def evidence(
    subject: str, body: str, brief: Brief, voice: Voice, playbook: Playbook, house: frozenset[str] = frozenset()
) -> list[Support]:
    """For each sentence of the body that states a fact, the records and events it rests on."""
    draft = _draft(subject, body, brief, voice, playbook, house)
    facts = [fact for fact in _facts(draft) if fact.rests_on]
    found = []
    for sentence in draft.sentences:
        inside = [fact for fact in facts if sentence.start <= fact.start < sentence.end]
        rests_on = _distinct(says for fact in sorted(inside, key=lambda fact: fact.start) for says in fact.rests_on)
        if sentence.part == "body" and rests_on:
            found.append(Support(" ".join(sentence.text.split()), rests_on))
    return found


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _draft(subject: str, body: str, brief: Brief, voice: Voice, playbook: Playbook, house: frozenset[str]) -> Draft:
    text, found = split(subject, body)
    return Draft(text, _with_house(found, brief, house) if house else found, Record(brief, voice, playbook, house))


def _with_house(found: list[Sentence], brief: Brief, house: frozenset[str]) -> list[Sentence]:
    """The same sentences, those marked that stand in the house's own ones: as they are, or with slots."""
    plain = [" ".join(sentence.text.split()) for sentence in found]
    with_slots = slotted("\n".join(plain), brief).split("\n")
    return [
        replace(sentence, house=raw in house or slots in house or _dateless(slots, brief) in house)
        for sentence, raw, slots in zip(found, plain, with_slots, strict=True)
    ]


def _dateless(text: str, brief: Brief) -> str:
    """With only names as slots: "I keep Thursday mornings open at {{company}}" for a Thursday event."""
    kept = {name: name for name in ("first_name", "last_name", "company", "deal", "sender", "sender_name")}
    for name in kept:
        text = text.replace("{{" + name + "}}", f"\0{name}\0")
    text = fill(text, brief)[0]
    for name in kept:
        text = text.replace(f"\0{name}\0", "{{" + name + "}}")
    return text


def _facts(draft: Draft) -> list[Stated]:
    """Every fact of the draft. What one reader has taken as its own, the next leaves alone."""
    claimed = events.claims(draft)
    found = [*verbatim.links(draft), *verbatim.quotes(draft)]
    found += times.dates(draft, claimed)
    found += times.hours(draft, claimed)
    found += verbatim.phones(draft)
    amounts = quantities(draft.text)
    found += times.durations(draft, claimed, amounts)
    found += numbers.numbers(draft, claimed, amounts)
    found += names.names(draft)
    found += events.stated(draft, claimed)
    found += commitments.commitments(draft)
    found += assertions.reported(draft)
    # One finding is enough for a clause, and what rests on more than a name or a day is no mere claim.
    settled = [fact for fact in found if fact.reason or fact.rule not in NO_PROOF]
    found += [one for one in assertions.assertions(draft) if not any(_meet(one, other) for other in settled)]
    return found


def _meet(one: Stated, other: Stated) -> bool:
    return one.start < other.end and other.start < one.end
