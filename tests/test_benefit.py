"""What is said of training's effect, and above all what is not said."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from bot import chart
from model.benefit import Reviewed, benefit, weeks
from tests.fakes import MONDAY


def rows(ratio: float, *, adapter: int = 300, control: int = 60, accounts: int = 40, seed: int = 1) -> list[Reviewed]:
    """Drafts over six weeks whose true ratio is this."""
    rng = random.Random(seed)
    found = []
    for number in range(adapter + control):
        mine = number >= control
        rate = min(1.0, max(0.0, rng.gauss(0.6 * (ratio if mine else 1.0), 0.15)))
        at = MONDAY - timedelta(days=rng.randrange(42))
        account = f"customer {rng.randrange(accounts)}"
        found.append(Reviewed(at, account, not mine, rate, round(100 * rate), rate == 0))
    return found


def test_halved_is_said_only_when_the_whole_interval_is_below_a_half() -> None:
    clear, close = benefit(rows(0.3)), benefit(rows(0.48, adapter=60, control=20))
    assert clear.halved and "halved" in clear.sentence
    assert clear.high is not None and clear.high <= 0.5
    assert not close.halved and "halved" not in close.sentence
    assert close.high is not None and close.high > 0.5


def test_no_saving_is_claimed_where_there_is_none() -> None:
    found = benefit(rows(1.1))
    assert found.minutes_saved is None
    assert "No saving is shown yet" in found.sentence


def test_the_minutes_are_those_of_the_formula() -> None:
    one = [Reviewed(MONDAY, f"c{n}", False, 0.1, 10, False) for n in range(8)]
    other = [Reviewed(MONDAY, f"c{n}", True, 0.5, 50, False) for n in range(8)]
    assert benefit([*one, *other]).minutes_saved == pytest.approx((50 - 10) * 8 / 40)


@pytest.mark.parametrize(("adapter", "control"), [(0, 0), (300, 0), (3, 300)])
def test_too_little_says_what_is_missing(adapter: int, control: int) -> None:
    found = benefit(rows(0.3, adapter=adapter, control=control))
    assert found.ratio is None and not found.halved and found.minutes_saved is None
    assert "more customers" in found.sentence


def test_the_interval_holds_the_truth_most_of_the_time() -> None:
    held = 0
    for seed in range(20):
        found = benefit(rows(0.5, adapter=150, control=40, seed=seed))
        assert found.low is not None and found.high is not None
        held += found.low <= 0.5 <= found.high
    assert held >= 16


def test_drafts_that_no_lot_dealt_count_for_neither_arm() -> None:
    some = rows(0.4)
    asked = [Reviewed(MONDAY, "x", None, 1.0, 100, False) for _ in range(500)]
    assert benefit([*some, *asked]).ratio == benefit(some).ratio


def test_weeks_begin_on_mondays_and_count_both_arms() -> None:
    found = weeks(rows(0.4))
    assert all(week.monday.weekday() == 0 for week in found)
    assert sum(week.adapter_drafts for week in found) == 300
    assert sum(week.control_drafts for week in found) == 60


def test_the_chart_is_a_picture_that_slack_takes(tmp_path: Path) -> None:
    some = rows(0.4)
    chart.draw(tmp_path / "weeks.png", weeks(some), benefit(some))
    content = (tmp_path / "weeks.png").read_bytes()
    assert content.startswith(b"\x89PNG") and len(content) < 300_000
