"""How long Slack takes a text to be, and what it takes for a text."""

from collections.abc import Iterator
from typing import Any


def size(text: str) -> int:
    """The length after escaping."""
    return raw(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def raw(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def text_faults(text: dict[str, Any], limit: int) -> Iterator[str]:
    if text["type"] not in ("plain_text", "mrkdwn"):
        yield f"unknown text type {text['type']}"
    if not text["text"].strip():
        yield "an empty text"
    # mrkdwn carries its escapes already; plain text gets them on the way
    length = raw(text["text"]) if text["type"] == "mrkdwn" else size(text["text"])
    if length > limit:
        yield f"{length} characters where {limit} fit"


def plain(text: dict[str, Any], limit: int) -> Iterator[str]:
    """Where Slack takes plain text alone."""
    if text["type"] != "plain_text":
        yield f"{text['type']} where only plain text may stand"
    yield from text_faults(text, limit)
