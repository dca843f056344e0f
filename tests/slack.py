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

from bot.cards.rights import NOT_INSTALLED
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
        self.accepted: list[tuple[str, dict[str, Any], str]] = []  # with the ts of the message
        self.replies: dict[str, list[dict[str, Any] | int]] = {}
        self.retry_after = "1"
        self.faults: list[str] = []
        self.people: dict[str, dict[str, Any]] = {}  # what users.info says of somebody beyond the usual
        self.bearers: list[tuple[str, str]] = []  # method and token of every call
        self.lists: dict[str, list[str]] = {}  # who is in a user group or a channel, by its id
        self.shared: set[str] = set()  # the channels that another organisation reads
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
        with self._lock:
            self.accepted.append((method, arguments, arguments.get("ts", ts)))
        return {"ok": True, **self._success(method, arguments, ts)}

    def _faults(self, method: str, arguments: dict[str, Any]) -> list[str]:
        if method in ("chat.postMessage", "chat.update", "response"):
            if arguments.get("text") == NOT_INSTALLED:  # Bolt says this one itself, as plain text
                return []
            return [] if arguments.get("delete_original") else faults_of_message(arguments)
        if method == "views.publish":
            return faults_of_home(arguments["view"])
        return faults_of_view(arguments["view"]) if method in ("views.open", "views.update") else []

    def _success(self, method: str, arguments: dict[str, Any], ts: str) -> dict[str, Any]:
        if method == "auth.test":
            bot = {"user": "afterword", "user_id": "U0AFTERWORD", "bot_id": "B0AFTERWORD"}
            return {**bot, "team_id": "T1", "url": "https://acme.slack.com/"}
        if method == "users.info":
            return {"user": member(arguments["user"], **self.people.get(arguments["user"], {}))}
        if method == "usergroups.users.list":
            return {"users": self.lists[arguments["usergroup"]]}
        if method == "conversations.members":
            return {"members": self.lists[arguments["channel"]], "response_metadata": {"next_cursor": ""}}
        if method in ("views.open", "views.update"):
            view_id = arguments.get("view_id", f"V{ts}")
            return {"view": {**arguments["view"], "id": view_id, "hash": f"{ts}.hash", "state": {"values": {}}}}
        channel = arguments.get("channel", "")
        if method == "conversations.info":
            return {"channel": {"id": channel, "is_ext_shared": channel in self.shared}}
        direct = f"D{channel[1:]}" if channel[:1] in ("U", "W") else channel
        return {"channel": direct, "ts": arguments.get("ts", ts)}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        slack = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                method = self.path.removeprefix("/api/") if self.path.startswith("/api/") else "response"
                slack.bearers.append((method, (self.headers["authorization"] or "").removeprefix("Bearer ")))
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


def member(user_id: str, **changes: Any) -> dict[str, Any]:
    """A full member of T1, with the fields that Slack's own page on the user object lists for one."""
    usual = {
        "id": user_id,
        "team_id": "T1",
        "name": "robin.ames",
        "deleted": False,
        "real_name": "Robin Ames",
        "profile": {"real_name": "Robin Ames"},
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": False,
        "is_app_user": False,
    }
    return {**usual, **changes}


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


def chosen(menu: dict[str, Any], text: str, *, user: str = "U0ROBIN", **changes: Any) -> dict[str, Any]:
    """An entry of an overflow menu, picked by what it says."""
    option = next(option for option in menu["options"] if option["text"]["text"] == text)
    body = payload("block_actions")
    action = {"type": "overflow", "action_id": menu["action_id"], "block_id": "decision", "selected_option": option}
    body["actions"] = [{**action, "action_ts": body["actions"][0]["action_ts"]}]
    body["user"]["id"] = user
    return {**body, **changes}


def inside(view: dict[str, Any], action: dict[str, Any], **state: Any) -> dict[str, Any]:
    """A click or a choice in an open modal; `state` is what stands in it, by block."""
    body = payload("block_actions")
    for key in ("message", "channel", "response_url"):
        del body[key]
    body |= {"view": opened(view, state), "container": {"type": "view", "view_id": view["id"]}, "trigger_id": "t.1"}
    body["actions"] = [{"block_id": "block", "action_ts": "1795420860.123456", **action}]
    return body


def suggestion(view: dict[str, Any], action_id: str, typed: str) -> dict[str, Any]:
    """The question for options that Slack asks while somebody types."""
    container = {"type": "view", "view_id": view["id"]}
    known = {"action_id": action_id, "block_id": "contact", "value": typed, "container": container}
    return {**payload("block_suggestion"), **known, "view": opened(view, {})}


def shortcut(callback_id: str, text: str | None = None, **message: Any) -> dict[str, Any]:
    """A shortcut: on a message with this text, or without one from anywhere."""
    trigger = {"trigger_id": f"{time.monotonic_ns()}.1", "callback_id": callback_id}
    if text is None:
        return {**payload("shortcut"), **trigger}
    body = {**payload("message_action"), **trigger}
    body["message"] |= {"text": text, **message}
    return body


def opened(view: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    """A modal as payloads carry it, with what stands in it: what it began with, or what `state` says by block."""
    values = {
        block["block_id"]: {block["element"]["action_id"]: _begun(block["element"])}
        for block in view["blocks"]
        if block["type"] == "input"
    }
    for block_id, value in state.items():
        (action_id,) = values[block_id]
        values[block_id][action_id] |= value
    return {**payload("view_submission")["view"], **copy.deepcopy(view), "state": {"values": values}}


def _begun(element: dict[str, Any]) -> dict[str, Any]:
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": element.get("initial_value")}
    if kind == "conversations_select":
        return {"type": kind, "selected_conversation": None}
    return {"type": kind, "selected_option": element.get("initial_option")}


def submitted(view: dict[str, Any], **state: Any) -> dict[str, Any]:
    """A modal with selects, submitted; `state` by block, as Slack has it."""
    return {**payload("view_submission"), "view": opened(view, state)}


def submission(view: dict[str, Any], texts: dict[str, str | None], *, user: str = "U0ROBIN") -> dict[str, Any]:
    """A submitted modal; inputs that `texts` leaves out keep what stood in them."""
    body = payload("view_submission")
    values = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            value = texts.get(block["block_id"], element.get("initial_value"))
            state: dict[str, Any] = {"type": element["type"], "value": value}
            if "options" in element:
                picked = [option for option in element["options"] if option["value"] == value]
                state = {"type": element["type"], "selected_option": picked[0] if picked else None}
            values[block["block_id"]] = {element["action_id"]: state}
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
