"""What repeats across a sender's emails: closing lines that a machine added, and the same text sent to many."""

import re
from collections import Counter, OrderedDict
from collections.abc import Iterable

from rapidfuzz.distance import Levenshtein

from storage.crm.email_text import is_name, name_line

ENDING_LINES = 6
ENDING_SHARE = 0.6  # of a sender's emails
FEWEST_EMAILS = 5  # before a repetition says anything
ENDINGS_KEPT = 2000  # of one sender, while counting
ALIKE = 0.95  # of the words, names and numbers aside
ALIKE_KEPT = 2  # of nearly the same emails
TEXTS_KEPT = 20  # to compare with, of one sender and one form of subject
FORMS_KEPT = 2000


class Endings:
    """The last lines of each sender's emails, below the name, counted in a first pass over the file."""

    def __init__(self) -> None:
        self._emails: Counter[str] = Counter()
        self._endings: dict[str, Counter[int]] = {}

    def add(self, sender: str, text: str) -> None:
        lines = _below_name(text)
        counts = self._endings.setdefault(sender, Counter())
        counts.update(hash(tuple(lines[-size:])) for size in range(1, len(lines) + 1))
        self._emails[sender] += 1
        if len(counts) > ENDINGS_KEPT:
            self._endings[sender] = Counter(dict(counts.most_common(ENDINGS_KEPT // 2)))

    def cut(self, sender: str, text: str) -> str:
        """The text without the longest ending that most emails of its sender share."""
        if self._emails[sender] < FEWEST_EMAILS:
            return text
        lines, counts = _below_name(text), self._endings[sender]
        for size in range(len(lines), 0, -1):
            if counts[hash(tuple(lines[-size:]))] >= self._emails[sender] * ENDING_SHARE:
                return _without_last(text, size)
        return text


class Alikes:
    """Which emails of a sender are nearly the same: one text to many people would drown the voice."""

    def __init__(self) -> None:
        self._texts: OrderedDict[tuple[str, ...], list[tuple[list[str], set[str]]]] = OrderedDict()

    def too_many(self, source_id: str, sender: str, subject: str, text: str, names: Iterable[str]) -> bool:
        """Whether two others with the same form of subject were nearly the same. Reading a file again changes nothing,
        as the first ones stay the first."""
        own = {word for name in names for word in _words(name)}
        form = (sender, *_form(subject, own))
        texts = self._texts.setdefault(form, [])
        self._texts.move_to_end(form)
        if len(self._texts) > FORMS_KEPT:
            self._texts.popitem(last=False)
        words = _form(text, own)
        for other, ids in texts:
            if Levenshtein.normalized_similarity(words, other) >= ALIKE:
                if source_id not in ids and len(ids) >= ALIKE_KEPT:
                    return True
                ids.add(source_id)
                return False
        texts.append((words, {source_id}))
        del texts[:-TEXTS_KEPT]
        return False


def _below_name(text: str) -> list[str]:
    """Up to six last lines after the sign-off and the name; none where nobody signs."""
    lines = text.split("\n")
    name = name_line(lines)
    if name is None:
        name = max((at for at in range(len(lines) // 2, len(lines)) if is_name(lines[at])), default=len(lines))
    return [line for line in lines[name + 1 :] if line][-ENDING_LINES:]


def _without_last(text: str, size: int) -> str:
    lines = text.split("\n")
    while size:
        size -= bool(lines.pop())
    return "\n".join(lines).strip()


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _form(text: str, names: set[str]) -> list[str]:
    """The words with one mark for every name of the recipient and another for every number."""
    return ["@" if word in names else re.sub(r"\d+", "#", word) for word in _words(text)]
