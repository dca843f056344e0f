"""How fast it drafts and trains, beside what people would use instead and beside the machine's own limit, in one run.

    python -m tests.benchmarks.speed [--quick] [--json]

The rivals need TRL (`pip install -e '.[bench]'`). Nothing else should run meanwhile.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import torch
import xllamacpp

from bot.settings import load
from model import adapters, pairs, refine
from model import base as base_model
from model.brief import Brief
from model.compose import Composed, compose
from model.dequantised import PROJECTIONS, shape
from model.engine import CONTEXT, FIRST_TOKEN, THREADS, Engines, LlamaCpp, Message, _parameters
from model.examples import Example, Tokenizer, Tokens
from model.network import Network
from model.pairs import Pair
from model.prompt import messages
from model.weights import Weights
from tests.benchmarks.report import Figure, main
from tests.benchmarks.sweep import VOICE, briefs
from tests.personas import warm

HELD_OUT = 12
TOGETHER = 8
RIVAL_WARM_UP = 2
BARE = 120  # tokens that bare llama.cpp is asked for
PEAK_SHAPE = 512, 576, 1536  # tokens, and the base's own sizes


@dataclass(frozen=True)
class Bench:
    """What is drafted from and learned from, the same for both sides."""

    base: base_model.Base
    copy: Path
    place: Path
    briefs: list[Brief]
    examples: list[Example]
    steps: int

    def rival(self, name: str, task: dict[str, Any]) -> dict[str, Any]:
        """Run a rival in a process of its own; its answer."""
        (self.place / "task.json").write_text(json.dumps({**task, "copy": str(self.copy)}), "utf-8")
        command = [sys.executable, "-m", "tests.benchmarks.rivals", name, str(self.place)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer


def measure(quick: bool) -> list[Figure]:
    cache = load().cache
    base = base_model.find(load().base_model, cache, progress=_quiet)
    with TemporaryDirectory() as place:
        known = [brief for _, brief in briefs(4)]
        bench = Bench(
            base=base,
            copy=base_model.training_copy(base, cache, progress=_quiet),
            place=Path(place),
            briefs=known,
            examples=_examples(known),
            steps=12 if quick else 24,
        )
        adapter, training = _training(bench)
        return [*training, *_drafting(bench, adapter, 4 if quick else 10), *_together(bench, adapter)]


def _examples(known: Sequence[Brief]) -> list[Example]:
    """What `warm` would have written, every word of it new."""
    rows = []
    for number, brief in enumerate(known):
        facts = brief.model_dump(mode="json")
        rows.append(
            Pair(number, brief.account, "edited", brief, None, warm.edit("", facts, random.Random(number)), brief.at)
        )
    return pairs.examples(rows, VOICE)


# Training ------------------------------------------------------------------------------------------------------------


def _training(bench: Bench) -> tuple[Path, list[Figure]]:
    """Ours and TRL's, same examples, steps and rank; and the products that this machine could do in that time."""
    learn, held = bench.examples[:-HELD_OUT], bench.examples[-HELD_OUT:]
    tokenizer = Tokenizer(bench.copy)
    rows, tests = [list(map(tokenizer.tokens, part)) for part in (learn, held)]
    refine.FEWEST_STEPS, epochs = bench.steps, refine.EPOCHS
    refine.EPOCHS = 0  # so that there are exactly the fewest steps
    network, training = refine.train(learn, bench.copy, minutes=60, seed=1, progress=lambda _: None)
    adapter = adapters.write(
        bench.place, "speed", network.tensors(), bench.base, rank=refine.RANK, alpha=refine.ALPHA, facts={}
    )
    prepared = _prepared(network, rows)
    ours = 1 / (1 / training.tokens_per_second + 1 / (prepared * epochs))  # once in all passes of a night
    theirs = bench.rival(
        "sft",
        {
            "folder": str(bench.place / "sft"),
            "examples": [(row.ids, row.prompt) for row in rows],
            "held_out": [(row.ids, row.prompt) for row in tests],
            "dtype": training.dtype,
            "rank": refine.RANK,
            "alpha": refine.ALPHA,
            "batch": refine.BATCH,
            "steps": bench.steps,
            "rate": refine.LEARNING_RATE,
            "warm_up": max(1, round(refine.WARM_UP * bench.steps)),
        },
    )
    peak = _peak(getattr(torch, training.dtype))
    return adapter, [
        Figure("train_tokens_per_s", ours, "tokens/s", 0.0, least=True),
        Figure("train_vs_trl", ours / theirs["tokens_per_second"], "x", 3.2, least=True),
        Figure("train_loss_vs_trl", _loss(network, tests) / theirs["held_out_loss"], "", 1.02),
        Figure("train_vs_bound", training.tokens_per_second * _work(bench.base, rows) / peak, "", 0.55, least=True),
    ]


