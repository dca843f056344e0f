"""Ordinary words: those that stand in anybody's email, even where a person or a company is called so.

`ordinary_words.txt` holds the lower-case English words of a small model's vocabulary, among them a few pieces of
words, which do no harm; and days, months, countries, cities and a few words of other languages that are surnames too.
"""

from functools import cache
from importlib.resources import files


@cache
def ordinary_words() -> frozenset[str]:
    """Folded to plain lower-case letters. Words of two letters are not listed."""
    return frozenset((files("model") / "ordinary_words.txt").read_text("utf-8").split())


def ordinary(word: str) -> bool:
    """Whether a folded word says nothing about whom it is for."""
    return len(word) < 3 or word in ordinary_words()
