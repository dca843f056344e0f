"""Scorecards to a verdict with reasons. Pure: the same figures give the same verdict."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from model.evaluate import Scorecard

ALPHA = 0.05  # of the periods without any real gain may end with a promotion
FLIPS = 20_000  # random sign flips where there are too many clusters to try them all
ALL_FLIPS_UP_TO = 14  # clusters: 2^14 sums are exact and quick
LENGTH_RATIO = (0.7, 1.4)
MOST_FLAWED = 0.1  # share of drafts that may be unfinished, looping or hold an unfilled slot
WORSE_FOR_ONE = 0.05  # more than this no reviewer's drafts may get worse
MORE_FINDINGS = 0.05  # of the drafts, or one draft: so much more may carry a finding in any case
FINDINGS_BY_CHANCE = 0.15  # and more than that where chance alone gives as many so often
CONTEXTS_OF_ONE = 5  # fewer of a reviewer say nothing
RESAMPLES = 2000
ROUNDING = 1e-9


@dataclass(frozen=True)
class Verdict:
    """Whether the candidate serves from now on, and why, in sentences for people.

    `tested` says that the two were compared, which spends some of the period's allowance for luck. `ratio` is the
    candidate's edit rate over the frozen base's as a 95% interval, for display.
    """

    promote: bool
    tested: bool
    reasons: list[str]
    ratio: tuple[float, float]


def decide(
    candidate: Scorecard,
    incumbent: Scorecard,
    base: Scorecard,
    copying: Scorecard,
    *,
    accounts: Sequence[str],
    reviewers: Sequence[str | None],
    tests_run: int,
) -> Verdict:
    """Promote only if people would have to edit less, beyond what luck explains, and nothing else got worse.

    `accounts` and `reviewers` name those of each context; emails to one account resemble each other and count
    together. `tests_run` is how often the period's held-out emails were looked at already: each look has its luck, and
    one that shows no gain counts too. Were only the promising ones counted, each would be lucky twice as often.
    """
    figures = _figures(candidate, incumbent, base, copying)
    ratio = ratio_interval(candidate.edit_rates, base.edit_rates, accounts)
    gains = [old - new for old, new in zip(incumbent.edit_rates, candidate.edit_rates, strict=True)]
    limit = allowance(tests_run + 1)
    if missing := accounts_missing(len(set(accounts)), limit):
        reason = (
            f"Too little to judge by: held-out emails to {len(set(accounts))} customers, {missing} more are needed."
        )
        return Verdict(False, False, [reason, figures], ratio)
    failed = [*_guards(candidate, incumbent), *_findings(candidate, incumbent, accounts), *_worse_for(gains, reviewers)]
    chance = sign_flip(gains, accounts)
    if not fmean(gains) > 0:  # so that a figure that is no number fails
        failed.append("It would have to be edited as much as the drafts in service, or more.")
    elif chance > limit:
        failed.append(
            f"The gain could be luck: chance alone gives as much in {_percent(chance)} of cases,"
            f" {_percent(limit)} is the limit for look {tests_run + 1}."
        )
    if failed:
        return Verdict(False, True, [*failed, figures], ratio)
    return Verdict(True, True, [f"People would have to edit less: {_gain(candidate, incumbent)}.", figures], ratio)


def allowance(look: int) -> float:
    """The share of luck that the n-th look of a period may have. Over all looks they add up to ALPHA."""
    return ALPHA * 6 / (math.pi**2 * look**2)


def accounts_missing(accounts: int, limit: float) -> int:
    """How many more accounts are needed before a test can pass at all: its smallest p-value is 2^-accounts."""
    return max(0, math.ceil(-math.log2(limit)) - accounts)


def sign_flip(gains: Sequence[float], clusters: Sequence[str]) -> float:
    """One-sided p-value of the mean gain being above zero, by flipping the signs of cluster sums.

    Exact for few clusters, sampled with a fixed seed for many. The smallest value reachable is 2^-clusters.
    """
    sums: dict[str, float] = defaultdict(float)
    for gain, cluster in zip(gains, clusters, strict=True):
        sums[cluster] += gain
    totals = np.array(list(sums.values()))
    observed = totals.sum() - 1e-12
    if len(totals) <= ALL_FLIPS_UP_TO:
        bits = np.arange(2 ** len(totals))[:, None] >> np.arange(len(totals)) & 1
        return float(((1 - 2 * bits) @ totals >= observed).mean())
    flips = np.random.default_rng(0).choice((1, -1), size=(FLIPS, len(totals)))
    return float((int((flips @ totals >= observed).sum()) + 1) / (FLIPS + 1))


def ratio_interval(ours: Sequence[float], theirs: Sequence[float], clusters: Sequence[str]) -> tuple[float, float]:
    """95% interval of the ratio of two mean rates, by resampling whole clusters with a fixed seed."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for mine, other, cluster in zip(ours, theirs, clusters, strict=True):
        sums[cluster][0] += mine
        sums[cluster][1] += other
    if not sums:
        return 0.0, math.inf
    totals = np.array(list(sums.values()))
    drawn = totals[np.random.default_rng(0).integers(len(totals), size=(RESAMPLES, len(totals)))].sum(axis=1)
    low, high = np.quantile(drawn[:, 0] / np.maximum(drawn[:, 1], 1e-9), (0.025, 0.975))
    return float(low), float(high)


