"""How a person of one house edits: a style as a table, and one minimal, idempotent editor for every style.

A house mail is a greeting, an opening that refers to what the customer did, a sentence for the purpose, one for where
the deal stands, an ask, and a sign-off. Some houses also keep a sentence or two of the draft, if it is theirs to send:
short, about this customer, without a phrase they avoid and without a number nobody knows. Where a part has several
wordings, each is right, and the editor takes those that leave most of the draft as it stands. So a right draft costs
nothing, and editing the result changes nothing.
"""

import itertools
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rapidfuzz.distance import Levenshtein

Brief = Mapping[str, Any]

# What the customer did, in the three forms that openings need: "thank you for …", "you …", "after your …".
ACTIVITIES: dict[str, tuple[str, str, str]] = {
    "webinar_attended": ('joining "{s}"', 'joined "{s}"', 'visit to "{s}"'),
    "document_download": ('picking up "{s}"', 'picked up "{s}"', 'download of "{s}"'),
    "page_view": ("reading our {s} page", "read our {s} page", "look at our {s} page"),
    "form_submit": ('sending in "{s}"', 'sent in "{s}"', 'request "{s}"'),
    "meeting": ("making time for the {s}", "made time for the {s}", "time at the {s}"),
    "call": ("the call about {s}", "called about {s}", "call about {s}"),
    "email_received": ("writing to us", "wrote to us", "email"),
    "email_click": ('following the link in "{s}"', 'followed the link in "{s}"', 'click in "{s}"'),
    "product_usage": ("putting {s} to work", "put {s} to work", "work with {s}"),
    "ticket": ('raising "{s}"', 'raised "{s}"', 'ticket "{s}"'),
}

# What an ask is about; the first that fits the goal's words. Every style has one sentence for each.
PURPOSES: dict[str, str] = {
    "money": r"pric|quote|budget|offer|contract|renew",
    "proof": r"case study|reference|example|story|proof|customer",
    "start": r"trial|pilot|onboard|set up|roll|start",
    "show": r"demo|tour|show|walk",
    "fix": r"answer|question|issue|help|solve|clear",
}
OTHERWISE = "talk"

