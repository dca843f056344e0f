"""Which keys Slack's payloads have: `python -m tests.conformance.payloads JAVA BOLT` makes `payloads.json` anew.

JAVA and BOLT are checkouts of slackapi/java-slack-sdk and slackapi/bolt-python. Kept are
paths of keys alone.
"""

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "payloads.json"
# What hangs below these is somebody's content, or nothing that a bot of ours would ask for.
FREE = {"attachments", "blocks", "confirm", "files", "metadata", "reactions", "rich_text_value", "root", "values"}
FREE |= {
    "assistant_app_thread",
    "bot_profile",
    "comment",
    "edited",
    "file",
    "icons",
    "item",
    "purpose",
    "room",
    "topic",
}
FREE |= {"initial_option", "selected_option", "selected_options"}  # our own options, sent back as they were
# Documented for interactions, left out of some samples.
EVERYWHERE = {"enterprise", "is_enterprise_install", "state", "state.values"}
SAMPLES = {
    "command": "app-backend/slash-commands/SlashCommandPayload",
    "block_actions": "app-backend/interactive-components/BlockActionPayload",
    "message_action": "app-backend/interactive-components/MessageShortcutPayload",
    "view_submission": "app-backend/views/ViewSubmissionPayload",
    "view_closed": "app-backend/views/ViewClosedPayload",
    "event:app_home_opened": "events/AppHomeOpenedPayload",
    "event:app_uninstalled": "events/AppUninstalledPayload",
    "event:tokens_revoked": "events/TokensRevokedPayload",
}


def kind(body: dict[str, Any]) -> str:
    """How the table names a payload."""
    if body.get("type") == "event_callback":
        return f"event:{body['event']['type']}"
    return "command" if "command" in body else str(body.get("type", ""))


def paths(value: Any, at: str = "") -> Iterator[str]:
    """Every key of a payload with the keys above it, as `view.state.values`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            here = f"{at}.{key}" if at else key
            yield here
            if key not in FREE:
                yield from paths(inner, here)
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, at)


def known() -> dict[str, set[str]]:
    kept = {name: {*keys, *EVERYWHERE} for name, keys in json.loads(FILE.read_text("utf-8")).items()}
    # A view is the same thing wherever it stands, and some samples show less of it.
    view = {key.partition("view.")[2] for keys in kept.values() for key in keys if key.startswith("view.")}
    for keys in kept.values():
        places = [key for key in ("view", "event.view") if key in keys]
        keys |= {f"{place}.{inner}" for place in places for inner in view}
    return kept


def _collected(java: Path, bolt: Path) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for name, sample in SAMPLES.items():
        body = json.loads((java / "json-logs" / "samples" / f"{sample}.json").read_text("utf-8"))
        found[name] = set(paths(body))
    for body in _written(bolt / "tests" / "scenario_tests"):
        if (name := kind(body)) in ("shortcut", "block_suggestion", *SAMPLES):
            found.setdefault(name, set()).update(paths(body))
    return {name: sorted(keys) for name, keys in sorted(found.items())}


def _written(folder: Path) -> Iterator[dict[str, Any]]:
    """The payloads that Bolt's own tests are written with."""
    for path in sorted(folder.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
                try:
                    body = ast.literal_eval(node.value)
                except ValueError:
                    continue
                if isinstance(body, dict) and "token" in body:
                    yield body


if __name__ == "__main__":
    FILE.write_text(json.dumps(_collected(Path(sys.argv[1]), Path(sys.argv[2])), indent=1) + "\n", "utf-8")
