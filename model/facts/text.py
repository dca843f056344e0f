"""A draft as facts are looked for in it: words with a form to compare, sentences with their part in the email."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from anyascii import anyascii

from model.letter import CLOSING

Part = Literal["subject", "greeting", "body", "sign_off"]

WORD = re.compile(r"[$€£¥%&]|\w+(?:['’]\w+)*")
UNIT = re.compile(r"[^\s].*?(?:[.!?…]+[\"'”’)\]]*(?=\s|$)|(?=\n|$))", re.DOTALL)
ABBREVIATED = re.compile(r"\b(?:Mr|Mrs|Ms|Mx|Dr|Prof|St|No|vs|approx|Inc|Ltd|Co|Corp|e\.g|i\.e)\.$")
HELLO = re.compile(
    r"(?:my )?(?:hi|hello|hey|dear|greetings|(?:good )?(?:morning|afternoon|evening)|good day)\b"
    r"(?P<who>(?:[ ,]+[\w'’.&-]+){0,5}?)[ \t]*(?:[,!:;–—.]|-(?=\s|$)|(?=\n|$))",
    re.IGNORECASE,
)
JUST_A_NAME = re.compile(
    r"(?P<who>(?:(?:Mr|Mrs|Ms|Dr)\.? )?[A-ZÀ-Þ][\w'’-]*(?: [A-ZÀ-Þ][\w'’-]*){0,2})[ \t]*[,:!–—-][ \t]*(?=\n|$)"
)
INLINE_CLOSE = re.compile(r"[\w ]{2,25}[,–—-]+ *(?=[A-ZÀ-Þ])")
CLOSING_WORDS = 5
LINES_BELOW = 4
OFFER = re.compile(
    r"\b(?:shall (?:we|i)|let us|let's|could (?:we|you|i)|can (?:we|i|you)|would (?:you|it|one|that|next|this)|"
    r"how about|what about|happy to|glad to|free (?:on|at|this|next|to|for)|are you free|available|suits?|"
    r"works? for (?:you|me)|work better|worth|i(?:'m| am) free|(?:i|we) (?:can|could|would)|i(?:'d| would) like|"
    r"i keep|i have(?! been\b)|i(?:'m| am) (?:around|open|at my desk)|propose|suggest|set aside|spare|book|"
    r"(?:would|could) work|would be (?:fine|possible|good|great)|let me know|"
    r"pick (?:a|any|the)|please (?:tell|let|pick|choose|reply|send)|may i|might we|reply with|tell me|"
    r"i(?:'ll| will)|talk (?:on|next|this)|(?<!to )see you|speak (?:on|next|soon)|"
    r"hear from you|schedule|arrange|set up (?:a|some|another)|find (?:a|some) time|catch up|"
    r"if (?:mon|tues|wednes|thurs|fri)day|(?:day|morning|afternoon) (?:is|would|works|suits)|"
    r"looking forward|meet (?:on|next|this))\b",
    re.IGNORECASE,
)


def key(word: str) -> str:
    """How a word is compared: lower case, without accents and without the possessive."""
    plain = word if word.isascii() else anyascii(word.replace("’", "'")) or word
    return plain.lower().removesuffix("'s").removesuffix("'")


@dataclass(frozen=True, slots=True)
class Word:
    start: int
    end: int
    text: str
    key: str


def words_of(text: str) -> list[Word]:
    return [Word(m.start(), m.end(), m[0], key(m[0])) for m in WORD.finditer(text)]


def flat(text: str) -> str:
    """The words of a text between spaces, so that `" a b " in flat(text)` asks for whole words."""
    return f" {' '.join(key(m[0]) for m in WORD.finditer(text))} "


@dataclass(frozen=True)
class Sentence:
    """A stretch of the draft. `house` marks one that people here sent to several customers as it stands."""

    start: int
    end: int
    text: str
    part: Part
    house: bool = False

    @cached_property
    def offers(self) -> bool:
        """Whether it asks or offers something, so that a time in it may lie ahead."""
        return self.part == "subject" or "?" in self.text or OFFER.search(self.text.replace("’", "'")) is not None


def sentences(text: str) -> list[str]:
    """The sentences and lines of a text, each on one line: the form in which house sentences are kept."""
    return [" ".join(text[start:end].split()) for start, end in _spans(text, 0)]


def split(subject: str, body: str) -> tuple[str, list[Sentence]]:
    """The whole text, and its sentences by part."""
    text = f"{subject}\n\n{body}"
    offset = len(subject) + 2
    found = [Sentence(a, b, text[a:b], "subject") for a, b in _spans(subject, 0)]
    head, tail = _greeting(body), _sign_off(body)
    if head:
        found.append(Sentence(offset, offset + head, body[:head], "greeting"))
    for start, end in _spans(body[:tail], head):
        found.append(Sentence(offset + start, offset + end, body[start:end], "body"))
    for start, end, signed in _closing_lines(body, tail):
        found.append(Sentence(offset + start, offset + end, body[start:end], "sign_off" if signed else "body"))
    return text, found


def _spans(text: str, start: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for match in UNIT.finditer(text, start):
        begin, end = match.start(), match.end()
        if found and ABBREVIATED.search(text, found[-1][0], found[-1][1]) and "\n" not in text[found[-1][1] : begin]:
            begin = found.pop()[0]
        if text[begin:end].strip():
            found.append((begin, end))
    return found


def greeted(line: str) -> str | None:
    """Whom a greeting addresses, as it is written; None if the line greets nobody by name or is no greeting."""
    match = HELLO.match(line) or JUST_A_NAME.match(line)
    return match["who"].strip(" ,") if match else None


def _greeting(body: str) -> int:
    start = len(body) - len(body.lstrip())
    match = HELLO.match(body, start) or JUST_A_NAME.match(body, start)
    return match.end() if match and not CLOSING.match(match[0]) else 0


def _sign_off(body: str) -> int:
    """Where the closing begins; the length of the body where there is none."""
    lines = [(m.start(), m[0].strip()) for m in re.finditer(r"[^\n]+", body) if m[0].strip()]
    last = lines[-1 - LINES_BELOW :] if len(lines) > 1 else []
    for start, line in reversed(last):
        if CLOSING.fullmatch(line) and len(line.split()) <= CLOSING_WORDS:
            return start
        if INLINE_CLOSE.match(line) and CLOSING.match(line) and len(line.split()) <= CLOSING_WORDS + 2:
            return start
    if last and len(last[-1][1].split()) <= 3 and re.fullmatch(r"[-–—]* ?[A-ZÀ-Þ][\w'’. -]*\w", last[-1][1]):
        return last[-1][0]
    return len(body)


def _closing_lines(body: str, tail: int) -> list[tuple[int, int, bool]]:
    """What stands below: names and titles, then perhaps a postscript, which is body again."""
    found = []
    signed = True
    for match in re.finditer(r"\S[^\n]*", body[tail:]):
        signed = signed and not match[0].startswith(("P.S", "PS", "P.P.S")) and len(match[0].split()) <= 7
        start, end = tail + match.start(), tail + match.end()
        if signed:
            inline = INLINE_CLOSE.match(match[0])
            found.append((start + (inline.end() if inline and CLOSING.match(match[0]) else 0), end, True))
        else:
            found += [(start + a, start + b, False) for a, b in _spans(match[0], 0)]
    return found
