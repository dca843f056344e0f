"""The edit rate by week as a picture. Drawn in a process of its own: the library is larger than the bot may grow."""

from datetime import timedelta
from pathlib import Path

from model.benefit import Benefit, Week

ADAPTER, CONTROL = "#0072B2", "#767676"  # Okabe and Ito's blue, which the colour-blind can tell from grey


def draw(path: Path, weeks: list[Week], benefit: Benefit) -> None:
    """Write a PNG that Slack shows readably at its usual width."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import dates, pyplot

    figure, axes = pyplot.subplots(figsize=(8, 4), dpi=110)
    for name, colour, points in (
        ("trained", ADAPTER, [(week.monday, week.adapter, week.adapter_interval) for week in weeks]),
        ("untrained", CONTROL, [(week.monday, week.control, week.control_interval) for week in weeks]),
    ):
        known = [(monday, rate, interval) for monday, rate, interval in points if rate is not None]
        if known:
            axes.plot(
                [monday for monday, *_ in known], [rate for _, rate, _ in known], color=colour, lw=2.4, marker="o"
            )
            sure = [(monday, *interval) for monday, _, interval in known if interval]
            if sure:
                axes.fill_between(*zip(*sure, strict=True), color=colour, alpha=0.15, linewidth=0)
            last, rate, _ = known[-1]
            axes.annotate(
                f"{name} {100 * rate:.0f}",
                (last, rate),
                (8, 0),
                textcoords="offset points",
                color=colour,
                va="center",
            )
    axes.set_ylim(0, 1.02)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])
    axes.set_xticks([week.monday for week in weeks])
    axes.set_xlim(weeks[0].monday - timedelta(days=2), weeks[-1].monday + timedelta(days=2 + 2 * len(weeks)))
    axes.xaxis.set_major_formatter(dates.DateFormatter("%-d %b"))
    axes.set_ylabel("words to change, of 100")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e8e8e8")
    axes.set_title(_title(benefit), loc="left", fontsize=12, fontweight="bold")
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)


def _title(benefit: Benefit) -> str:
    if benefit.ratio is None:
        return "What people change in drafts, week by week"
    if benefit.halved:
        return f"Edits are halved: {benefit.ratio:.0%} of what untrained drafts cost"
    return f"Trained drafts cost {benefit.ratio:.0%} of the edits of untrained ones"
