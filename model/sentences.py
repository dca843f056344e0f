"""Taking sentences out of a text whose paragraphs are to stay."""

import re
from collections.abc import Callable

SENTENCE = re.compile(r"[^\s].*?(?:[.!?…]+[\"')\]]*(?=\s|$)|(?=\n|$))", re.DOTALL)


def left_after(text: str, gone: Callable[[str], bool]) -> str:
    """The text without the sentences and lines that are to go, and without the gaps they would leave."""
    kept, last = "", 0
    for match in SENTENCE.finditer(text):
        if gone(match[0]):
            kept, last = kept + text[last : match.start()], match.end()
    kept += text[last:]
    tidy = re.sub(r"[ \t]+(?=\n|$)|(?<=\n)[ \t]+", "", kept)
    return re.sub(r"(?<=\S)[ \t]{2,}(?=\S)", " ", re.sub(r"\n{3,}", "\n\n", tidy)).strip()
