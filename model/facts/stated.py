"""One fact that a draft states, and what the record says about it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from model.facts.record import Cover, Record
from model.facts.text import Sentence, Word, words_of

BLANK = re.compile(r"\[[^\[\]\n]{2,60}\]|\{\{[^{}\n]{0,40}\}\}")  # "[Your Name]" is another check's to report


@dataclass(frozen=True)
class Stated:
    """A fact in the draft. It is traced when `rests_on` names something, or when the house says it to everybody."""

    rule: str
    start: int
    end: int
    span: str
    rests_on: tuple[str, ...] = ()
    reason: str = ""  # why it is untraced; empty when it is traced
    evidence: str = ""


@dataclass
class Draft:
    """The text under examination, with what is shared by all readers of it."""

    text: str
    sentences: list[Sentence]
    record: Record
    words: list[Word] = field(init=False)
    covers: list[Cover] = field(init=False)
    taken: list[tuple[int, int]] = field(init=False)  # read as one type already, so no other type's

    def __post_init__(self) -> None:
        self.words = words_of(self.text)
        self.taken = [match.span() for match in BLANK.finditer(self.text)]
        self.covers = self.record.covers(self.words)

    def sentence_at(self, place: int) -> Sentence:
        return next((s for s in self.sentences if s.start <= place < s.end), self.sentences[-1])

    def covered(self, start: int, end: int, *, by: Iterable[str] = (), beyond: bool = False) -> Cover | None:
        """The value or claim that this stretch is a part of; with `beyond`, a part that is smaller than the whole."""
        roles = tuple(by)
        return next(
            (
                c
                for c in self.covers
                if c.start <= start and end <= c.end
                if (not roles or c.source.role in roles) and not (beyond and (c.start, c.end) == (start, end))
            ),
            None,
        )

    def names_a(self, sentence: Sentence, role: str) -> bool:
        """Whether a value of this role stands in the sentence."""
        return any(c.source.role == role and sentence.start <= c.start < sentence.end for c in self.covers)

    def free(self, start: int, end: int) -> bool:
        return not any(start < stop and begin < end for begin, stop in self.taken)

    def take(self, start: int, end: int) -> str:
        self.taken.append((start, end))
        return self.text[start:end]
