"""How far a stream was read, as it stands in the database: within a window, or up to a moment."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from storage.crm.live import BEGINNING, Window

# A change may show late: a search index lags, a transaction commits after the time that it writes, clocks differ. So a
# window begins before the last one's end; what is read twice is the same row.
OVERLAP = timedelta(minutes=10)


def current(cursor: Mapping[str, Any] | None, *, now: datetime) -> Window:
    """The window to go on with, or a new one up to now."""
    known = cursor or {}
    since = datetime.fromisoformat(known["since"]) if known.get("since") else BEGINNING
    if known.get("until"):
        return Window(datetime.fromisoformat(known["until"]), since, known.get("after"))
    return Window(now, since)


def moved(window: Window, after: str | None) -> dict[str, Any]:
    """The cursor after a page."""
    if after is None:
        return {"since": max(window.until - OVERLAP, BEGINNING).isoformat()}
    return {"since": window.since.isoformat(), "until": window.until.isoformat(), "after": after}
