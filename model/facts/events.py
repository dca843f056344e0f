"""What a draft says has happened: "you attended", "thank you for the call", "your ticket"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from model.brief import Event
from model.facts.record import Record, told
from model.facts.sayings import (
    AFTER,
    AHEAD_OF,
    CLAUSE,
    FORMS,
    HEARD,
    IDIOM,
    OBJECT,
    OBJECT_REACH,
    PAST,
    PLACE,
    RELATIVE,
    UNSURE,
    WAS,
    WEAK,
    WHAT,
    WISHED,
    Form,
)
from model.facts.stated import Draft, Stated
from model.facts.text import Sentence, flat


@dataclass(frozen=True)
class Claim:
    """Something said to have happened, and the events it may mean. `matched` are those that the record holds."""

    start: int
    end: int
    span: str
    kinds: tuple[str, ...]
    matched: tuple[Event, ...]
    rests_on: tuple[str, ...]
    strict: bool  # "you attended": checked in house sentences too


def claims(draft: Draft) -> list[Claim]:
    """Every event claim of a draft, the longer first where two overlap."""
    found = [claim for form in FORMS for claim in _of_form(form, draft)]
    found += [_claim(draft, m.start(), m.end(), (*HEARD, "stage:proposal"), "weak") for m in WEAK.finditer(draft.text)]
    kept: list[Claim] = []
    for claim in sorted(found, key=lambda claim: (not claim.strict, claim.start - claim.end)):
        if not any(claim.start < other.end and other.start < claim.end for other in kept):
            kept.append(claim)
    return sorted(kept, key=lambda claim: claim.start)


def _of_form(form: Form, draft: Draft) -> Iterator[Claim]:
    for match in form.pattern.finditer(draft.text):
        sentence = draft.sentence_at(match.start())
        number = next(n for n in range(len(form.kinds)) if match[f"k{n}"])
        before, after = draft.text[sentence.start : match.start()], draft.text[match.end() : match.end() + 12]
        if _stated(form.name, before, match[0], after, sentence):
            yield _claim(draft, match.start(), match.end(), form.kinds[number], form.name)


def _stated(form: str, before: str, words: str, after: str, sentence: Sentence) -> bool:
    """Whether it is said as something that happened, and not asked, wished or announced."""
    if form in ("did", "we"):
        return not UNSURE.search(before)
    if form == "other":
        return not ("?" in sentence.text or UNSURE.search(before) or RELATIVE.search(before))
    if form == "yours":
        return not (AHEAD_OF.search(before) or (words.lower().endswith("call") and IDIOM.search(before)))
    if form == "ours":
        ours = words.lower().startswith(("our", "this", "my"))
        if AHEAD_OF.search(before) and not re.search(r"\b(?:thanks?|thank you|you) for\W*$", before, re.I):
            return False
        if re.search(r"proposal|quote|offer", words, re.I):
            return False
        if words.lower().endswith("webinar"):
            return bool(AFTER.search(before))
        return bool(PAST.search(before) or (ours and (WAS.match(after) or not sentence.offers)))
    if form == "pleasure":
        return not WISHED.search(before)
    return True


def _claim(draft: Draft, start: int, end: int, kinds: tuple[str, ...], form: str) -> Claim:
    wanted, named = kinds, []
    record = draft.record
    if form not in ("ours", "yours"):
        after = CLAUSE.split(draft.text[end : end + OBJECT_REACH], maxsplit=1)[0].partition(",")[0]
        wanted = _narrowed(kinds, after)
    named = _named(draft, end)
    matched = [event for event in record.brief.events if _fits(event, wanted)]
    if named:
        matched = [event for event in matched if event in named]
    on = [told(event) for event in matched] or ([] if named else _otherwise(draft, start, end, wanted))
    # "What you asked for" may be a house's way of speaking about its notes.
    strict = form in ("did", "thanked") and not WHAT.search(draft.text, max(0, start - 12), start)
    return Claim(start, end, draft.text[start:end], wanted, tuple(matched), tuple(on), strict)


def _narrowed(kinds: tuple[str, ...], after: str) -> tuple[str, ...]:
    """The kinds that remain when the words after a verb say what it was about or where."""
    for pattern, places in PLACE.items():
        if pattern.search(after):
            return places
    for pattern, objects in OBJECT.items():
        if pattern.search(after):
            return tuple(kind for kind in kinds if kind in objects) or kinds
    return kinds


def _named(draft: Draft, end: int) -> list[Event]:
    """The events whose subject follows in the same clause: then it is one of these that is meant."""
    stop = CLAUSE.search(draft.text, end)
    reach = min(stop.start() if stop else len(draft.text), end + 2 * OBJECT_REACH)
    stands = [c for c in draft.covers if c.source.role == "event" and c.source.whole and end <= c.start < reach]
    longest = max(stands, key=lambda cover: cover.end - cover.start, default=None)
    if longest is None:
        return []
    return [c.source.event for c in stands if (c.start, c.end) == (longest.start, longest.end) and c.source.event]


def _fits(event: Event, kinds: tuple[str, ...]) -> bool:
    if any(kind in event.kind for kind in kinds):
        return True
    return "demo" in kinds and event.kind in ("meeting", "call", "webinar_attended") and " demo " in flat(_words(event))


def _words(event: Event) -> str:
    return f"{event.subject or ''} {event.body or ''}"


def _otherwise(draft: Draft, start: int, end: int, kinds: tuple[str, ...]) -> list[str]:
    """The deal's stage, the goal or the note may tell of it where no event does."""
    brief = draft.record.brief
    stage = (brief.deal.stage or "").lower() if brief.deal else ""
    stages = [kind.removeprefix("stage:") for kind in kinds if kind.startswith("stage:") or kind in ("demo", "trial")]
    if stage and any(name in stage for name in stages):
        return [f"deal stage: {stage}"]
    cover = draft.covered(start, end, by=("goal", "claim"))
    if cover:
        return [cover.source.says]
    verb = draft.text[start:end].split()[-1].lower()[:4]
    roles = ("note",) if kinds else ("note", "goal", "event")
    noted = re.compile(rf"\b{re.escape(verb)}", re.IGNORECASE)
    return [source.says for source in draft.record.sources if source.role in roles and noted.search(source.text)]


def stated(draft: Draft, found: list[Claim]) -> Iterator[Stated]:
    for claim in found:
        sentence = draft.sentence_at(claim.start)
        if sentence.part in ("greeting", "sign_off") or (sentence.house and not claim.strict):
            continue
        reason = "" if claim.rests_on else _reason(claim, draft.record)
        evidence = "" if claim.rests_on else draft.record.newest
        yield Stated("fact_event", claim.start, claim.end, claim.span, claim.rests_on, reason, evidence)


def _reason(claim: Claim, record: Record) -> str:
    if not record.brief.events:
        return f"“{claim.span}” speaks of something that happened, and the record holds no events for this contact."
    events = "; ".join(told(event) for event in record.brief.events)
    return f"“{claim.span}” is not in the record, which holds: {events}."
