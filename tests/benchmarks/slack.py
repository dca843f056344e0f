"""What people wait for in Slack, measured from outside: acknowledgements while drafts are written, the form, the card.

python -m tests.benchmarks.slack [--quick] [--json]
"""

import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import emulator
from bot.settings import load
from storage import queries
from storage.tables import Status
from tests.benchmarks.report import Figure, main
from tests.emulator import Journey, journey

TOGETHER = 12
DRAFTS = 8
ASKS = (
    "Joost Hendriks confirm next steps",
    "Joost Hendriks answer the pricing question",
    "Joost Hendriks book a demo",
    "Joost Hendriks share the case study",
    "Joost Hendriks recap the call",
)
NOBODY = "Jost"  # answered with a question, so that it leaves no draft behind
UNFINISHED = (Status.requested, Status.drafting)


def measure(quick: bool) -> list[Figure]:
    emulator.find(load().cache, sys.stderr.write)
    with TemporaryDirectory() as folder, journey(Path(folder) / "home") as going:
        return [*cards(going), *_forms(going, 3 if quick else 20), *_acknowledged(going, 2 if quick else 10)]


def cards(going: Journey) -> list[Figure]:
    """Command to card, one user, warm."""
    seconds = []
    for ask in (ASKS[0], *ASKS):
        newest = max((message["ts"] for message in going.workspace.messages()), default="")
        begun = time.perf_counter()
        going.workspace.command(ask)
        going.workspace.card(after=newest)
        seconds.append(time.perf_counter() - begun)
    return [Figure("card_median_s", statistics.median(seconds[1:]), "s", 4.0)]


def _forms(going: Journey, times: int) -> list[Figure]:
    """Command to open form, with who is next in it."""
    seconds = [going.workspace.form() for _ in range(times + 1)][1:]
    return [Figure("modal_ms", 1000 * statistics.quantiles(seconds, n=20)[-1], "ms", 500.0)]


def _acknowledged(going: Journey, rounds: int) -> list[Figure]:
    """Twelve commands at once, again and again, while eight drafts are being written."""
    seconds = []
    for _ in range(rounds):
        for number in range(DRAFTS - _unfinished(going)):
            seconds.append(going.workspace.command(ASKS[number % len(ASKS)]))
        seconds += at_once(lambda: going.workspace.command(NOBODY))
    return [p99(seconds)]


def _unfinished(going: Journey) -> int:
    with going.database.reading() as session:
        counts = queries.draft_counts(session, workspace_id=1)
    return sum(counts.get(str(status), 0) for status in UNFINISHED)


def at_once(ask: Callable[[], float]) -> list[float]:
    """The seconds that each of twelve took who asked at the same moment."""
    seconds: list[float] = []
    threads = [threading.Thread(target=lambda: seconds.append(ask())) for _ in range(TOGETHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seconds


def p99(seconds: list[float]) -> Figure:
    return Figure("ack_p99_ms", 1000 * statistics.quantiles(seconds, n=100)[98], "ms", 300.0)


if __name__ == "__main__":
    raise SystemExit(main("What people wait for in Slack.", measure))
