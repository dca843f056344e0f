"""Takes down whatever the bot says to Slack while tests run: one JSON line per new shape, in a temporary file.

Everything leaves by one of three doors of Slack's own libraries (a Web API call, a response URL, the answer to a
request) or comes from a builder in `bot/cards`. Those are watched from here, so the product knows nothing of it and a
new card is watched without a word. A text is of no interest to a type checker: two messages that differ only in their
texts are one shape. Limits depend on texts, so they are checked on the spot, each time.
"""

import functools
import importlib
import inspect
import json
import os
import pkgutil
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web.base_client import BaseClient
from slack_sdk.webhook import WebhookClient

import bot.cards
from tests.conformance import payloads
from tests.slack_limits import faults

RECORDING = "AFTERWORD_TEST_RECORDING"  # names the file, also to the processes that a journey starts
TELLING = {"type", "style", "response_type", "response_action"}  # where the text itself is part of the shape


@dataclass(frozen=True)
class Emitted:
    """One thing that was said: a method's name, `ack:` and what was answered, `response_url`, or `cards.` and a name.

    `refused` is the error that the call got. `received:` and a payload's kind is what the bot was told by a test; its
    arguments are the payload's keys.
    """

    kind: str
    arguments: dict[str, Any]
    faults: list[str] = field(default_factory=list)
    test: str = ""
    refused: str | None = None


class Somebody(WebClient):
    """A client in a test's own hands: what it says is not what the bot says."""


class Recorder:
    """Appends to a file that several processes may share: a line is one write."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._out = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._seen: set[Any] = set()
        self._lock = threading.Lock()

    def take(self, kind: str, arguments: dict[str, Any], *, refused: str | None = None, **context: Any) -> None:
        try:
            found = faults(kind, arguments, **context)
        except Exception as error:  # so odd that it cannot be measured; it must not stop the bot
            found = [f"not understood: {error!r}"]
        key = (kind, refused, tuple(found), shape(arguments))
        with self._lock:
            if key in self._seen:
                return
            self._seen.add(key)
        test = os.environ.get("PYTEST_CURRENT_TEST", "a process of its own").split(" ")[0]
        said = Emitted(kind, arguments, found, test, refused)
        os.write(self._out, (json.dumps(asdict(said)) + "\n").encode())


def shape(value: Any, key: str = "") -> Any:
    """What remains when texts and numbers are taken out; the order and number of list items do not count."""
    if isinstance(value, dict):
        return tuple((name, shape(value[name], name)) for name in sorted(value))
    if isinstance(value, list | tuple):
        return frozenset(shape(one) for one in value)
    if isinstance(value, str) and key in TELLING:
        return value
    return type(value).__name__


def recorded(path: Path) -> list[Emitted]:
    return [Emitted(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def start(path: Path, *, told: bool) -> Recorder:
    """Watch every door from now on. `told`: also what the bot is told."""
    recorder = Recorder(path)
    _watch_calls(recorder)
    _watch_response_urls(recorder)
    _watch_answers(recorder, told=told)
    _watch_builders(recorder)
    return recorder


def _watch_calls(recorder: Recorder) -> None:
    original = BaseClient.api_call

    @functools.wraps(original)
    def api_call(client: BaseClient, api_method: str, **how: Any) -> Any:
        if isinstance(client, Somebody):
            return original(client, api_method, **how)
        arguments = _arguments(how)
        try:
            answer = original(client, api_method, **how)
        except SlackApiError as error:
            response = error.response
            recorder.take(api_method, arguments, refused=None if isinstance(response, dict) else response.get("error"))
            raise
        except Exception:
            recorder.take(api_method, arguments)
            raise
        recorder.take(api_method, arguments)
        return answer

    BaseClient.api_call = api_call  # type: ignore[method-assign]


def _arguments(how: dict[str, Any]) -> dict[str, Any]:
    """What the caller gave; the SDK packs lists and objects into text where it sends a form."""
    given = {**(how.get("data") or {}), **(how.get("params") or {}), **(how.get("json") or {})}
    packed = {name: _unpacked(value) for name, value in given.items() if value is not None and name != "token"}
    return json.loads(json.dumps(packed, default=str))


def _unpacked(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value[:2] in ("[{", '{"') else value


def _watch_response_urls(recorder: Recorder) -> None:
    original = WebhookClient.send_dict

    @functools.wraps(original)
    def send_dict(client: WebhookClient, body: dict[str, Any], *more: Any, **how: Any) -> Any:
        recorder.take("response_url", {name: value for name, value in body.items() if value is not None})
        return original(client, body, *more, **how)

    WebhookClient.send_dict = send_dict  # type: ignore[method-assign]


def _watch_answers(recorder: Recorder, *, told: bool) -> None:
    original = App.dispatch

    @functools.wraps(original)
    def dispatch(app: App, req: Any) -> Any:
        if told:
            recorder.take(f"received:{payloads.kind(req.body)}", dict.fromkeys(payloads.paths(req.body), True))
        answer = original(app, req)
        if answer.status == 200 and answer.body and answer.body.startswith("{"):
            asked = "command" if req.body.get("command") else req.body.get("type", "")
            inputs = [block for block in (req.body.get("view") or {}).get("blocks") or () if block["type"] == "input"]
            fields = [block.get("block_id") for block in inputs]
            recorder.take(f"ack:{asked}", json.loads(answer.body), fields=fields)
        return answer

    App.dispatch = dispatch  # type: ignore[method-assign]


def _watch_builders(recorder: Recorder) -> None:
    """Put a watched twin in the place of every public function of `bot/cards`, wherever it was imported by name."""
    modules = [importlib.import_module(name) for name in _card_modules()]
    twins = {
        function: _watched(recorder, function)
        for module in modules
        for name, function in vars(module).items()
        if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
    }
    for module in [module for name, module in sys.modules.items() if name == "bot" or name.startswith("bot.")]:
        for name, value in list(vars(module).items()):
            if inspect.isfunction(value) and value in twins:
                setattr(module, name, twins[value])


def _card_modules() -> Iterator[str]:
    yield bot.cards.__name__
    for found in pkgutil.walk_packages(bot.cards.__path__, "bot.cards."):
        yield found.name


def _watched(recorder: Recorder, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def twin(*given: Any, **named: Any) -> Any:
        built = function(*given, **named)
        if is_whole(built):
            recorder.take(f"cards.{function.__name__}", built)
        return built

    return twin


def is_whole(built: Any) -> bool:
    """A message or a view, not a part of one."""
    return isinstance(built, dict) and "blocks" in built and ("text" in built or built.get("type") in ("modal", "home"))
