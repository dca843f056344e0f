"""Slots: facts that do not pass through the weights.

Training text carries `{{first_name}}` where a CRM value stands, and a draft's slots are filled from the record after
decoding. `fill(slotted(text, brief), brief) == text` holds for every text and brief. Names of slots are short, as
every token of them is learned and drafted.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime

from model.brief import EVENTS_KEPT, Brief, Event

SLOT = re.compile(r"\{\{\s*([a-z_0-9]+)\s*\}\}")
SENTENCE_START = re.compile(r"(?:^|[.!?:]\s+|\n\s*)$")


def values(brief: Brief) -> dict[str, str]:
    """Slot name → the one way its value is written. Names of people first: they win where values are equal."""
    contact, company, deal = brief.contact, brief.company, brief.deal
    found: dict[str, str | None] = {
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "company": company.name if company else None,
        "deal": deal.name if deal else None,
        "amount": f"{deal.amount:,.0f}" if deal and deal.amount is not None else None,
        "close_date": day(deal.close_date) if deal and deal.close_date else None,
        "sender_name": brief.sender.name,
        "sender": brief.sender.first_name,
    }
    for number, event in enumerate(brief.events[:EVENTS_KEPT], start=1):
        for name, value in _of_event(event, brief.at).items():
            found[f"{name}{number}"] = value
    return {name: value for name, value in found.items() if value}


def _of_event(event: Event, now: datetime) -> dict[str, str | None]:
    """A roll-up has no date of its own, so it offers none to quote."""
    if event.count is not None:
        return {"event": event.subject, "count": str(event.count)}
    return {
        "event": event.subject,
        "ago": ago(event.at, now),
        "weekday": event.at.strftime("%A"),
        "date": day(event.at),
    }


def day(moment: date) -> str:
    """ "12 November": the form that needs no locale and no year."""
    return f"{moment.day} {moment:%B}"


def ago(moment: datetime, now: datetime) -> str:
    """How a person says how long it is: today, yesterday, 3 days ago, last week, 3 weeks ago, in August."""
    days = (now.astimezone(moment.tzinfo).date() - moment.date()).days
    if days <= 1:
        return "today" if days <= 0 else "yesterday"
    if days < 7:
        return f"{days} days ago"
    if days < 14:
        return "last week"
    if days < 56:
        return f"{days // 7} weeks ago"
    return f"in {moment:%B}"


def fill(text: str, brief: Brief) -> tuple[str, list[str]]:
    """Replace slots by the record's values.

    Returns the text and the names of slots for which the record has no value; those stay in the text as they
    are, so that a check can show them.
    """
    known = values(brief)
    missing: list[str] = []
    filled, end = "", 0
    for match in SLOT.finditer(text):
        filled += text[end : match.start()]
        end = match.end()
        if match[1] in known:
            filled += _at_start(known[match[1]], filled)
        else:
            missing.append(match[1])
            filled += match[0]
    return filled + text[end:], missing


def grammar(names: Iterable[str]) -> str:
    """What a draft may hold: any text, and slots of these names. No other braces, and no bracket of a blank to fill in.

    GBNF, the notation of llama.cpp. So a draft never asks for a fact that the record does not have.
    """
    known = " | ".join(f'"{{{{{name}}}}}"' for name in names)
    return f"root ::= ( [^{{\\[]{' | ' + known if known else ''} )*\n"


def slotted(text: str, brief: Brief, house: Iterable[str] = ()) -> str:
    """Replace the record's values by slots, longest first, except inside the phrases listed as house text."""
    known = values(brief)
    by_value: dict[str, str] = {}
    for slot, value in known.items():
        by_value.setdefault(value, slot)
    kept = _spans(text, house)
    pieces: list[str] = []
    end = 0
    for match in _pattern(by_value).finditer(text):
        name = _slot_for(match, by_value, text)
        if name is None or any(start < match.end() and match.start() < stop for start, stop in kept):
            continue
        pieces += [text[end : match.start()], "{{" + name + "}}"]
        end = match.end()
    return "".join(pieces) + text[end:]


def _pattern(by_value: dict[str, str]) -> re.Pattern[str]:
    words = sorted({form for value in by_value for form in (value, _capital(value))}, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + r")(?!\w)" if words else r"(?!)")


def _slot_for(match: re.Match[str], by_value: dict[str, str], text: str) -> str | None:
    """The slot whose filling gives exactly the matched form, or None."""
    form = match[0]
    for value in (form, form[:1].lower() + form[1:]):
        if value in by_value and _at_start(value, text[: match.start()]) == form:
            return by_value[value]
    return None


def _at_start(value: str, before: str) -> str:
    return _capital(value) if SENTENCE_START.search(before[-8:] if before else "") else value


def _capital(value: str) -> str:
    return value[:1].upper() + value[1:]


def _spans(text: str, phrases: Iterable[str]) -> list[tuple[int, int]]:
    return [match.span() for phrase in phrases for match in re.finditer(re.escape(phrase), text)]


WORD = re.compile(r"\S+")
BESIDE = 2  # words on each side that make a phrase recognisable


def house_phrases(texts: list[tuple[str, Brief]]) -> frozenset[str]:
    """Phrases that hold a record's value by coincidence: "Worth 15 minutes on Thursday?" for a Thursday event.

    A word follows the record, or it is house text: where the same words around it also stand in an email whose
    record does not hold that value, it stays as it is.
    """
    wheres: dict[str, list[frozenset[str]]] = {}
    candidates: list[tuple[str, str]] = []
    for text, brief in texts:
        offered = frozenset(values(brief).values())
        for phrase in _phrases(text):
            wheres.setdefault(phrase, []).append(offered)
        pattern = _pattern(dict.fromkeys(offered, ""))
        candidates += [(match[0], _around(text, match)) for match in pattern.finditer(text)]
    return frozenset(
        phrase
        for value, phrase in candidates
        if len(phrase.split()) > len(value.split()) + 1
        and any(value not in offered for offered in wheres.get(phrase, []))
    )


def _phrases(text: str) -> set[str]:
    """Every run of words that `_around` could cut from this text, whatever the length of the value."""
    words = [match.span() for match in WORD.finditer(text)]
    return {
        text[words[first][0] : words[last][1]]
        for first in range(len(words))
        for last in range(first, min(first + 2 * BESIDE + 2, len(words)))
    }


def _around(text: str, match: re.Match[str]) -> str:
    before = list(WORD.finditer(text[: match.start()]))[-BESIDE:]
    after = list(WORD.finditer(text, match.end()))[:BESIDE]
    start = before[0].start() if before else match.start()
    end = after[-1].end() if after else len(text)
    return text[start:end]
