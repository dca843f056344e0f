"""`afterword demo --surface teams`: the sample company, Microsoft's local client, and the real bot between them."""

import sys
import time
from contextlib import ExitStack
from urllib.error import URLError
from urllib.request import Request, urlopen

from bot import demo
from bot.demo import DemoError
from bot.emulator import LOOPBACK, Child
from bot.settings import Settings
from bot.teams import playground
from bot.teams.desk import Tenant

EXAMPLE = "draft-followup Joost Hendriks confirm next steps"
CLIENT = "00000000-0000-4000-8000-00000000af70"  # of an app that is nowhere registered


def start(settings: Settings, started: ExitStack) -> tuple[list[Child], str]:
    """Start everything; what runs, and what to say. Raises DemoError and EmulatorError."""
    page, bot = settings.port, settings.port + 1
    demo.check_ports(page, bot)
    folder = settings.home / "demo"
    program = playground.find(settings.cache, demo.say)
    demo.seed(settings, team_id=Tenant.of(playground.TENANT, None).home, name="Mendwell")
    demo.fetch_base(settings)
    log, command = folder / "serve.log", [sys.executable, "-m", "bot", "serve"]
    serving = Child(command, log=log, environment=environment(settings, bot))
    started.callback(serving.end)
    _wait(serving, bot)
    playing = playground.start(program, bot=bot, port=page, folder=folder, environment=settings.child_environment())
    started.callback(playing.end)
    return [playing, serving], page_text(page)


def environment(settings: Settings, port: int) -> dict[str, str]:
    """What points `serve` at the playground, whatever stands in `.env`."""
    return {
        **settings.child_environment(),
        **dict.fromkeys(("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_CLIENT_ID"), ""),
        "TEAMS_CLIENT_ID": CLIENT,
        "TEAMS_TENANT_ID": playground.TENANT,
        "TEAMS_UNSAFE_LOCAL": "1",
        "TEAMS_PORT": str(port),
        "AFTERWORD_MAIL": "outbox",  # the people of the sample company have no mailboxes
    }


def _wait(serving: Child, port: int) -> None:
    until = time.monotonic() + demo.READY_SECONDS
    while time.monotonic() < until and serving.returncode is None:
        try:
            urlopen(Request(f"http://{LOOPBACK}:{port}/"), timeout=5)
        except URLError as error:
            if getattr(error, "code", None) == 404:  # it answers; there is no page
                return
        time.sleep(0.1)
    raise DemoError(f"The bot did not start: {serving.last_words()} Its log is {serving.log}.")


def page_text(port: int) -> str:
    return f"""
Afterword is ready: http://localhost:{port}

  1. Open that address. It is Microsoft's local client for Teams; you are Alex, in a chat with the bot.
  2. Type   {EXAMPLE}   and press Enter.
  3. When the card is there, press Approve, or Edit to change the email first. A card without Approve says
     what has to be changed before the email may go out.

Ctrl-C ends everything. The bot believes whoever reaches it, and therefore listens on this machine alone.
"""
