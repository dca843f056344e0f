"""The door: nothing unsigned gets in, nothing malformed becomes a 500, no body reaches the log."""

import contextlib
import http.client
import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.front import LARGEST, Answer, Front, Malformed, parse
from tests.slack import SECRET, command, form, post, signed

SECRET_TEXT = "Dear-Dana-this-is-confidential"


class Door:
    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.front = Front(host="127.0.0.1", port=0, signing_secret=SECRET, answering=self._answer)

    @property
    def port(self) -> int:
        return self.front.port

    def _answer(self, body: dict[str, Any], headers: dict[str, str]) -> Answer:
        self.seen.append(body)
        if body.get("explode"):
            raise RuntimeError(SECRET_TEXT)
        return Answer(200, {"content-type": "application/json"}, '{"ok": true}')


@pytest.fixture(scope="module")
def shared() -> Iterator[Door]:
    door = Door()
    door.front.start()
    yield door
    door.front.stop()


@pytest.fixture
def door(shared: Door) -> Door:
    shared.seen.clear()
    return shared


def test_a_signed_command_gets_in_parsed(door: Door) -> None:
    assert post(door.port, form(command("Dana"))) == (200, '{"ok": true}')
    assert door.seen[0]["text"] == "Dana"


@pytest.mark.parametrize("field", ["text", "user_name", "channel_name", "team_domain"])
def test_the_word_payload_does_not_empty_the_form(door: Door, field: str) -> None:
    post(door.port, form({**command("Dana"), field: "payload capacity"}))
    assert door.seen[0][field] == "payload capacity"


def test_an_interaction_arrives_as_its_json(door: Door) -> None:
    post(door.port, form({"type": "block_actions", "actions": []}))
    assert door.seen == [{"type": "block_actions", "actions": []}]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Request-Timestamp": "abc", "X-Slack-Signature": "v0=00"},
        {"X-Slack-Request-Timestamp": "9" * 400, "X-Slack-Signature": "v0=00"},
        {"X-Slack-Request-Timestamp": "-1", "X-Slack-Signature": "v0=00"},
        {"X-Slack-Request-Timestamp": "1.5", "X-Slack-Signature": "v0=00"},
        {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=é"},
        {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=" + "0" * 64},
        signed(b"something else"),
        signed(f"text={SECRET_TEXT}".encode(), secret="another secret"),
        signed(f"text={SECRET_TEXT}".encode(), stamp=str(int(time.time()) - 400)),
    ],
)
def test_a_missing_wrong_or_old_signature_is_401_and_not_logged(
    door: Door, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    status, _ = post(door.port, f"text={SECRET_TEXT}".encode(), headers)
    assert status == 401
    assert SECRET_TEXT not in caplog.text and not door.seen


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1, 2]",
        b"payload=notjson",
        b"payload=[]",
        b"{" + b'"a":{' * 50_000,
        b"[" * 100_000,
        b"\xff\xfe",
        b"null",
    ],
)
def test_a_signed_malformed_body_is_400_and_not_logged(
    door: Door, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    status, _ = post(door.port, body, {**signed(body), "Content-Type": "application/json"})
    assert status == 400
    assert not door.seen and "Traceback" not in caplog.text


def test_a_failure_behind_the_door_is_logged_by_place_and_without_words(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    status, answer = post(door.port, form({"explode": "1"}))
    assert status == 400 and "reference" in answer
    assert "RuntimeError" in caplog.text and SECRET_TEXT not in caplog.text


def raw_request(port: int, headers: dict[str, str], method: str = "POST", path: str = "/slack/events") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.putrequest(method, path)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("length", "status"),
    [(str(LARGEST + 1), 413), ("9" * 40, 413), ("-5", 411), ("abc", 411), ("²", 411), (None, 411)],
)
def test_a_body_too_large_is_refused_before_it_is_read(door: Door, length: str | None, status: int) -> None:
    headers = {} if length is None else {"Content-Length": length.encode("utf-8").decode("latin-1")}
    assert raw_request(door.port, headers) == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 200),
        ("GET", "/slack/events?ssl_check=1", 200),
        ("GET", "/etc/passwd", 404),
        ("POST", "/elsewhere", 404),
        ("PUT", "/slack/events", 501),
    ],
)
def test_addresses(door: Door, method: str, path: str, status: int) -> None:
    assert raw_request(door.port, {"Content-Length": "0"}, method, path) == status


def test_health_says_ok(door: Door) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=5)
    connection.request("GET", "/health")
    assert json.loads(connection.getresponse().read()) == {"status": "ok"}
    connection.close()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.sampled_from(["application/json", "application/x-www-form-urlencoded", ""]))
def test_parsing_gives_a_dict_or_says_malformed(raw: bytes, content_type: str) -> None:
    with contextlib.suppress(Malformed):
        assert isinstance(parse(raw, content_type), dict)
