"""The manifest for signed HTTP, made from the one for Socket Mode: `python -m tests.conformance.http_manifest`."""

import copy
from pathlib import Path
from typing import Any

import yaml

from bot.front import EVENTS

ROOT = Path(__file__).parent.parent.parent
SOCKET, HTTP = ROOT / "manifest.yml", ROOT / "manifest.http.yml"
ADDRESS = f"https://afterword.example{EVENTS}"
HEAD = f"""\
# Afterword in a real workspace, over signed HTTP: manifest.yml with addresses instead of Socket Mode, made from it by
# `python -m tests.conformance.http_manifest`. Put your own address in place of {ADDRESS}.
# docs/slack.md says more.
"""


def read(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text("utf-8")))


def http_variant(manifest: dict[str, Any], address: str = ADDRESS) -> dict[str, Any]:
    """The same app, reached at an address: for commands, for clicks and searches, for events."""
    variant = copy.deepcopy(manifest)
    settings = variant["settings"]
    settings["socket_mode_enabled"] = False
    settings["interactivity"] |= {"request_url": address, "message_menu_options_url": address}
    if "event_subscriptions" in settings:
        settings["event_subscriptions"]["request_url"] = address
    for command in variant["features"].get("slash_commands", ()):
        command["url"] = address
    return variant


def written(variant: dict[str, Any]) -> str:
    return HEAD + yaml.safe_dump(variant, sort_keys=False, allow_unicode=True, width=118)


if __name__ == "__main__":
    HTTP.write_text(written(http_variant(read(SOCKET))), "utf-8")
