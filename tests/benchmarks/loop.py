"""The first loop, measured from outside: acknowledgements, cards, memory, start-up, and a refine on the sample voice.

python -m tests.benchmarks.loop [--quick] [--json]
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot import emulator
from bot.settings import load
from tests.benchmarks import slack
from tests.benchmarks.report import Figure, main
from tests.emulator import Journey, journey

MEGABYTE = 1_000_000


def measure(quick: bool) -> list[Figure]:
    emulator.find(load().cache, sys.stderr.write)  # fetched once per machine; `ready` is about every other start
    with TemporaryDirectory() as folder:
        begun = time.perf_counter()
        with journey(Path(folder) / "home") as going:
            ready = time.perf_counter() - begun
            figures = [Figure("ready_s", ready, "s", 5.0)]
            if not quick:
                figures += _refined(going)
            figures += slack.cards(going)
            figures += _acknowledged(going, rounds=2 if quick else 10)
            figures.append(Figure("serve_rss_mb", _resident(going.bot.pid) / MEGABYTE, "MB", 500.0))
    return figures


def _refined(going: Journey) -> list[Figure]:
    """One refine on the sample's past emails, through the command that people use."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "bot", "refine", "--minutes", "6", "--json"]
    done = subprocess.run(command, env=going.environment, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - begun
    run: dict[str, Any] = json.loads(done.stdout)
    rates = {name: card["edit_rate"] for name, card in run["scorecards"].items()}
    sys.stderr.write("\n".join([run["verdict"], *run["reasons"]]) + "\n")
    return [
        Figure("refine_minutes", seconds / 60, "min", 6.0),
        Figure("refine_pairs", run["pairs"], "pairs", 60, least=True),
        Figure("ratio_to_base", rates["candidate"] / rates["base"], "", 0.5),
        Figure("ratio_to_copying", rates["candidate"] / rates["copying"], "", 1.0),
        Figure("promoted", float(run["verdict"] == "promoted"), "", 1, least=True),
    ]


def _acknowledged(going: Journey, *, rounds: int) -> list[Figure]:
    """Twelve commands at once, again and again."""
    answered = (slack.at_once(lambda: going.workspace.command(slack.NOBODY)) for _ in range(rounds))
    return [slack.p99([seconds for each in answered for seconds in each])]


def _resident(pid: int) -> int:
    """Bytes of real memory that a process holds. The base's file, mapped by each of its servers, is there once."""
    held = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return 1024 * int(next(line.split()[1] for line in held.splitlines() if line.startswith("Pss:")))


if __name__ == "__main__":
    raise SystemExit(main("The first loop, from outside.", measure))
