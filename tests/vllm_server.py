"""vLLM's routes in front of the real model: the OpenAI chat endpoint and the loading of adapters at run time.

vLLM itself needs a GPU build or an hour of compiling. What is tested with this is our side of the wire; that vLLM
answers in the same way was read in its documentation. To test against a real one, see tests/test_vllm.py.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from model.engine import EngineError, Engines

BASE = "smollm2-135m-instruct"


@dataclass
class Vllm:
    """What the server knows, and what happened to it. `failing` answers so many requests with that code first."""

    engines: Engines
    adapters: dict[str, Path] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    failing: list[int] = field(default_factory=list)
    url: str = ""


@contextmanager
def vllm_server(engines: Engines) -> Iterator[Vllm]:
    state = Vllm(engines)

    class Request(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Silent."""

        def do_GET(self) -> None:
            known = [{"id": BASE, "parent": None}, *({"id": name, "parent": BASE} for name in state.adapters)]
            self._send(200, {"data": known})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            state.asked.append((self.path, body))
            if state.failing:
                self._send(state.failing.pop(0), {"error": {"message": "on purpose"}})
            elif self.path == "/v1/load_lora_adapter":
                known = body["lora_name"] in state.adapters
                said = f"The lora adapter '{body['lora_name']}' has already been loaded."
                state.adapters[body["lora_name"]] = Path(body["lora_path"])
                self._send(400, {"error": {"message": said}}) if known else self._say(f"Success: {body['lora_name']}")
            elif self.path == "/v1/unload_lora_adapter":
                del state.adapters[body["lora_name"]]
                self._say("Success")
            else:
                self._complete(body)

        def _complete(self, body: dict[str, Any]) -> None:
            name = body["model"]
            if name != BASE and name not in state.adapters:
                self._send(404, {"error": {"message": f"The model `{name}` does not exist."}})
                return
            try:
                done = state.engines.complete(
                    body["messages"],
                    adapter=state.adapters.get(name),
                    seed=body["seed"],
                    temperature=body["temperature"],
                    max_tokens=body["max_tokens"],
                    grammar=body.get("structured_outputs", {}).get("grammar", ""),
                )
            except EngineError:
                said = "This model's maximum context length is 1536 tokens."
                self._send(400, {"error": {"message": said}})
                return
            reason = "stop" if done.finished else "length"
            choice = {"message": {"content": done.text}, "finish_reason": reason}
            usage = {"completion_tokens": done.tokens, "prompt_tokens": done.prompt_tokens}
            self._send(200, {"choices": [choice], "usage": usage})

        def _send(self, status: int, answer: dict[str, Any]) -> None:
            self._answer(status, json.dumps(answer).encode())

        def _say(self, text: str) -> None:
            self._answer(200, text.encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Request)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
