"""What completes messages on other machines: vLLM servers behind their OpenAI-compatible API.

The interface is that of `Engines`. An adapter is loaded into a server when that server first says that it does not know
it, so a server that was restarted or added later needs nothing else. Its folder has to be readable under the same path
on every server. docs/scaling.md says how a server is started.
https://docs.vllm.ai/en/latest/features/lora/
"""

import json
import logging
import threading
import time
import urllib.error
import urllib.request
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model import adapters
from model.base import Base, describe
from model.engine import BASE_PENALTY, Completion, EngineError, Message, OnWords

log = logging.getLogger(__name__)

ANSWER_SECONDS = 60.0  # for one draft; a server that is only busy makes requests wait in its own queue
PATIENCE_SECONDS = 30.0  # until one of the servers answers at all
PAUSE_SECONDS = 0.5  # before all are asked again; doubled each time
AT_ONCE = 8  # drafts at a time for each server, which batches them
KEPT = 64  # adapters loaded in one server; the least lately used goes when there are more
BUSY = {429, 502, 503, 504}


class _NotNow(Exception):
    """This server cannot answer at the moment; another one, or the same one later, may."""


class _Unknown(Exception):
    """This server does not have the model that was asked for."""


class _Already(Exception):
    """This server has the adapter already: another draft asked for it in the same moment."""


@dataclass
class _Server:
    url: str
    base: str = ""  # the name that the server gives its base model
    loaded: OrderedDict[str, None] = field(default_factory=OrderedDict)  # adapters, the last used at the end
    lock: threading.Lock = field(default_factory=threading.Lock)


