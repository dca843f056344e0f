"""What completes messages: llama.cpp in this process, one engine object per adapter.

llama.cpp keeps the adapter in use as state and gives a request without an adapter list every loaded adapter at once.
So an engine object has at most one, fixed when it is made, and no request ever carries a list.
"""

import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any, Protocol, TypedDict

import xllamacpp

from model import adapters
from model.base import Base, describe

log = logging.getLogger(__name__)

CONTEXT = 1536  # tokens per draft: prompt and completion together; each server holds as many in memory
# A draft has a core to itself. llama.cpp's threads wait for each other at every layer, which costs more than a second
# one gains as soon as anything else runs; and two drafts in a batch are slower than one after the other (docs/log.md).
AT_ONCE = min(4, os.cpu_count() or 1)
THREADS = max(1, (os.cpu_count() or 1) // AT_ONCE)
KEPT = 3  # engine objects kept open: the base, the adapter in service, the one before
BASE_PENALTY = 1.15  # llama.cpp's repeat_penalty
# Asked once after loading: a server that is freed before its own thread has begun waits for it for ever (measured).
FIRST_TOKEN = {"prompt": [1], "max_tokens": 1, "cache_prompt": False}
_SILENT = 0  # llama.cpp's verbosity: it would log to stderr


OnWords = Callable[[int], None]


class Message(TypedDict):
    role: str  # system, user or assistant
    content: str


class EngineError(Exception):
    """No draft came back; the sentence says why and never holds the prompt."""


@dataclass(frozen=True)
class Completion:
    """One answer. `finished` is false when the length limit cut it off before the model ended its turn."""

    text: str
    tokens: int
    prompt_tokens: int
    seconds: float
    finished: bool


class LlamaCpp:
    """The base model with one adapter or none: `at_once` llama.cpp servers, each with one draft at a time.

    They share the base's file in memory. With one server nothing is kept between calls and a greedy completion repeats
    bit for bit. With more, what a prompt and the last one begin with is not read again, which may flip a near tie
    between two tokens.
    """

    def __init__(
        self,
        base: Path,
        adapter: Path | None,
        *,
        at_once: int = AT_ONCE,
        threads: int = THREADS,
        context: int = CONTEXT,
    ) -> None:
        """Load `base` (a GGUF file) and `adapter` (a folder). `threads` and `context` (tokens) are those of each draft.

        The folder is not checked here; `Engines` does, and so must who makes an engine of an unknown folder.
        Raises EngineError when llama.cpp cannot load one of them.
        """
        assert at_once > 0 and threads > 0 and context > 0, (at_once, threads, context)
        self._repeatable = at_once == 1
        # The frozen base says the same sentence over and over; an adapter has learned not to, and its slots recur.
        self._penalty = BASE_PENALTY if adapter is None else 1.0
        self._closed = False
        self._parameters = partial(_parameters, base, adapter and adapter / adapters.GGUF, threads, context)
        # The last one used comes first, since it has just read a prompt that begins alike.
        self._idle: LifoQueue[xllamacpp.Server] = LifoQueue()
        self._missing = at_once  # servers that are loaded by whoever finds the others busy
        self._counting = threading.Lock()
        self._names = f"{base.name} with {adapter and adapter.name}"
        self._add()

    def warm(self) -> None:
        """Load every server before it is needed: llama.cpp holds Python's lock meanwhile."""
        while self._add():
            pass

    def complete(
        self,
        messages: list[Message],
        *,
        seed: int,
        temperature: float,
        max_tokens: int,
        grammar: str = "",
        on_words: OnWords | None = None,
    ) -> Completion:
        """Complete the messages by the model's own chat template; temperature 0 is greedy. Safe from any thread.

        `grammar` is what may be written at all, in llama.cpp's GBNF, "" for anything. It costs nothing until the model
        wants to leave it. `on_words` hears, on a thread of the engine's, how many words there are so far.
        Raises EngineError, also when the prompt does not fit the context.
        """
        asked = {
            "messages": messages,
            "seed": seed,
            "temperature": temperature,
            "max_tokens": max_tokens,
            "cache_prompt": not self._repeatable,
            "repeat_penalty": self._penalty,
            "grammar": grammar,
        }
        begun = time.perf_counter()
        answer = self._streamed(asked, on_words) if on_words else self._answer("handle_chat_completions", asked)
        choice, usage = answer["choices"][0], answer["usage"]
        return Completion(
            text=(choice["message"].get("content") or "").strip(),
            tokens=usage["completion_tokens"],
            prompt_tokens=usage["prompt_tokens"],
            seconds=time.perf_counter() - begun,
            finished=choice["finish_reason"] == "stop",
        )

    def next_tokens(self, prompt: list[int], count: int) -> dict[int, float]:
        """Log-probabilities of the `count` likeliest tokens after `prompt` (token ids): the check of an export."""
        asked = {"prompt": prompt, "max_tokens": 1, "temperature": 0.0, "logprobs": count, "n_probs": count}
        answer = self._answer("handle_completions", asked)
        likeliest = answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        return {entry["id"]: entry["logprob"] for entry in likeliest}

    def close(self) -> None:
        """Free the engine. The caller sees to it that no completion is under way."""
        self._closed = True
        self._idle = LifoQueue()

    def __enter__(self) -> "LlamaCpp":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _streamed(self, asked: dict[str, Any], on_words: OnWords) -> dict[str, Any]:
        """The same answer as at one go, put together from its pieces."""
        said: list[str] = []
        last: dict[str, Any] = {}

        def hear(piece: dict[str, Any]) -> None:
            choice = (piece.get("choices") or [{}])[0]
            if text := (choice.get("delta") or {}).get("content"):
                said.append(text)
                on_words(len("".join(said).split()))
            last.update({key: piece[key] for key in ("usage", "error") if piece.get(key)})
            if reason := choice.get("finish_reason"):
                last["choices"] = [{"finish_reason": reason}]

        self._ask("handle_chat_completions", {**asked, "stream": True, "stream_options": {"include_usage": True}}, hear)
        if not last.get("choices") or "usage" not in last:
            raise EngineError(_reason(last.get("error") or {}))
        return {**last, "choices": [{**last["choices"][0], "message": {"content": "".join(said)}}]}

    def _answer(self, method: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Ask llama.cpp. Its errors come back as data, so only an answer with choices counts as one."""
        answer = self._ask(method, asked)
        if not answer.get("choices"):
            raise EngineError(_reason(answer.get("error") or {}))
        return dict(answer)

    def _ask(self, method: str, asked: dict[str, Any], *hear: Callable[[dict[str, Any]], None]) -> Any:
        if self._closed:
            raise EngineError("This engine is closed.")
        server = self._take()
        try:
            return getattr(server, method)(asked, *hear)
        except Exception as error:
            raise EngineError(f"llama.cpp failed ({type(error).__name__}).") from error
        finally:
            self._idle.put(server)

    def _take(self) -> xllamacpp.Server:
        while True:
            try:
                return self._idle.get_nowait()
            except Empty:
                if not self._add():
                    return self._idle.get()

    def _add(self) -> bool:
        """Load one server more; False when there are as many as there may be."""
        with self._counting:
            if not self._missing:
                return False
            self._missing -= 1
        try:
            server = xllamacpp.Server(self._parameters())
        except RuntimeError as error:  # llama.cpp gives no reason
            self._missing += 1
            raise EngineError(f"llama.cpp could not load {self._names}.") from error
        server.handle_completions(FIRST_TOKEN)
        self._idle.put(server)
        return True


def _reason(error: dict[str, Any]) -> str:
    if error.get("type") == "exceed_context_size_error":
        return f"The prompt has {error.get('n_prompt_tokens')} tokens; the engine takes {error.get('n_ctx')}."
    return f"llama.cpp gave no answer (code {error.get('code', 'unknown')})."


def _parameters(base: Path, adapter: Path | None, threads: int, context: int) -> xllamacpp.CommonParams:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(base)
    parameters.n_ctx, parameters.n_parallel = context, 1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    parameters.warmup = False
    parameters.verbosity = _SILENT
    parameters.cache_ram_mib = 0  # prompts of finished drafts are not kept
    # xllamacpp opens an HTTP listener on the loopback. Nobody else on the machine gets an answer from it.
    parameters.api_keys = [secrets.token_hex(32)]
    parameters.endpoint_slots = parameters.endpoint_props = parameters.ui = False
    parameters.n_threads_http = 1
    if adapter:
        lora = xllamacpp.CommonAdapterLoraInfo()
        lora.path, lora.scale = str(adapter), 1.0
        parameters.lora_adapters = [lora]
    return parameters


class Engine(Protocol):
    """One model with one adapter or none, as `Engines` holds it."""

    def complete(
        self,
        messages: list[Message],
        *,
        seed: int,
        temperature: float,
        max_tokens: int,
        grammar: str = "",
        on_words: OnWords | None = None,
    ) -> Completion: ...

    def warm(self) -> None: ...

    def close(self) -> None: ...


@dataclass
class _Seat:
    """An engine object and who uses it. `engine` is None while one thread is still loading it."""

    engine: Engine | None = None
    error: Exception | None = None
    ready: threading.Event = field(default_factory=threading.Event)
    users: int = 0
    used: int = 0  # position in the order of use


class Engines:
    """Every adapter's engine behind one `complete`; the adapter is an argument of the call.

    A new adapter is checked and loaded beside the others while they go on drafting, and once however many callers
    ask for it. The engines least lately used are freed as soon as their last draft is done.
    """

    name = "llamacpp"

    def __init__(self, base: Path, *, at_once: int = AT_ONCE, threads: int = THREADS, context: int = CONTEXT) -> None:
        """Nothing is loaded before the first draft. `base` is a GGUF file, verified by `base.find`."""
        self._path, self._sizes = base, {"at_once": at_once, "threads": threads, "context": context}
        self.at_once = at_once  # drafts that it is worth asking for at a time
        self._base: Base | None = None
        self._seats: dict[Path | None, _Seat] = {}
        self._lock = threading.Lock()
        self._calls = 0
        self._closed = False

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
        """Complete with the adapter in this folder, or with the frozen base for None. Safe from any thread.

        Raises AdapterError when the folder must not serve; the engines that run are not touched by that.
        Raises EngineError when no completion came back.
        """
        with self._engine(adapter) as engine:
            return engine.complete(
                messages,
                seed=seed,
                temperature=temperature,
                max_tokens=max_tokens,
                grammar=grammar,
                on_words=on_words,
            )

    def idle(self) -> int:
        """How many drafts more it could write just now without slowing the others down."""
        with self._lock:
            return max(0, self.at_once - sum(seat.users for seat in self._seats.values()))

    def load(self, adapter: Path | None) -> None:
        """Load ahead of the first draft what drafts at once. Raises AdapterError and EngineError as `complete` does."""
        with self._engine(adapter) as engine:
            engine.warm()

    def close(self) -> None:
        """Let every draft under way finish, free the engines and refuse further calls."""
        with self._lock:
            self._closed = True
            idle = [self._seats.pop(key) for key, seat in list(self._seats.items()) if seat.users == 0]
        _free(idle)  # the others are freed by their last user

    @contextmanager
    def _engine(self, adapter: Path | None) -> Iterator[Engine]:
        seat, first = self._take(adapter)
        try:
            if first:
                self._fill(seat, adapter)
            seat.ready.wait()
            if seat.engine is None:
                assert seat.error is not None
                raise seat.error
            yield seat.engine
        finally:
            _free(self._leave(adapter, seat))

    def _take(self, adapter: Path | None) -> tuple[_Seat, bool]:
        """A seat with this caller counted in, and whether it is this caller who loads it."""
        with self._lock:
            if self._closed:
                raise EngineError("The engines are closed.")
            first = adapter not in self._seats
            seat = self._seats.setdefault(adapter, _Seat())
            self._calls += 1
            seat.users += 1
            seat.used = self._calls
            return seat, first

    def _fill(self, seat: _Seat, adapter: Path | None) -> None:
        try:
            if adapter:
                self._base = self._base or describe(self._path)
                adapters.verify(adapter, self._base)
            seat.engine = LlamaCpp(self._path, adapter, **self._sizes)
        except Exception as error:
            seat.error = error
        finally:
            seat.ready.set()

    def _leave(self, adapter: Path | None, seat: _Seat) -> list[_Seat]:
        """Count this caller out; returns the seats nobody uses and nobody will come back to."""
        with self._lock:
            seat.users -= 1
            if seat.error and self._seats.get(adapter) is seat:
                del self._seats[adapter]  # the next call tries again: the folder may have been repaired
            return self._spare()

    def _spare(self) -> list[_Seat]:
        by_use = sorted(self._seats, key=lambda key: self._seats[key].used, reverse=True)
        unwanted = by_use if self._closed else by_use[KEPT:]
        return [self._seats.pop(key) for key in unwanted if self._seats[key].users == 0]


def _free(seats: list[_Seat]) -> None:
    """Outside the lock, since llama.cpp takes a moment to let go."""
    for seat in seats:
        if seat.engine:
            seat.engine.close()