def _guards(candidate: Scorecard, incumbent: Scorecard) -> list[str]:
    """What a better mean never buys off."""
    low, high = LENGTH_RATIO
    failed = []
    if not low <= candidate.length_ratio <= high:
        failed.append(f"Its drafts are {candidate.length_ratio:.0%} as long as what people send.")
    for share, before, what in (
        (candidate.unfinished, incumbent.unfinished, "stop in the middle"),
        (candidate.looping, incumbent.looping, "repeat themselves"),
        (candidate.missing, incumbent.missing, "ask for a fact that the record does not have"),
        (candidate.unsupported, incumbent.unsupported, "state a number, an address or a link that nobody gave them"),
    ):
        if share > MOST_FLAWED:
            failed.append(
                f"{share:.0%} of its drafts {what}; at most {MOST_FLAWED:.0%} may (in service: {before:.0%})."
            )
    if candidate.leaks:
        failed.append(f"{candidate.leaks} of its drafts name a customer they are not about.")
    return failed


def _findings(candidate: Scorecard, incumbent: Scorecard, accounts: Sequence[str]) -> list[str]:
    """More drafts that carry a warning, beyond what chance explains. Names the rule as docs/guardrails.md does."""
    more = [bool(new) - bool(old) for new, old in zip(candidate.found, incumbent.found, strict=True)]
    if sum(more) <= max(1.0, MORE_FINDINGS * len(more)) or sign_flip(more, accounts) > FINDINGS_BY_CHANCE:
        return []
    return [
        f"{candidate.findings:.0%} of its drafts would carry a warning, most often “{next(iter(candidate.rules))}”;"
        f" in service it is {incumbent.findings:.0%}."
    ]


def _worse_for(gains: Sequence[float], reviewers: Sequence[str | None]) -> list[str]:
    """A gain for all may not be one person's loss."""
    by_reviewer: dict[str, list[float]] = defaultdict(list)
    for gain, reviewer in zip(gains, reviewers, strict=True):
        if reviewer:
            by_reviewer[reviewer].append(gain)
    return [
        f"One reviewer would have to edit {-fmean(own):.0%} of the words more than now."
        for own in by_reviewer.values()
        if len(own) >= CONTEXTS_OF_ONE and fmean(own) < -WORSE_FOR_ONE
    ]


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}"


def _gain(candidate: Scorecard, incumbent: Scorecard) -> str:
    return f"{candidate.edit_rate:.0%} of the words instead of {incumbent.edit_rate:.0%}"


def _figures(candidate: Scorecard, incumbent: Scorecard, base: Scorecard, copying: Scorecard) -> str:
    in_service = "" if incumbent.name == base.name else f", adapter in service {incumbent.edit_rate:.0%}"
    return (
        f"Share of words to change over {len(candidate.edit_rates)} held-out emails: "
        f"base model {base.edit_rate:.0%}{in_service}, copying an old mail {copying.edit_rate:.0%}, "
        f"candidate {candidate.edit_rate:.0%}."
    )
