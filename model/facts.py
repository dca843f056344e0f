"""Typed facts of a draft, each matched to the brief with its type and unit."""

from dataclasses import dataclass

from model.brief import Brief
from model.findings import Finding
from model.playbook import Playbook
from model.voice import Voice


@dataclass(frozen=True)
class Support:
    """One sentence of a draft and what it rests on: a field of the record or an event, in words for a person."""

    sentence: str
    rests_on: tuple[str, ...] = ()


def untraced(
    subject: str, body: str, brief: Brief, voice: Voice, playbook: Playbook, house: frozenset[str] = frozenset()
) -> list[Finding]:
    """Every stated fact that the brief does not hold; all of them block.

    `house` holds slotted sentences (model/slots.py) that people sent to several customers: what stands in them beside
    the slots is how the house writes, and not a fact of this customer.
    """
    return []


def evidence(
    subject: str, body: str, brief: Brief, voice: Voice, playbook: Playbook, house: frozenset[str] = frozenset()
) -> list[Support]:
    """For each sentence of the body that states a fact, the records and events it rests on."""
    return []
