"""What people do besides having a style: they overlook things, let small things go, know more, and change their minds.

Every coin is a hash of what it is tossed for, so that the same draft always gets the same answer.
"""

import random
from collections.abc import Callable
from hashlib import sha256

from rapidfuzz.distance import Levenshtein

from tests.personas.rules import Brief, joined, parted

HIDDEN = 0.2  # of the customers: the editor knows something that no record holds
DISCARDED = 0.03
GOOD_ENOUGH = 3  # fewer words to change than this, and the draft goes out as it is
PLACES = ("Antwerp", "Bergen", "Cork", "Dresden", "Esbjerg", "Florence", "Ghent", "Halifax", "Innsbruck", "Jerez")
MONTHS = ("January", "March", "April", "June", "September", "October")

Edit = Callable[[str, Brief, random.Random], str]


def review(edit: Edit, draft: str, brief: Brief, *, fires: float = 1.0) -> str | None:
    """What becomes of a draft on this editor's desk; None when it is discarded."""
    key = f"{brief['contact']['email']} {brief['at']}"
    if coin("discard", key) < DISCARDED:
        return None
    final = _only_some(draft, edit(draft, brief, random.Random(key)), key, fires)
    final = _with_hidden_fact(final, key)
    changed = Levenshtein.distance(draft.split(), final.split())
    return draft if changed < GOOD_ENOUGH else final


def coin(what: str, key: str) -> float:
    """A number from 0 to 1 that is always the same for the same toss."""
    return int.from_bytes(sha256(f"{what} {key}".encode()).digest()[:6]) / 2**48


def _only_some(draft: str, final: str, key: str, fires: float) -> str:
    """A weak editor makes each change with this probability and overlooks the others."""
    if fires >= 1:
        return final
    old, new = _tokens(draft), _tokens(final)
    text = ""
    for tag, a, b, c, d in Levenshtein.opcodes(old, new):
        kept, changed = "".join(old[a:b]), "".join(new[c:d])
        text += kept if tag != "equal" and coin(f"{kept}|{changed}", key) >= fires else changed
    return text


def _tokens(text: str) -> list[str]:
    """Words with the space before them, so that joining them gives the text back."""
    words: list[str] = []
    space = ""
    for char in text:
        if char.isspace():
            space += char
        elif space or not words:
            words.append(space + char)
            space = ""
        else:
            words[-1] += char
    return words


def _with_hidden_fact(text: str, key: str) -> str:
    """One sentence after the greeting that only this person could write."""
    if coin("hidden", key) >= HIDDEN:
        return text
    place, month = (names[int(coin(what, key) * len(names))] for what, names in (("p", PLACES), ("m", MONTHS)))
    sentence = f"I am in {place} on {1 + int(coin('d', key) * 28)} {month}."
    if sentence in text:
        return text
    subject, body = parted(text)
    greeting, _, rest = body.partition("\n\n")
    return joined(subject, f"{greeting}\n\n{sentence}\n\n{rest}" if rest else f"{sentence}\n\n{greeting}")
