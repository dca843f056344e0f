"""Drives the local Slack emulator and the real `afterword serve` behind it, as a person at a keyboard would."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from websocket import create_connection

from bot import emulator, progress, sample_company
from bot.emulator import LOOPBACK, Child, Slack
from bot.settings import Settings, load
from storage import queries
from storage.database import Database
from tests.conformance.recorder import RECORDING
from tests.running import free_port, until
from tests.slack_limits import elements

Message = dict[str, Any]
READY_SECONDS = 60.0
WAIT_SECONDS = 180.0  # a cold model on a busy machine takes its time


@dataclass
class Workspace:
    """The emulated workspace; `people` act in it through the control address and the page's own socket."""

    port: int
    slack: Slack = field(default_factory=Slack)

    def command(self, text: str, *, user: str | None = None, command: str = "/draft-followup") -> float:
        """Type a command; the seconds until the bot had acknowledged it."""
        began = time.perf_counter()
        self._post("command", command=command, text=text, channel=self.slack.channel, user=user or self.slack.marketer)
        return time.perf_counter() - began

    def messages(self, channel: str | None = None) -> list[Message]:
        found = emulator.state(self.port, f"messages/{channel or self.slack.channel}")
        return list(found["messages"]) if found else []

    def message(self, fits: Callable[[Message], bool], seconds: float = WAIT_SECONDS) -> Message:
        """The newest message that fits, as soon as there is one."""
        try:
            return until(lambda: next(filter(fits, reversed(self.messages())), None), seconds)
        except AssertionError as error:
            log = emulator.state(self.port, "log") or {"log": []}
            last = "\n".join(str(entry) for entry in log["log"][-12:])
            raise AssertionError(f"{error}; the emulator's last entries:\n{last}") from None

    def card(self, after: str = "", seconds: float = WAIT_SECONDS) -> Message:
        """The newest card that waits for a decision, posted after the message `after`."""
        return self.message(lambda message: message["ts"] > after and "Edit" in buttons(message), seconds)

    def settle(self, card: Message, text: str) -> Message:
        """Let an email out: the draft where its card offers that, otherwise `text` in its place; the closed card."""
        if "Approve" in buttons(card):
            self.click(card, "Approve")
        else:
            self.click(card, "Edit")
            assert self.submit({"subject": "The next step", "body": text}) == {}
        return self.message(lambda message: message["ts"] == card["ts"] and closed(message))

    def click(self, message: Message, button: str, *, user: str | None = None) -> None:
        pressed = buttons(message)[button]
        block = next(
            block
            for block in message["blocks"]
            if pressed in block.get("elements", []) or block.get("accessory") == pressed
        )
        action = {"type": "button", "value": pressed["value"], "text": pressed["text"]}
        self._interact(message, block.get("block_id", "block"), pressed["action_id"], action, user)

    def choose(self, message: Message, entry: str, *, user: str | None = None) -> None:
        """An entry of the message's menu."""
        menu = next(each for each in elements(message["blocks"]) if each["type"] == "overflow")
        option = next(option for option in menu["options"] if option["text"]["text"] == entry)
        action = {"type": "overflow", "selected_option": option}
        self._interact(message, "decision", menu["action_id"], action, user)

    def _interact(
        self, message: Message, block_id: str, action_id: str, action: dict[str, Any], user: str | None
    ) -> None:
        named = {"action_id": action_id, "block_id": block_id, **action}
        who = user or self.slack.marketer
        self._post("interact", channel=message["channel"], messageTs=message["ts"], user=who, action=named)

    def form(self) -> float:
        """Type the command alone, and close the form again; the seconds until it was there, complete."""
        with closing(create_connection(f"ws://{LOOPBACK}:{self.port}/ui", timeout=10)) as page:
            page.recv()
            began = time.perf_counter()
            self.command("")
            while "submit" not in (json.loads(page.recv()).get("stack") or [{}])[-1]:
                pass
            took = time.perf_counter() - began
            page.send(json.dumps({"t": "view_close", "user": self.slack.marketer}))
        return took

    def modal(self) -> dict[str, Any] | None:
        """The modal that is open, if one is."""
        with closing(create_connection(f"ws://{LOOPBACK}:{self.port}/ui", timeout=10)) as page:
            stack = json.loads(page.recv())["state"]["modalStack"]
        return dict(stack[-1]) if stack else None

    def submit(self, texts: Mapping[str, str | dict[str, Any]], *, user: str | None = None) -> dict[str, str]:
        """Fill the open modal's inputs by block id and submit it; the errors at its fields, if any.

        A text is typed; an option is chosen.
        """
        view = until(self.modal)
        values = {
            block["block_id"]: {block["element"]["action_id"]: _state(block["element"], texts[block["block_id"]])}
            for block in view["blocks"]
            if block.get("block_id") in texts
        }
        with closing(create_connection(f"ws://{LOOPBACK}:{self.port}/ui", timeout=10)) as page:
            page.recv()
            page.send(json.dumps({"t": "view_submit", "user": user or self.slack.marketer, "values": values}))
            while True:
                said = json.loads(page.recv())
                if said["t"] == "view_errors":
                    return dict(said["errors"])
                if said["t"] == "view":
                    return {}

    def _post(self, what: str, **body: Any) -> None:
        content = json.dumps(body).encode()
        request = Request(f"http://{LOOPBACK}:{self.port}/_control/{what}", data=content)
        request.add_header("content-type", "application/json")
        with urlopen(request, timeout=30) as answer:
            assert json.load(answer)["ok"]


