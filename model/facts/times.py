"""Holds the dates, clock times and durations of a draft against the record."""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from model.brief import Event
from model.facts.dates import When, whens
from model.facts.events import Claim
from model.facts.quantities import Quantity, clocks
from model.facts.record import told
from model.facts.stated import Draft, Stated
from model.facts.text import OFFER, Sentence, flat
from model.slots import day

NOT_A_PROPOSAL = re.compile(
    r"\b(?:ends?|expires?|deadline|rises?|increases?|runs? out|go(?:es)? up|launch(?:es)?|valid|did you|do you know"
    r"|date (?:for|of) the|still holds?)\b",
    re.IGNORECASE,
)
GAIN = re.compile(
    r"\b(?:sav(?:e|es|ed|ing)|cut|cuts|reduc\w+|faster|sooner|average|typical\w*|per|every|deliver\w*|respon\w+|resolv\w+"
    r"|set ?up|live|install\w*|spent|stayed|lasted|experience|warranty|return|trial|notice)\b"
    r"|\ba (?:day|week|month|year)\b|\bup (?:and running|to)\b",
    re.IGNORECASE,
)
MEETING = re.compile(
    r"\b(?:call|talk|chat|meet|meeting|demo|screen|walk|show|slot|time|conversation|session|look|spare|worth|coffee"
    r"|introduction|intro|discuss\w*|enough|together|catch[- ]up|minute|tour)\b",
    re.IGNORECASE,
)
AHEAD = re.compile(
    r"\b(?:in|within|over|during|for|the|next|coming|after)(?: the)?(?: next| coming)?\W*$", re.IGNORECASE
)
COUNTED_FROM = re.compile(
    r"\b(?:in|within|after|under|for|about|only|just|takes?|took|than|almost|nearly|been|save[sd]?|every)\W*$",
    re.IGNORECASE,
)
OF_THE_DEAL = re.compile(
    r"\b(?:clos(?:e|es|ing)|date (?:for|of) the|renew\w*|due|ends?|expires?|deadline|go(?:es)?[- ]live)\b", re.I
)
TO_GO = re.compile(r" (?:away|to go|left|remain\w*|before|until|till)\b", re.IGNORECASE)
CLOSES = re.compile(r"\bclos(?:e|es|ing)(?: date)?(?: (?:is|of|on|by|for|as|set|the|date))* $", re.IGNORECASE)
SINCE = re.compile(r" (?:since|after) the\b", re.IGNORECASE)
LONGEST_MEETING = 240  # minutes
TELLING = 4  # letters; shorter words say little
SHORT, NEAR = 8, 80  # words of a sentence; characters before it


def dates(draft: Draft, claimed: list[Claim]) -> Iterator[Stated]:
    for when in whens(draft.text, draft.record.today):
        if not draft.free(when.start, when.end):
            continue
        draft.take(when.start, when.end)
        if fact := _date(draft, when, claimed):
            yield fact


def _date(draft: Draft, when: When, claimed: list[Claim]) -> Stated | None:
    sentence = draft.sentence_at(when.start)
    span = draft.text[when.start : when.end]
    if cover := draft.covered(when.start, when.end, beyond=True):
        return Stated("fact_date", when.start, when.end, span, (cover.source.says,))
    beside = _beside(draft, when)
    claim = None if when.ahead or beside else bound(draft, when.start, when.end, claimed)
    about = beside or _events(draft, sentence, claim)
    if claim is None and not about and not OF_THE_DEAL.search(sentence.text):
        about = _hinted(draft, sentence)
    if claim and not claim.matched:
        return None  # the event itself is untraced, or the deal's stage speaks for it; one finding is enough
    if when.loose and claim is None and not _mentioned(draft, sentence):
        return None
    rests_on = _holding(draft, when, about, free=claim is None and not _mentioned(draft, sentence))
    rests_on = rests_on or (
        () if beside or when.ahead else _holding(draft, when, _alluded(draft, sentence), free=False)
    )
    if rests_on:
        return Stated("fact_date", when.start, when.end, span, rests_on)
    closes = CLOSES.search(draft.text, max(0, when.start - 30), when.start)
    if claim is None and not (beside or closes) and not when.past and _proposes(sentence):
        return None
    if sentence.house:
        return None
    if when.loose and all(event.count is not None for event in about):
        return None
    return Stated("fact_date", when.start, when.end, span, (), _wrong_date(span, about), _dates_of(draft, about))


def bound(draft: Draft, start: int, end: int, claimed: Iterable[Claim]) -> Claim | None:
    """The event claim that a time belongs to: the nearest in its sentence with no offer in between."""
    sentence = draft.sentence_at(start)
    near = [c for c in claimed if sentence.start <= c.start < sentence.end]
    for claim in sorted(near, key=lambda c: min(abs(c.end - start), abs(end - c.start))):
        between = draft.text[min(claim.end, end) : max(claim.start, start)].replace("’", "'")
        if not OFFER.search(between) and "?" not in between and not re.search(r"\bfor$|\bto\W*$", between.strip()):
            return claim
    return None


