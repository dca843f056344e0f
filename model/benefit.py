"""What adapters are worth: live drafts of two arms that a lot has dealt, the adapter's and the frozen base's.

Before and after cannot be compared, since customers, goals and moods change. So some live drafts stay with the frozen
base, and both arms are read over the same time (docs/learning.md). Only first versions count: who asks for another one
has left the arm.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean

RESAMPLES = 2000
FEWEST_ACCOUNTS = 6  # in each arm, before an interval means anything
HALF = 0.5
WORDS_A_MINUTE = 40  # typed by somebody who also thinks
MINUTES_RULE = (
    f"minutes saved = (words changed per control draft − per adapter draft) × adapter drafts ÷ {WORDS_A_MINUTE}"
)


@dataclass(frozen=True)
class Reviewed:
    """One decided draft. `control` is None where no lot decided who wrote it."""

    at: datetime
    account: str
    control: bool | None
    rate: float  # 1 for a discarded draft
    words_changed: int
    unedited: bool


@dataclass(frozen=True)
class Week:
    """Monday's date, and for each arm the mean edit rate, its 95% interval and over how many drafts."""

    monday: date
    adapter: float | None
    adapter_interval: tuple[float, float] | None
    adapter_drafts: int
    control: float | None
    control_interval: tuple[float, float] | None
    control_drafts: int


@dataclass(frozen=True)
class Benefit:
    """The headline. `ratio` is adapter over control with its 95% interval; None while there is too little to say."""

    ratio: float | None
    low: float | None
    high: float | None
    halved: bool
    minutes_saved: float | None
    unedited: float | None  # share of all decided drafts that went out as they were
    sentence: str


def weeks(rows: Sequence[Reviewed]) -> list[Week]:
    """Edit rates by calendar week, oldest first. Before the first adapter every draft was the base's."""
    by_week: dict[date, list[Reviewed]] = defaultdict(list)
    for row in rows:
        day = row.at.date()
        by_week[day - timedelta(days=day.weekday())].append(row)
    found = []
    for monday, some in sorted(by_week.items()):
        arms = [[row for row in some if row.control is control] for control in (False, True)]
        (mine, own, count), (theirs, other, number) = (
            (_mean([row.rate for row in rows]), _mean_interval(rows), len(rows)) for rows in arms
        )
        found.append(Week(monday, mine, own, count, theirs, other, number))
    return found


def benefit(rows: Sequence[Reviewed]) -> Benefit:
    """What the adapters saved, said only as far as the drafts support it."""
    unedited = _mean([float(row.unedited) for row in rows])
    adapter = [row for row in rows if row.control is False]
    control = [row for row in rows if row.control]
    if short := _too_little(adapter, control):
        return Benefit(None, None, None, False, None, unedited, short)
    ratio = _mean_rate(adapter) / max(_mean_rate(control), 1e-9)
    low, high = _interval(adapter, control)
    saved = fmean(row.words_changed for row in control) - fmean(row.words_changed for row in adapter)
    minutes = saved * len(adapter) / WORDS_A_MINUTE if high < 1 else None
    sentence = _sentence(ratio, low, high, len(adapter), len(control))
    return Benefit(ratio, low, high, high <= HALF, minutes, unedited, sentence)


def _too_little(adapter: list[Reviewed], control: list[Reviewed]) -> str | None:
    missing = [
        f"drafts of the {name} for {FEWEST_ACCOUNTS - have} more customers"
        for name, rows in (("adapter", adapter), ("untrained model", control))
        if (have := len({row.account for row in rows})) < FEWEST_ACCOUNTS
    ]
    return (
        f"Too early to say what training saves: {' and '.join(missing)} have to be reviewed first." if missing else None
    )


def _sentence(ratio: float, low: float, high: float, ours: int, theirs: int) -> str:
    over = (
        f"over {ours} drafts of the adapter and {theirs} of the untrained model; 95% interval {low:.0%} to {high:.0%}"
    )
    if high <= HALF:
        return f"Edits are halved: people change {ratio:.0%} of what they would without training ({over})."
    if high < 1:
        return f"People change {ratio:.0%} of what they would without training ({over})."
    return f"No saving is shown yet: people change {ratio:.0%} of what they would without training ({over})."


def _interval(adapter: list[Reviewed], control: list[Reviewed]) -> tuple[float, float]:
    """By resampling the customers of each arm, with a fixed seed."""
    rng = random.Random(0)
    arms = [_by_account(rows) for rows in (adapter, control)]
    ratios = []
    for _ in range(RESAMPLES):
        ours, theirs = (_mean_of(rng.choices(groups, k=len(groups))) for groups in arms)
        ratios.append(ours / max(theirs, 1e-9))
    ratios.sort()
    return ratios[int(0.025 * RESAMPLES)], ratios[int(0.975 * RESAMPLES) - 1]


def _mean_interval(rows: list[Reviewed]) -> tuple[float, float] | None:
    """By resampling customers; None with fewer than two."""
    groups, rng = _by_account(rows), random.Random(0)
    if len(groups) < 2:
        return None
    means = sorted(_mean_of(rng.choices(groups, k=len(groups))) for _ in range(RESAMPLES // 4))
    return means[int(0.025 * len(means))], means[int(0.975 * len(means)) - 1]


def _by_account(rows: list[Reviewed]) -> list[tuple[float, int]]:
    sums: dict[str, tuple[float, int]] = {}
    for row in rows:
        total, count = sums.get(row.account, (0.0, 0))
        sums[row.account] = total + row.rate, count + 1
    return list(sums.values())


def _mean_of(groups: list[tuple[float, int]]) -> float:
    return sum(total for total, _ in groups) / sum(count for _, count in groups)


def _mean_rate(rows: list[Reviewed]) -> float:
    return fmean(row.rate for row in rows)


def _mean(values: list[float]) -> float | None:
    return fmean(values) if values else None
