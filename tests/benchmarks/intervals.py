"""Intervals for ratios, with customers as clusters: emails to one customer resemble each other."""

import random

RESAMPLES = 2000


def ratio_interval(
    ours: list[float], theirs: list[float], clusters: list[str], *, seed: int = 0
) -> tuple[float, float]:
    """95% interval of sum(ours) / sum(theirs) by resampling whole clusters."""
    sums: dict[str, tuple[float, float]] = {}
    for mine, other, cluster in zip(ours, theirs, clusters, strict=True):
        a, b = sums.get(cluster, (0.0, 0.0))
        sums[cluster] = a + mine, b + other
    pairs, rng = list(sums.values()), random.Random(seed)
    ratios = []
    for _ in range(RESAMPLES):
        drawn = rng.choices(pairs, k=len(pairs))
        ratios.append(sum(a for a, _ in drawn) / max(sum(b for _, b in drawn), 1e-9))
    ratios.sort()
    return ratios[int(0.025 * RESAMPLES)], ratios[int(0.975 * RESAMPLES) - 1]
