"""How warm a lead is: a score with its reasons, from what they did and who they are, and what to do next."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from model.brief import Brief, Event
from model.slots import ago

HALF_LIFE = timedelta(days=21)  # what they did three weeks ago counts half
HIGHEST = 100
SILENT = timedelta(days=7)  # after an email of ours without an answer
LEAST = 5  # points of what they did; less is no reason to write
MORE_TIMES = 3  # points for a roll-up beyond its first time

THEIR_WORDS = ("form_submit", "email_received", "call", "meeting", "ticket", "webinar_attended")
WISHES = (  # what they said, points, as it reads, what to do about it; the first that fits counts
    (
        re.compile(r"\b(?:pric\w*|quotes?|quotation|cost\w*|fees?|rates?)\b", re.IGNORECASE),
        35,
        "asked for a price",
        "Answer the price question they asked {ago} before anything else.",
    ),
    (
        re.compile(r"\b(?:demo|assessment|audit|consultation|call me|call back|meet(?:ing)?)\b", re.IGNORECASE),
        30,
        "asked for an assessment or a call",
        "Offer two times for the conversation they asked for {ago}.",
    ),
    (
        re.compile(
            r"\b(?:outages?|down|fail\w*|slow|ransomware|backups?|security|breach\w*|phish\w*|migrat\w*|complian\w*"
            r"|current provider|switch\w*|replac\w*|wi-?fi|network)\b",
            re.IGNORECASE,
        ),
        25,
        "named a need",
        "Ask one question about the need they named {ago}, and offer a first assessment.",
    ),
)
POINTS = {  # kind of event, points, as it reads
    "meeting": (25, "met with us"),
    "call": (20, "had a call with us"),
    "form_submit": (20, "filled in a form"),
    "email_received": (18, "wrote to us"),
    "ticket": (12, "opened a ticket"),
    "webinar_attended": (12, "attended a webinar"),
    "document_download": (8, "downloaded a document"),
    "email_click": (6, "clicked in our email"),
    "page_view": (4, "looked at our pages"),
    "email_open": (2, "opened our email"),
}
ACTS = frozenset(POINTS) - {"email_open"}  # what shows intent; opening an email takes none, and programs do it too
DECIDES = re.compile(
    r"\b(?:owner|founder|partner|president|director|head|chief|c[efito]o|ciso|vp|it manager|managing)\b", re.IGNORECASE
)
STAGES = (
    (re.compile(r"proposal|negotiation|contract", re.IGNORECASE), 15),
    (re.compile(r"demo|trial|assessment|qualif", re.IGNORECASE), 8),
    (re.compile(r"lost", re.IGNORECASE), -20),
)


@dataclass(frozen=True)
class Reason:
    """Why points were given: "asked for a price 2 days ago", 32."""

    text: str
    points: int

    def __str__(self) -> str:
        return f"{self.text}: {self.points:+d}"


@dataclass(frozen=True)
class LeadScore:
    """From 0 to 100, the sum of the reasons within these bounds; the strongest reason first."""

    score: int
    reasons: tuple[Reason, ...]
    next_action: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def lead_score(brief: Brief) -> LeadScore:
    """The score at the moment of the brief. Every kind of act counts once, the newest; points halve in three weeks."""
    found = [reason for reason in (*_acts(brief), *_record(brief), *_silence(brief)) if reason.points]
    reasons = tuple(sorted(found, key=lambda reason: -reason.points))
    total = sum(reason.points for reason in reasons)
    return LeadScore(min(max(total, 0), HIGHEST), reasons, _next_action(brief))


def unanswered(brief: Brief) -> LeadScore | None:
    """The score of what they did since our last email; None where that is no reason to write to them."""
    since = brief.model_copy(update={"events": tuple(_unanswered(brief))})
    enough = sum(reason.points for reason in _acts(since)) >= LEAST
    return lead_score(since) if enough and any(event.kind in ACTS for event in since.events) else None


def _acts(brief: Brief) -> Iterator[Reason]:
    seen: set[str] = set()
    for event in brief.events:
        wish = _wish(event)
        points, reads = wish[1:3] if wish else POINTS.get(event.kind, (0, ""))
        if points and reads not in seen:
            seen.add(reads)
            age = max(brief.at - event.at, timedelta())
            more = min((event.count or 1) - 1, MORE_TIMES)
            yield Reason(f"{reads}{_when(event, brief)}", round((points + more) * 0.5 ** (age / HALF_LIFE)))


def _when(event: Event, brief: Brief) -> str:
    """A roll-up says how often, and of its days only the newest is known."""
    often = f" {event.count} times, most recently" if event.count and event.count > 1 else ""
    return f"{often} {ago(event.at, brief.at)}"


def _wish(event: Event) -> tuple[re.Pattern[str], int, str, str] | None:
    if event.kind not in THEIR_WORDS:
        return None
    said = f"{event.subject or ''}\n{event.body or ''}"
    return next((wish for wish in WISHES if wish[0].search(said)), None)


def _record(brief: Brief) -> Iterator[Reason]:
    title, stage = brief.contact.title, brief.deal.stage if brief.deal else None
    if title and DECIDES.search(title):
        yield Reason(f"may decide, as {title}", 10)
    if brief.company and brief.company.industry:
        yield Reason(f"their industry is known: {brief.company.industry}", 3)
    for pattern, points in STAGES:
        if stage and pattern.search(stage):
            yield Reason(f"the deal stands at {stage}", points)
            return


def _silence(brief: Brief) -> Iterator[Reason]:
    if brief.events and _silent(brief):
        yield Reason(f"no answer to the email we sent {ago(brief.events[0].at, brief.at)}", -10)


def _silent(brief: Brief) -> bool:
    newest = brief.events[0]
    return newest.kind == "email_sent" and brief.at - newest.at >= SILENT


def _next_action(brief: Brief) -> str:
    if not brief.events:
        return "Find out who looks after their IT today before writing to them."
    if _silent(brief):
        return "Call once instead of writing again; the last email had no answer."
    for event in _unanswered(brief):
        if wish := _wish(event):
            return wish[3].format(ago=ago(event.at, brief.at))
        if event.kind in ("email_received", "form_submit", "ticket"):
            return f"Answer what they wrote {ago(event.at, brief.at)}."
        if event.kind in ("meeting", "call"):
            return f"Send what was agreed in the {event.kind} {ago(event.at, brief.at)}, with one next step."
        if event.kind in ("webinar_attended", "document_download") and event.subject:
            return f"Ask which part of {event.subject} matters to them."
    return "Offer a first assessment and ask who should be there."


def _unanswered(brief: Brief) -> Iterator[Event]:
    """What happened since our last email, newest first."""
    for event in brief.events:
        if event.kind == "email_sent":
            return
        yield event
