"""The manifest: what Slack's schema asks for, and the rules across fields that the schema does not know."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import cards

ROOT = Path(__file__).parent.parent
KEYS = {
    "": {"_metadata", "display_information", "features", "oauth_config", "settings"},
    "display_information": {"name", "description", "long_description", "background_color"},
    "features": {"app_home", "bot_user", "shortcuts", "slash_commands", "unfurl_domains"},
    "oauth_config": {"redirect_urls", "scopes", "token_management_enabled"},
    "settings": {
        "allowed_ip_address_ranges",
        "event_subscriptions",
        "interactivity",
        "org_deploy_enabled",
        "socket_mode_enabled",
        "token_rotation_enabled",
    },
}
# Which scope each thing needs that the bot does: a method it calls, or a feature it has.
NEEDED = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "users.info": "users:read",
    "files.upload": "files:write",
    "views.open": None,
    "views.publish": None,
    "slash_commands": "commands",
}
CALLS = re.compile(r"\.(chat|users|views|conversations|reactions|files)_([a-z][A-Za-z]*)(?:_v2)?\b")


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "manifest.yml").read_text("utf-8")))


@pytest.mark.parametrize("place", KEYS)
def test_only_known_keys(manifest: dict[str, Any], place: str) -> None:
    part = manifest[place] if place else manifest
    assert set(part) <= KEYS[place]


def test_lengths(manifest: dict[str, Any]) -> None:
    shown = manifest["display_information"]
    assert len(shown["name"]) <= 35 and len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4_000
    assert re.fullmatch(r"#[0-9a-fA-F]{6}", shown["background_color"])
    assert re.fullmatch(r"[a-z0-9._-]{1,80}", manifest["features"]["bot_user"]["display_name"])


def test_the_command_is_the_one_that_is_listened_to(manifest: dict[str, Any]) -> None:
    (command,) = manifest["features"]["slash_commands"]
    assert command["command"] == cards.COMMAND and len(command["command"]) <= 32
    assert set(command) <= {"command", "description", "usage_hint", "should_escape", "url"}
    assert len(command["description"]) <= 2_000 and command["usage_hint"] in cards.usage()["text"]
    assert command["should_escape"] is False, "names and addresses come as they were typed"


def test_socket_mode_carries_commands_and_clicks(manifest: dict[str, Any]) -> None:
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert manifest["settings"]["interactivity"] == {"is_enabled": True}
    assert manifest["settings"]["event_subscriptions"] == {"bot_events": ["app_home_opened"]}, "as many as are heard"
    assert manifest["features"]["app_home"]["home_tab_enabled"] is True
    assert "url" not in manifest["features"]["slash_commands"][0]


def test_one_workspace_without_rotation(manifest: dict[str, Any]) -> None:
    assert manifest["settings"]["org_deploy_enabled"] is False
    assert manifest["settings"]["token_rotation_enabled"] is False


def test_the_scopes_are_those_that_the_code_needs_and_no_others(manifest: dict[str, Any]) -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "bot").rglob("*.py"))
    called = {f"{family}.{name}" for family, name in CALLS.findall(sources)}
    assert called <= set(NEEDED), "a new method: say which scope it needs"
    needed = {NEEDED[name] for name in [*called, "slash_commands"]} - {None}
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == needed
    assert set(manifest["oauth_config"]["scopes"]) == {"bot"}