def _state(element: dict[str, Any], value: str | dict[str, Any]) -> dict[str, Any]:
    """What a filled element says: a text that is typed, an option, or one of several options by its value."""
    if isinstance(value, dict):
        return {"type": element["type"], "selected_option": value}
    if "options" not in element:
        return {"type": element["type"], "value": value}
    option = next(option for option in element["options"] if option["value"] == value)
    return {"type": element["type"], "selected_option": option}


def closed(message: Message) -> bool:
    """Whether a card has been decided; for ten seconds it can still be undone."""
    return not buttons(message).keys() - {"Undo"}


def buttons(message: Message) -> dict[str, dict[str, Any]]:
    """A message's buttons by what they say."""
    return {each["text"]["text"]: each for each in elements(message.get("blocks") or []) if each["type"] == "button"}


def texts(message: Message) -> str:
    """Everything a message says."""
    return json.dumps(message.get("blocks"), ensure_ascii=False)


@dataclass
class Journey:
    """A workspace, the bot that serves it, and the rows behind both."""

    workspace: Workspace
    database: Database
    home: Path
    environment: dict[str, str]
    bot: Child


@contextmanager
def journey(home: Path, *, http: bool = False, seed: bool = True) -> Iterator[Journey]:
    """The emulator and `afterword serve` as processes of their own, in Socket Mode or over signed HTTP."""
    settings = _settings(home)
    slack = Slack()
    slack_port, bot_port = free_port(), free_port()
    address = f"http://{LOOPBACK}:{bot_port}/slack/events" if http else None
    environment = {
        **settings.child_environment(),
        "SLACK_API_URL": f"http://{LOOPBACK}:{slack_port}/api/",
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": "" if http else slack.app_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "PORT": str(bot_port),
        "AFTERWORD_STATUS_AT": str(free_port()),
        "AFTERWORD_LOG": "json",
        "AFTERWORD_CONTROL_SHARE": "0",  # a journey that waits for the adapter's draft must not draw the base's lot
    }
    with ExitStack() as started:
        database = started.enter_context(closing(Database(settings.database)))
        _prepare(database, settings, slack, seed=seed)
        program = emulator.find(load().cache, progress.console.print)
        configured = emulator.configuration(slack, request_url=address)
        playing = emulator.start(program, configured, port=slack_port, folder=home / "slack")
        started.callback(playing.end)
        bot = serve(environment, home)
        started.callback(bot.end)
        ready = _answers(bot_port) if http else _connected(slack_port)
        until(lambda: bot.returncode is not None or ready(), READY_SECONDS)
        assert bot.returncode is None, bot.log.read_text("utf-8")
        yield Journey(Workspace(slack_port, slack), database, home, environment, bot)


def serve(environment: dict[str, str], home: Path) -> Child:
    """The real thing, as `make run` starts it; what it says to Slack is taken down where the tests ask for that."""
    recording = os.environ.get(RECORDING)
    module = ["tests.conformance.recorded", recording] if recording else ["bot"]
    return Child([sys.executable, "-m", *module, "serve"], log=home / "serve.log", environment=environment)


def _settings(home: Path) -> Settings:
    """A home of its own, which shares the downloads with everybody else."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "cache").symlink_to(load().cache)
    return Settings(_env_file=None, home=home, timezone="Europe/Berlin")  # type: ignore[call-arg]


def _prepare(database: Database, settings: Settings, slack: Slack, *, seed: bool) -> None:
    database.migrate()
    with database.writing() as session:
        workspace = queries.workspace_for_team(session, team_id=slack.team_id, name=slack.workspace)
    assert workspace.id is not None
    if seed:
        sample_company.seed(
            database,
            home=settings.home,
            workspace_id=workspace.id,
            zone=settings.timezone,
            now=datetime.now(UTC),
            bar=progress.bar,
        )


def _connected(slack_port: int) -> Callable[[], bool]:
    def look() -> bool:
        log = emulator.state(slack_port, "log") or {"log": []}
        return any("socket connected" in entry["summary"] for entry in log["log"])

    return look


def _answers(bot_port: int) -> Callable[[], bool]:
    def look() -> bool:
        try:
            with urlopen(f"http://{LOOPBACK}:{bot_port}/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    return look
