"""Measures of a text: the edit rate, which is how much of a draft a person had to change, and loops."""

import re
import unicodedata

from rapidfuzz.distance import Levenshtein

QUOTE = re.compile(r"^(?:>.*|On .+ wrote:\s*)$", re.MULTILINE)
SIGNATURE = re.compile(r"^-- ?$.*", re.MULTILINE | re.DOTALL)
VALUE = re.compile(r"\d|@|://")
EDGES = ".,;:!?\"'()“”"
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


def trust(shown: str, final: str) -> float:
    """How much it says that a person let words of `shown` stand, 0 to 1.

    Next to everything of an email approved as it is; little of one that was written anew, where what is left may have
    been overlooked.
    """
    return 1 - edit_rate(shown, final)


def replayed_rate(drafted: str, final: str | None, shown: str | None) -> float:
    """The edit rate that another draft would have had, 0 to 1, as far as what became of the one shown can tell.

    Words that the person wrote count in full, words of `shown` that they let stand by `trust`: measured by all words
    alike, a draft is right only if it repeats the leftovers of the one that happened to be shown. Without `shown` (an
    email from the past) it is the edit rate; for `shown` itself it is that or, where the final text is longer, a little
    more.
    """
    if final is None or not shown:
        return edit_rate(drafted, final)
    old, new, let_stand = words(drafted), words(final), trust(shown, final)
    weights = [1.0] * len(new)
    for op in Levenshtein.opcodes(words(shown), new):
        if op.tag == "equal":
            weights[op.dest_start : op.dest_end] = [let_stand] * (op.dest_end - op.dest_start)
    cost = 0.0
    for op in Levenshtein.opcodes(old, new):
        if op.tag == "delete":
            cost += op.src_end - op.src_start
        elif op.tag != "equal":
            cost += sum(weights[op.dest_start : op.dest_end])
    return min(1.0, cost / max(len(old), sum(weights), 1))


def changed_words(drafted: str, final: str) -> int:
    """How many words were inserted, deleted or replaced."""
    return int(Levenshtein.distance(words(drafted), words(final)))


def style_and_fact(drafted: str, final: str, facts: str) -> tuple[float, float]:
    """The edit rate in two parts that add up to it: words that state a fact, and all others.

    A word states a fact if it holds a digit, is an address, or stands in `facts`, the record's values as one text.
    Of a changed run as many words count as facts as the side with more of them has.
    """
    old, new = words(drafted), words(final)
    known = {word.strip(EDGES).lower() for word in facts.split()}

    def facts_in(run: list[str]) -> int:
        plain = [word.strip(EDGES).lower() for word in run]
        return sum(word in known or bool(VALUE.search(word)) for word in plain if word)

    longest = max(len(old), len(new), 1)
    style = fact = 0
    for op in Levenshtein.opcodes(old, new):
        if op.tag != "equal":
            gone, come = old[op.src_start : op.src_end], new[op.dest_start : op.dest_end]
            of_fact = max(facts_in(gone), facts_in(come))
            fact += of_fact
            style += max(len(gone), len(come)) - of_fact
    return style / longest, fact / longest


def loops(text: str) -> bool:
    """Whether any run of four words stands three times or more."""
    tokens = words(text)
    runs = [tuple(tokens[i : i + 4]) for i in range(len(tokens) - 3)]
    return any(runs.count(run) >= 3 for run in set(runs))
