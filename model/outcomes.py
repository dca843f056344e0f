"""What emails earn: the share that people answered, by author, playbook and voice, with intervals. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Z = 1.96  # of a 95% interval
BASE = "frozen base by lot"  # the arm that adapters are compared with
UNTRAINED = "frozen base"  # before an adapter, or by request


@dataclass(frozen=True)
class Sent:
    """An email that left, and what came back. `replied`: a person wrote back and did not only ask for no more."""

    author: str
    playbook: str
    voice: str
    replied: bool = False
    positive: bool = False
    unsubscribed: bool = False
    bounced: bool = False


@dataclass(frozen=True)
class Rate:
    """One line of a table. The shares are of the emails that did not bounce; `low` and `high` bound `reply_rate`."""

    name: str
    sent: int
    bounced: int
    replied: int
    positive: int
    unsubscribed: int
    reply_rate: float | None
    low: float | None
    high: float | None


def rate(name: str, rows: Sequence[Sent]) -> Rate:
    arrived = sum(not row.bounced for row in rows)
    replied = sum(row.replied for row in rows)
    low, high = wilson(replied, arrived) if arrived else (None, None)
    return Rate(
        name,
        len(rows),
        len(rows) - arrived,
        replied,
        sum(row.positive for row in rows),
        sum(row.unsubscribed for row in rows),
        replied / arrived if arrived else None,
        low,
        high,
    )


def rates(rows: Iterable[Sent], by: Callable[[Sent], str]) -> list[Rate]:
    """One line for each value, the one with the most emails first."""
    found: dict[str, list[Sent]] = defaultdict(list)
    for row in rows:
        found[by(row)].append(row)
    return [rate(name, some) for name, some in sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))]


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson), which also holds for few and for none."""
    share, spread = hits / of, Z * Z / of
    middle = (share + spread / 2) / (1 + spread)
    half = Z * (share * (1 - share) / of + spread / (4 * of)) ** 0.5 / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def sentence(rows: Sequence[Sent]) -> str:
    """Whether adapters earn more answers than the frozen base, said only as far as the emails support it."""
    ours = rate("adapters", [row for row in rows if row.author.startswith("adapter")])
    theirs = rate(BASE, [row for row in rows if row.author == BASE])
    if ours.reply_rate is None or theirs.reply_rate is None:
        return "Adapters and the frozen base cannot be compared yet: each needs emails that left."
    said = f"Of the adapters' emails {_shown(ours)} were answered, of the frozen base's {_shown(theirs)}."
    assert ours.low is not None and ours.high is not None and theirs.low is not None and theirs.high is not None
    if ours.low > theirs.high:
        return f"{said} Adapters earn more answers."
    if ours.high < theirs.low:
        return f"{said} Adapters earn fewer answers."
    return f"{said} That is no proof of a difference."


def _shown(one: Rate) -> str:
    assert one.reply_rate is not None and one.low is not None and one.high is not None
    return f"{one.reply_rate:.0%} ({one.low:.0%} to {one.high:.0%}, {one.sent} sent)"
