"""The edit rate by week as a picture. Drawn in a process of its own: the library is larger than the bot may grow."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from model.benefit import FEWEST_ACCOUNTS, Arm, Benefit, Week

ADAPTER, CONTROL = "#0072B2", "#6b6b6b"  # Okabe and Ito's blue, which the colour-blind can tell from grey
NOTE = f"Bands: 95% intervals. Hollow points: fewer than {FEWEST_ACCOUNTS} customers, too few for one."
LEAST_GAP = 0.075  # between the two labels, as a share of the height


def draw(path: Path, weeks: list[Week], benefit: Benefit) -> None:
    """Write a PNG that Slack shows readably at its usual width."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import dates, pyplot

    weeks = [week for week in weeks if week.adapter or week.control]
    figure, axes = pyplot.subplots(figsize=(8, 4.2), dpi=110)
    trained = [(week.monday, week.adapter) for week in weeks if week.adapter]
    untrained = [(week.monday, week.control) for week in weeks if week.control]
    _line(axes, untrained, CONTROL)
    _line(axes, trained, ADAPTER)
    right = weeks[-1].monday
    for name, colour, (monday, arm), height in _labels(trained, untrained):
        axes.plot(
            [monday, right], [arm.rate, arm.rate], ":", color=colour, lw=1.4
        )  # to the label, if weeks are missing
        text = f"{name} {100 * arm.rate:.0f}"
        axes.annotate(text, (right, height), (10, 0), textcoords="offset points", color=colour, va="center", size=12)
    axes.set_ylim(0, 1.02)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])
    axes.set_xticks([week.monday for week in weeks][:: -1 - len(weeks) // 9])  # every other one where they are many
    span = max((right - weeks[0].monday).days, 7)
    axes.set_xlim(weeks[0].monday - timedelta(days=1 + span // 30), right + timedelta(days=1 + span // 4))
    axes.xaxis.set_major_formatter(dates.DateFormatter("%-d %b"))
    axes.set_ylabel("words to change, of 100", size=11)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e8e8e8")
    axes.set_axisbelow(True)
    axes.set_title(title(benefit), loc="left", fontsize=13, fontweight="bold")
    figure.text(0.012, 0.012, NOTE, color="#555555", size=9)
    figure.tight_layout(rect=(0, 0.04, 1, 1))
    figure.savefig(path)
    pyplot.close(figure)


def title(benefit: Benefit) -> str:
    """The message, claimed no further than the interval goes."""
    if benefit.ratio is None or benefit.high is None:
        return "What people change in drafts, week by week"
    if benefit.halved:
        return f"Edits are halved: trained drafts need {benefit.ratio:.0%} of the changes"
    if benefit.high < 1:
        return f"Trained drafts need {benefit.ratio:.0%} of the changes of untrained ones"
    return "No saving is shown yet"


def _line(axes: Any, points: list[tuple[date, Arm]], colour: str) -> None:
    axes.plot([monday for monday, _ in points], [arm.rate for _, arm in points], color=colour, lw=2.4)
    for monday, arm in points:
        fill = colour if arm.interval else "white"
        axes.plot([monday], [arm.rate], "o", color=colour, markerfacecolor=fill, markeredgewidth=1.8, clip_on=False)
    for run in _runs(points):
        mondays, lows, highs = zip(*run, strict=True)
        if len(run) > 1:
            axes.fill_between(mondays, lows, highs, color=colour, alpha=0.16, linewidth=0)
        else:  # no neighbour to span a band to
            axes.vlines(mondays, lows, highs, color=colour, alpha=0.25, linewidth=7)


def _runs(points: list[tuple[date, Arm]]) -> list[list[tuple[date, float, float]]]:
    """Points next to each other that have an interval, each with its ends."""
    runs: list[list[tuple[date, float, float]]] = [[]]
    for monday, arm in points:
        if arm.interval:
            runs[-1].append((monday, *arm.interval))
        else:
            runs.append([])
    return [run for run in runs if run]


def _labels(
    trained: list[tuple[date, Arm]], untrained: list[tuple[date, Arm]]
) -> list[tuple[str, str, tuple[date, Arm], float]]:
    """Name, colour, last point and height of each label, far enough apart to be read."""
    found = [
        (name, colour, points[-1], points[-1][1].rate)
        for name, colour, points in (("trained", ADAPTER, trained), ("untrained", CONTROL, untrained))
        if points
    ]
    found.sort(key=lambda label: label[3])
    if len(found) < 2 or found[1][3] - found[0][3] >= LEAST_GAP:
        return found
    middle = min(max((found[0][3] + found[1][3]) / 2, LEAST_GAP / 2), 1 - LEAST_GAP / 2)
    return [(*found[0][:3], middle - LEAST_GAP / 2), (*found[1][:3], middle + LEAST_GAP / 2)]
