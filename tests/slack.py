"""A Slack double that keeps a transcript, and payloads as Slack sends them, signed."""

import copy
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode
from urllib.request import Request, urlopen

from tests.slack_limits import faults_of_home, faults_of_message, faults_of_view

PAYLOADS = Path(__file__).parent / "payloads"
SECRET = "0123456789abcdef"
Call = tuple[str, dict[str, Any]]


class FakeSlack:
    """Answers the Web API and response URLs; refuses what the real one would refuse for its size or shape.

    `replies` holds answers to give first, per method: a dict is the body, an int a status with an empty answer.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.replies: dict[str, list[dict[str, Any] | int]] = {}
        self.retry_after = "1"
        self.faults: list[str] = []
        self._posted = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{self.address}/api/"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def of(self, method: str) -> list[dict[str, Any]]:
        """The arguments of every call of a method, in order."""
        with self._lock:
            return [arguments for name, arguments in self.calls if name == method]

    def answer(self, method: str, arguments: dict[str, Any]) -> dict[str, Any] | int:
        with self._lock:
            self.calls.append((method, arguments))
            if waiting := self.replies.get(method):
                return waiting.pop(0)
            self._posted += 1
            ts = f"1795420800.{self._posted:06d}"
        if faults := self._faults(method, arguments):
            self.faults += faults
            return {"ok": False, "error": "invalid_blocks"}
        return {"ok": True, **self._success(method, arguments, ts)}

    def _faults(self, method: str, arguments: dict[str, Any]) -> list[str]:
        if method in ("chat.postMessage", "chat.update", "response"):
            return [] if arguments.get("delete_original") else faults_of_message(arguments)
        if method == "views.publish":
            return faults_of_home(arguments["view"])
        return faults_of_view(arguments["view"]) if method == "views.open" else []

    def _success(self, method: str, arguments: dict[str, Any], ts: str) -> dict[str, Any]:
        if method == "auth.test":
            bot = {"user": "afterword", "user_id": "U0AFTERWORD", "bot_id": "B0AFTERWORD"}
            return {**bot, "team_id": "T1", "url": "https://acme.slack.com/"}
        if method == "users.info":
            return {
                "user": {"id": arguments["user"], "real_name": "Robin Ames", "profile": {"real_name": "Robin Ames"}}
            }
        channel = arguments.get("channel", "")
        direct = f"D{channel[1:]}" if channel[:1] in ("U", "W") else channel
        return {"channel": direct, "ts": arguments.get("ts", ts)}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        slack = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                method = self.path.removeprefix("/api/") if self.path.startswith("/api/") else "response"
                answer = slack.answer(method, _arguments(body))
                status = answer if isinstance(answer, int) else 200
                content = json.dumps({"ok": False, "error": "ratelimited"} if isinstance(answer, int) else answer)
                self.send_response(status)
                if status == 429:
                    self.send_header("Retry-After", slack.retry_after)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(content.encode())

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def _arguments(body: str) -> dict[str, Any]:
    if body.startswith("{"):
        return dict(json.loads(body))
    fields: dict[str, Any] = dict(parse_qsl(body, keep_blank_values=True))
    return {name: json.loads(value) if name in ("blocks", "view") else value for name, value in fields.items()}


@contextmanager
def fake_slack() -> Iterator[FakeSlack]:
    slack = FakeSlack()
    try:
        yield slack
    finally:
        slack.stop()


# Payloads ---------------------------------------------------------------------------------------------------------


def payload(name: str) -> dict[str, Any]:
    return dict(json.loads((PAYLOADS / f"{name}.json").read_text("utf-8")))


def command(text: str, **changes: str) -> dict[str, Any]:
    """A slash command; each has a trigger of its own, as in Slack."""
    return {**payload("command"), "trigger_id": f"{time.monotonic_ns()}.1", "text": text, **changes}


def click(button: dict[str, Any], *, user: str = "U0ROBIN", **changes: Any) -> dict[str, Any]:
    """A click on a button as it was posted."""
    body = payload("block_actions")
    body["actions"][0] |= {"action_id": button["action_id"], "value": button["value"], "text": button["text"]}
    body["user"]["id"] = user
    return {**body, **changes}


def submission(view: dict[str, Any], texts: dict[str, str | None], *, user: str = "U0ROBIN") -> dict[str, Any]:
    """A submitted modal; inputs that `texts` leaves out keep what stood in them."""
    body = payload("view_submission")
    values = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            value = texts.get(block["block_id"], element.get("initial_value"))
            values[block["block_id"]] = {element["action_id"]: {"type": "plain_text_input", "value": value}}
    body["view"] |= {**copy.deepcopy(view), "state": {"values": values}}
    body["user"]["id"] = user
    return body


def opened_home(*, user: str = "U0ROBIN", **event: Any) -> dict[str, Any]:
    """Somebody opens App Home; `view` is there from the second time on."""
    body = payload("app_home_opened")
    body["event"] |= {"user": user, **event}
    return body


def home_click(element: dict[str, Any], *, user: str = "U0ROBIN", hash: str = "1.a", **action: Any) -> dict[str, Any]:
    """A click in App Home: there is a view, and neither a channel nor an address to answer to."""
    body = payload("block_actions")
    for key in ("channel", "message", "response_url"):
        del body[key]
    chosen = {"action_id": element["action_id"], "type": element["type"], **action}
    if "value" in element:
        chosen |= {"value": element["value"], "text": element["text"]}
    body["actions"] = [{**chosen, "block_id": "b", "action_ts": "1795420860.123456"}]
    body["container"] = {"type": "view", "view_id": "V0HOME"}
    body["view"] = {"id": "V0HOME", "type": "home", "hash": hash, "blocks": [], "state": {"values": {}}}
    body["user"]["id"] = user
    return body


def signed(raw: bytes, *, secret: str = SECRET, stamp: str | None = None) -> dict[str, str]:
    """Slack's signature headers for a body."""
    stamp = stamp or str(int(time.time()))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def form(body: dict[str, Any]) -> bytes:
    """A command goes as a plain form, an interaction as JSON in the field `payload`, an event as JSON."""
    if body.get("type") == "event_callback":
        return json.dumps(body).encode()
    fields = {"payload": json.dumps(body)} if "type" in body else body
    return urlencode(fields).encode()


def post(port: int, raw: bytes, headers: dict[str, str] | None = None, path: str = "/slack/events") -> tuple[int, str]:
    """Send a body to the bot's HTTP address, signed unless headers are given; returns status and answer."""
    sent = {"Content-Type": "application/x-www-form-urlencoded", **(signed(raw) if headers is None else headers)}
    request = Request(f"http://127.0.0.1:{port}{path}", data=raw, headers=sent)
    try:
        with urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()
