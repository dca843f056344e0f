"""What came of the tone that somebody asked for, in figures that can be checked on the card itself."""

from typing import Any

from bot.cards.words import counted

Read = dict[str, int]
COMPARATIVE = {"shorter": "Shorter", "warmer": "Warmer", "more direct": "More direct"}
WARM_ARE = "thanks, glad, please, their first name and the like"
HEDGES_ARE = "just, perhaps and the like"


def toned(found: dict[str, Any] | None) -> list[str]:
    """One line; none where no tone was asked for."""
    if not found:
        return []
    tone = found["tone"]
    if not found["more"]:
        so = "the text stays as it was" if found["shown"] else "this is the usual draft"
        return [f"*Not {COMPARATIVE[tone].lower()}:* no version came out {tone}, so {so}."]
    instead = "instead of" if found["shown"] else "instead of the usual draft's"
    return [f"*{COMPARATIVE[tone]}:* {_FIGURES[tone](found['before'], found['after'], instead)}."]


def _shorter(before: Read, after: Read, instead: str) -> str:
    return f"{counted(after['words'], 'word')} {instead} {before['words']}"


def _warmer(before: Read, after: Read, instead: str) -> str:
    now = f"{counted(after['warm'], 'warm word')} in {after['words']}"
    return f"{now} {instead} {before['warm']} in {before['words']} ({WARM_ARE})"


def _more_direct(before: Read, after: Read, instead: str) -> str:
    said = f"asks after {counted(after['until_ask'], 'word')} {instead} {before['until_ask']}"
    if before["hedges"] == after["hedges"]:
        return said
    return f"{said}, with {counted(after['hedges'], 'hedge')} instead of {before['hedges']} ({HEDGES_ARE})"


_FIGURES = {"shorter": _shorter, "warmer": _warmer, "more direct": _more_direct}
