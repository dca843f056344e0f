"""Holds amounts of money, percentages and counts against the record."""

import re
from collections.abc import Iterator
from decimal import Decimal

from model.facts.events import Claim
from model.facts.quantities import Quantity
from model.facts.record import Source, told
from model.facts.stated import Draft, Stated
from model.slots import day

OWN_THINGS = frozenset(
    re.findall(
        r"\S+",
        "question thought idea option point thing line sentence word way step slot example topic item note"
        " suggestion reason date link paragraph people person side us colleague",
    )
)  # "two questions": a mail may count what it holds itself
OWN_AT_MOST = 5
ABOUT_MONEY = re.compile(r"\b(?:deal|amount|quote|price|budget|cost|offer|proposal|total|sum|value|worth|at)\b", re.I)
STEP = re.compile(r"\b(?:step|point|part|option|question|item|line|page|phase) $", re.IGNORECASE)  # "step 2"
OR_TWO = re.compile(r"\b(?:an?|one) [\w-]+ or $", re.IGNORECASE)  # "a question or two"
LIST_MARK = re.compile(r"(?:^|\n)\s*\(?$")
STEM = 5  # letters in which "visit" and "visits" are alike
ALIKE = (
    {"staff", "emplo", "peopl", "team"},
    {"visit", "times", "time", "view", "views", "look", "looks", "use", "uses"},
    {"machi", "asset"},
)


def numbers(draft: Draft, claimed: list[Claim], found: list[Quantity]) -> Iterator[Stated]:
    for quantity in found:
        if quantity.unit == "minutes" or not draft.free(quantity.start, quantity.end):
            continue
        if _harmless(draft, quantity):
            continue
        span, sentence = draft.take(quantity.start, quantity.end), draft.sentence_at(quantity.start)
        rests_on = _rests_on(draft, quantity)
        rule = _rule(quantity)
        if rests_on:
            yield Stated(rule, quantity.start, quantity.end, span, rests_on)
        elif not sentence.house:
            reason, evidence = _untraced(draft, quantity, span)
            yield Stated(rule, quantity.start, quantity.end, span, (), reason, evidence)


def _rule(quantity: Quantity) -> str:
    if quantity.unit == "percent":
        return "fact_percent"
    if len(quantity.unit) == 3 and quantity.unit.isupper():
        return "fact_money"
    return "fact_number"


def _harmless(draft: Draft, quantity: Quantity) -> bool:
    """List marks, "1:1", and small counts of what the mail itself holds: "two questions"."""
    text = draft.text
    after = text[quantity.end : quantity.end + 2]
    if quantity.unit == "" and after[:1] in (".", ")") and LIST_MARK.search(text, 0, quantity.start):
        return True
    if quantity.unit == "" and re.match(r":1|[- ]on[- ](?:1|one)\b", text[quantity.end : quantity.end + 8]):
        return True
    if quantity.word and OR_TWO.search(text, max(0, quantity.start - 40), quantity.start):
        return True
    if quantity.unit == "ordinal" and draft.sentence_at(quantity.start).offers:
        return True  # a day that is proposed
    if quantity.unit == "always":
        return True  # "24/7" is a commitment
    if quantity.unit == "times" and quantity.word and text[quantity.start : quantity.end].lower() == "twice":
        return not re.search(r"\byou\b", draft.sentence_at(quantity.start).text, re.IGNORECASE)
    if quantity.unit == "" and STEP.search(text, 0, quantity.start):
        return True
    if text[: quantity.start].lower().endswith("your "):
        return False
    small = quantity.unit == "" and quantity.values and max(quantity.values) <= OWN_AT_MOST
    return bool(small and any(noun.rstrip("s") in OWN_THINGS for noun in quantity.nouns))


def _day_of_month(draft: Draft, quantity: Quantity) -> tuple[str, ...]:
    """ "The 27th" is the day on which the deal closes or something happened."""
    brief, wanted = draft.record.brief, quantity.values[0] if quantity.values else None
    closes = brief.deal.close_date if brief.deal else None
    found = [told(event) for event in brief.events if event.count is None and event.at.day == wanted]
    return (f"deal closes on {day(closes)}",) if closes and closes.day == wanted else tuple(found[:1])


