"""The three parts of an email's body: how it greets, what it says, how it closes.

Reads slotted text, where `{{first_name}}` and `{{sender}}` tell a name from any other word.
"""

import re
from dataclasses import dataclass

GREETING = re.compile(
    r"(?:(?:hi|hello|hey|dear|greetings|good (?:morning|afternoon|evening|day))\b"
    r"(?: (?:Mr|Ms|Mrs|Dr|Prof)\.)?[^,.!?:;–—\n]{0,60}"
    r"|\{\{(?:first|last)_name\}\}(?: \{\{last_name\}\})?(?=[ \t]*(?:[,!:–—\n]|$)))"
    r"(?:[ \t]*[,!:;.–—])?",
    re.IGNORECASE,
)
CLOSING = re.compile(
    r"(?:best|all the best|all my best|(?:kind|kindest|warm|warmest|many|with|very|talk|speak|see you) \w+|yours"
    r"|sincerely|cheers|regards|thanks|thank you|warmly|cordially|take care|until|looking forward)\b[^.?]*",
    re.IGNORECASE,
)
SENDER = re.compile(r"\{\{(?:sender|sender_name)\}\}")
GREETING_WORDS = 5
CLOSING_WORDS = 5
LINES_BELOW = 2  # the name and one more


@dataclass(frozen=True)
class Letter:
    """`greeting + middle + sign_off` is the body; the outer two keep the white space towards the middle."""

    greeting: str
    middle: str
    sign_off: str


def letter(body: str, *, greeting: str = "", sign_off: str = "") -> Letter:
    """Take a body apart. A greeting or sign-off that is already known is recognised whatever it looks like."""
    head = _head(body, greeting)
    rest = body[head:]
    tail = head + len(rest) - len(rest.lstrip())
    end = len(body) - _tail(body[tail:], sign_off)
    kept = body[tail:end].rstrip()
    return Letter(body[:tail], kept, body[tail + len(kept) :])


def _head(body: str, known: str) -> int:
    """How many characters the greeting takes."""
    if known and re.match(re.escape(known) + r"(?:\s|$)", body):
        return len(known)
    match = GREETING.match(body)
    return match.end() if match and len(match[0].split()) <= GREETING_WORDS else 0


def _tail(body: str, known: str) -> int:
    """How many characters the sign-off takes."""
    text = body.rstrip()
    if known and re.search(r"(?:^|\n)" + re.escape(known) + r"$", text):
        return len(body) - len(text) + len(known)
    lines = text.split("\n")
    start, below, gap = None, 0, False
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number].strip()
        if not line:
            gap = True
        elif CLOSING.fullmatch(line) and len(line.split()) <= CLOSING_WORDS:
            start = number
            break
        elif (gap and below) or below == LINES_BELOW or line[-1] in ".?!:…" or len(line.split()) > CLOSING_WORDS:
            break
        else:
            below += 1
            start = number if SENDER.search(line) else start
    return len(body) - len("".join(line + "\n" for line in lines[:start])) if start is not None else 0
