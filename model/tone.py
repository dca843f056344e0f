"""What a tone is measured by, what brings a draft nearer to it, and which of several drafts has most of it.

A small model hardly heeds a word about tone in its prompt (docs/learning.md has the figures), so a tone is made sure
of here, by counting and by moving whole sentences. Nothing here understands a text:

- "shorter" counts words. Sentences that carry nothing, or stand there a second time, may be left out.
- "warmer" counts warm words, from a list, and the recipient's first name. A thank-you for what they last did, as it is
  on record, may be added. It sees thanks and gladness, not tact.
- "more direct" counts the words to be read before something is asked; each word or phrase that takes back what is said
  counts as five. The question may come first. It sees hedging and order, not clarity.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from model.brief import Brief
from model.compose import Composed
from model.edit_rate import words
from model.facts.text import Sentence, split
from model.repair import Candidate
from model.sentences import left_after
from model.slots import values

HEDGE = 5  # words
SHORTEST = 1 / 3  # of the words before, at least; what is shorter says something else
WARM = re.compile(
    r"\b(?:thank(?:s|ful| you)?|grateful|appreciat\w+|glad|happy|pleas(?:e|ed|ure)|delighted|enjoy\w*|great|lovely"
    r"|wonderful|welcome|kind(?:ly)?|warm(?:ly|est)?|congratulations|hope|look(?:ing)? forward|cheers|excited|love)\b",
    re.IGNORECASE,
)
HEDGES = re.compile(
    r"\b(?:just|perhaps|maybe|possibly|might|somewhat|a bit|a little|kind of|sort of|I (?:think|believe|feel|guess)"
    r"|I was (?:wondering|hoping)|I wanted to|(?:I|we)(?: would|'d) (?:like|love) to|would it be|feel free"
    r"|(?:don't|do not) hesitate|when you get a chance|at your convenience|hopefully)\b",
    re.IGNORECASE,
)
STATES = re.compile(r"\d|@|://")
POINTS_BACK = re.compile(r"\b(?:that|this|it|these|those|then|so|there)\b", re.IGNORECASE)  # asks about what was said
NAMES = frozenset({"first_name", "last_name", "sender", "sender_name"})  # to call somebody by name says nothing
ALIKE = 5  # letters by which a word of the goal is known in another form
THANKS = {
    "email_received": "Thank you for your email.",
    "meeting": "Thank you for your time.",
    "form_submit": "Thank you for getting in touch.",
    "webinar_attended": "Thank you for joining “{}”.",
    "document_download": "I hope you enjoy “{}”.",
}
OTHERWISE = "I hope you are well."


@dataclass(frozen=True)
class Reading:
    """What is counted in a body. `until_ask` is all words where nothing is asked."""

    words: int
    warm: int
    until_ask: int
    hedges: int


@dataclass(frozen=True)
class Toned:
    """What came of a tone: the body before and the one that was chosen. `shown`: a person had seen the one before."""

    tone: str
    before: Reading
    after: Reading
    shown: bool

    @classmethod
    def of(cls, tone: str, before: Candidate, after: Candidate, brief: Brief, *, shown: bool) -> "Toned":
        was, became = (reading(one.composed.body, brief.contact.first_name) for one in (before, after))
        return cls(tone, was, became, shown)

    @property
    def more(self) -> bool:
        """Whether the chosen one has more of the tone."""
        return score(self.tone, self.after) > score(self.tone, self.before)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "more": self.more}


def reading(body: str, first_name: str | None) -> Reading:
    text = body.replace("’", "'")
    name = len(re.findall(rf"\b{re.escape(first_name)}\b", text)) if first_name else 0
    until_ask = 0
    for sentence in split("", text)[1]:
        if sentence.part == "body" and "?" in sentence.text:
            break
        until_ask += len(words(sentence.text)) if sentence.part == "body" else 0
    return Reading(len(words(text)), len(WARM.findall(text)) + name, until_ask, len(HEDGES.findall(text)))


def score(tone: str, read: Reading) -> float:
    """How much of the tone a body has; more is more."""
    if tone == "shorter":
        return -read.words
    if tone == "warmer":
        return read.warm / max(1, read.words)
    return -(read.until_ask + HEDGE * read.hedges)


def choose(tone: str, before: Candidate, candidates: Sequence[Candidate], brief: Brief) -> Candidate:
    """The one with most of the tone among those with the fewest blocks, of equals the shortest.

    `before` where none has more of it. What lost the greeting that it had is no email any more.
    """
    least = SHORTEST * len(words(before.composed.body))

    def rank(one: Candidate) -> tuple[int, float]:
        return -one.blocks, score(tone, reading(one.composed.body, brief.contact.first_name))

    letters = [one for one in candidates if _greets(one.composed.body) or not _greets(before.composed.body)]
    enough = [one for one in letters if len(words(one.composed.body)) >= least and rank(one) > rank(before)]
    return max(enough, key=lambda one: (rank(one), -len(words(one.composed.body))), default=before)


def _greets(body: str) -> bool:
    return any(sentence.part == "greeting" for sentence in split("", body)[1])


def variants(tone: str, composed: Composed, brief: Brief) -> Iterator[Composed]:
    """The draft, brought nearer to a tone by what can be done without a model."""
    without_idle = trimmed(composed.body, brief)
    bodies = {
        "shorter": [without_idle],
        "warmer": [thanked(composed.body, brief)],
        "more direct": [asking_first(composed.body), asking_first(without_idle or "")],
    }
    yield from (replace(composed, body=body) for body in bodies[tone] if body)


def trimmed(body: str, brief: Brief) -> str | None:
    """Without the sentences that carry nothing or stand there twice; None where none goes, or none would be left.

    A sentence carries something that asks or offers, that holds a number, an address or a value of the record, or that
    has a word of the goal.
    """
    parts = split("", body)[1]
    frame = {sentence.text for sentence in parts if sentence.part != "body"}
    said = [sentence for sentence in parts if sentence.part == "body" and sentence.text not in frame]
    known = {sentence.text for sentence in said}
    idle = {sentence.text for sentence in said if not _carries(sentence, brief)}
    if idle == known:
        return None
    seen: set[str] = set()

    def goes(sentence: str) -> bool:
        again = sentence in seen
        seen.update({sentence} & known)
        return again or sentence in idle

    left = left_after(body, goes)
    return left if len(words(left)) < len(words(body)) else None


def _carries(sentence: Sentence, brief: Brief) -> bool:
    text = sentence.text.casefold()
    known = (value.casefold() for name, value in values(brief).items() if name not in NAMES)
    stems = [word[:ALIKE] for word in re.findall(r"\w+", brief.goal.casefold()) if len(word) >= ALIKE - 1]
    return (
        sentence.offers
        or STATES.search(text) is not None
        or any(value in text for value in known)
        or any(word.startswith(stem) for word in re.findall(r"\w+", text) for stem in stems)
    )


def thanked(body: str, brief: Brief) -> str | None:
    """With a thank-you after the greeting; None where there is no greeting, or thanks are said already."""
    if re.search(r"\bthank", body, re.IGNORECASE):
        return None
    return _after_greeting(body, next(_thanks(brief)))


def _thanks(brief: Brief) -> Iterator[str]:
    """For what they did last that one thanks for, as the record has it."""
    for event in brief.events:
        form = THANKS.get(event.kind, "")
        if form and ("{}" not in form or event.subject):
            yield form.format(event.subject)
    yield OTHERWISE


def asking_first(body: str) -> str | None:
    """With its question right after the greeting; None where none can be understood on its own, or it is there."""
    said = [sentence for sentence in split("", body)[1] if sentence.part == "body"]
    for sentence in said[1:]:
        if sentence.text.endswith("?") and not POINTS_BACK.search(sentence.text):
            return _after_greeting(left_after(body, sentence.text.__eq__), sentence.text)
    return None


def _after_greeting(body: str, sentence: str) -> str | None:
    """A paragraph of its own between the greeting and the rest."""
    greeting = next((each.text for each in split("", body)[1] if each.part == "greeting"), None)
    if greeting is None:
        return None
    head = body.index(greeting) + len(greeting)
    return f"{body[:head].rstrip()}\n\n{sentence}\n\n{body[head:].lstrip()}"