def _rests_on(draft: Draft, quantity: Quantity) -> tuple[str, ...]:
    if quantity.unit == "ordinal" and (known := _day_of_month(draft, quantity)):
        return known
    cover = draft.covered(quantity.start, quantity.end, beyond=True)
    if cover and (cover.source.whole or cover.source.role in ("goal", "claim")):
        return (cover.source.says,)
    counted = _counted(draft, quantity)
    if counted:
        return counted
    if _deal_amount(draft, quantity):
        deal = draft.record.brief.deal
        assert deal
        return (f"deal amount {deal.amount:,.0f}: {deal.name}",)
    noted = [s for s in draft.record.prose() if any(_same(quantity, other) for other in s.quantities)]
    return tuple(source.says for source in noted)


def _counted(draft: Draft, quantity: Quantity) -> tuple[str, ...]:
    """A roll-up's count; where the sentence names an event's subject, that event's."""
    if quantity.unit not in ("times", "") or len(quantity.values) != 1:
        return ()
    if quantity.unit == "" and not {noun[:STEM] for noun in quantity.nouns} & {
        "visit",
        "opens",
        "views",
        "click",
        "look",
        "looks",
        "use",
        "uses",
        "login",
        "sessi",
    }:
        return ()
    sentence = draft.sentence_at(quantity.start)
    named = [
        c.source.event
        for c in draft.covers
        if c.source.event and c.source.whole and sentence.start <= c.start < sentence.end
    ]
    events = [event for event in named if event] or list(draft.record.brief.events)
    return tuple(told(event) for event in events if event.count == quantity.values[0])


def _deal_amount(draft: Draft, quantity: Quantity) -> bool:
    deal = draft.record.brief.deal
    if not deal or deal.amount is None or quantity.values != (Decimal(deal.amount),):
        return False
    if _rule(quantity) == "fact_money":
        return not _other_currency(draft, quantity)
    sentence = draft.sentence_at(quantity.start)
    about = ABOUT_MONEY.search(sentence.text) or draft.names_a(sentence, "deal")
    counts = quantity.nouns[:1] and quantity.nouns[0].endswith("s")  # "48,000 machines"
    return quantity.unit == "" and not counts and bool(about)


def _other_currency(draft: Draft, quantity: Quantity) -> bool:
    """The record keeps no currency; where goal or note name one for the same amount, it is that one."""
    said = [
        other.unit
        for source in draft.record.sources
        if source.role in ("goal", "note")
        for other in source.quantities
        if other.values == quantity.values and _rule(other) == "fact_money"
    ]
    return bool(said) and quantity.unit not in said


def _same(one: Quantity, other: Quantity) -> bool:
    """The same number of the same thing. A range may name one end of a noted one."""
    if one.unit != other.unit or not one.values or not set(one.values) <= set(other.values):
        return one.unit == other.unit == "multiple" and not one.values and not other.values
    if one.unit:
        return True
    mine, theirs = ({noun[:STEM] for noun in each.nouns} for each in (one, other))
    if not mine or not theirs:
        return not mine and not theirs
    return bool(mine & theirs) or any(mine & group and theirs & group for group in ALIKE)


def _untraced(draft: Draft, quantity: Quantity, span: str) -> tuple[str, str]:
    near = _nearest(draft, quantity)
    kind = {"fact_money": "an amount", "fact_percent": "a percentage"}.get(_rule(quantity), "a number")
    return f"“{span.strip()}” is {kind} that the record does not hold.", near


def _nearest(draft: Draft, quantity: Quantity) -> str:
    deal = draft.record.brief.deal
    if _rule(quantity) == "fact_money" and deal and deal.amount is not None:
        return f"deal amount {deal.amount:,.0f}"
    rolled_up = [told(event) for event in draft.record.brief.events if event.count is not None]
    if quantity.unit == "times" and rolled_up:
        return rolled_up[0]
    said = [(source, other) for source in draft.record.prose() for other in source.quantities if other.values]
    return _words(*said[0]) if said else ""


def _words(source: Source, quantity: Quantity) -> str:
    return f"{source.text[quantity.start : quantity.end + 20].strip()} ({source.says})"
