"""The rows of the fault bench: each does one kind of harm, so many times, and says what it came to."""

import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import tenancy
from tests.faults import points
from tests.faults.bad_adapters import served
from tests.faults.lives import Fate, Plant
from tests.faults.nights import Nights
from tests.faults.scene import Scene, scene
from tests.faults.slack_faults import KINDS, METHODS, ONLY, AtCall, FaultySlack
from tests.tiny_base import tiny_base

SEED = 20261128
LAST_MOMENT = 1.2  # seconds of a life within which it is killed at random
LIVES = 25
AWAKE = 0.5  # seconds that a process has that stood still, to do what it should not
STANDING = (  # outside of transactions: on SQLite who stands still within one holds everybody up
    "after_claim",
    "mid_generation",
    "after_generation_before_store",
    "before_post",
    "after_post_before_ts",
    "before_begin",
    "after_begin",
    "after_delivery_before_mark",
)
JUMPS = (3_600.0, -3_600.0, 86_400.0, -86_400.0, 315_360_000.0, -315_360_000.0)
DISK = (
    ("commit", points.database_full),
    ("fsync", points.disk_full),
    ("fsync", points.io_error),
    ("write", points.disk_full),
    ("rename", points.io_error),
)


@dataclass
class Row:
    """What one kind of harm came to. `harm` counts what was done: kills, faults, jumps, damaged files."""

    name: str
    harm: int = 0
    accepted: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    second_cards: int = 0
    late: int = 0
    told: int = 0
    cross_reads: int = 0
    bad_served: list[str] = field(default_factory=list)

    @property
    def met(self) -> bool:
        return self.harm > 0 and not (self.lost or self.doubled or self.late or self.cross_reads or self.bad_served)

    def judge(self, played: Scene) -> None:
        found = played.judged()
        self.accepted += found.accepted
        self.lost += found.lost
        self.doubled += found.doubled
        self.second_cards += found.second_cards
        self.late += found.late
        self.told += found.told


@contextmanager
def stage() -> Iterator[tuple[Scene, FaultySlack]]:
    slack = FaultySlack()
    with tempfile.TemporaryDirectory() as folder:
        try:
            with scene(Path(folder), slack) as made:
                yield made, slack
        finally:
            slack.stop()


def batches(times: int) -> Iterator[int]:
    """So many lives on a database each: with many drafts the looking takes longer than the living."""
    for begun in range(0, times, LIVES):
        yield min(LIVES, times - begun)


def killed_at(point: str, times: int, *, plant: Plant | None = None) -> Row:
    """Killed at one point, again and again on one database, then a life in peace."""
    row = Row(f"killed {point.replace('_', ' ')}")
    for lives in batches(times):
        with stage() as (played, _):
            for _ in range(lives):
                played.later()
                life = played.live(Fate(point, plant=plant))
                played.play(life)
                life.kill()
            row.harm += played.struck
            played.settle()
            row.judge(played)
    return row


def killed_at_random(times: int, *, seed: int = SEED) -> Row:
    """At any moment after the door of a life has opened."""
    row, dice = Row("killed at random moments"), random.Random(seed)
    for lives in batches(times):
        with stage() as (played, _):
            for _ in range(lives):
                played.later()
                life = played.live()
                end = threading.Timer(dice.uniform(0, LAST_MOMENT), life.kill)
                end.start()
                while life.alive:
                    played.play(life)
                end.join()
                row.harm += 1
            played.settle()
            row.judge(played)
    return row


def stopped_for_its_lease(times: int, *, plant: Plant | None = None) -> Row:
    """One stands still while another takes everything over and finishes it; then it wakes up and goes on."""
    row = Row("stopped for longer than its lease")
    with stage() as (played, _):
        for number in range(times):
            point = STANDING[number % len(STANDING)]
            sleeper = played.live(Fate(point, act=points.stand_still, plant=plant))
            played.play(sleeper)
            if not (sleeper.stands_still and played.unlocked()):
                sleeper.kill()
                continue
            row.harm += 1
            played.later()
            other = played.live()
            played.play(other, ask=False)
            sleeper.wake()
            time.sleep(AWAKE)
            sleeper.kill()
            other.kill()
        played.settle()
        row.judge(played)
    return row


def refused_by_the_disk(calls: int) -> list[Row]:
    """The 1st, 2nd, … commit, sync, write or rename fails, in a life each; after the last the 1st again."""
    rows = []
    for point, act in DISK:
        row = Row(f"{point} fails ({act.__name__.replace('_', ' ')})")
        with stage() as (played, _):
            number = 1
            for _ in range(calls):
                before = played.struck
                life = played.live(Fate(point, number, act))
                played.play(life)
                life.kill()
                number = number + 1 if played.struck > before else 1
            row.harm += played.struck
            played.settle()
            row.judge(played)
        rows.append(row)
    return rows


def failed_by_slack(calls: int) -> list[Row]:
    """The 1st, 2nd, … call of each method of Slack's fails, in a draft each; after the last the 1st again."""
    rows = []
    for kind, fault in KINDS.items():
        row = Row(f"Slack: {kind}")
        with stage() as (played, slack):
            for method in ONLY.get(kind, METHODS):
                life, number = played.live(), 1  # a new one, which has kept no answers
                for _ in range(calls):
                    slack.fails = failing = AtCall(method, number, fault)
                    played.play(life)
                    row.harm += failing.struck
                    number = number + 1 if failing.struck else 1
                slack.fails = lambda _: None
                life.kill()
            played.settle()
            row.judge(played)
        rows.append(row)
    return rows


def told_another_time(times: int, *, seed: int = SEED) -> Row:
    """The clock jumps by an hour, a day or ten years, to and fro, while a draft is under way; each life is killed."""
    row, dice = Row("clock jumps"), random.Random(seed)
    with stage() as (played, _):
        for number in range(times):
            life = played.live(Fate(dice.choice(list(points.WORK))))
            jump = threading.Timer(dice.uniform(0, LAST_MOMENT / 2), played.later, [JUMPS[number % len(JUMPS)]])
            jump.start()
            played.play(life)
            jump.join()
            life.kill()
            row.harm += 1
        played.settle()
        row.judge(played)
    return row


def nights(times: int, *, only: str | None = None, plant: Plant | None = None) -> list[Row]:
    """Killed at each point of a night, and finished by the process that comes after."""
    rows = []
    for point in [only] if only else points.NIGHT:
        row = Row(f"night killed {point.replace('_', ' ')}")
        with tempfile.TemporaryDirectory() as folder:
            played = Nights(Path(folder))
            for _ in range(times):
                played.night(Fate(point, plant=plant))
            played.close()
        found = played.result
        row.harm, row.accepted, row.lost = found.kills, found.nights, found.lost
        row.doubled, row.bad_served = found.doubled, found.bad_served
        rows.append(row)
    return rows


def damaged_adapters(count: int) -> Row:
    row = Row("damaged adapters offered", harm=count)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        row.bad_served = served(tiny_base(folder / "tiny.gguf"), folder, count)
    return row


def two_workspaces(examples: int, more: Any = ()) -> Row:
    """The machine of tests/tenancy.py, which raises what it finds."""
    row = Row("queries of two workspaces alike")
    with tempfile.TemporaryDirectory() as folder:
        make = tenancy.sqlite_databases(Path(folder))
        try:
            row.harm = tenancy.run(make, examples=examples, steps=25, more=more, same=bool(more)).total()
        except AssertionError:
            row.cross_reads = 1
    return row
