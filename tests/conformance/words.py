"""Every sentence that people read in Slack, in one place: `python -m tests.conformance.words` writes `docs/words.md`.

The words are taken from the source, so a new sentence shows up by itself; what is filled in stands in braces, and where
a sentence has two forms they stand side by side: {a / another}.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conformance.http_manifest import ROOT, SOCKET, read

PAGE = ROOT / "docs" / "words.md"
# Files outside `bot/cards` whose sentences get onto a card: findings, reasons, scores, what went wrong.
REASONS = (
    "bot/checking.py",
    "bot/drafting.py",
    "bot/measuring.py",
    "model/benefit.py",
    "model/checks.py",
    "model/gate.py",
    "model/guardrails.py",
    "model/hidden.py",
    "model/lead_score.py",
    "model/links.py",
    "model/required.py",
    "model/rules.py",
    "model/strangers.py",
)
HEAD = """\
# Every sentence that people read in Slack

Made by `python -m tests.conformance.words` from the source; a test says so when it is out of date. Read it aloud after
a change of words. What is filled in stands in braces; where a sentence has two forms, both stand there.
"""
LISTS = {"EVENT_FORMS", "SPAM", "_lot", "_shouting"}  # words that are looked for, and keys
UNSAID = {"log", "logging", "re"}  # what is logged or matched is not read in Slack
LETTERS = re.compile(r"[A-Za-z]{2,}")
FILLED = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True)
class Said:
    """A sentence, a label or a part of either, and the function or constant that it stands in."""

    file: str
    place: str
    text: str


def every() -> list[Said]:
    cards = sorted((ROOT / "bot" / "cards").rglob("*.py"))
    found = [said for path in cards if path.name not in ("__init__.py", "ids.py") for said in _in(path, least=1)]
    found += [said for name in REASONS for said in _in(ROOT / name, least=3)]
    return list(dict.fromkeys([*found, *_manifest()]))


def page(said: list[Said]) -> str:
    lines = [HEAD]
    for file in dict.fromkeys(one.file for one in said):
        lines.append(f"## {file}\n")
        mine = [one for one in said if one.file == file]
        for place in dict.fromkeys(one.place for one in mine):
            lines.append(f"**{place}**\n")
            lines += [f"- {_line(one.text)}" for one in mine if one.place == place]
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _line(text: str) -> str:
    return text.strip().replace("\n", " ⏎ ")


def _manifest() -> Iterator[Said]:
    """What Slack itself shows about the app."""
    manifest, name = read(SOCKET), SOCKET.name
    shown = manifest["display_information"]
    yield from (Said(name, key, shown[key]) for key in ("name", "description", "long_description"))
    for command in manifest["features"].get("slash_commands", ()):
        yield from (Said(name, command["command"], command[key]) for key in ("description", "usage_hint"))
    for shortcut in manifest["features"].get("shortcuts", ()):
        yield from (Said(name, "shortcut", shortcut[key]) for key in ("name", "description"))


def _in(path: Path, *, least: int) -> Iterator[Said]:
    """The sentences of a file; `least` is how many words something must have that is no label."""
    tree = ast.parse(path.read_text("utf-8"))
    file = path.relative_to(ROOT).as_posix()
    for node in tree.body:
        for place, part in _parts(node):
            if place in LISTS:
                continue
            yield from (Said(file, place, text) for text in _texts(part) if _is_said(text, least))


def _parts(node: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    """Functions and constants by name, methods by theirs."""
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            yield from ((f"{node.name}.{place}", part) for place, part in _parts(inner))
    elif isinstance(node, ast.FunctionDef):
        yield node.name, node
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        yield node.targets[0].id, node.value
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
        yield node.target.id, node.value


def _texts(node: ast.AST) -> Iterator[str]:
    """Literals in the order of the source, docstrings and what is never shown left out."""
    if isinstance(node, ast.Constant):
        yield from [node.value] if isinstance(node.value, str) else []
        return
    if isinstance(node, ast.JoinedStr):
        yield _rendered(node)
        return
    for child in ast.iter_child_nodes(node):
        if not _skipped(node, child):
            yield from _texts(child)


def _skipped(parent: ast.AST, child: ast.AST) -> bool:
    if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
        return True  # a docstring
    if isinstance(parent, ast.Dict):
        return child in parent.keys
    if isinstance(parent, ast.Subscript):
        return child is parent.slice
    if isinstance(child, ast.Call):
        return _name(child.func) in UNSAID or _last(child.func) in ("get", "split")
    return isinstance(child, ast.arguments | ast.Assert | ast.Compare | ast.Raise)


def _name(function: ast.expr) -> str:
    while isinstance(function, ast.Attribute):
        function = function.value
    return function.id if isinstance(function, ast.Name) else ""


def _last(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else _name(function)


def _rendered(node: ast.JoinedStr) -> str:
    parts = [part.value if isinstance(part, ast.Constant) else _filled(part) for part in node.values]
    return "".join(map(str, parts))


def _filled(part: ast.expr) -> str:
    """A value in braces, by its last name; the forms of a choice between literals, by themselves."""
    value = part.value if isinstance(part, ast.FormattedValue) else part
    if isinstance(value, ast.IfExp):
        forms = [_form(value.body), _form(value.orelse)]
        return "{" + " / ".join(form.strip("{}") or "–" for form in forms) + "}"
    return _form(value)


def _form(value: ast.expr) -> str:
    if isinstance(value, ast.Constant):
        return str(value.value)
    if isinstance(value, ast.JoinedStr):
        return _rendered(value)
    names = [node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in ast.walk(value)]
    first = value.args[0] if isinstance(value, ast.Call) and value.args else value
    known = first.attr if isinstance(first, ast.Attribute) else getattr(first, "id", "")
    return "{" + (known or next(filter(None, reversed(names)), "…")).lower() + "}"


def _is_said(text: str, least: int) -> bool:
    words = LETTERS.findall(FILLED.sub("", text))
    if not words or "\\" in text or "(?" in text:
        return False
    if " " in text.strip():
        return len(words) >= least
    return least == 1 and (text[:1].isupper() or text[-1:] in ".:…") and not text.isupper()


# What a label may not be ------------------------------------------------------------------------------------------

EMPTY = {"ok", "okay", "yes", "no", "submit", "confirm", "continue", "go", "click here", "here", "done", "next", "more"}
FINAL = re.compile(r"discard|delete|erase|forget|remove|uninstall|roll_?back|stop")


def labels(value: Any) -> Iterator[str]:
    """What stands on everything that can be pressed: buttons, their questions, a modal's own."""
    for holder in _holders(value):
        if holder.get("type") == "button":
            yield holder["text"]["text"]
        for key in ("confirm", "deny", "submit", "close"):
            if isinstance(holder.get(key), dict) and "text" in holder[key] and "title" not in holder[key]:
                yield holder[key]["text"]


def buttons(value: Any) -> Iterator[dict[str, Any]]:
    return (holder for holder in _holders(value) if holder.get("type") == "button" and "action_id" in holder)


def says_nothing(label: str) -> bool:
    """No effect is named, or it takes eyes for a picture to know it."""
    return label.strip(" .…").lower() in EMPTY or not LETTERS.search(re.sub(r":[a-z0-9_+-]+:", "", label))


def _holders(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _holders(inner)


if __name__ == "__main__":
    PAGE.write_text(page(every()), "utf-8")