def _prepared(network: Network, rows: Sequence[Tokens]) -> float:
    """Tokens per second through the layers that stay as they are."""
    some = rows[: HELD_OUT * 2]
    threads = len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        begun = time.perf_counter()
        list(pool.map(network.row, some))
        return sum(len(row.ids) for row in some) / (time.perf_counter() - begun)


@torch.no_grad()
def _loss(network: Network, tests: Sequence[Tokens]) -> float:
    total, count = 0.0, 0
    for tokens in tests:
        packed = refine.pack([network.row(tokens)])
        total += torch.nn.functional.cross_entropy(network.logits(packed), packed.labels, reduction="sum").item()
        count += len(packed.labels)
    return total / count


def _work(base: base_model.Base, rows: Sequence[Tokens]) -> float:
    """Floating point operations that a trained token needs: forward, and back to what is trained.

    The base's own weights have no gradient, so the way back costs as much as the way there. Attention and the
    LoRA pairs are left out, which makes the bound a little harder to reach.
    """
    sizes = shape(Weights(base.path))
    layer = sum(inputs * outputs for outputs, inputs in map(sizes.projection, PROJECTIONS))
    layers = sizes.layers - int(sizes.layers * refine.FROZEN)
    targets = sum(len(row.weights) for row in rows) / sum(len(row.ids) for row in rows)
    return 4.0 * (layer * layers + _head(base) * targets)


def _head(base: base_model.Base) -> int:
    vocabulary, size = Weights(base.path).tensors["token_embd.weight"].shape
    return vocabulary * size


def _peak(dtype: torch.dtype) -> float:
    """Floating point operations a second in products of the base's sizes, one per core at a time; the best of five."""
    rows, inner, columns = PEAK_SHAPE
    a, b = torch.ones(rows, inner, dtype=dtype), torch.ones(inner, columns, dtype=dtype)
    threads, times = len(os.sched_getaffinity(0)), 60

    def multiply(_: int) -> None:
        for _ in range(times):
            a @ b

    with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        spent = [_timed(lambda: list(pool.map(multiply, range(threads)))) for _ in range(5)]
    return 2.0 * rows * inner * columns * times * threads / min(spent)


# Drafting ------------------------------------------------------------------------------------------------------------


def _drafting(bench: Bench, adapter: Path, drafts: int) -> list[Figure]:
    """One email at a time: ours as served, `generate` with as many tokens each, and llama.cpp with nothing of ours."""
    asked = bench.briefs[-drafts - RIVAL_WARM_UP :]
    tokenizer = Tokenizer(bench.copy)
    with closing(Engines(bench.base.path)) as engines:
        complete = partial(engines.complete, adapter=adapter)
        written = [_draft(brief, complete) for brief in asked]
        first, second = _first_tokens(bench.base.path, adapter, bench.briefs)
    timed = written[RIVAL_WARM_UP:]
    prompts = [tokenizer.ids(tokenizer.prompt(draft.messages)) for draft in written]
    theirs = bench.rival(
        "generate",
        {
            "adapter": str(adapter),
            "drafts": [(p, d.tokens) for p, d in zip(prompts, written, strict=True)],
        },
    )
    ours = sum(draft.seconds for draft in timed)
    rate = sum(draft.tokens for draft in timed) / ours
    bare = {threads: _bare(bench, threads, asked[RIVAL_WARM_UP:]) for threads in sorted({THREADS, os.cpu_count() or 1})}
    return [
        Figure("draft_s", ours / len(timed), "s", 4.0),
        Figure("draft_vs_transformers", theirs["seconds"] / ours, "x", 4.0, least=True),
        Figure("draft_vs_llamacpp", rate / bare[THREADS], "x", 0.9, least=True),
        Figure("draft_vs_llamacpp_all_cores", rate / max(bare.values()), "x", 0.9, least=True),
        Figure("first_token_second_draft", second / first, "x", 0.3),
    ]


