"""Named moments in the bot's own code at which a process is killed or stopped, found by patching: it has no hooks.

A point stands before or after a call of one function. What happens there happens at its so-manieth call.
"""

import errno
import importlib
import itertools
import os
import signal
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any


@dataclass(frozen=True)
class Point:
    """Before or after a call of `function`, which is named by its module and its path in it."""

    when: str
    function: str


# From a command to a delivered email, in the order in which they come.
WORK = {
    "before_request_commit": Point("after", "storage.queries:add_draft"),
    "after_commit_before_ack": Point("after", "bot.listeners.asking:Asking._request"),
    "after_ack": Point("before", "bot.listeners.asking:Asking._draft_and_show"),
    "after_claim": Point("before", "bot.drafting:draft_one"),
    "mid_generation": Point("before", "tests.fakes:FakeEngines.complete"),
    "after_generation_before_store": Point("before", "bot.drafting:_finish"),
    "in_store_before_commit": Point("after", "storage.queries:move_draft"),
    "after_store_before_update": Point("after", "bot.drafting:_finish"),
    "before_post": Point("before", "bot.posting:Poster._post"),
    "after_post_before_ts": Point("after", "bot.posting:Poster._post"),
    "after_update_before_note": Point("after", "bot.posting:Poster._put"),
    "in_decision_before_commit": Point("after", "storage.queries:add_delivery"),
    "after_decision_before_ack": Point("after", "bot.listeners.deciding:Deciding.decide"),
    "after_decision_before_delivery": Point("before", "bot.delivery:_Attempt._message"),
    "before_begin": Point("before", "bot.delivery:_Attempt._begin"),
    "after_begin": Point("after", "bot.delivery:_Attempt._begin"),
    "half_an_email": Point("before", "pathlib:Path.replace"),
    "after_delivery_before_mark": Point("after", "bot.mail.outbox:Outbox.deliver"),
    "in_mark_before_commit": Point("after", "storage.queries:finish_delivery"),
    "after_mark": Point("after", "bot.deliverer:deliver_one"),
}
# From a night's claim to its adapter in service.
NIGHT = {
    "after_night_claim": Point("before", "bot.refining:refine"),
    "during_adapter_write": Point("before", "model.adapters:write_gguf"),
    "before_manifest": Point("before", "model.adapters:asdict"),
    "before_sync": Point("before", "model.folders:_sync"),
    "before_rename": Point("before", "model.folders:_rename"),
    "after_rename": Point("after", "model.folders:_rename"),
    "before_verdict": Point("before", "model.gate:decide"),
    "before_pointer_move": Point("before", "storage.queries:move_pointer"),
    "after_pointer_before_commit": Point("after", "storage.queries:move_pointer"),
    "after_pointer_commit": Point("after", "bot.refining:_finish"),
}
# What a disk or a database may refuse at any call.
REFUSALS = {
    "commit": Point("before", "sqlalchemy.engine.default:DefaultDialect.do_commit"),
    "fsync": Point("before", "os:fsync"),
    "write": Point("before", "bot.mail.outbox:Outbox._write"),
    "rename": Point("before", "pathlib:Path.replace"),
}
POINTS = WORK | NIGHT | REFUSALS


def arm(name: str, number: int, act: Callable[[], None]) -> None:
    """Let this process do `act` at the so-manieth call of a point."""
    point, calls = POINTS[name], itertools.count(1)

    def around(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def wrapped(*given: Any, **how: Any) -> Any:
            here = next(calls) == number
            if here and point.when == "before":
                act()
            result = function(*given, **how)
            if here and point.when == "after":
                act()
            return result

        return wrapped

    patch(point.function, around)


def patch(function: str, around: Callable[[Any], Any]) -> None:
    """Put something else in the place of a function for as long as this process lives."""
    module, _, path = function.partition(":")
    *holders, name = path.split(".")
    holder = importlib.import_module(module)
    for each in holders:
        holder = getattr(holder, each)
    setattr(holder, name, around(getattr(holder, name)))


# What may happen there -----------------------------------------------------------------------------------------------


def die() -> None:
    """As kill -9 does it: nothing is put in order."""
    os.kill(os.getpid(), signal.SIGKILL)


def stand_still() -> None:
    """Until somebody sends SIGCONT."""
    os.kill(os.getpid(), signal.SIGSTOP)


def disk_full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def io_error() -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def database_full() -> None:
    raise sqlite3.OperationalError("database or disk is full")
