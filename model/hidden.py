"""What a text does without showing it: characters that cannot be seen, and Slack's markup."""

import html
import re
import unicodedata

BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters that show as nothing
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
JOINED = re.compile("(?<=[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d(?=[\u2600-\u27bf\U0001f000-\U0001faff])")
SLACK = re.compile(
    r"<\s{0,3}(?:[!@#][^<>\n]*|[^<>|\n]+\|[^<>\n]*)>|(?<![\w@.])@(?:channel|here|everyone)\b(?!\.\w)", re.IGNORECASE
)


def invisible(text: str, *, lines: bool = True) -> list[str]:
    """Characters that nobody sees, named by their code; line ends and tabs are none where `lines` is true."""
    allowed = "\n\t" if lines else ""
    plain = JOINED.sub("", text.replace("\r\n", "\n"))  # a joiner between two emoji makes them one
    return list(dict.fromkeys(f"U+{ord(one):04X}" for one in plain if one not in allowed and _unseen(one)))


def _unseen(character: str) -> bool:
    if character.isascii():
        return not character.isprintable()
    code = ord(character)
    selector = 0xFE00 <= code <= 0xFE0D or 0xE0100 <= code <= 0xE01EF
    return selector or character in BLANK_LETTERS or unicodedata.category(character) in UNSEEN


def slack_markup(text: str) -> list[str]:
    """What Slack would read as a mention or as a link with other words on it, written plainly or escaped."""
    return list(dict.fromkeys(match[0] for match in SLACK.finditer(html.unescape(text))))
