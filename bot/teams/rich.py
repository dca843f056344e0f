"""Finished mrkdwn as the runs of an Adaptive Card. Pure.

Runs and not Markdown: what stands in a run is shown as it is, so nothing that a CRM or an email holds can become a
link or a format.
"""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from bot.cards import COMMAND

Run = dict[str, Any]

TOKEN = re.compile(r"<([^<>]+)>|`([^`\n]+)`|(?<![^\W_])\*([^*\n]+)\*(?![^\W_])")
WEB = ("https://", "http://", "mailto:")


def lines(mrkdwn: str, names: Mapping[str, str]) -> list[list[Run]]:
    """The runs of each line; `names` are people's by their ids."""
    return [list(_runs(line, names)) for line in mrkdwn.split("\n")]


def run(text: str, **style: Any) -> Run:
    return {"type": "TextRun", "text": text, **style}


def told(mrkdwn: str, names: Mapping[str, str]) -> str:
    """The words alone."""
    return "\n".join("".join(each["text"] for each in line) for line in lines(mrkdwn, names))


def _runs(line: str, names: Mapping[str, str], **style: Any) -> Iterator[Run]:
    end = 0
    for match in TOKEN.finditer(line):
        yield from _plain(line[end : match.start()], style)
        entity, code, bold = match.groups()
        if entity:
            yield _entity(entity, names, style)
        elif code:
            yield run(_typed(unescape(code)), fontType="Monospace", **style)
        else:
            yield from _runs(bold, names, **{**style, "weight": "Bolder"})
        end = match.end()
    yield from _plain(line[end:], style)


def _plain(text: str, style: Mapping[str, Any]) -> Iterator[Run]:
    if text:
        yield run(unescape(text), **style)


def _entity(entity: str, names: Mapping[str, str], style: Mapping[str, Any]) -> Run:
    target, _, label = entity.partition("|")
    if target.startswith("@"):
        return run(names.get(target[1:], "somebody"), **style)
    if target.startswith("#"):
        return run("this conversation", **style)
    if target.startswith(WEB):
        return run(unescape(label or target), selectAction={"type": "Action.OpenUrl", "url": unescape(target)}, **style)
    return run(unescape(label or target), **style)


def _typed(code: str) -> str:
    """What people type: Slack's command begins with a slash, a message in Teams does not."""
    return code.removeprefix("/") if code.startswith(COMMAND) else code
