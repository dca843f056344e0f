"""The whole way in Microsoft's local client for Teams, with the real bot and the real base model."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from websocket import create_connection

from bot.emulator import EmulatorError
from bot.settings import Settings
from bot.teams import demo, playground
from tests.conftest import CACHE
from tests.running import free_port, until
from tests.teams.schema import card_faults
from tests.teams.service import buttons, titles, words

HONEST = "Hi Joost,\n\nShall we settle the next step on Tuesday at 10?\n\nIngrid"


class Client:
    """What a person does in the page, by the addresses that the page uses."""

    def __init__(self, port: int) -> None:
        self._port = port
        found = playground.configuration(port)
        assert found
        self.person, self.chat = found["currentUser"], found["personalChat"]["id"]
        self._socket = create_connection(f"ws://localhost:{port}/_ws_conversation/v1/conversations/stream", timeout=60)
        self.messages: dict[str, Any] = {}

    def say(self, text: str) -> None:
        message = {"from": {"id": self.person["id"]}, "text": text, "textFormat": "plain"}
        self._post(f"_conversation/v1/conversations/{self.chat}/messages", message)

    def press(self, message: str, action: dict[str, Any], **inputs: str) -> Any:
        value = {"action": {**action, "data": {**action["data"], **inputs}}, "trigger": "manual"}
        sender = {"id": self.person["id"], "name": self.person["name"], "aadObjectId": self.person["aadObjectId"]}
        invoke = {"name": "adaptiveCard/action", "value": value, "from": sender}
        return self._post(
            "_conversation/v1/invoke", {**invoke, "conversation": {"id": self.chat}, "replyToId": message}
        )

    def shown(self, title: str) -> tuple[str, Any]:
        """The message, and its card, once it has such a button."""
        while True:
            said = json.loads(self._socket.recv())
            message = said.get("message") or {}
            for attachment in message.get("attachments") or []:
                if title in titles(attachment["content"]):
                    return str(message.get("messageId") or message["id"]), attachment["content"]

    def _post(self, path: str, body: Any) -> Any:
        given = {"content-type": "application/json"}
        with urlopen(Request(f"http://localhost:{self._port}/{path}", json.dumps(body).encode(), given)) as answer:
            read = answer.read()
        return json.loads(read) if read else None


@pytest.fixture
def playing(tmp_path: Path) -> Iterator[Client]:
    (tmp_path / "cache").symlink_to(CACHE)
    port = free_port()
    settings = Settings(_env_file=None, home=tmp_path, PORT=port)  # type: ignore[call-arg]
    with ExitStack() as started:
        try:
            playground.find(settings.cache, print)
        except EmulatorError as reason:
            pytest.skip(str(reason))
        demo.start(settings, started)
        yield Client(port)


def test_a_message_becomes_a_card_and_an_edit_becomes_a_pair(playing: Client, tmp_path: Path) -> None:
    playing.say(demo.EXAMPLE)
    message, card = playing.shown("Edit")
    assert card_faults(card) == []
    assert "Joost Hendriks" in words(card) and "Written by a language model" in words(card)
    edit = next(each for each in buttons(card) if each["title"] == "Edit")
    form = playing.press(message, edit)["value"]
    submit = next(each for each in buttons(form) if each["title"] == "Approve this text")
    answer = playing.press(message, submit, **{"subject|text": "The next step", "body|text": HONEST})["value"]
    assert "Edited and approved by Alex Wilber" in words(answer)

    def pairs() -> list[tuple[str, str]]:
        with closing(sqlite3.connect(tmp_path / "afterword.sqlite3")) as database:
            return database.execute("SELECT verdict, final FROM pair WHERE source = 'review'").fetchall()

    ((verdict, final),) = until(pairs)
    assert verdict == "edited" and final.endswith(HONEST)
