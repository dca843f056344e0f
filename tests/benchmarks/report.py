"""What every benchmark prints: one object of figures, each with its goal, and the machine they were measured on."""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A measured value against its goal: at most `goal` where `least` is false, at least `goal` where it is true."""

    name: str
    value: float
    unit: str
    goal: float
    least: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.goal if self.least else self.value <= self.goal

    def as_json(self) -> dict[str, Any]:
        known = asdict(self)
        known.pop("least")
        return {**known, "value": round(self.value, 4), "met": self.met}


def machine() -> dict[str, Any]:
    cpu = Path("/proc/cpuinfo")
    models = [line.partition(":")[2].strip() for line in cpu.read_text().splitlines() if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_at_start": round(os.getloadavg()[0], 2),
    }


def main(title: str, measure: Callable[[bool], list[Figure]]) -> int:
    """Run `measure(quick)`, print a table or, with --json, one object; 1 when a goal was missed."""
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--quick", action="store_true", help="the short form")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    arguments = parser.parse_args()
    about, begun = machine(), time.perf_counter()
    figures = measure(arguments.quick)
    return show(figures, about, time.perf_counter() - begun, as_json=arguments.json)


def show(figures: list[Figure], about: dict[str, Any], seconds: float, *, as_json: bool) -> int:
    """Print the figures; 1 when a goal was missed."""
    seconds = round(seconds, 1)
    if as_json:
        result = {"figures": [figure.as_json() for figure in figures], "machine": about, "seconds": seconds}
        sys.stdout.write(json.dumps(result) + "\n")
    else:
        for figure in figures:
            sign, mark = ("≥" if figure.least else "≤"), ("met" if figure.met else "MISSED")
            line = f"{figure.name:<28} {figure.value:>10.3f} {figure.unit:<8} goal {sign} {figure.goal:<8g} {mark}\n"
            sys.stdout.write(line)
        sys.stdout.write(f"{about['cores']} cores, {about['cpu']}, {seconds} s\n")
    return 0 if all(figure.met for figure in figures) else 1
