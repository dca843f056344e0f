"""Measures of a text: the edit rate, which is how much of a draft a person had to change, and loops."""

import re
import unicodedata

from rapidfuzz.distance import Levenshtein

QUOTE = re.compile(r"^(?:>.*|On .+ wrote:\s*)$", re.MULTILINE)
SIGNATURE = re.compile(r"^-- ?$.*", re.MULTILINE | re.DOTALL)
MARKUP = re.compile(r"<[^<>\n]+>")


def words(text: str) -> list[str]:
    """The words that count: NFC, without signature block, quoted thread and markup. Layout does not count."""
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    for noise in (SIGNATURE, QUOTE, MARKUP):
        plain = noise.sub(" ", plain)
    return plain.split()


def edit_rate(drafted: str, final: str | None) -> float:
    """Word-level Levenshtein distance over the longer of the two, 0 to 1. A discarded draft (None) counts as 1."""
    if final is None:
        return 1.0
    return float(Levenshtein.normalized_distance(words(drafted), words(final)))


def changed_words(drafted: str, final: str) -> int:
    """How many words were inserted, deleted or replaced."""
    return int(Levenshtein.distance(words(drafted), words(final)))


def loops(text: str) -> bool:
    """Whether any run of four words stands three times or more."""
    tokens = words(text)
    runs = [tuple(tokens[i : i + 4]) for i in range(len(tokens) - 3)]
    return any(runs.count(run) >= 3 for run in set(runs))
