"""Scorecards to a verdict with reasons. Pure: the same figures give the same verdict."""

from dataclasses import dataclass
from itertools import product
from random import Random
from statistics import fmean

from model.evaluate import Scorecard

FEWEST_CONTEXTS = 8
ALPHA = 0.05
FLIPS = 20_000  # random sign flips where there are too many clusters to try them all
ALL_FLIPS_UP_TO = 14  # clusters: 2^14 sums are exact and quick
LENGTH_RATIO = (0.7, 1.4)
MOST_FLAWED = 0.1  # share of drafts that may be unfinished, looping or hold an unfilled slot


@dataclass(frozen=True)
class Verdict:
    """Whether the candidate serves from now on, and why, in sentences for people."""

    promote: bool
    reasons: list[str]


def decide(
    candidate: Scorecard, incumbent: Scorecard, base: Scorecard, copying: Scorecard, clusters: list[str]
) -> Verdict:
    """Promote only if people would have to edit less, beyond what luck explains, and nothing else got worse.

    `clusters` names the account of each context: emails to one account resemble each other and count together.
    """
    figures = _figures(candidate, incumbent, base, copying)
    contexts = len(candidate.edit_rates)
    if contexts < FEWEST_CONTEXTS:
        missing = FEWEST_CONTEXTS - contexts
        return Verdict(False, [f"Only {contexts} held-out emails to judge by; {missing} more are needed.", figures])
    failed = _guards(candidate)
    gains = [old - new for old, new in zip(incumbent.edit_rates, candidate.edit_rates, strict=True)]
    chance = sign_flip(gains, clusters)
    if fmean(gains) <= 0:
        failed.append("It would have to be edited as much as the drafts in service, or more.")
    elif chance > ALPHA:
        failed.append(
            f"The gain could be luck: chance alone gives as much in {chance:.0%} of cases, {ALPHA:.0%} is the limit."
        )
    if failed:
        return Verdict(False, [*failed, figures])
    return Verdict(True, [f"People would have to edit less: {_gain(candidate, incumbent)}.", figures])


def sign_flip(gains: list[float], clusters: list[str]) -> float:
    """One-sided p-value of the mean gain being above zero, by flipping the signs of cluster sums.

    Exact for few clusters, sampled with a fixed seed for many. The smallest value reachable is 2^-clusters.
    """
    sums: dict[str, float] = {}
    for gain, cluster in zip(gains, clusters, strict=True):
        sums[cluster] = sums.get(cluster, 0.0) + gain
    totals = list(sums.values())
    observed = sum(totals) - 1e-12
    if len(totals) <= ALL_FLIPS_UP_TO:
        flips = list(product((1, -1), repeat=len(totals)))
    else:
        rng = Random(0)
        flips = [tuple(rng.choice((1, -1)) for _ in totals) for _ in range(FLIPS)]
    hits = sum(sum(s * t for s, t in zip(flip, totals, strict=True)) >= observed for flip in flips)
    return hits / len(flips)


def _guards(candidate: Scorecard) -> list[str]:
    low, high = LENGTH_RATIO
    failed = []
    if not low <= candidate.length_ratio <= high:
        failed.append(f"Its drafts are {candidate.length_ratio:.0%} as long as what people send.")
    for share, what in (
        (candidate.unfinished, "stop in the middle"),
        (candidate.looping, "repeat themselves"),
        (candidate.missing, "ask for a fact that the record does not have"),
    ):
        if share > MOST_FLAWED:
            failed.append(f"{share:.0%} of its drafts {what}; at most {MOST_FLAWED:.0%} may.")
    return failed


def _gain(candidate: Scorecard, incumbent: Scorecard) -> str:
    return f"{candidate.edit_rate:.0%} of the words instead of {incumbent.edit_rate:.0%}"


def _figures(candidate: Scorecard, incumbent: Scorecard, base: Scorecard, copying: Scorecard) -> str:
    in_service = "" if incumbent.name == base.name else f", adapter in service {incumbent.edit_rate:.0%}"
    return (
        f"Share of words to change over {len(candidate.edit_rates)} held-out emails: "
        f"base model {base.edit_rate:.0%}{in_service}, copying an old mail {copying.edit_rate:.0%}, "
        f"candidate {candidate.edit_rate:.0%}."
    )