SENTENCE = re.compile(r"[^\s].*?(?:[.!?…]+[\"')\]]*(?=\s|$)|$)", re.DOTALL)
NUMBER = re.compile(r"\d[\d,.:]*")
GREETS = re.compile(r"^(?:hi|hello|hey|dear|good (?:morning|afternoon|day))\b|^[\w' .-]{1,40},$", re.IGNORECASE)
CLOSES = re.compile(
    r"^(?:best|kind|warm|talk|all the|thanks|thank you|cheers|sincerely|regards|yours|until|take care|looking|speak)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Style:
    """One house. Templates take {first}, {company}, {deal}, {industry}, {sender}, {goal}, {s}, {when}, {doing}, {did},
    {noun}."""

    subjects: tuple[str, ...]
    greetings: tuple[str, ...]
    openings: tuple[str, ...]
    counted: tuple[str, ...]  # for a roll-up, which has no date: {times}
    unknown: tuple[str, ...]  # where nothing happened yet
    purposes: Mapping[str, str]
    asks: tuple[str, ...]
    sign_offs: tuple[str, ...]
    keeps: int = 0  # sentences of the draft's own
    longest: int = 22  # words of a kept sentence
    avoids: tuple[str, ...] = ()  # a kept sentence holds none of these
    ask_first: bool = False  # straight to the point
    together: bool = False  # one block instead of a paragraph for each part
    last_line: str = ""  # after the sign-off
    stages: Mapping[str, str] = field(default_factory=dict)  # a sentence for where the deal stands, none without one


def edit(style: Style, draft: str, brief: Brief, rng: random.Random) -> str:
    """What this house sends instead of `draft`."""
    subject, body = parted(draft)
    kept = _kept(style, body, brief)
    return joined(
        _nearest(subject, _filled(style.subjects, brief), rng), _nearest(body, _bodies(style, brief, kept), rng)
    )


def _bodies(style: Style, brief: Brief, kept: list[str]) -> list[str]:
    """Every valid mail with these sentences of the draft in it."""
    purpose = _filled((style.purposes[purpose_of(brief["goal"])],), brief)[0]
    stage = style.stages.get((brief.get("deal") or {}).get("stage") or "")
    middle = " ".join([purpose, *(_filled((stage,), brief) if stage else []), *kept])
    bodies = []
    for greeting, opening, ask, close in itertools.product(
        _filled(style.greetings, brief), openings(style, brief), asks(style, brief), _filled(style.sign_offs, brief)
    ):
        parts = [ask, opening, middle] if style.ask_first else [opening, middle, ask]
        text = [" ".join(parts)] if style.together else parts
        last = _filled((style.last_line,), brief) if style.last_line else []
        bodies.append("\n\n".join([greeting, *text, close, *last]))
    return bodies


def openings(style: Style, brief: Brief) -> list[str]:
    event = telling(brief)
    if event is None:
        return _filled(style.unknown, brief)
    return _filled(style.counted if event.get("count") else style.openings, brief)


def asks(style: Style, brief: Brief) -> list[str]:
    return _filled(style.asks, brief)


def purpose_of(goal: str) -> str:
    return next((name for name, words in PURPOSES.items() if re.search(words, goal.lower())), OTHERWISE)


def telling(brief: Brief) -> Mapping[str, Any] | None:
    """The newest thing the customer did."""
    return next((event for event in brief.get("events") or () if event["kind"] in ACTIVITIES), None)


def _kept(style: Style, body: str, brief: Brief) -> list[str]:
    """The draft's own sentences that this house would let stand."""
    if not style.keeps:
        return []
    # One for another purpose or stage is out of place here.
    others = _filled((*style.purposes.values(), *style.stages.values()), brief)
    own = {" ".join(s.split()) for text in [*_bodies(style, brief, []), *others] for s in sentences(text)}
    facts = [value.lower() for value in _facts(brief).values() if len(value) > 3]
    known = " ".join(str(brief).split())
    found: list[str] = []
    for sentence in sentences(body):
        plain = " ".join(sentence.split())
        words = plain.lower()
        if (
            plain in own
            or plain in found
            or not 5 <= len(plain.split()) <= style.longest
            or plain.endswith("?")
            or not plain.endswith((".", "!"))
            or any(each.lower() in words for each in (*style.avoids, "[", "]", "{", "subject:"))
            or not any(fact in words for fact in facts)
            or any(number not in known for number in NUMBER.findall(plain))
        ):
            continue
        found.append(plain)
    return found[: style.keeps]


def sentences(body: str) -> list[str]:
    """The sentences of a body without greeting and sign-off."""
    paragraphs = [p.strip() for p in re.split(r"\n\s*\n", body) if p.strip()]
    inner = [line for p in paragraphs for line in p.split("\n") if not GREETS.match(line) and not CLOSES.match(line)]
    return [match[0] for line in inner for match in SENTENCE.finditer(line) if match[0].strip()]


def _facts(brief: Brief) -> dict[str, str]:
    company, deal, event = brief.get("company") or {}, brief.get("deal") or {}, telling(brief) or {}
    return {
        "company": company.get("name") or "your team",
        "deal": deal.get("name") or "the plan",
        "s": event.get("subject") or "our work",
    }


def _filled(templates: tuple[str, ...], brief: Brief) -> list[str]:
    company, event = brief.get("company") or {}, telling(brief)
    facts = {
        **_facts(brief),
        "first": brief["contact"].get("first_name") or "there",
        "industry": company.get("industry") or "your trade",
        "sender": brief["sender"].get("first_name") or "the team",
        "goal": brief["goal"],
        "when": when(event, brief) if event else "",
        "times": _times(event),
    }
    doing, did, noun = ACTIVITIES[event["kind"]] if event else ("your interest", "got in touch", "note")
    facts |= {"doing": doing.format_map(facts), "did": did.format_map(facts), "noun": noun.format_map(facts)}
    return [_tidy(template.format_map(facts)) for template in templates]


def _times(event: Mapping[str, Any] | None) -> str:
    count = event.get("count") if event else None
    return "once" if count == 1 else f"{count} times"


def _tidy(text: str) -> str:
    return re.sub(r"(^|[.!?]\s+|\n)([a-z])", lambda m: m[1] + m[2].upper(), text)


def when(event: Mapping[str, Any], brief: Brief) -> str:
    """How all of these houses say how long ago it was."""
    at, now = datetime.fromisoformat(event["at"]), datetime.fromisoformat(brief["at"])
    days = (now.astimezone(at.tzinfo).date() - at.date()).days
    if days < 2:
        return "today" if days <= 0 else "yesterday"
    if days < 7:
        return f"{days} days ago"
    if days < 14:
        return "last week"
    return f"{days // 7} weeks ago" if days < 56 else f"in {at:%B}"


def _nearest(text: str, choices: list[str], rng: random.Random) -> str:
    """The choice with the fewest words to change; among equals the one that keeps the layout, then by lot."""
    words = text.split()
    ranked = [(Levenshtein.distance(words, c.split()), Levenshtein.distance(text, c), c) for c in choices]
    best = min(rank[:2] for rank in ranked)
    return rng.choice([choice for *rank, choice in ranked if tuple(rank) == best])


def joined(subject: str, body: str) -> str:
    return f"Subject: {subject}\n\n{body}"


def parted(text: str) -> tuple[str, str]:
    """Subject and body; a draft without a subject line has an empty one."""
    first, _, rest = text.strip().partition("\n")
    match = re.fullmatch(r"[ *#]*subject[ *]*:[ *]*(.*?)[ *]*", first, re.IGNORECASE)
    return (match[1], rest.strip()) if match else ("", text.strip())
