"""The whole bot in this process: real Bolt, real worker, real rows; Slack and the model engine are doubles."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from bot import checking, drafting
from bot.app import Bot, build
from bot.settings import Settings
from storage.database import Database
from tests.fakes import Clock, FakeEngines
from tests.slack import SECRET, FakeSlack

Found = TypeVar("Found")
REPLY = "Subject: Planning without panic\n\nHi Dana,\n\nThank you for joining.\n\nBest,\nMaya"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings(home: Path, slack: FakeSlack, **more: object) -> Settings:
    """Settings for signed HTTP against a double of Slack, whatever the environment says."""
    known = {
        "home": home,
        "timezone": "Europe/Berlin",
        "SLACK_BOT_TOKEN": "xoxb-test",
        "SLACK_APP_TOKEN": None,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": slack.url,
        "PORT": free_port(),
    }
    return Settings(_env_file=None, **{**known, **more})  # type: ignore[arg-type]


def desk(database: Database, engines: FakeEngines, home: Path, clock: Clock) -> drafting.Desk:
    given = Settings(_env_file=None, home=home, timezone="Europe/Berlin")  # type: ignore[call-arg]
    return drafting.Desk(
        database=database,
        engines=engines,  # type: ignore[arg-type]
        standards=checking.by_workspace(given, database),
        adapters=given.adapters,
        clock=clock,
    )


@contextmanager
def running(given: Settings, database: Database, engines: FakeEngines, clock: Clock) -> Iterator[Bot]:
    """The bot, started; stopped at the end."""
    at_work = desk(database, engines, given.home, clock)
    bot = build(
        given,
        database=database,
        clock=clock,
        standards=at_work.standards,
        worker=lambda changed, progressed: drafting.Worker(at_work, changed, progressed),
        nightly=False,
    )
    bot.start()
    try:
        yield bot
    finally:
        bot.stop()


def until(look: Callable[[], Found | None], seconds: float = 10.0) -> Found:
    """What `look` finds, as soon as it finds something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.1)  # a busy look would take a core from the engine
    raise AssertionError(f"nothing found within {seconds} s")