def _mentioned(draft: Draft, sentence: Sentence) -> list[Event]:
    """Events whose subject stands in the sentence."""
    found = [
        cover.source.event
        for cover in draft.covers
        if cover.source.event and cover.source.whole and sentence.start <= cover.start < sentence.end
    ]
    return [event for event in found if event]


def _events(draft: Draft, sentence: Sentence, claim: Claim | None) -> list[Event]:
    if claim is None:
        return _mentioned(draft, sentence)
    return list(claim.matched)


BESIDE = re.compile(
    r"(?:['’]s?)? (?P<after>webinar|call|meeting|demo|download|ticket|visit|e-?mail|message|question)\b", re.IGNORECASE
)
BEFORE = re.compile(
    r"\b(?P<before>webinar|call|meeting|demo|download|ticket|visit|e-?mail|message|question)s?"
    r" (?:on|of|from|in) (?:the )?$",
    re.IGNORECASE,
)
RECEIVED = ("email", "e-mail", "message", "question")


def _beside(draft: Draft, when: When) -> list[Event]:
    """The events of a kind that stands right beside the date: "Monday's webinar", "your email of 6 March"."""
    after, before = BESIDE.match(draft.text, when.end), BEFORE.search(draft.text, max(0, when.start - 24), when.start)
    if before:
        kind = before["before"].lower()
    elif after and draft.text[when.end] in "'’":
        kind = after["after"].lower()
    else:
        return []
    wanted = "received" if kind in RECEIVED else kind
    return [event for event in draft.record.brief.events if event.count is None and wanted in event.kind]


ASKS_BACK = re.compile(r"(?:did|was|were|how (?:was|were|did)|what did)\b", re.IGNORECASE)
LOOKS_BACK = re.compile(r"\b(?:was|were|had|did|went|came|saw|since|ago|last|yesterday|\w+ed)\b")
IS_SO = re.compile(r"\b(?:is|are|will)\b")
HINTS = ("webinar", "call", "meeting", "demo", "download", "ticket", "visit")


def _hinted(draft: Draft, sentence: Sentence) -> list[Event]:
    """Events of a kind that the sentence names: "the webinar last Tuesday"; all if it names none and looks back."""
    words = sentence.text.lower()
    named = [hint for hint in HINTS if hint in words]
    events = draft.record.brief.events
    of_kind = [event for event in events if any(hint in event.kind for hint in named)]
    return of_kind or (list(events) if LOOKS_BACK.search(words) and not IS_SO.search(words) else [])


def _alluded(draft: Draft, sentence: Sentence) -> list[Event]:
    """Events that the sentence names by kind or by a word of their subject: "the checklist that would not print"."""
    words = {word for word in flat(sentence.text).split() if len(word) > TELLING}
    events = draft.record.brief.events
    return [e for e in events if any(w in e.kind for w in words) or words & set(flat(e.subject or "").split())]


def _holding(draft: Draft, when: When, about: list[Event], *, free: bool) -> tuple[str, ...]:
    """Where the record has that date. `free` is a date that stands beside no event: the deal's and noted ones count."""
    found = [told(event) for event in about if event.count is None and when.holds(draft.record.day_of(event))]
    deal = draft.record.brief.deal
    if deal and deal.close_date and free and not when.past and when.holds(deal.close_date):
        found.append(f"deal closes on {day(deal.close_date)}: {deal.name}")
    return tuple(found) or _noted(draft, when)


def _noted(draft: Draft, when: When) -> tuple[str, ...]:
    """Goal, note or an event's text with the same date in the same words, or one that means the same day."""
    said = f" {' '.join(draft.text[when.start : when.end].lower().split())} "
    found = []
    for source in draft.record.prose():
        if said in source.phrases and not source.whole:
            found.append(source.says)
    return tuple(found)


def _proposes(sentence: Sentence) -> bool:
    return sentence.offers and not NOT_A_PROPOSAL.search(sentence.text) and not ASKS_BACK.match(sentence.text)


def _wrong_date(span: str, about: list[Event]) -> str:
    rolled_up = [event for event in about if event.count is not None]
    if about and len(rolled_up) == len(about):
        return f"“{span}” is a date, and the record only counts this without one: {told(rolled_up[0])}."
    if not about:
        return f"“{span}” is not in the record, which holds no dated event for it."
    return f"“{span}” does not fit the record: {'; '.join(map(told, about))}."


def _dates_of(draft: Draft, about: list[Event]) -> str:
    dated = [event for event in about if event.count is None]
    if not dated:
        return told(about[0]) if about else draft.record.newest
    nearest: date = draft.record.day_of(dated[0])
    return f"{nearest:%A}, {day(nearest)}"


