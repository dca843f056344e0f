"""Facts that only the editor knew: a number, an address or a name that neither the record nor the house holds.

A model that learns "I am in Ghent on 14 March" learns to make such things up, so the sentence is not trained on.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from model.links import astray, hosts
from model.sentences import SENTENCE, left_after
from model.slots import SLOT

VALUE = re.compile(r"https?://\S+|[\w.+-]+@[\w-]+\.\w+|\d[\d.,:/]*(?<=\d)")
NAME = re.compile(r"(?<=[a-zß-ÿ\d,;] )(?!I\b)[A-Z][\w'’-]+")
HOUSE = 3  # texts with the same value: then it is how the house writes, and no fact of one customer
SHARED = 2  # people who link to a place: then it is the house's, and no one person's
NAMES_ARE_RARE = 0.1  # of the words; above that a language writes its nouns with capitals


def house_values(texts: Iterable[str]) -> frozenset[str]:
    """Values and names that stand in several slotted texts; every capital word where capitals are common."""
    texts = list(texts)
    counts = Counter(value for text in texts for value in set(_values(text)))
    common = _capitals_are_common(texts)
    return frozenset(
        value for value, count in counts.items() if count >= HOUSE or (common and not VALUE.fullmatch(value))
    )


def varying(texts: Iterable[str]) -> frozenset[str]:
    """What stays the same in statements that name something else each time: "I am in … on …".

    After some months each place and day has stood there several times, and is a fact of one customer all the same. A
    question states nothing: "Shall we talk on Tuesday?" may propose another day each time.
    """
    texts = list(texts)
    if _capitals_are_common(texts):
        return frozenset()
    named: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for sentence in (match[0] for text in texts for match in SENTENCE.finditer(text)):
        if (values := tuple(_values(sentence))) and not sentence.rstrip().endswith("?"):
            named[_frame(sentence)].add(values)
    return frozenset(frame for frame, values in named.items() if len(values) >= HOUSE)


def _capitals_are_common(texts: list[str]) -> bool:
    capitals = sum(len(NAME.findall(text)) for text in texts)
    words = sum(len(text.split()) for text in texts)
    return capitals > NAMES_ARE_RARE * max(words, 1)


def strange_hosts(written: Iterable[tuple[str | None, str]], allowed: Iterable[str]) -> frozenset[str]:
    """Where links lead that must not come back in everybody's drafts. `written` are texts with who wrote each.

    That is outside the voice's domains where it names some. Where it names none it is what one of several people links
    to: their booking page, or something slipped in.
    """
    writers: dict[str, set[str | None]] = defaultdict(set)
    everybody = set()
    for who, text in written:
        everybody.add(who)
        for host in hosts(text):
            writers[host].add(who)
    if domains := list(allowed):
        return frozenset(host for host in writers if astray(f"https://{host}", domains))
    return frozenset(host for host, who in writers.items() if len(who) < min(SHARED, len(everybody)))


def without(
    text: str,
    known: str,
    house: frozenset[str],
    changing: frozenset[str] = frozenset(),
    strange: frozenset[str] = frozenset(),
) -> str:
    """The slotted text without sentences that state a value which neither `known` (the prompt) nor the house has.

    `changing` are the frames of `varying`; in those no value is the house's. `strange` are `strange_hosts`.
    """

    def made_up(sentence: str) -> bool:
        if any(host in strange and host not in known for host in hosts(sentence)):
            return True
        new = [value for value in _values(sentence) if value not in known]
        return any(value not in house for value in new) or (bool(new) and _frame(sentence) in changing)

    return left_after(text, made_up)


def _values(text: str) -> list[str]:
    plain = SLOT.sub("slot", text)
    return [match.rstrip(".,:;") for match in VALUE.findall(plain) + NAME.findall(plain)]


def _frame(sentence: str) -> str:
    plain = SLOT.sub("slot", sentence)
    return " ".join(VALUE.sub("…", NAME.sub("…", plain)).split())