def _draft(brief: Brief, complete: Any) -> Composed:
    return compose(brief, VOICE, complete, slots=True, seed=0, temperature=0.0)


def _first_tokens(base: Path, adapter: Path, known: Sequence[Brief]) -> tuple[float, float]:
    """Seconds to the first token of a workspace's first draft and of its next ones."""
    with closing(Engines(base)) as fresh:
        fresh.load(adapter)
        spent = [
            _timed(partial(_one_token, partial(fresh.complete, adapter=adapter), messages(brief, VOICE, slots=True)))
            for brief in known[:6]
        ]
    return spent[0], median(spent[1:])


def _one_token(complete: Any, asked: list[Message]) -> None:
    complete(asked, seed=0, temperature=0.0, max_tokens=1)


def _bare(bench: Bench, threads: int, asked: Sequence[Brief]) -> float:
    """Tokens per second of llama.cpp with nothing but the base, the same prompts, so many tokens each."""
    with LlamaCpp(bench.base.path, None, threads=threads, at_once=1) as engine:
        spent, tokens = 0.0, 0
        for brief in asked:
            done = engine.complete(messages(brief, VOICE, slots=True), seed=0, temperature=0.0, max_tokens=BARE)
            spent, tokens = spent + done.seconds, tokens + done.tokens
    return tokens / spent


def _together(bench: Bench, adapter: Path) -> list[Figure]:
    """Eight drafts at once, as served, against llama.cpp with as many slots and no adapter."""
    asked = bench.briefs[:TOGETHER]
    with closing(Engines(bench.base.path)) as engines:
        engines.load(adapter)
        ours = _rate(asked, partial(_draft, complete=partial(engines.complete, adapter=adapter)))
    theirs = _bare_batch(bench.base.path, asked)
    return [Figure("eight_vs_llamacpp", ours / theirs, "x", 1.0, least=True)]


def _rate(asked: Sequence[Brief], draft: Callable[[Brief], Composed]) -> float:
    begun = time.perf_counter()
    with ThreadPoolExecutor(len(asked)) as pool:
        done = list(pool.map(draft, asked))
    return sum(each.tokens for each in done) / (time.perf_counter() - begun)


def _bare_batch(base: Path, asked: Sequence[Brief]) -> float:
    """Tokens per second of one llama.cpp server with all cores and a slot for each draft."""
    parameters = _parameters(base, None, os.cpu_count() or 1, CONTEXT * len(asked))
    parameters.n_parallel = len(asked)
    server = xllamacpp.Server(parameters)
    server.handle_completions(FIRST_TOKEN)

    def tokens(brief: Brief) -> int:
        prompt = messages(brief, VOICE, slots=True)
        answer = server.handle_chat_completions({"messages": prompt, "temperature": 0.0, "max_tokens": BARE})
        return int(answer["usage"]["completion_tokens"])

    begun = time.perf_counter()
    with ThreadPoolExecutor(len(asked)) as pool:
        total = sum(pool.map(tokens, asked))
    return total / (time.perf_counter() - begun)


def _timed(do: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


def _quiet(*_: object) -> None:
    """The base stands in the cache."""


if __name__ == "__main__":
    raise SystemExit(main("Drafting and training beside their rivals.", measure))
