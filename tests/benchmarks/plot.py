"""The bench as a picture: what each arm's drafts cost their editor, day by day."""

from pathlib import Path
from statistics import fmean

# Okabe and Ito's colours, which the colour-blind can tell apart. Ours is the strong one.
LINES = {
    "adapter and rules": ("#0072B2", 2.6),
    "adapter": ("#56B4E9", 1.4),
    "copying with slots": ("#E69F00", 1.4),
    "copying": ("#D55E00", 1.4),
    "rules": ("#009E73", 1.4),
    "base": ("#444444", 1.8),
    "floor": ("#999999", 1.2),
}
NAMES = {
    "base": "frozen base",
    "floor": "perfect student",
    "copying": "copying an old mail",
    "copying with slots": "copying, values exchanged",
    "rules": "base and learned rules",
}
APART = 0.035  # between two labels


def draw(path: Path, days: list[int], rates: dict[str, list[list[float]]], title: str) -> None:
    """Write a PNG. `rates` has, for each arm, the edit rates of each day's drafts."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 4.8), dpi=110)
    ends: list[tuple[float, str]] = []
    for arm, (colour, width) in LINES.items():
        if arm in rates:
            means = [fmean(day) for day in rates[arm]]
            axes.plot(days, means, color=colour, linewidth=width, marker="o", markersize=3.5)
            ends.append((means[-1], arm))
    at = -1.0
    for value, arm in sorted(ends):
        at = max(value, at + APART)
        axes.text(days[-1] + 0.15, at, f"{NAMES.get(arm, arm)} {value:.2f}", color=LINES[arm][0], va="center")
    axes.set(ylim=(0, 1.02), xticks=days, xlabel="day, with 20 drafts each", ylabel="share of words to change")
    axes.set_xlim(days[0] - 0.1, days[-1] + 0.36 * max(len(days) - 1, 1))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e5e5e5")
    axes.set_title(title, loc="left", fontsize=12)
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
