"""The fault bench: what is lost, doubled or shown to the wrong people while everything that can break does.

    python -m tests.faults [--quick] [--json]

Prints one row for each kind of harm with what it came to, then whether the planted faults were found. Ends with 1 where
something was lost or doubled, or a planted fault was not found. With --json one object on stdout.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.benchmarks.report import Figure, machine
from tests.faults import points, trials
from tests.faults.controls import CONTROLS
from tests.faults.trials import Row

ELSEWHERE = {
    "10,000 drafts, two replicas on PostgreSQL, one stopped again and again": "python -m tests.replicas --drafts 10000",
    "10,000 steps of two workspaces, SQLite and PostgreSQL": "python -m tests.tenancy --steps 10000 [--postgres]",
    "killed while emails leave by IMAP and SMTP": "python -m tests.faults.deliveries",
    "acknowledgements": "python -m tests.benchmarks.slack",
}


def rows(quick: bool) -> Iterator[Row]:
    """One after the other, as they come."""
    kills = 3 if quick else 100
    for point in points.WORK:
        yield trials.killed_at(point, kills)
    yield trials.killed_at_random(20 if quick else 1_000)
    yield trials.stopped_for_its_lease(len(trials.STANDING) * (1 if quick else 12))
    yield from trials.refused_by_the_disk(4 if quick else 30)
    yield from trials.failed_by_slack(1 if quick else 4)
    yield trials.told_another_time(6 if quick else 120)
    yield from trials.nights(1 if quick else 100)
    yield trials.damaged_adapters(56 if quick else 1_000)
    yield trials.two_workspaces(4 if quick else 400)


def as_json(found: list[Row], controls: dict[str, bool], about: dict[str, Any], seconds: float) -> dict[str, Any]:
    totals = {
        "lost": sum(len(row.lost) for row in found),
        "doubled": sum(len(row.doubled) for row in found),
        "cross_reads": sum(row.cross_reads for row in found),
        "bad_adapters_served": sum(len(row.bad_served) for row in found),
        "late": sum(row.late for row in found),
    }
    missed = sum(not caught for caught in controls.values())
    figures = [Figure(name, value, "", 0) for name, value in {**totals, "controls_missed": missed}.items()]
    return {
        **totals,
        "figures": [figure.as_json() for figure in figures],
        "rows": [vars(row) for row in found],
        "controls": controls,
        "elsewhere": ELSEWHERE,
        "machine": about,
        "seconds": round(seconds, 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="a few of each")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    asked = parser.parse_args()
    say: Callable[[str], object] = (sys.stderr if asked.json else sys.stdout).write
    about, begun, found = machine(), time.perf_counter(), []
    say(HEAD)
    for row in rows(asked.quick):
        found.append(row)
        say(line(row))
    controls = {name: caught() for name, caught in CONTROLS.items()}
    for name, caught in controls.items():
        say(f"planted: {name}: {'found' if caught else 'NOT FOUND'}\n")
    for name, command in ELSEWHERE.items():
        say(f"see `{command}`: {name}\n")
    result = as_json(found, controls, about, time.perf_counter() - begun)
    if asked.json:
        sys.stdout.write(json.dumps(result) + "\n")
    return 0 if all(row.met for row in found) and all(controls.values()) else 1


HEAD = f"{'harm':<42} times accepted  lost doubled  late 2nd cards bad served\n"


def line(row: Row) -> str:
    counts = f"{len(row.lost):>5} {len(row.doubled):>7} {row.late:>5} {row.second_cards:>9} {len(row.bad_served):>10}"
    said = "".join(f"    {sentence}\n" for sentence in [*row.lost, *row.doubled, *row.bad_served][:5])
    return f"{row.name:<42} {row.harm:>5} {row.accepted:>8} {counts}{'' if row.met else '  MISSED'}\n{said}"


if __name__ == "__main__":
    sys.exit(main())
