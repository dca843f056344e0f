"""The door for Slack's signed HTTP requests, in front of Bolt.

Bolt alone answers 500 to odd headers, reads JSON before it looks at the signature, writes refused bodies to the log,
and loses form bodies that contain the word "payload" without such a field. So the raw bytes are measured, verified and
parsed here, and Bolt gets a dict. No body is ever logged.
"""

import hashlib
import hmac
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl

log = logging.getLogger(__name__)

LARGEST = 1 << 20
PATIENCE_SECONDS = 10  # for a slow sender
SIGNED_FOR_SECONDS = 300
EVENTS = "/slack/events"
HEALTH = "/health"


@dataclass(frozen=True)
class Answer:
    """What goes back to Slack."""

    status: int
    headers: Mapping[str, str]
    body: str


Answering = Callable[[dict[str, Any], dict[str, str]], Answer]
Page = Callable[[str, dict[str, str]], Answer]  # the query and the headers of a browser's request
Hook = Callable[[bytes, "Headers"], Answer]  # the raw body and the headers of somebody else's call


class Headers(Protocol):
    """What is asked of a request's headers, whose names come in any case."""

    def get(self, name: str, /) -> str | None: ...


class Malformed(Exception):
    """A verified body that is not what Slack sends."""


class Front:
    """The HTTP server; `answering` gets the parsed body and the headers of a verified request.

    `pages` are for browsers, by their address: nobody signs a request for them. `hooks` are for calls that others than
    Slack sign; each verifies its own.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        signing_secret: str,
        answering: Answering,
        pages: Mapping[str, Page] | None = None,
        hooks: Mapping[str, Hook] | None = None,
    ) -> None:
        self._server = _Server((host, port), _Request)
        self._server.secret = signing_secret
        self._server.answering = answering
        self._server.pages = pages or {}
        self._server.hooks = hooks or {}
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="http", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Take no new requests and finish those in hand."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    secret: str
    answering: Answering
    pages: Mapping[str, Page]
    hooks: Mapping[str, Hook]
    request_queue_size = 128
    daemon_threads = False  # server_close waits for the requests in hand

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke off. The default would print it to the terminal, whatever it says."""
        log.warning("a connection to %s broke off", EVENTS)


class _Request(BaseHTTPRequestHandler):
    server: _Server
    timeout = PATIENCE_SECONDS
    server_version = "Afterword"
    sys_version = ""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if page := self.server.pages.get(path):
            self._answer(lambda headers: page(query, headers))
        elif self.path == HEALTH:
            self._send(HTTPStatus.OK, '{"status": "ok"}', {"content-type": "application/json"})
        elif path == EVENTS:
            self._send(HTTPStatus.OK)  # Slack looks now and then whether the certificate is good
        else:
            self._send(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        hook = self.server.hooks.get(self.path)
        if hook is None and self.path.partition("?")[0] != EVENTS:
            self._refuse(HTTPStatus.NOT_FOUND, "no such address")
            return
        raw = self._body()
        if raw is None:
            return
        if hook is not None:
            self._answer(lambda _: hook(raw, self.headers))
            return
        if not signed(raw, self.headers, self.server.secret, time.time()):
            self._refuse(HTTPStatus.UNAUTHORIZED, "the signature is missing, wrong or too old")
            return
        try:
            body = parse(raw, self.headers.get("content-type", ""))
        except Malformed as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
            return
        self._answer(lambda headers: self.server.answering(body, headers))

    def _body(self) -> bytes | None:
        """The raw bytes, or None once the request has been refused."""
        length = self.headers.get("content-length", "")
        if not (length.isascii() and length.isdigit()):
            self._refuse(HTTPStatus.LENGTH_REQUIRED, "no content length")
            return None
        if len(length) > 9 or int(length) > LARGEST:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large")
            return None
        try:
            raw = self.rfile.read(int(length))
        except OSError:
            self.close_connection = True
            return None
        if len(raw) < int(length):
            self._refuse(HTTPStatus.BAD_REQUEST, "the body ended early")
            return None
        return raw

    def _answer(self, answering: Callable[[dict[str, str]], Answer]) -> None:
        try:
            answer = answering(dict(self.headers.items()))
        except Exception as error:
            reference = secrets.token_hex(4)
            log.error("a request failed (%s), reference %s", type(error).__name__, reference)
            self._refuse(HTTPStatus.BAD_REQUEST, f"not understood, reference {reference}")
            return
        self._send(answer.status, answer.body, answer.headers)

    def _refuse(self, status: HTTPStatus, reason: str) -> None:
        self.close_connection = True  # an unread body must not be taken for the next request
        log.warning("refused a request to %s with %d: %s", EVENTS, status, reason)
        self._send(status, reason)

    def _send(self, status: int, body: str = "", headers: Mapping[str, str] | None = None) -> None:
        content = body.encode("utf-8")
        try:
            self.send_response(status)
            for name, value in (headers or {"content-type": "text/plain; charset=utf-8"}).items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: what matters is logged above, without anything the sender wrote."""


def signed(raw: bytes, headers: Headers, secret: str, now: float) -> bool:
    """Whether Slack signed these bytes within the last five minutes. Headers of any shape are a no, not an error."""
    stamp = headers.get("x-slack-request-timestamp") or ""
    given = headers.get("x-slack-signature") or ""
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 13) or abs(now - int(stamp)) > SIGNED_FOR_SECONDS:
        return False
    expected = "v0=" + hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def parse(raw: bytes, content_type: str) -> dict[str, Any]:
    """A body as Slack sends it: JSON, a form with JSON in its `payload` field, or a plain form.

    Raises Malformed for everything else.
    """
    try:
        text = raw.decode("utf-8")
        if "application/json" in content_type.lower() or text.startswith("{"):
            body = json.loads(text)
        else:
            form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=200))
            body = json.loads(form["payload"]) if "payload" in form else form
    except (ValueError, RecursionError):
        raise Malformed("the body cannot be read") from None
    if not isinstance(body, dict) or not body:
        raise Malformed("the body holds nothing")
    return body
