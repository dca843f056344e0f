"""What of a past email is its writer's own: greeting, text, sign-off and name. The rest is taken away.

Replies and forwards are found by quotequail and HTML is read by inscriptis. Neither knows sign-offs: a signature
ends where the name does, and "Best,\\nMaya" is part of the voice.
"""

import re
from dataclasses import dataclass

import quotequail
from inscriptis import get_text

from storage.crm.email_phrases import (
    ANY_CLOSING,
    AUTOMATIC,
    CONTACT,
    DEVICE,
    FOOTING,
    POSTSCRIPT,
    REACHABLE,
    SIGN_OFF,
    SMALL_WORDS,
    WROTE,
)

QUOTED, SIGNATURE, FOOTER = "quoted text", "signatures", "footers"

# Outlook's heading of what is answered. A line above it that has a colon would be taken for a part of it.
ANSWERED = re.compile(
    r"(?<=\S)\n+(?:-{2,}[^\n]*\n+)?[*>]*(?:From|Von|De) ?:[* ].*\n[*>]*(?:Sent|Date|To|Gesendet|Datum|An|Envoyé|À) ?:"
)
LINES_READ = 1000  # what stands further down is an old thread

NAME_WORDS = 4
PROSE_WORDS = 9  # a line of so many words without an address or a number is a sentence, not part of a card


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The writer's own text, and what kinds of other text were taken away."""

    text: str
    removed: frozenset[str] = frozenset()


def html_to_text(html: str) -> str:
    """The text of an HTML email, one line a line and with its paragraphs."""
    return _tidy("\n".join(" ".join(line.split()) for line in get_text(html).splitlines()))


def cleaned(text: str) -> Cleaned:
    """Take away quotes, footers and signatures until nothing more is found, so that a second call changes nothing."""
    text, removed, before = _tidy("\n".join(text.splitlines()[:LINES_READ])), set[str](), None
    while text != before:
        before = text
        for kind, step in STEPS:
            shorter = _tidy(step(text))
            if len(shorter) < len(text):
                removed.add(kind)
                text = shorter
    return Cleaned(text, frozenset(removed))


def answered(text: str) -> str:
    """What somebody wrote in an answer, without what it quotes.

    Footers stay: who asks for no more emails uses the words that a footer does.
    """
    above = ANSWERED.split(_tidy("\n".join(text.splitlines()[:LINES_READ])), maxsplit=1)[0]
    return _tidy(_without_quotes(above))


def is_automatic(subject: str) -> bool:
    """Whether a subject is that of an automatic reply, a bounce or an answer to a calendar invitation."""
    return bool(AUTOMATIC.match(subject.strip()))


def name_line(lines: list[str]) -> int | None:
    """The index of the line with the writer's name, below or beside the last sign-off."""
    for known in (True, False):
        for at in range(len(lines) - 1, 0, -1):
            if (found := _named(lines, at, known)) is not None:
                return found
    return None


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in re.sub(r"\r\n?", "\n", text).split("\n")]
    while lines and not any(letter.isalnum() for letter in lines[-1]):
        lines.pop()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _without_quotes(text: str) -> str:
    text = WROTE.sub("On 1 January, somebody <a@b.example> wrote:", text)
    wrapped = quotequail.unwrap(text)
    marked = any(line.startswith(">") for line in text.split("\n"))
    if wrapped and ("from" in wrapped or (marked and wrapped["type"] != "forward")):
        text = "\n\n".join(wrapped[part] for part in ("text_top", "text_bottom") if part in wrapped)
    return "\n".join(line for line in text.split("\n") if not line.startswith(">"))


def _without_footer(text: str) -> str:
    lines = [line for line in text.split("\n") if not DEVICE.fullmatch(line.strip())]
    foot = next((at for at, line in enumerate(lines) if at and FOOTING.match(line.strip())), len(lines))
    while foot < len(lines) and foot > 1 and _is_small_print(lines[foot - 1]):
        foot -= 1
    return "\n".join(lines[:foot])


