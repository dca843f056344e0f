"""Examples to a candidate adapter: a plain training loop, started from the base every time."""

import ctypes
import gc
import hashlib
import json
import math
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from model import adapters
from model.base import Base
from model.engine import LlamaCpp
from model.examples import Example, Tokenizer, Tokens
from model.network import Network, Packed, Row

RANK, ALPHA = 16, 32.0
FROZEN = 0.5  # of the layers, from below
LEARNING_RATE = 3e-3
WARM_UP = 0.06  # of the steps
BATCH = 4  # examples per step: with few pairs, many steps teach more than large ones (docs/log.md)
EPOCHS = 8  # more than that and a set is learned by heart …
FEWEST_STEPS = 48  # … but with fewer steps than this a very small one is not learned at all
LONGEST = 1024  # tokens per example; a longer one would not fit the engine's context either
TOKENS_AT_ONCE = 1000  # in the network at a time, over all threads; bounds the memory
GRAIN = 32  # tokens that an example's length is rounded up to
CLIP = 1.0  # of the gradient's norm
# The check of the export against llama.cpp, see export_distance; about 3 seconds.
EXPORT_EXAMPLES, EXPORT_TOKENS, EXPORT_LIKELIEST = 2, 24, 20
EXPORT_TOLERANCE = 0.12


class TrainingError(Exception):
    """Training could not start or went wrong; the sentence says at which step and why. Nothing was written."""


@dataclass(frozen=True)
class Step:
    """Progress after one optimizer step. `loss` is the weighted mean per target token of that step."""

    step: int
    steps: int
    loss: float
    tokens_per_second: float
    seconds_left: float


@dataclass(frozen=True)
class Training:
    """What a run did; stored in the adapter's manifest."""

    examples: int
    steps: int
    batch: int
    epochs: float
    tokens: int  # trained, prompts included
    seconds: float
    tokens_per_second: float
    first_loss: float
    last_loss: float  # mean of the last tenth of the steps
    dtype: str
    seed: int


def refine(
    examples: Sequence[Example],
    base: Base,
    copy: Path,
    parent: Path,
    *,
    name: str,
    minutes: float,
    seed: int,
    progress: Callable[[Step], None],
    threads: int | None = None,
) -> Path:
    """Train an adapter within `minutes` and write it as the folder `parent/name`, verified; returns the folder.

    `copy` is `base.training_copy`. Steps are planned from the measured speed, so the learning rate always comes down
    to zero within the time. Raises TrainingError, and AdapterError when the folder cannot be written.
    """
    network, training = train(examples, copy, minutes=minutes, seed=seed, progress=progress, threads=threads)
    facts = {"training": asdict(training), "examples_sha256": fingerprint(examples)}
    folder = adapters.write(parent, name, network.tensors(), base, rank=RANK, alpha=ALPHA, facts=facts)
    rows = [network.row(Tokenizer(copy).tokens(example)) for example in examples[:EXPORT_EXAMPLES]]
    if (apart := export_distance(network, rows, base, folder)) > EXPORT_TOLERANCE:
        shutil.rmtree(folder)
        raise TrainingError(f"llama.cpp is {apart:.2f} nats away from the trained network: the export is wrong.")
    del network
    gc.collect()  # PEFT's modules refer to each other; the held-out drafts need the room
    return folder


@torch.no_grad()
def export_distance(network: Network, rows: Sequence[Row], base: Base, folder: Path) -> float:
    """How far llama.cpp with the exported adapter is from the network that was trained, in nats per token.

    Teacher-forced: at each place of the completions, the log-probability of the network's favourite in both. The
    base's quantised products alone leave 0.04 to 0.06; rows of q and k in the wrong order leave several times that.
    """
    apart: list[float] = []
    with closing(LlamaCpp(base.path, folder, at_once=2, context=LONGEST)) as engine:
        for row in rows:
            logits = network.logits(pack([row])).log_softmax(-1)[:EXPORT_TOKENS]
            for place, (own, favourite) in enumerate(zip(*logits.max(-1), strict=True)):
                read = row.tokens.ids[: row.tokens.prompt + place]
                likely = engine.next_tokens(read, EXPORT_LIKELIEST)
                apart.append(abs(own.item() - likely.get(int(favourite), -math.inf)))
    return sum(min(x, 10.0) for x in apart) / len(apart)


