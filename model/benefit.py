"""What adapters are worth: live drafts of two arms that a lot has dealt, the adapter's and the frozen base's.

Before and after cannot be compared, since customers, goals and moods change. So some live drafts stay with the frozen
base, and both arms are read over the same time (docs/learning.md). Only first versions count: who asks for another one
has left the arm.
"""

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean, median

RESAMPLES = 2000
FEWEST_ACCOUNTS = 6  # in each arm, before an interval means anything
HALF = 0.5
NOTHING_TO_SAVE = "Untrained drafts go out nearly as they are, so there is next to nothing that training could save."
WORDS_A_MINUTE = 40  # typed by somebody who also thinks
MINUTES_RULE = (
    "(edit rate of the untrained drafts − its own) × its words, summed over the trained drafts,"
    f" at {WORDS_A_MINUTE} words a minute"
)


@dataclass(frozen=True)
class Reviewed:
    """One decided draft. `control` is None where no lot decided who wrote it."""

    at: datetime
    account: str
    control: bool | None
    rate: float  # 1 for a discarded draft
    words: int  # of the draft or of what went out, whichever is longer: what the rate is a share of
    unedited: bool
    discarded: bool = False
    seconds: float | None = None  # from card to decision


@dataclass(frozen=True)
class Arm:
    """What became of one author's drafts. The shares are of all decided ones, discarded ones included."""

    drafts: int
    rate: float
    interval: tuple[float, float] | None  # 95%, of the rate; None for too few customers
    unedited: float
    discarded: float
    seconds: float | None  # the median from card to decision


@dataclass(frozen=True)
class Week:
    """Monday's date and both arms; None where an arm has no decided draft."""

    monday: date
    adapter: Arm | None
    control: Arm | None


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
    adapter: Arm | None = None
    control: Arm | None = None


def weeks(rows: Sequence[Reviewed]) -> list[Week]:
    """Both arms by calendar week, oldest first. Before the first adapter every draft was the base's."""
    by_week: dict[date, list[Reviewed]] = defaultdict(list)
    for row in rows:
        by_week[_monday(row)].append(row)
    return [Week(monday, *map(_arm, _arms(some))) for monday, some in sorted(by_week.items())]


def benefit(rows: Sequence[Reviewed]) -> Benefit:
    """What the adapters saved, said only as far as the drafts support it.

    The minutes follow MINUTES_RULE and are claimed only when the interval leaves no doubt that there is a gain.
    """
    unedited = fmean(row.unedited for row in rows) if rows else None
    concurrent = _same_weeks(rows)
    if short := _too_little(*_arms(rows)) or _too_little(*_arms(concurrent)):
        return Benefit(None, None, None, False, None, unedited, short)
    ours, theirs = _arms(concurrent)
    adapter, control = _arm(ours), _arm(theirs)
    assert adapter and control
    ratio, (low, high) = _ratio(adapter.rate, control.rate), _interval(ours, theirs)
    if not math.isfinite(ratio + high):
        return Benefit(None, None, None, False, None, unedited, NOTHING_TO_SAVE, adapter, control)
    minutes = sum((control.rate - row.rate) * row.words for row in ours) / WORDS_A_MINUTE
    claimed = minutes if high < 1 and minutes > 0 else None
    sentence = _sentence(ratio, low, high, len(ours), len(theirs))
    return Benefit(ratio, low, high, high <= HALF, claimed, unedited, sentence, adapter, control)


def _monday(row: Reviewed) -> date:
    day = row.at.date()
    return day - timedelta(days=day.weekday())


def _arms(rows: Sequence[Reviewed]) -> tuple[list[Reviewed], list[Reviewed]]:
    return [row for row in rows if row.control is False], [row for row in rows if row.control]


def _same_weeks(rows: Sequence[Reviewed]) -> list[Reviewed]:
    """Without the weeks in which the lot dealt to one arm alone, as when the control share was set to 0."""
    adapter, control = ({_monday(row) for row in arm} for arm in _arms(rows))
    return [row for row in rows if _monday(row) in adapter & control]


def _arm(rows: list[Reviewed]) -> Arm | None:
    if not rows:
        return None
    seconds = [row.seconds for row in rows if row.seconds is not None]
    return Arm(
        drafts=len(rows),
        rate=fmean(row.rate for row in rows),
        interval=_mean_interval(rows),
        unedited=fmean(row.unedited for row in rows),
        discarded=fmean(row.discarded for row in rows),
        seconds=median(seconds) if seconds else None,
    )


def _ratio(ours: float, theirs: float) -> float:
    """Of nothing there is no share: no edits by either arm are no gain."""
    return ours / theirs if theirs else math.inf


def _too_little(adapter: list[Reviewed], control: list[Reviewed]) -> str | None:
    missing = [
        f"drafts of the {name} for {FEWEST_ACCOUNTS - have} more customer{'s' * (have < FEWEST_ACCOUNTS - 1)}"
        for name, rows in (("adapter", adapter), ("untrained model", control))
        if (have := len({row.account for row in rows})) < FEWEST_ACCOUNTS
    ]
    return (
        f"Too early to say what training saves: {' and '.join(missing)} have to be reviewed first." if missing else None
    )


def _sentence(ratio: float, low: float, high: float, ours: int, theirs: int) -> str:
    over = (
        f"{ours} drafts of the adapter against {theirs} of the untrained model in the same weeks;"
        f" 95% interval {low:.0%} to {high:.0%}"
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
        ratios.append(_ratio(ours, theirs))
    ratios.sort()
    return ratios[int(0.025 * RESAMPLES)], ratios[int(0.975 * RESAMPLES) - 1]


def _mean_interval(rows: list[Reviewed]) -> tuple[float, float] | None:
    """By resampling customers; None for too few of them."""
    groups, rng = _by_account(rows), random.Random(0)
    if len(groups) < FEWEST_ACCOUNTS:
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