class Vllm:
    """Every adapter on every server behind one `complete`, which is safe from any thread."""

    name = "vllm"

    def __init__(
        self,
        base: Path,
        urls: Sequence[str],
        *,
        patience: float = PATIENCE_SECONDS,
        tick: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`base` is the GGUF file that adapters are checked against; `urls` are addresses such as http://gpu1:8000."""
        assert urls, "no server"
        self._path, self._servers = base, [_Server(url.rstrip("/")) for url in urls]
        self.at_once = AT_ONCE * len(urls)
        self._base: Base | None = None
        self._patience, self._tick, self._sleep = patience, tick, sleep
        self._turn = 0
        self._lock = threading.Lock()

    def idle(self) -> int:
        """Nothing is known of the servers' other work, so nothing is drafted that may not be needed."""
        return 0

    def complete(
        self,
        messages: list[Message],
        *,
        adapter: Path | None,
        seed: int,
        temperature: float,
        max_tokens: int,
        grammar: str = "",
        on_words: OnWords | None = None,
    ) -> Completion:
        """Complete on the next server that answers. Raises EngineError, and AdapterError as `Engines.complete` does.

        `on_words` hears nothing before the whole draft: one that a server gives up on is begun anew on the next one.
        """
        asked: dict[str, Any] = {
            "messages": messages,
            "seed": seed,
            "temperature": temperature,
            "max_tokens": max_tokens,
            "repetition_penalty": BASE_PENALTY if adapter is None else 1.0,
        }
        if grammar:
            asked["structured_outputs"] = {"grammar": grammar}
        begun = time.perf_counter()
        answer = self._somewhere(lambda server: self._completed(server, adapter, asked))
        choice, usage = answer["choices"][0], answer["usage"]
        text = (choice["message"].get("content") or "").strip()
        if on_words:
            on_words(len(text.split()))
        return Completion(
            text=text,
            tokens=usage["completion_tokens"],
            prompt_tokens=usage["prompt_tokens"],
            seconds=time.perf_counter() - begun,
            finished=choice["finish_reason"] == "stop",
        )

    def load(self, adapter: Path | None) -> None:
        """Load ahead of the first draft into every server that answers. Raises AdapterError."""
        for server in self._servers:
            try:
                if adapter:
                    self._load(server, adapter)
                else:
                    self._base_name(server)
            except _NotNow as trouble:
                log.warning("%s: %s", server.url, trouble)

    def close(self) -> None:
        """Nothing is held: the servers are somebody else's."""

    # Which server ---------------------------------------------------------------------------------------------

    def _somewhere(self, ask: Callable[[_Server], dict[str, Any]]) -> dict[str, Any]:
        """The first answer, asking each server in turn, all of them again after a pause, until patience ends."""
        until, pause, trouble = self._tick() + self._patience, PAUSE_SECONDS, ""
        while True:
            for server in self._in_turn():
                try:
                    return ask(server)
                except _NotNow as reason:
                    trouble = f"{server.url}: {reason}"
                    log.warning("vLLM at %s", trouble)
            if self._tick() + pause > until:
                raise EngineError(f"No vLLM server answers ({trouble}). Look at AFTERWORD_VLLM_URL and at their logs.")
            self._sleep(pause)
            pause *= 2

    def _in_turn(self) -> list[_Server]:
        with self._lock:
            self._turn += 1
            first = self._turn % len(self._servers)
        return self._servers[first:] + self._servers[:first]

    # One server -----------------------------------------------------------------------------------------------

    def _completed(self, server: _Server, adapter: Path | None, asked: dict[str, Any]) -> dict[str, Any]:
        model = adapter.name if adapter else self._base_name(server)
        try:
            answer = _post(server, "/v1/chat/completions", {**asked, "model": model})
        except _Unknown:
            if adapter is None:
                server.base = ""  # it serves another model since
                model = self._base_name(server)
            else:
                self._load(server, adapter)
            answer = _post(server, "/v1/chat/completions", {**asked, "model": model})
        if adapter:
            self._used(server, adapter.name)
        if not answer.get("choices"):
            raise EngineError(f"vLLM at {server.url} gave an answer without a draft.")
        return answer

    def _base_name(self, server: _Server) -> str:
        if not server.base:
            listed = _ask(server, "/v1/models", None).get("data") or []
            server.base = next((str(each["id"]) for each in listed if not each.get("parent")), "")
        if not server.base:
            raise _NotNow("it lists no model")
        return server.base

    def _load(self, server: _Server, adapter: Path) -> None:
        self._base = self._base or describe(self._path)
        adapters.verify(adapter, self._base)
        try:
            _post(server, "/v1/load_lora_adapter", {"lora_name": adapter.name, "lora_path": str(adapter)})
        except _Already:
            return
        except _Unknown:
            hint = "start it with --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True"
            raise EngineError(f"vLLM at {server.url} does not load adapters: {hint}.") from None

    def _used(self, server: _Server, name: str) -> None:
        with server.lock:
            server.loaded[name] = None
            server.loaded.move_to_end(name)
            spare = [server.loaded.popitem(last=False)[0] for _ in range(len(server.loaded) - KEPT)]
        for old in spare:
            try:
                _post(server, "/v1/unload_lora_adapter", {"lora_name": old})
            except (_NotNow, _Unknown, EngineError) as trouble:
                log.warning("%s keeps adapter %s: %s", server.url, old, trouble)


def _post(server: _Server, path: str, body: dict[str, Any]) -> dict[str, Any]:
    return _ask(server, path, json.dumps(body).encode())


def _ask(server: _Server, path: str, body: bytes | None) -> dict[str, Any]:
    """One request. Raises _NotNow, _Unknown, or EngineError for what no server would answer better."""
    request = urllib.request.Request(server.url + path, data=body, headers={"content-type": "application/json"})
    try:
        with _DIRECT.open(request, timeout=ANSWER_SECONDS) as answer:
            read = answer.read()
    except urllib.error.HTTPError as error:
        raise _refusal(server, error) from None
    except (OSError, TimeoutError) as error:
        raise _NotNow(str(getattr(error, "reason", None) or error or type(error).__name__)) from None
    try:
        parsed = json.loads(read)
    except ValueError:
        return {}  # loading an adapter is answered by a sentence
    return parsed if isinstance(parsed, dict) else {}


def _refusal(server: _Server, error: urllib.error.HTTPError) -> Exception:
    """What a status means. The server's own words may quote the prompt, so only the code goes on."""
    said = error.read()
    if error.code == 404:
        return _Unknown()
    if error.code in BUSY:
        return _NotNow(f"it answers {error.code}")
    if b"already been loaded" in said:
        return _Already()
    if b"context length" in said:
        return EngineError("The prompt and the draft do not fit the model's context.")
    return EngineError(f"vLLM at {server.url} refused the request (code {error.code}).")


_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the servers stand in the same network
