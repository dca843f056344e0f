"""What may be stated: the record's values and prose, and what the house says to everybody."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Literal

from model.brief import Brief, Event
from model.facts.quantities import Clock, Quantity, clocks, quantities
from model.facts.text import Word, flat
from model.playbook import Playbook, required_lines
from model.slots import SLOT, day
from model.voice import Voice

Role = Literal["contact", "sender", "company", "deal", "event", "goal", "note", "voice", "claim"]

PHRASE = re.compile(r"[^.,;:!?() \n]+")
SHOWN = 60  # characters of prose that a person is shown


@dataclass(frozen=True)
class Source:
    """One value or text that a draft may rest on. `whole` marks a value, such as a name, as against prose."""

    says: str
    text: str
    role: Role
    whole: bool
    event: Event | None = None

    @cached_property
    def flat(self) -> str:
        return flat(self.text)

    @cached_property
    def quantities(self) -> list[Quantity]:
        return quantities(self.text)

    @cached_property
    def clocks(self) -> list[Clock]:
        return list(clocks(self.text))

    @cached_property
    def phrases(self) -> str:
        """Its words as they stand, in small letters and between spaces, with marks that are part of a date."""
        return f" {' '.join(PHRASE.findall(self.text.lower()))} "


@dataclass(frozen=True)
class Cover:
    """A place in the draft where a value or an allowed claim stands word for word."""

    start: int
    end: int
    source: Source


def told(event: Event) -> str:
    """An event in words for a person: "webinar attended on 27 February: Planned Beats Urgent"."""
    kind = event.kind.replace("_", " ")
    when = f"on {day(event.at)}" if event.count is None else f"counted {event.count} times"
    return f"{kind} {when}" + (f": {shortened(event.subject)}" if event.subject else "")


def shortened(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= SHOWN else plain[: SHOWN - 1].rstrip() + "…"


class Record:
    """Everything that one draft may state, with a word for a person on where it stands."""

    def __init__(self, brief: Brief, voice: Voice, playbook: Playbook, house: frozenset[str]) -> None:
        self.brief = brief
        self.house = house
        self.house_words = house_flat(house)
        self.links = voice.links  # domains
        self.sources = [*_people(brief), *_values(brief), *_prose(brief), *_house(brief, voice, playbook)]

    @cached_property
    def today(self) -> date:
        return self.brief.at.date()

    def day_of(self, event: Event) -> date:
        return event.at.date()

    def age(self, event: Event) -> int:
        """Days since an event, in its own zone."""
        return (self.brief.at.astimezone(event.at.tzinfo).date() - event.at.date()).days

    @property
    def newest(self) -> str:
        return told(self.brief.events[0]) if self.brief.events else "no event at all"

    def holding(self, words: str, *roles: Role) -> Source | None:
        """The first source with these words side by side; of any role where none is named."""
        wanted = f" {words} "
        return next((s for s in self.sources if (not roles or s.role in roles) and wanted in s.flat), None)

    def whole(self, words: str) -> Source | None:
        """The source whose value is exactly these words."""
        wanted = f" {words} "
        return next((s for s in self.sources if s.whole and s.flat == wanted), None)

    def covers(self, words: list[Word]) -> list[Cover]:
        """Where values, the goal and allowed claims stand in the draft word for word."""
        places: dict[str, list[int]] = {}
        for number, word in enumerate(words):
            places.setdefault(word.key, []).append(number)
        keys = [word.key for word in words]
        found = []
        for source in self.sources:
            wanted = source.flat.split()
            if not wanted or not (source.whole or source.role in ("goal", "claim")):
                continue
            for first in places.get(wanted[0], ()):
                if keys[first : first + len(wanted)] == wanted:
                    found.append(Cover(words[first].start, words[first + len(wanted) - 1].end, source))
        return found

    def prose(self) -> list[Source]:
        return [source for source in self.sources if source.role not in ("contact", "sender", "company")]


@lru_cache(maxsize=8)
def house_flat(house: frozenset[str]) -> str:
    """All house sentences as one run of words, without the slots."""
    return " | ".join(flat(SLOT.sub(" 0slot0 ", sentence)) for sentence in house)


def _people(brief: Brief) -> list[Source]:
    contact, sender = brief.contact, brief.sender
    name = " ".join(part for part in (contact.first_name, contact.last_name) if part)
    found = [Source(f"contact: {name}", part, "contact", True) for part in (name, *name.split()) if part]
    found += [
        Source(f"contact: {name or contact.email}, {contact.title}", contact.title, "contact", True)
        for _ in (1,)
        if contact.title
    ]
    signed = dict.fromkeys((sender.name, sender.first_name, *sender.name.split()))
    return found + [Source(f"sender: {sender.name}", part, "sender", True) for part in signed if part]


def _values(brief: Brief) -> list[Source]:
    found = []
    company, deal = brief.company, brief.deal
    if company:
        found.append(Source(f"company: {company.name}", company.name, "company", True))
        if company.industry:
            found.append(Source(f"industry of {company.name}: {company.industry}", company.industry, "company", True))
    if deal:
        stage = f", in {deal.stage}" if deal.stage else ""
        found.append(Source(f"deal: {deal.name}{stage}", deal.name, "deal", True))
    for event in brief.events:
        if event.subject:
            found.append(Source(told(event), event.subject, "event", True, event))
    return found


def _prose(brief: Brief) -> list[Source]:
    found = [Source(f"goal: {shortened(brief.goal)}", brief.goal, "goal", False)]
    if brief.note:
        found.append(Source(f"note: {shortened(brief.note)}", brief.note, "note", False))
    return found + [Source(told(event), event.body, "event", False, event) for event in brief.events if event.body]


def _house(brief: Brief, voice: Voice, playbook: Playbook) -> list[Source]:
    required = (*required_lines(playbook, brief), voice.footer, voice.address)
    allowed = (*playbook.claims, *voice.claims_allowed, *filter(None, required))
    return [
        Source(f"voice: {voice.company}", voice.company, "voice", True),
        Source(f"voice: {shortened(voice.what_we_do)}", voice.what_we_do, "voice", False),
        *(Source(f"allowed claim: {shortened(claim)}", claim, "claim", False) for claim in allowed),
    ]


def listed(values: list[str]) -> str:
    """The distinct values, for a sentence."""
    return "; ".join(dict.fromkeys(re.sub(r"\s+", " ", value) for value in values))
