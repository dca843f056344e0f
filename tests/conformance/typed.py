"""What the bot said as TypeScript constants of Slack's own types, for Slack's own compiler to accept or refuse.

Literals, since excess keys are only noticed there. Slack's argument types take any block that has a `type`, so blocks
stand a second time as `KnownBlock[]`.
"""

import json
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.conformance.recorder import Emitted

SECONDS = 120
MESSAGE = "{ text: string; blocks: KnownBlock[] }"
# What goes to a response URL, and as the answer to a command: @slack/types has no name for it.
ANSWER = (
    "{ text?: string; blocks?: KnownBlock[]; response_type?: 'ephemeral' | 'in_channel'; thread_ts?: string;"
    " replace_original?: boolean; delete_original?: boolean; unfurl_links?: boolean; unfurl_media?: boolean }"
)
SUBMISSION = (
    "{ response_action: 'errors'; errors: Record<string, string> } | { response_action: 'clear' }"
    " | { response_action: 'update' | 'push'; view: ModalView }"
)
SUGGESTION = (
    "{ options: PlainTextOption[] } | { option_groups: { label: PlainTextElement; options: PlainTextOption[] }[] }"
)
TYPES = {
    "response_url": ANSWER,
    "ack:command": ANSWER,
    "ack:block_actions": ANSWER,
    "ack:view_submission": SUBMISSION,
    "ack:block_suggestion": SUGGESTION,
}
# Slack's documentation and its Python SDK call it alt_txt, its TypeScript types alt_text.
RENAMED = {"files.getUploadURLExternal": {"alt_txt": "alt_text"}}
FROM_TYPES = ("HomeView", "KnownBlock", "ModalView", "PlainTextElement", "PlainTextOption")
FLAGS = ("--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--moduleResolution", "nodenext")
ERROR = re.compile(r"said\.ts\((\d+),\d+\): error (TS\d+: .*)")


def faults(said: Iterable[Emitted], packages: Path, folder: Path) -> list[str]:
    """What tsc refuses, each with what was said and by which test."""
    lines = list(_lines(said))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "node_modules").symlink_to(packages / "node_modules")
    (folder / "said.ts").write_text("\n".join(line for line, _ in lines) + "\n", "utf-8")
    compiler = packages / "node_modules" / ".bin" / "tsc"
    done = subprocess.run(
        [str(compiler), *FLAGS, "said.ts"], cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    found = [f"{lines[int(line) - 1][1]}: {what}" for line, what in ERROR.findall(done.stdout)]
    if done.returncode and not found:
        return [(done.stdout + done.stderr).strip() or f"tsc ended with {done.returncode}"]
    return found


def _lines(said: Iterable[Emitted]) -> Iterator[tuple[str, str]]:
    """Lines of the file, each with what an error in it is about."""
    said = list(said)
    named = sorted({name for name in map(_type, said) if re.fullmatch(r"\w+", name)} - {*FROM_TYPES})
    yield f"import type {{ {', '.join(FROM_TYPES)} }} from '@slack/types';", "the imports"
    if named:
        yield f"import type {{ {', '.join(named)} }} from '@slack/web-api';", f"the types {', '.join(named)}"
    for n, one in enumerate(said):
        about = f"{one.kind} in {one.test}"
        yield _constant(f"said_{n}", _type(one), _renamed(one)), about
        for m, blocks in enumerate(_blocks(one.arguments)):
            yield _constant(f"said_{n}_blocks_{m}", "KnownBlock[]", blocks), about


def _type(one: Emitted) -> str:
    """chat.postMessage takes ChatPostMessageArguments, and so on for every method."""
    if one.kind in TYPES:
        return TYPES[one.kind]
    if one.kind.startswith("cards."):
        return {"modal": "ModalView", "home": "HomeView"}.get(one.arguments.get("type", ""), MESSAGE)
    parts = one.kind.replace("oauth", "OAuth").split(".")
    return "".join(part[:1].upper() + part[1:] for part in parts) + "Arguments"


def _constant(name: str, kind: str, value: Any) -> str:
    return f"export const {name}: {kind} = {json.dumps(value)};"


def _renamed(one: Emitted) -> dict[str, Any]:
    names = RENAMED.get(one.kind, {})
    return {names.get(name, name): value for name, value in one.arguments.items()}


def _blocks(arguments: dict[str, Any]) -> Iterator[list[Any]]:
    for holder in (arguments, arguments.get("view")):
        if isinstance(holder, dict) and holder.get("blocks"):
            yield holder["blocks"]
