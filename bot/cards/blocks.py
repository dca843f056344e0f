"""Block Kit's small parts, and the one place where text is escaped and cut to Slack's limits.

Lengths are measured after escaping and in UTF-16 units, the strictest reading of Slack's limits: too long a block
makes the whole post fail, and the draft with it.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from bot.person_ids import PERSON

Block = dict[str, Any]

SECTION = 3_000
HEADER = 150
BUTTON = 75
VALUE = 2_000
INPUT = 3_000
CONFIRM = 300
OPTION = 75
OPTION_VALUE = 150
OVERFLOW = 5
TITLE = 24  # of a modal, and of its buttons
ELLIPSIS = "…"

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# Control characters, and what turns the direction of reading: an address could read as another one.
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_MARKS = re.compile(r"(?<![^\W_])[*_~]+|[*_~]+(?![^\W_])|`")  # where mrkdwn would see formatting; not in a_name
_TWINS = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"})  # mrkdwn has no way to escape them
_PERSON = re.compile(PERSON)


def clean(text: str) -> str:
    """Without what no message may carry: control characters, turned text and halves of surrogate pairs."""
    return _UNSEEN.sub("", text.encode("utf-8", "replace").decode("utf-8"))


def escape(text: str) -> str:
    """What mrkdwn would read as a mention, a link or an entity becomes plain characters."""
    return clean(text).translate(_ESCAPES)


def size(text: str) -> int:
    """The length that Slack may count: escaped, in UTF-16 units."""
    return len(escape(text).encode("utf-16-le")) // 2


def clamp(text: str, limit: int) -> str:
    """The text, visibly shortened if it would be longer than `limit` after escaping."""
    text = clean(text)
    if size(text) <= limit:
        return text
    return text[: fitting(text, limit - len(ELLIPSIS))].rstrip() + ELLIPSIS


def fitting(text: str, limit: int) -> int:
    """How many characters of the text fit into `limit` after escaping."""
    for end, character in enumerate(text):
        limit -= len(character.translate(_ESCAPES)) + (character > "\uffff")
        if limit < 0:
            return end
    return len(text)


def inline(text: str | None, limit: int = 150) -> str:
    """Foreign text inside a mrkdwn line: one line, shortened, escaped, nothing of it formatted."""
    line = clamp(" ".join((text or "").split()), limit)
    return escape(_MARKS.sub(lambda marks: marks[0].translate(_TWINS), line))


def person(who: str) -> str:
    """A user as a mention, anybody else (the command line) by name."""
    return f"<@{who}>" if _PERSON.fullmatch(who) else inline(who, 80)


def fit(lines: Iterable[str], limit: int = SECTION) -> str:
    """As many whole lines of finished mrkdwn as fit, and how many do not."""
    lines = list(lines)
    kept: list[str] = []
    room = limit - 20  # for the line that says how many are missing
    for line in lines:
        room -= len(line.encode("utf-16-le")) // 2 + 1
        if room < 0:
            return "\n".join([*kept, f"…and {len(lines) - len(kept)} more"])
        kept.append(line)
    return "\n".join(kept)


def plain(text: str, limit: int) -> Block:
    """Shown as it is: nothing in plain_text becomes a mention, a link or an emoji. Slack refuses empty texts."""
    shown = clamp(text, limit)
    return {"type": "plain_text", "text": shown if shown.strip() else "(empty)", "emoji": False}


def mrkdwn(text: str) -> Block:
    """Finished mrkdwn, its foreign parts through `inline`; `verbatim` stops Slack from adding links."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def section(text: str, **more: Any) -> Block:
    return {"type": "section", "text": mrkdwn(text), **more}


def paragraph(text: str, block_id: str) -> Block:
    """Foreign text of several lines, unfolded, exactly as it stands."""
    return {"type": "section", "block_id": block_id, "text": plain(text, SECTION), "expand": True}


def context(*texts: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(text) for text in texts]}


def divider() -> Block:
    return {"type": "divider"}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, HEADER)}


def button(text: str, action_id: str, value: str, **more: Any) -> Block:
    assert len(value) <= VALUE, f"button value of {len(value)} characters"
    return {"type": "button", "text": plain(text, BUTTON), "action_id": action_id, "value": value, **more}


def confirm(title: str, text: str, yes: str, no: str, **more: Any) -> Block:
    """A question before something that cannot be taken back."""
    return {
        "title": plain(title, 100),
        "text": plain(text, CONFIRM),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
        **more,
    }


def actions(block_id: str, elements: Sequence[Block]) -> Block:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def text_input(
    label: str, block_id: str, action_id: str, initial: str, *, multiline: bool, optional: bool = False
) -> Block:
    element = {
        "type": "plain_text_input",
        "action_id": action_id,
        "multiline": multiline,
        "max_length": INPUT,
        **({"initial_value": clean(initial)} if initial else {}),
    }
    block = {"type": "input", "block_id": block_id, "label": plain(label, 2_000), "element": element}
    return {**block, "optional": True} if optional else block


def overflow(action_id: str, options: Sequence[tuple[str, str]]) -> Block:
    """A menu behind three dots, of up to five (text, value)."""
    assert len(options) <= OVERFLOW, f"{len(options)} options in an overflow menu"
    return {"type": "overflow", "action_id": action_id, "options": [_option(*option) for option in options]}


def radio(label: str, block_id: str, action_id: str, options: Sequence[tuple[str, str, str]]) -> Block:
    """One of several (text, value, description), to be chosen before a modal can be submitted."""
    shown = [{**_option(text, value), "description": plain(described, OPTION)} for text, value, described in options]
    element = {"type": "radio_buttons", "action_id": action_id, "options": shown}
    return {"type": "input", "block_id": block_id, "label": plain(label, 2_000), "element": element}


def _option(text: str, value: str) -> Block:
    assert len(value) <= OPTION_VALUE, f"option value of {len(value)} characters"
    return {"text": plain(text, OPTION), "value": value}


def message(text: str, blocks: Sequence[Block]) -> Block:
    """What posts and updates carry: text alone would delete the blocks, blocks alone say nothing aloud."""
    return {"text": text, "blocks": list(blocks)}