def train(
    examples: Sequence[Example],
    copy: Path,
    *,
    minutes: float,
    seed: int,
    progress: Callable[[Step], None],
    threads: int | None = None,
) -> tuple[Network, Training]:
    """The loop alone: returns the trained network and what was done. Raises TrainingError."""
    begun = time.perf_counter()
    _prepare(seed)
    tokenizer = Tokenizer(copy)
    learned = [
        row for row in map(tokenizer.tokens, examples) if len(row.ids) <= LONGEST and sum(row.weights) * row.share > 0
    ]
    if not learned:
        raise TrainingError(f"None of {len(examples)} examples can be trained on: all are too long or have no weight.")
    dtype = _faster_dtype()
    network = Network(copy, rank=RANK, alpha=ALPHA, dtype=dtype, frozen=FROZEN)
    threads = threads or len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        rows = list(pool.map(network.row, learned))
        loop = _Loop(network, rows, random.Random(seed), begun + minutes * 60, pool, threads)
        loop.run(progress)
    training = loop.training(begun, str(dtype).removeprefix("torch."), seed)
    return network, training


def fingerprint(examples: Sequence[Example]) -> str:
    """SHA-256 over the examples in their order: which examples an adapter has seen."""
    lines = (json.dumps(asdict(example), sort_keys=True, ensure_ascii=False) for example in examples)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def pack(rows: Sequence[Row]) -> Packed:
    """Lay examples end to end; what all of them begin with is kept once. The shared part holds prompt tokens only.

    Lengths are rounded to multiples of GRAIN, with tokens at the end of an example that nothing looks at: oneDNN
    prepares and keeps a kernel for every new size.
    """
    shared = _common([row.tokens for row in rows]) // GRAIN * GRAIN if len(rows) > 1 else 0
    states, positions, rests = [rows[0].states[:shared]], list(range(shared)), []
    targets: list[int] = []
    labels: list[int] = []
    weights: list[float] = []
    for row, tokens in ((row, row.tokens) for row in rows):
        start, length = len(positions) - shared, len(tokens.ids)  # `start` is where the row's token 0 would lie
        rests.append(-(-(length - shared) // GRAIN) * GRAIN)
        blank = shared + rests[-1] - length
        states += [row.states[shared:], row.states.new_zeros(blank, row.states.shape[1])]
        positions += range(shared, length + blank)
        targets += range(start + tokens.prompt - 1, start + length - 1)
        labels += tokens.ids[tokens.prompt :]
        weights += tokens.weights
    return Packed(
        states=torch.cat(states),
        positions=torch.tensor(positions),
        shared=shared,
        rests=rests,
        targets=torch.tensor(targets),
        labels=torch.tensor(labels),
        weights=torch.tensor(weights),
    )


def _common(rows: Sequence[Tokens]) -> int:
    """Tokens that all rows begin with, short of the last prompt token, whose output every row learns from itself."""
    least, most = min(row.ids for row in rows), max(row.ids for row in rows)
    same = next((i for i, (a, b) in enumerate(zip(least, most, strict=False)) if a != b), len(least))
    return min(same, min(row.prompt for row in rows) - 1)


def _prepare(seed: int) -> None:
    torch.set_num_threads(1)  # the loop has threads of its own
    torch.manual_seed(seed)
    with suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).mallopt(-3, 2**20)  # M_MMAP_THRESHOLD, which would grow by itself: larger tensors go back


def _faster_dtype() -> torch.dtype:
    """bfloat16 only where this CPU's large products are clearly faster in it: an AMD EPYC gains, a Xeon lost 40%."""
    seconds = {}
    for dtype in (torch.float32, torch.bfloat16):
        a, b = torch.ones(1024, 576, dtype=dtype), torch.ones(576, 3072, dtype=dtype)
        times = []
        for _ in range(6):
            begun = time.perf_counter()
            a @ b
            times.append(time.perf_counter() - begun)
        seconds[dtype] = min(times)
    return torch.bfloat16 if seconds[torch.bfloat16] < 0.7 * seconds[torch.float32] else torch.float32


class _Loop:
    """AdamW over shuffled batches, with as many steps as the time allows.

    A batch is shared out to threads that each compute alone. OpenMP inside each product is as fast on an idle
    machine, but its threads wait for each other some thousand times a step: beside one other busy process
    that fell from 450 to 30 tokens a second.
    """

    def __init__(
        self,
        network: Network,
        rows: list[Row],
        order: random.Random,
        deadline: float,
        pool: ThreadPoolExecutor,
        threads: int,
    ) -> None:
        self._network, self._rows, self._order, self._deadline = network, rows, order, deadline
        self._pool, self._threads = pool, threads
        self._optimizer = torch.optim.AdamW(network.parameters, lr=LEARNING_RATE, weight_decay=0.0, fused=True)
        self._batch = min(BATCH, len(rows))
        # Shares are relative: whoever has past emails alone, of which none counts fully, trains on them as often.
        passes = EPOCHS * sum(row.tokens.share for row in rows) / max(row.tokens.share for row in rows)
        self._most = self._steps = max(FEWEST_STEPS, int(passes) // self._batch)
        self._losses: list[float] = []
        self._tokens = self._examples = 0
        self._started = time.perf_counter()

    def run(self, progress: Callable[[Step], None]) -> None:
        for rows in self._batches():
            loss = self._step(rows)
            done, spent = len(self._losses) + 1, time.perf_counter() - self._started
            self._losses.append(loss)
            self._tokens += sum(len(row.states) for row in rows)
            self._examples += len(rows)
            self._plan(done, spent / done)
            left = (self._steps - done) * spent / done
            progress(Step(done, self._steps, loss, self._tokens / spent, left))
            if done >= self._steps:
                return

    def training(self, begun: float, dtype: str, seed: int) -> Training:
        tail = self._losses[-max(1, len(self._losses) // 10) :]
        return Training(
            examples=len(self._rows),
            steps=len(self._losses),
            batch=self._batch,
            epochs=round(self._examples / len(self._rows), 2),
            tokens=self._tokens,
            seconds=round(time.perf_counter() - begun, 1),
            tokens_per_second=round(self._tokens / (time.perf_counter() - self._started), 1),
            first_loss=round(self._losses[0], 4),
            last_loss=round(sum(tail) / len(tail), 4),
            dtype=dtype,
            seed=seed,
        )

    def _batches(self) -> Iterator[list[Row]]:
        """Pass after pass in a new order; a row of little weight sits most passes out, which costs no time."""
        waiting: list[Row] = []
        while True:
            rows = self._order.sample(self._rows, len(self._rows))
            waiting += [row for row in rows if self._order.random() < row.tokens.share]
            while len(waiting) >= self._batch:
                yield waiting[: self._batch]
                del waiting[: self._batch]

    def _plan(self, done: int, seconds_per_step: float) -> None:
        """As many steps as there is time for, up to the epochs; the learning rate comes down to zero with the last."""
        affordable = done + max(0, int((self._deadline - time.perf_counter()) / seconds_per_step))
        self._steps = max(done, min(self._most, affordable))

    def _step(self, rows: list[Row]) -> float:
        step = len(self._losses)
        warm, left = (step + 1) / max(1, WARM_UP * self._steps), 1 - step / self._steps
        for group in self._optimizer.param_groups:
            group["lr"] = LEARNING_RATE * min(1.0, warm, left)
        loss = self._gradients(rows)
        norm = torch.nn.utils.clip_grad_norm_(self._network.parameters, CLIP)
        if not (math.isfinite(loss) and math.isfinite(norm.item())):
            raise TrainingError(f"Step {step + 1} of {self._steps} gave a loss of {loss} with gradient {norm.item()}.")
        self._optimizer.step()
        self._optimizer.zero_grad()
        return loss

    def _gradients(self, rows: list[Row]) -> float:
        """Set the gradients of the weighted mean loss, each thread with its own share of the rows."""
        weight = sum(sum(row.tokens.weights) for row in rows)
        losses, gradients = zip(
            *self._pool.map(partial(self._share, weight=weight), _shares(rows, self._threads)), strict=True
        )
        for parameter, *parts in zip(self._network.parameters, *gradients, strict=True):
            parameter.grad = torch.stack(parts).sum(0) if len(parts) > 1 else parts[0]
        return sum(losses)

    def _share(self, rows: list[Row], *, weight: float) -> tuple[float, Sequence[Tensor]]:
        """Loss and gradients of some rows, in as many passes as the memory asks for."""
        total, sums = 0.0, [torch.zeros_like(parameter) for parameter in self._network.parameters]
        for part in _passes(rows, TOKENS_AT_ONCE // self._threads):
            loss, gradients = self._network.gradients(pack(part), scale=1 / weight)
            torch._foreach_add_(sums, gradients)
            total += loss
        return total, sums


def _shares(rows: list[Row], count: int) -> list[list[Row]]:
    """Rows dealt out so that the shares have about the same number of tokens; none is empty."""
    shares: list[list[Row]] = [[] for _ in range(min(count, len(rows)))]
    for row in sorted(rows, key=lambda row: len(row.states), reverse=True):
        min(shares, key=lambda share: sum(len(r.states) for r in share)).append(row)
    return shares


def _passes(rows: list[Row], most: int) -> Iterator[list[Row]]:
    """Parts of at most so many tokens; a longer row goes alone."""
    part: list[Row] = []
    for row in rows:
        if part and sum(len(r.states) for r in part) + len(row.states) > most:
            yield part
            part = []
        part.append(row)
    yield part