def _is_small_print(line: str) -> bool:
    """Whether a line right above a footer, such as a postal address, belongs to it."""
    return bool(line) and not (
        is_name(line) or SIGN_OFF.fullmatch(line) or _is_prose(line) or line.endswith((".", "!", "?", ",", ":"))
    )


def _without_signature(text: str) -> str:
    return _without_card(_above_dashes(text.split("\n")))


def _above_dashes(lines: list[str]) -> list[str]:
    """The lines above "-- "; the name from below it, if the sign-off above has none."""
    dashes = next((at for at, line in enumerate(lines) if at and line == "--"), len(lines))
    above = lines[:dashes]
    while above and not above[-1]:
        above.pop()
    if above and SIGN_OFF.fullmatch(above[-1]):
        above += [line for line in lines[dashes + 1 : dashes + 2] if is_name(_first_part(line))]
    return above


def _without_card(lines: list[str]) -> str:
    end = name_line(lines)
    if end is None:
        end = _name_over_card(lines)
    if end is None:
        return "\n".join(lines)
    name, below = lines[end], _below_card(lines[end + 1 :])
    beside = SIGN_OFF.fullmatch(name.partition(",")[0])  # "Best, Maya"
    if not beside and ("," not in name or below != lines[end + 1 :]):
        name = _first_part(name)
    return "\n".join([*lines[:end], name, *below])


def _below_card(lines: list[str]) -> list[str]:
    """What follows the contact card that the lines begin with: a postscript, a sentence."""
    card = 0
    while card < len(lines) and not POSTSCRIPT.match(lines[card]) and not _is_prose(lines[card]):
        card += 1
    block = [line for line in lines[:card] if line]
    if not block:
        return lines
    if any(CONTACT.search(line) for line in block) or not any(line.endswith((".", "!", "?", ":")) for line in block):
        return ["", *lines[card:]]
    return lines


def _name_over_card(lines: list[str]) -> int | None:
    """A name that begins the last lines, all of them a card: nobody said goodbye."""
    for at in range(max(1, len(lines) - 10), len(lines) - 1):
        block = [line for line in lines[at + 1 :] if line]
        if (
            not lines[at - 1]
            and is_name(lines[at])
            and not SIGN_OFF.fullmatch(lines[at])
            and any(REACHABLE.search(line) for line in block)
            and not any(_is_prose(line) or line.endswith(("!", "?", ":")) for line in block)
        ):
            return at
    return None


def _named(lines: list[str], at: int, known: bool) -> int | None:
    """The name's line if the line is a sign-off, known or any other that ends with a comma, with a name."""
    line = lines[at].strip()
    below = next((n for n in (at + 1, at + 2) if n < len(lines) and lines[n]), None)
    if known:
        sign_off, comma, name = line.partition(",")
        if comma and SIGN_OFF.fullmatch(sign_off) and is_name(name):
            return at
        if not SIGN_OFF.fullmatch(line) or below is None:
            return None
        return below if is_name(_first_part(lines[below])) or re.fullmatch(r"[^\W\d_]{1,12}", lines[below]) else None
    if below is not None and ANY_CLOSING.fullmatch(line) and len(line.split()) <= 5 and is_name(lines[below]):
        return below
    return None


def is_name(line: str) -> bool:
    """Whether a line reads like one or a few names, with nothing else on it."""
    words = re.sub(r"\s*\([^)]*\)$", "", line).strip(" -–—~/*,").split()
    return 0 < len(words) <= NAME_WORDS and all(
        word in SMALL_WORDS or (word[0].isupper() and re.fullmatch(r"[^\W\d_][^\W\d_'’-]*(?:['’-][^\W\d_]+)*\.?", word))
        for word in words
    )


def _first_part(line: str) -> str:
    """ "Maya Lindqvist | Account Executive" → "Maya Lindqvist"; a title may also follow a comma."""
    return re.split(r"\s+[|·•]\s*|, ", line, maxsplit=1)[0]


def _is_prose(line: str) -> bool:
    return len(line.split()) >= PROSE_WORDS and not CONTACT.search(line)


STEPS = ((QUOTED, _without_quotes), (FOOTER, _without_footer), (SIGNATURE, _without_signature))
