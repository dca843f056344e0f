"""`afterword demo`: the sample company, a local Slack to play in, and the real bot between them."""

import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from urllib.request import urlopen

from bot import emulator, progress
from bot.emulator import LOOPBACK, Child, EmulatorError, Slack
from bot.emulator_page import Page, mended
from bot.settings import Settings
from storage import queries
from storage.database import Database

EXAMPLE = "/draft-followup Joost Hendriks confirm next steps"
READY_SECONDS = 60.0


class DemoError(Exception):
    """The demo cannot run; the sentence says why and what to do."""


Start = Callable[[Settings, ExitStack], tuple[list[Child], str]]


def run(settings: Settings, start: Start) -> None:
    """Run a demo until Ctrl-C, then end everything it started. Raises DemoError."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        with ExitStack() as started:
            started.callback(signal.signal, signal.SIGINT, signal.SIG_DFL)
            try:
                children, welcome = start(settings, started)
                say(welcome)
                _wait(children)
            except KeyboardInterrupt:
                signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave anybody behind
                say("Stopping …")
    except EmulatorError as error:
        raise DemoError(str(error)) from None


def start_slack(settings: Settings, started: ExitStack) -> tuple[list[Child], str]:
    """Start everything for Slack; what runs, and what to say."""
    began = time.monotonic()
    slack = Slack(zone=settings.timezone.key)
    page_port, slack_port = settings.port, settings.port + 1
    check_ports(page_port, slack_port)
    folder = settings.home / "demo"
    program = emulator.find(settings.cache, say)
    seed(settings, team_id=slack.team_id, name=slack.workspace)
    fetch_base(settings)

    playing = emulator.start(program, emulator.configuration(slack), port=slack_port, folder=folder)
    started.callback(playing.end)
    serving = Child(
        [sys.executable, "-m", "bot", "serve"],
        log=folder / "serve.log",
        environment=_environment(settings, slack, slack_port),
    )
    started.callback(serving.end)
    _wait_for_bot(serving, slack_port)

    with urlopen(f"http://{LOOPBACK}:{slack_port}/", timeout=10) as answer:  # nosec B310  # always http
        page = answer.read().decode("utf-8")
    shown = Page(mended(page, emulator=f"{LOOPBACK}:{slack_port}", hint=EXAMPLE), port=page_port)
    shown.start()
    started.callback(shown.stop)
    return [playing, serving], _welcome(settings.port, time.monotonic() - began)


def check_ports(*ports: int) -> None:
    for port in ports:
        if not emulator.free(port):
            raise DemoError(
                f"Port {port} is in use. End the program that holds it, or choose another pair of ports:"
                f" PORT={ports[0] + 100} make demo"
            )


def seed(settings: Settings, *, team_id: str, name: str) -> None:
    """Import the sample company, unless an earlier demo did."""
    from bot import sample_company

    with closing(Database(settings.database)) as database:
        database.migrate()
        with database.writing() as session:
            workspace = queries.workspace_for_team(session, team_id=team_id, name=name)
            assert workspace.id is not None
            if queries.any_contact(session, workspace_id=workspace.id):
                return
        sample_company.seed(
            database,
            home=settings.home,
            workspace_id=workspace.id,
            zone=settings.timezone,
            now=datetime.now(UTC),
            bar=progress.bar,
        )


def fetch_base(settings: Settings) -> None:
    """Here, where the progress can be seen; `serve` then finds it in the cache."""
    from model import base

    base.find(settings.base_model, settings.cache, progress=progress.download())


def _environment(settings: Settings, slack: Slack, slack_port: int) -> dict[str, str]:
    """What points `serve` at the emulator, whatever stands in `.env`."""
    return {
        **settings.child_environment(),
        "SLACK_API_URL": f"http://{LOOPBACK}:{slack_port}/api/",
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "AFTERWORD_MAIL": "outbox",  # the people of the sample company have no mailboxes
        "AFTERWORD_ADMINS": settings.admins or slack.admin,
        "AFTERWORD_REPORT_CHANNEL": settings.report_channel or slack.channel,
    }


def _wait_for_bot(serving: Child, slack_port: int) -> None:
    """Until the bot's socket stands."""
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and serving.returncode is None:
        log = emulator.state(slack_port, "log") or {"log": []}
        if any("socket connected" in entry["summary"] for entry in log["log"]):
            return
        time.sleep(0.1)
    raise DemoError(f"The bot did not start: {serving.last_words()} Its log is {serving.log}.")


def _wait(children: list[Child]) -> None:
    while True:
        time.sleep(1.0)
        for child in children:
            if child.returncode is not None:
                raise DemoError(f"A part of the demo ended by itself: {child.last_words()} Its log is {child.log}.")


def _welcome(port: int, seconds: float) -> str:
    return f"""
Afterword is ready ({seconds:.1f} s): http://{LOOPBACK}:{port}

  1. Open that address. You are Robin, and the channel is #followups.
  2. Type   {EXAMPLE}   and press Enter.
  3. When the card is there, click Approve, or Edit to change the email first. A card without Approve says
     what has to be changed before the email may go out.

The drafts come from the untrained base. To let it learn Mendwell's voice from the 90 past emails that came with the
sample company, run   make refine MINUTES=6   in another terminal; the next draft uses what it learned.
Ctrl-C ends everything. The emulator can be reached from your network without a password: use one that you trust.
"""


def say(text: str) -> None:
    progress.console.print(text, highlight=False, markup=False, soft_wrap=True)
