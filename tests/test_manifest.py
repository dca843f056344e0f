"""The manifests: Slack's own schema, the rules across fields that it does not know, and the code they speak for."""

import ast
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot import cards, drafting
from bot.app import build
from storage.database import Database
from tests import manifest_rules
from tests.conformance import facts
from tests.conformance.http_manifest import ADDRESS, HTTP, ROOT, SOCKET, http_variant, read, written
from tests.fakes import Clock, FakeEngines
from tests.manifest_rules import Manifest, commands, events
from tests.running import desk, settings
from tests.slack import fake_slack

SCHEMA = ROOT / "tests" / "conformance" / "slack" / "manifest.schema.1.0.0.json"
SCHEMES = ("command", "event", "shortcut", "global_shortcut", "message_shortcut", "options", "function")
UPLOAD = ("files.getUploadURLExternal", "files.completeUploadExternal")  # what files_upload_v2 calls
# Only called where an admin limits who may approve; `afterword` then says which scope to add.
WHERE_WANTED = {"conversations.members", "usergroups.users.list"}
Heard = dict[str, set[str]]


@pytest.fixture(params=[SOCKET, HTTP], ids=["socket", "http"])
def manifest(request: pytest.FixtureRequest) -> Manifest:
    return read(request.param)


def refused(manifest: Manifest) -> list[str]:
    schema = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text("utf-8")))
    return [error.message for error in schema.iter_errors(manifest)]


def test_slacks_schema_accepts_it(manifest: Manifest) -> None:
    assert refused(manifest) == []


def test_it_obeys_the_rules_across_fields(manifest: Manifest) -> None:
    assert manifest_rules.faults(manifest) == []


Change = Callable[[Manifest], Any]
BROKEN: dict[str, Change] = {
    "misspelt": lambda m: m["features"]["slash_commands"][0].update(usagehint="NAME"),
    "a command without a slash": lambda m: m["features"]["slash_commands"][0].update(command="draft"),
    "too little said": lambda m: m["display_information"].update(long_description="Drafts."),
    "an address besides the socket": lambda m: m["features"]["slash_commands"][0].update(url=ADDRESS),
    "nobody to send clicks to": lambda m: m["settings"].update(socket_mode_enabled=False),
    "an event without its scope": lambda m: m["settings"].update(event_subscriptions={"bot_events": ["message.im"]}),
    "an event nobody knows": lambda m: m["settings"].update(event_subscriptions={"bot_events": ["moon_landing"]}),
    "a Home tab that never opens": lambda m: m["features"]["app_home"].update(
        home_tab_enabled=not m["features"]["app_home"]["home_tab_enabled"]
    ),
    "no direct messages": lambda m: m["features"]["app_home"].update(messages_tab_enabled=False),
    "functions without their runtime": lambda m: m.update(
        functions={
            "draft": {"title": "Draft", "description": "Drafts", "input_parameters": {}, "output_parameters": {}}
        }
    ),
    "a name with capitals": lambda m: m["features"]["bot_user"].update(display_name="After Word"),
    "an optional scope that is not asked for": lambda m: m["oauth_config"]["scopes"].update(bot_optional=["im:write"]),
    "commands without their scope": lambda m: m["oauth_config"]["scopes"]["bot"].remove("commands"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_manifest_is_noticed(what: str) -> None:
    broken = copy.deepcopy(read(SOCKET))
    BROKEN[what](broken)
    assert refused(broken) or manifest_rules.faults(broken)


def test_the_two_manifests_do_not_drift() -> None:
    assert HTTP.read_text("utf-8") == written(http_variant(read(SOCKET))), (
        "make it anew: python -m tests.conformance.http_manifest"
    )


# The code they speak for ------------------------------------------------------------------------------------------


@pytest.fixture
def heard(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> Heard:
    """What the bot listens to, taken from Bolt while the real bot is put together."""
    found: Heard = {scheme: set() for scheme in SCHEMES}

    def listen(scheme: str) -> Any:
        original = getattr(App, scheme)

        def noted(app: App, *given: Any, **named: Any) -> Any:
            what = next(iter((*given, *named.values())))
            found[scheme].add(what if isinstance(what, str) else str(getattr(what, "pattern", what)))
            return original(app, *given, **named)

        return noted

    for scheme in SCHEMES:
        monkeypatch.setattr(App, scheme, listen(scheme))
    with fake_slack() as slack:
        work = desk(database, FakeEngines(), tmp_path, Clock())
        given = settings(tmp_path, slack)
        bot = build(
            given,
            database=database,
            clock=Clock(),
            standards=work.standards,
            worker=lambda *told: drafting.Worker(work, *told),
            nightly=False,
        )
        bot.door.stop()
    return found


def test_every_command_event_and_shortcut_is_listened_to_and_no_other(manifest: Manifest, heard: Heard) -> None:
    assert {each["command"] for each in commands(manifest)} == heard["command"]
    assert set(events(manifest)) == heard["event"]
    shortcuts = {each["callback_id"] for each in manifest["features"].get("shortcuts", ())}
    assert shortcuts == heard["shortcut"] | heard["global_shortcut"] | heard["message_shortcut"]
    assert set(manifest.get("functions", {})) == heard["function"]


def called() -> set[str]:
    """The Web API methods that the code calls, by the names that Slack's client has for them."""
    found = set()
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr[:1] != "_" and hasattr(WebClient, node.attr):
                found.add(node.attr)
    methods = {name.replace("_", ".") for name in found if name not in ("files_upload_v2", "api_call")}
    return methods | ({*UPLOAD} if "files_upload_v2" in found else set())


def test_the_scopes_are_those_that_the_code_needs_and_no_others(manifest: Manifest) -> None:
    known = facts.known()["methods"]
    methods = called()
    assert methods <= set(known), "a method that is new here: add it to tests/conformance/facts.py"
    scopes = set(manifest["oauth_config"]["scopes"]["bot"])
    needed = [known[name]["scopes"] for name in methods - WHERE_WANTED if known[name]["scopes"]]
    assert [alternatives for alternatives in needed if not scopes & set(alternatives)] == []
    useful = {scope for alternatives in needed for scope in alternatives} | {"commands"}
    assert scopes - useful - {manifest_rules.EVENTS[event] for event in events(manifest)} == set()
    assert not manifest["oauth_config"]["scopes"].get("user"), "the bot never acts as a person"


def test_the_command_says_how_it_is_used(manifest: Manifest) -> None:
    (command,) = commands(manifest)
    assert command["command"] == cards.COMMAND
    assert command["should_escape"] is False, "names and addresses come as they were typed"


def test_the_page_about_slack_explains_every_scope_and_event(manifest: Manifest) -> None:
    page = (ROOT / "docs" / "slack.md").read_text("utf-8")
    rows = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}
    named = {*manifest["oauth_config"]["scopes"]["bot"], *events(manifest), "connections:write"}
    assert named <= rows
    assert {row for row in rows if ":" in row} <= named, "a scope that is not asked for any more"
    assert ADDRESS in page
