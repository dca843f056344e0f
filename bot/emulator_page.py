"""The emulator's web page, with what a reviewer needs and it lacks.

local-slack 0.1.8 draws a multiline input as a single line, which drops every paragraph of an edited email, shows
plain text without its line breaks and `&amp;` as five characters, rich text not at all, and knows no times for their
reader. The page is one file, so the demo serves its own copy with those mended, on the loopback address only; it talks
to the emulator over a
WebSocket as the original does.
"""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

STYLE = """<style>
.plain { white-space: pre-wrap }
.bk-plain-input { max-width: none; box-sizing: border-box; line-height: 1.45 }
.modal { width: min(680px, 94vw); max-width: none }
.bk-section { display: flex; gap: 16px; justify-content: space-between; align-items: flex-start }
.bk-section > button { flex: none }
</style>"""
INPUT = re.compile(r'jsx\("input",\{(className:"bk-plain-input",placeholder:\(\w+=(\w+)\.placeholder\))')
UNKNOWN = re.compile(
    r'default:return (\w+)\.jsxs\("div",\{className:"bk-unknown",children:\["\[",(\w+)\.type,"\]"\]\}\)'
)
RICH_TEXT = (
    r'case"rich_text":return \1.jsx("div",{className:"plain",children:\2.elements.map((s,i)=>\1.jsx("div",{children:'
    r's.elements.map((e,n)=>\1.jsx((e.style||{}).strike?"s":(e.style||{}).bold?"b":"span",{children:e.text},n))},i))});'
    r"\g<0>"
)
HINT = "try /echo hi"
ESCAPING = '.replace(/&/g,"&amp;")'
TIMES = r""".replace(/<!date\^\d+\^[^|>]*\|([^>]*)>/g,"$1")"""
ENTITIES = TIMES + r""".replace(/&(?!(?:amp|lt|gt);)/g,"&amp;").replace(/&lt;/g,"&#60;").replace(/&gt;/g,"&#62;")"""


def mended(page: str, *, emulator: str, hint: str) -> str:
    """The page, talking to `emulator` (host:port); a place that is not found is left as it is."""
    page = page.replace("${location.host}/ui", f"{emulator}/ui")
    page = INPUT.sub(r'jsx(\2.multiline?"textarea":"input",{rows:\2.multiline?14:void 0,\1', page)
    page = UNKNOWN.sub(RICH_TEXT, page)
    page = page.replace(ESCAPING, ENTITIES)
    page = page.replace(HINT, f"try {hint}")
    return page.replace("</head>", f"{STYLE}</head>", 1)


class Page:
    """Serves the mended page on 127.0.0.1."""

    def __init__(self, page: str, *, port: int) -> None:
        content = page.encode("utf-8")

        class Request(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("content-type", "text/html; charset=utf-8")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Silent: the demo's terminal is for the demo."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Request)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="page", daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()
