"""A small HTTP server for what operators ask: health and metrics. Nothing on it changes anything."""

import logging
import threading
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bot.front import Page

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 10


class StatusPort:
    """Serves pages by their address. Raises OSError where the port cannot be used."""

    def __init__(self, host: str, port: int, pages: Mapping[str, Page]) -> None:
        self._server = _Server((host, port), _Request)
        self._server.pages = pages
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="status", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    pages: Mapping[str, Page]
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.warning("a connection to the status port broke off")


class _Request(BaseHTTPRequestHandler):
    server: _Server
    timeout = PATIENCE_SECONDS
    server_version = "Afterword"
    sys_version = ""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        page = self.server.pages.get(path)
        if page is None:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", "Here are /healthz, /readyz and /metrics.\n")
            return
        try:
            answer = page(query, dict(self.headers.items()))
        except Exception as error:  # the database is away, for one
            log.warning("%s cannot be answered: %s", path, type(error).__name__)
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", "This cannot be answered now.\n")
            return
        self._send(answer.status, answer.headers["content-type"], answer.body)

    def _send(self, status: int, kind: str, body: str) -> None:
        content = body.encode("utf-8")
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: a look every few seconds is nothing to note."""
