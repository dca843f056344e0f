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
        found.append(Reviewed(at, account, not mine, rate, 100, rate == 0))
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


def alike(control: bool, rate: float, *, words: int = 100, accounts: int = 8, weeks_ago: int = 0) -> list[Reviewed]:
    """One draft for each customer, all edited alike."""
    at = MONDAY - timedelta(weeks=weeks_ago)
    return [Reviewed(at, f"c{n}", control, rate, words, rate == 0) for n in range(accounts)]


def test_the_minutes_are_those_of_the_formula() -> None:
    found = benefit([*alike(False, 0.1, words=100), *alike(True, 0.5, words=999)])
    assert found.minutes_saved == pytest.approx((0.5 - 0.1) * 100 * 8 / 40), "how long untrained drafts are is no gain"


def test_no_minutes_are_claimed_while_the_interval_includes_no_gain() -> None:
    some = rows(0.97, adapter=60, control=20)
    found = benefit(some)
    assert found.ratio is not None and found.ratio < 1 < (found.high or 0)
    assert found.minutes_saved is None and "No saving is shown yet" in found.sentence
    assert "No saving" in chart.title(found)


@pytest.mark.parametrize(("ours", "theirs"), [(0.0, 0.0), (0.3, 0.0)])
def test_who_approves_everything_has_not_halved_anything(ours: float, theirs: float) -> None:
    found = benefit([*alike(False, ours), *alike(True, theirs)])
    assert not found.halved and found.ratio is None and found.minutes_saved is None
    assert "next to nothing" in found.sentence


def test_weeks_without_a_control_draft_do_not_count() -> None:
    """The control share was 0 for a while, and just then the drafts were easy."""
    both = [*alike(False, 0.4), *alike(True, 0.5)]
    easy = alike(False, 0.0, weeks_ago=3)
    assert benefit([*easy, *both]).ratio == pytest.approx(0.8)
    late = benefit([*alike(False, 0.2, weeks_ago=1), *alike(True, 0.5)])
    assert late.ratio is None and "6 more customers" in late.sentence


@pytest.mark.parametrize(
    ("adapter", "control", "said"),
    [
        (6, 6, None),
        (9, 5, "drafts of the untrained model for 1 more customer have"),
        (4, 9, "drafts of the adapter for 2 more customers have"),
        (5, 3, "the adapter for 1 more customer and drafts of the untrained model for 3 more customers have"),
    ],
)
def test_six_customers_of_each_arm_are_needed(adapter: int, control: int, said: str | None) -> None:
    found = benefit([*alike(False, 0.1, accounts=adapter), *alike(True, 0.5, accounts=control)])
    assert (found.ratio is None) == (said is not None)
    assert (said or "halved") in found.sentence


def test_many_drafts_for_one_customer_are_no_proof() -> None:
    """Drafts resemble each other within a customer, so the interval goes by customers."""
    rng = random.Random(3)
    mood = [rng.uniform(-0.25, 0.25) for _ in range(8)]
    once = [
        Reviewed(MONDAY, f"c{n}", control, 0.5 * (1 if control else 0.8) + mood[n], 100, False)
        for n in range(8)
        for control in (True, False)
    ]
    one, many = benefit(once), benefit(once * 20)
    assert (many.low, many.high) == pytest.approx((one.low, one.high))


def test_the_same_drafts_give_the_same_interval() -> None:
    assert benefit(rows(0.4)) == benefit(rows(0.4))


def test_discarded_drafts_stand_in_every_denominator() -> None:
    some = [
        Reviewed(MONDAY, "a", False, 0.0, 50, True, seconds=10),
        Reviewed(MONDAY, "b", False, 0.5, 50, False, seconds=30),
        Reviewed(MONDAY, "c", False, 1.0, 50, False, discarded=True, seconds=90),
        Reviewed(MONDAY, "d", False, 1.0, 50, False, discarded=True),
    ]
    (week,) = weeks(some)
    assert week.control is None and week.adapter
    assert (week.adapter.rate, week.adapter.unedited, week.adapter.discarded) == (0.625, 0.25, 0.5)
    assert week.adapter.seconds == 30 and week.adapter.drafts == 4
    assert week.adapter.interval is None, "four customers are too few for an interval"


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
    assert held >= 17  # fewer would come up once in 60 times if it were 95%


def test_drafts_that_no_lot_dealt_count_for_neither_arm() -> None:
    some = rows(0.4)
    asked = [Reviewed(MONDAY, "x", None, 1.0, 100, False) for _ in range(500)]
    assert benefit([*some, *asked]).ratio == benefit(some).ratio


def test_weeks_begin_on_mondays_and_count_both_arms() -> None:
    found = weeks(rows(0.4))
    assert all(week.monday.weekday() == 0 for week in found)
    assert sum(week.adapter.drafts for week in found if week.adapter) == 300
    assert sum(week.control.drafts for week in found if week.control) == 60


CHARTED = {
    "both arms": rows(0.4),
    "little data": [*rows(0.9, adapter=8, control=3), *alike(False, 0.5)],
    "no control": rows(0.4, control=0),
    "a gap": [*alike(False, 0.2, weeks_ago=4), *alike(True, 0.2, weeks_ago=2), *alike(False, 0.2, accounts=2)],
    "everything discarded": [*alike(False, 1.0), *alike(True, 1.0), *alike(True, 1.0, weeks_ago=1)],
}


@pytest.mark.parametrize("some", CHARTED.values(), ids=CHARTED)
def test_the_chart_is_a_picture_that_slack_takes(tmp_path: Path, some: list[Reviewed]) -> None:
    chart.draw(tmp_path / "weeks.png", weeks(some), benefit(some))
    content = (tmp_path / "weeks.png").read_bytes()
    assert content.startswith(b"\x89PNG") and len(content) < 300_000