def hours(draft: Draft, claimed: list[Claim]) -> Iterator[Stated]:
    """Times of day."""
    for clock in clocks(draft.text):
        if not draft.free(clock.start, clock.end):
            continue
        span, sentence = draft.take(clock.start, clock.end), draft.sentence_at(clock.start)
        claim = bound(draft, clock.start, clock.end, claimed)
        about = list(claim.matched) if claim else list(draft.record.brief.events)
        exact = [e for e in about if e.count is None and 60 * e.at.hour + e.at.minute in clock.minutes]
        noted = [s for s in draft.record.prose() if any(c.minutes & clock.minutes for c in s.clocks)]
        rests_on = tuple(told(e) for e in exact) or tuple(s.says for s in noted)
        if rests_on:
            yield Stated("fact_time", clock.start, clock.end, span, rests_on)
        elif not (sentence.house or (claim is None and _proposes(sentence))):
            reason = f"“{span}” is a time of day that the record does not hold."
            yield Stated("fact_time", clock.start, clock.end, span, (), reason, draft.record.newest)


def durations(draft: Draft, claimed: list[Claim], found: list[Quantity]) -> Iterator[Stated]:
    for quantity in found:
        if quantity.unit != "minutes" or not draft.free(quantity.start, quantity.end):
            continue
        span, sentence = draft.text[quantity.start : quantity.end], draft.sentence_at(quantity.start)
        if _is_idiom(draft, quantity, sentence):
            continue
        draft.take(quantity.start, quantity.end)
        noted = [s.says for s in draft.record.prose() if any(_same(quantity, q) for q in s.quantities)]
        noted = noted or _until_close(draft, quantity) or _since(draft, quantity)
        if noted:
            yield Stated("fact_time", quantity.start, quantity.end, span, tuple(noted))
        elif not (sentence.house or _offered(draft, quantity, sentence, claimed)):
            reason = f"“{span}” is a length of time that the record does not hold."
            yield Stated("fact_time", quantity.start, quantity.end, span, (), reason)


def _until_close(draft: Draft, quantity: Quantity) -> list[str]:
    """ "Two weeks away": about the time until the deal closes."""
    deal = draft.record.brief.deal
    if not (deal and deal.close_date and TO_GO.match(draft.text, quantity.end)):
        return []
    left, said = (deal.close_date - draft.record.today).days, float(quantity.values[0]) / (24 * 60)
    return [f"deal closes on {day(deal.close_date)}"] if abs(said - left) <= max(2, 0.3 * left) else []


def _since(draft: Draft, quantity: Quantity) -> list[str]:
    """ "A week since the ticket": about the age of an event."""
    if not SINCE.match(draft.text, quantity.end):
        return []
    said, record = float(quantity.values[0]) / (24 * 60), draft.record
    near = [e for e in record.brief.events if e.count is None and abs(record.age(e) - said) <= max(1, 0.3 * said)]
    return [told(event) for event in near[:1]]


def _same(one: Quantity, other: Quantity) -> bool:
    return other.unit == "minutes" and set(one.values) <= set(other.values)


def _is_idiom(draft: Draft, quantity: Quantity, sentence: Sentence) -> bool:
    """ "A day" is a length only where it is counted: "in a day"."""
    said = draft.text[quantity.start : quantity.end].lower()
    if said in ("one day", "one year", "one week") or re.fullmatch(r"an? (?:hour|day|week|month|year)", said):
        counted = COUNTED_FROM.search(draft.text[sentence.start : quantity.start])
        return said == "one day" or not (counted or (quantity.length == "hour" and GAIN.search(sentence.text)))
    return False


def _offered(draft: Draft, quantity: Quantity, sentence: Sentence, claimed: list[Claim]) -> bool:
    """Whether the length is that of a meeting somebody proposes, or the time until one."""
    text, before = sentence.text, draft.text[sentence.start : quantity.start]
    after = draft.text[quantity.end : sentence.end]
    claim = bound(draft, quantity.start, quantity.end, claimed)
    if (
        quantity.length == "year"
        or GAIN.search(text)
        or (claim and not (claim.start >= quantity.end and OFFER.search(before)))
    ):
        return False
    if quantity.length in ("min", "hour", "hr", "h"):
        if len(text.split()) <= SHORT:  # "Either takes 20 minutes." speaks of the call that the sentence before offers
            before = draft.text[max(0, sentence.start - NEAR) : quantity.start]
        return max(quantity.values) <= LONGEST_MEETING and (sentence.offers or bool(MEETING.search(before + after)))
    title = sentence.part == "subject" and not COUNTED_FROM.search(before)  # "Two weeks, step by step"
    return sentence.offers and (title or bool(AHEAD.search(before)))
