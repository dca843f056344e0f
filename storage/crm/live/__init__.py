"""CRMs that are read as they change. A connector is one file: how to log in, what changed in a window, where to log.

It knows neither our rows nor when it is asked. What it gives are texts by column, as an export would; the layouts of
exports make rows of them, so that dates, amounts and everything about consent are read in one way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

__all__ = ["BEGINNING", "AccessError", "Busy", "Connector", "LiveError", "Page", "Sent", "Stream", "Window"]

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class LiveError(Exception):
    """A CRM will not do what was asked, and will not later; the sentence says why."""


class AccessError(LiveError):
    """It will not let us in, or not do that; somebody has to change a key or a permission."""


class Busy(LiveError):
    """It may work later: too many questions, or no answer. `seconds` says how long to wait, where the CRM does."""

    def __init__(self, sentence: str, seconds: float | None = None) -> None:
        super().__init__(sentence)
        self.seconds = seconds


@dataclass(frozen=True)
class Stream:
    """One kind of record over there, and what it becomes here."""

    name: str  # the cursor goes by it
    table: str  # companies, contacts, deals or events
    fields: tuple[str, ...]  # ours that it gives; an empty one is empty there too


@dataclass(frozen=True)
class Window:
    """Records changed from `since` to `until`, by their ids: those after `after`.

    Within a window the order is that of ids, so that a page is the same question at whatever time it is asked, any
    number of records may share a moment, and no list is longer than a CRM gives.
    """

    until: datetime
    since: datetime = BEGINNING
    after: str | None = None


@dataclass(frozen=True)
class Page:
    """Records as texts by column, and the id to go on after; None at the window's end."""

    found: Sequence[Mapping[str, str]] = field(default_factory=tuple)
    after: str | None = None


@dataclass(frozen=True)
class Sent:
    """An email that left, for the timeline of its contact."""

    mark: str  # its Message-ID: the same email has the same one in every attempt
    at: datetime
    contact_id: str
    deal_id: str | None
    recipient: str
    subject: str
    body: str


class Connector(Protocol):
    """One CRM, logged in. Every question may raise a LiveError."""

    streams: Sequence[Stream]  # in this order: what refers to others comes after them

    def check(self) -> None:
        """Look whether the secret is accepted and may read contacts."""
        ...

    def page(self, stream: Stream, window: Window) -> Page: ...

    def log(self, sent: Sent) -> str:
        """Put an email into its contact's timeline unless it is there, and return its id there."""
        ...
