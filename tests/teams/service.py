"""Microsoft's side as far as the bot meets it: the connector service that it calls, and a client that calls the bot."""

import itertools
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote
from urllib.request import Request, urlopen

from tests.teams.schema import card_faults

TENANT = "7e57ab1e-0000-4000-8000-000000000001"
ROBIN = "0f1e2d3c-0000-4000-8000-00000000a001"
INGRID = "0f1e2d3c-0000-4000-8000-00000000a002"
VISITOR = "0f1e2d3c-0000-4000-8000-00000000a003"
PEOPLE: dict[str, dict[str, Any]] = {
    ROBIN: {"name": "Robin Ames", "tenantId": TENANT, "userRole": "user"},
    INGRID: {"name": "Ingrid Holm", "tenantId": TENANT, "userRole": "user"},
    VISITOR: {"name": "Vic Visitor", "tenantId": TENANT, "userRole": "guest"},
}
CHAT = "a:1robin"
GROUP = "19:group@thread.v2"

Message = dict[str, Any]


class Service:
    """Keeps every message that the bot sends, by its id, as it stands now. `failing` answers the next posts."""

    def __init__(self, bot: int) -> None:
        self.bot = f"http://127.0.0.1:{bot}/api/messages"
        self.messages: dict[str, Message] = {}
        self.faults: list[str] = []
        self.failing: list[int] = []
        self.people = {user: dict(known) for user, known in PEOPLE.items()}
        self._ids = itertools.count(1)
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    # What the bot calls -------------------------------------------------------------------------------------------

    def called(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        _, _, conversation, what, *rest = unquote(path).strip("/").split("/")
        if what == "members":
            found = [self._member(user) for user in self.people]
            one = next((each for each in found if rest and each["id"] == rest[0]), None)
            return (200, one or found) if one or not rest else (404, {})
        if method == "DELETE":
            return (200, self.messages.pop(rest[0], {}))
        if self.failing and method == "POST":
            return self.failing.pop(0), {}
        self.faults += [fault for each in body["attachments"] for fault in card_faults(each["content"])]
        message = rest[0] if method == "PUT" else f"m{next(self._ids)}"
        self.messages[message] = {**body, "conversation": conversation, "id": message}
        return 200, {"id": message}

    def _member(self, user: str) -> dict[str, Any]:
        return {"id": f"29:{user}", "aadObjectId": user, **self.people[user]}

    def _handler(service: "Service") -> type[BaseHTTPRequestHandler]:  # a handler has a self of its own
        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                status, answer = service.called(self.command, self.path, json.loads(body or b"{}"))
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            do_GET = do_POST = do_PUT = do_DELETE = _answer

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    # What people do -----------------------------------------------------------------------------------------------

    def activity(self, user: str, conversation: str, **more: Any) -> dict[str, Any]:
        kind = "personal" if conversation.startswith("a:") else "groupChat"
        return {
            "id": f"in{next(self._ids)}",
            "channelId": "msteams",
            "serviceUrl": self.url,
            "from": {"id": f"29:{user}", "aadObjectId": user, "name": self.people[user]["name"]},
            "recipient": {"id": "28:bot", "name": "Afterword"},
            "conversation": {"id": conversation, "conversationType": kind, "tenantId": TENANT},
            "channelData": {"tenant": {"id": TENANT}},
            **more,
        }

    def sent(self, activity: dict[str, Any], **headers: str) -> tuple[float, Any]:
        """Send it to the bot: how long the answer took, and what it was."""
        given = {"content-type": "application/json", **headers}
        began = time.monotonic()
        with urlopen(Request(self.bot, json.dumps(activity).encode(), given), timeout=20) as answer:
            body = answer.read()
        return time.monotonic() - began, json.loads(body) if body else None

    def say(self, text: str, user: str = ROBIN, conversation: str = CHAT, **more: Any) -> None:
        self.sent(self.activity(user, conversation, type="message", text=text, **more))

    def press(self, message: Message, title: str, user: str = ROBIN, card: Any = None, **inputs: str) -> Any:
        """Press a button of a message, or of the form that took its place; the answer's value."""
        action = next(each for each in buttons(card or content(message)) if each["title"] == title)
        pressed = {**action, "data": {**action["data"], **inputs}}
        activity = self.activity(
            user,
            message["conversation"],
            type="invoke",
            name="adaptiveCard/action",
            replyToId=message["id"],
            value={"action": pressed, "trigger": "manual"},
        )
        return self.sent(activity)[1]["value"]


def content(message: Message) -> Any:
    return message["attachments"][0]["content"]


def buttons(card: Any) -> list[dict[str, Any]]:
    return [action for element in card["body"] for action in element.get("actions", [])]


def titles(card: Any) -> list[str]:
    return [action["title"] for action in buttons(card)]


def words(card: Any) -> str:
    """Everything that a card says, a line each."""
    lines = (element.get("inlines", []) for element in card["body"])
    return "\n".join("".join(run["text"] for run in line) for line in lines)
