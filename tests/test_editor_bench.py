"""The editor bench in short: it drives the real code, takes personas from a folder, and adds up what it measured."""

from contextlib import closing
from typing import Any

import pytest

from bot.settings import load
from model.base import Base
from tests.benchmarks import edit_rate as bench
from tests.rows import brief

ARMS = set(bench.ARMS) - {"voice file"}  # which takes part in long runs only
PERSONA = """
import random

NAME = "terse"


def edit(draft: str, brief: dict, rng: random.Random) -> str:
    first, sender, goal = brief["contact"]["first_name"], brief["sender"]["first_name"], brief["goal"]
    return f"Subject: {goal}\\n\\nHi {first},\\n\\nCan we {goal}?\\n\\nThanks,\\n{sender}"
"""


@pytest.fixture(scope="module")
def rows(base: Base, tmp_path_factory: pytest.TempPathFactory) -> list[bench.Row]:
    """Half a day of a persona that somebody brought along."""
    folder = tmp_path_factory.mktemp("personas")
    (folder / "terse.py").write_text(PERSONA, "utf-8")
    (folder / "helpers.py").write_text("X = 1\n", "utf-8")
    assert bench._names(folder) == ["terse"]
    home = tmp_path_factory.mktemp("home")
    (home / "cache").symlink_to(load().cache)
    with closing(bench.Remembering(base.path, home / "base")) as engines:
        desk = bench.Desk(bench._persona("terse", folder), home, engines, days=1, a_day=8)
        with closing(desk):
            return desk.day(1)


def test_every_arm_is_measured_on_every_draft(rows: list[bench.Row]) -> None:
    assert len(rows) == 8
    for row in rows:
        assert set(row.rates) == ARMS
        assert all(0 <= rate <= 1 for rate in row.rates.values())


def test_before_the_first_night_the_base_writes_and_rules_already_help(rows: list[bench.Row]) -> None:
    assert all(row.adapter is None for row in rows)
    first, second = rows[:4], rows[4:]
    assert all(row.rates["rules"] == row.rates["base"] for row in first)
    assert sum(row.rates["rules"] for row in second) < sum(row.rates["base"] for row in second)


def test_a_right_draft_is_cheaper_than_a_copy_and_a_copy_than_the_base(rows: list[bench.Row]) -> None:
    later = rows[1:]  # before the first mail there is nothing to copy
    means = {arm: sum(row.rates[arm] for row in later) for arm in ARMS}
    assert means["floor"] < means["copying with slots"] <= means["copying"] < means["base"]


def test_style_and_facts_add_up(rows: list[bench.Row]) -> None:
    for row in rows:
        if not row.discarded and not row.unedited:
            assert row.style + row.fact == pytest.approx(row.rates["adapter and rules"])


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Thank you for joining Planning without panic on Thursday.", []),
        ("See you on 27 March at 11.", ["11", "27", "March"]),
        ("Regards to Harbor Mills.", ["Harbor Mills"]),
        ("Look at https://made.example/up.", ["https://made.example/up"]),
    ],
)
def test_what_nobody_said_is_found(text: str, wrong: list[str]) -> None:
    asked: list[dict[str, Any]] = [{"content": "They joined on Thursday."}]
    assert bench.wrong_facts(text, brief(), asked, frozenset({"Harbor Mills", "Northwind Foods"})) == wrong
