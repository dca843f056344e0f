"""What a manifest must also obey, across its fields: Slack's schema does not know it, and Slack says so too late."""

import re
from collections.abc import Iterator
from typing import Any

Manifest = dict[str, Any]
# The scope that a bot needs to be told of an event; None where it needs none.
EVENTS = {
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "app_uninstalled": None,
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "function_executed": None,
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "message.im": "im:history",
    "reaction_added": "reactions:read",
    "team_access_granted": None,
    "team_access_revoked": None,
    "tokens_revoked": None,
    "user_change": "users:read",
}


def faults(manifest: Manifest) -> list[str]:
    return [*_delivery(manifest), *_events(manifest), *_scopes(manifest), *_functions(manifest), *_names(manifest)]


def events(manifest: Manifest) -> list[str]:
    return list(manifest["settings"].get("event_subscriptions", {}).get("bot_events", ()))


def commands(manifest: Manifest) -> list[Manifest]:
    return list(manifest["features"].get("slash_commands", ()))


def _delivery(manifest: Manifest) -> Iterator[str]:
    """Either everything comes over the socket, or everything has an address."""
    settings = manifest["settings"]
    interactivity, subscribed = settings.get("interactivity", {}), settings.get("event_subscriptions")
    addressed = {f"the command {each['command']}": each.get("url") for each in commands(manifest)}
    if interactivity.get("is_enabled"):
        addressed["interactivity"] = interactivity.get("request_url")
        addressed["searches in menus"] = interactivity.get("message_menu_options_url")
    if subscribed is not None:
        addressed["events"] = subscribed.get("request_url")
    for what, url in addressed.items():
        if settings.get("socket_mode_enabled") and url:
            yield f"{what}: an address besides Socket Mode"
        if not settings.get("socket_mode_enabled") and not str(url or "").startswith("https://"):
            yield f"{what}: no address, and no Socket Mode"


def _events(manifest: Manifest) -> Iterator[str]:
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    for event in events(manifest):
        if event not in EVENTS:
            yield f"{event}: say in tests/manifest_rules.py which scope it needs"
        elif EVENTS[event] and EVENTS[event] not in scopes:
            yield f"{event} needs {EVENTS[event]}"
    home = manifest["features"].get("app_home", {})
    if home.get("home_tab_enabled", False) != ("app_home_opened" in events(manifest)):
        yield "a Home tab and app_home_opened go together"
    if not home.get("messages_tab_enabled"):
        yield "direct messages need the messages tab"


def _scopes(manifest: Manifest) -> Iterator[str]:
    scopes = manifest["oauth_config"]["scopes"]
    if len(scopes["bot"]) != len(set(scopes["bot"])):
        yield "a scope twice"
    yield from (
        f"{each} is optional, but not asked for" for each in set(scopes.get("bot_optional", ())) - {*scopes["bot"]}
    )
    asks = bool(commands(manifest) or manifest["features"].get("shortcuts"))
    if asks != ("commands" in scopes["bot"]):
        yield "the scope commands goes with commands and shortcuts"
    if manifest["features"].get("bot_user") is None:
        yield "bot scopes without a bot user"


def _functions(manifest: Manifest) -> Iterator[str]:
    settings = manifest["settings"]
    if manifest.get("functions") and not (
        settings.get("org_deploy_enabled") and settings.get("function_runtime") == "remote"
    ):
        yield "functions need org_deploy_enabled and function_runtime: remote"


def _names(manifest: Manifest) -> Iterator[str]:
    if not re.fullmatch(r"[a-z0-9._-]{1,80}", manifest["features"].get("bot_user", {}).get("display_name", "")):
        yield "the bot's display name"
    named = [each["command"] for each in commands(manifest)]
    named += [each["callback_id"] for each in manifest["features"].get("shortcuts", ())]
    yield from (f"{name} twice" for name in {name for name in named if named.count(name) > 1})
