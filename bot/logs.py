"""What the log says: one line per event, for people or as JSON, and never an email or a token.

Every listener, draft, delivery and card has a reference. It stands in each line that is logged on its behalf, and it is
what people are told to quote when something fails.
"""

import json
import logging
import re
import secrets
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from datetime import UTC, datetime
from functools import partial
from typing import Any, ParamSpec, TextIO, TypeVar

Given = ParamSpec("Given")
Returned = TypeVar("Returned")

OURS = ("bot", "model", "storage")
TOKEN = re.compile(r"xox[a-z]-\S+|xox[a-z]\.xox\S+|xapp-\S+")
_reference: ContextVar[str] = ContextVar("reference", default="")


@contextmanager
def referring() -> Iterator[str]:
    """Give what is done within a reference of its own."""
    token = _reference.set(secrets.token_hex(4))
    try:
        yield _reference.get()
    finally:
        _reference.reset(token)


def reference() -> str:
    """The reference of what is being done, to be shown to people; a new one where none was given."""
    return _reference.get() or secrets.token_hex(4)


class Listening(ThreadPoolExecutor):
    """Threads that go on under the reference of whoever gave them the work."""

    def submit(self, fn: Callable[Given, Returned], /, *args: Given.args, **kwargs: Given.kwargs) -> "Future[Returned]":
        return super().submit(partial(copy_context().run, fn, *args, **kwargs))


class Lines(logging.Formatter):
    """For people."""

    def format(self, record: logging.LogRecord) -> str:
        known = _reference.get()
        named = f"{record.name} {known}" if known else record.name
        return f"{_moment(record)} {record.levelname.lower()} {named}: {_said(record)}"


class Json(logging.Formatter):
    """For a log collector: one object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "thread": record.threadName,
            "reference": _reference.get() or None,
            "message": TOKEN.sub("…", record.getMessage()),
            "error": _error(record) or None,
        }
        return json.dumps({name: value for name, value in line.items() if value is not None}, ensure_ascii=False)


@contextmanager
def written(kind: str, stream: TextIO) -> Iterator[None]:
    """Log to a stream for as long as this lasts: `lines` or `json`. Others' libraries are heard from a warning on."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Json() if kind == "json" else Lines())
    before = {room: logging.getLogger(room).level for room in OURS}
    logging.getLogger().addHandler(handler)
    for room in OURS:
        logging.getLogger(room).setLevel(logging.INFO)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        for room, level in before.items():
            logging.getLogger(room).setLevel(level)


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _said(record: logging.LogRecord) -> str:
    return "\n".join(filter(None, (TOKEN.sub("…", record.getMessage()), _error(record))))


def _error(record: logging.LogRecord) -> str:
    """Type and place of an error and of those behind it. What an unexpected error says may quote an email."""
    found: list[str] = []
    error = record.exc_info[1] if record.exc_info else None
    while error is not None:
        place = "".join(traceback.format_tb(error.__traceback__)).rstrip()
        found.append(f"{place}\n{type(error).__name__}".strip())
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\nwhich came of\n".join(found)
