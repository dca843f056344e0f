"""The emulate package: a Slack that knows what views, triggers, channels and scopes mean, on loopback.

It has no commands, clicks or sockets, and looks at no limits. 0.11.2 has no option for where it listens, so
`loopback.cjs` is loaded first.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from bot.emulator import LOOPBACK, Child
from tests.conformance.http_manifest import SOCKET, read
from tests.conformance.recorder import Somebody
from tests.running import free_port, until

HERE = Path(__file__).parent
OURS, POOR, SEEING, ADMIN = "xoxb-ours", "xoxb-poor", "xoxb-seeing", "xoxb-admin"
ALL = (
    "channels:read channels:manage channels:history groups:read groups:write groups:history im:read im:write im:history"
)


class Emulate:
    """The running emulator. `ours` is the bot with the scopes of the manifest, `seeing` the bot with every scope."""

    def __init__(self, port: int) -> None:
        self.url = f"http://{LOOPBACK}:{port}/api/"
        self.views = f"http://{LOOPBACK}:{port}/?tab=views"
        self.ours, self.seeing, self.admin = self.client(OURS), self.client(SEEING), self.client(ADMIN)
        self.team = str(self.ours.auth_test()["team_id"])
        self.people: dict[str, str] = {each["name"]: each["id"] for each in self.admin.users_list()["members"]}

    def client(self, token: str) -> Somebody:
        return Somebody(token=token, base_url=self.url, retry_handlers=[])

    def trigger(self) -> str:
        """A fresh trigger, as a click of Robin's would carry."""
        who = {"user_id": self.people["robin"]}
        return str(self.ours.api_call("views.generateTriggerId", json=who)["trigger_id"])

    def channel(self, name: str, *, with_bot: bool) -> str:
        """A new channel; one without the bot is private, since anybody may write in an open one here."""
        asked = {"name": name, "is_private": not with_bot}  # as JSON: the client would send a 1, which is no yes here
        made = self.admin.api_call("conversations.create", json=asked)["channel"]["id"]
        if with_bot:
            self.admin.conversations_invite(channel=made, users=[self.people["afterword"]])
        return str(made)

    def direct(self) -> str:
        """The conversation between Robin and the bot."""
        return str(self.seeing.conversations_open(users=[self.people["robin"]])["channel"]["id"])

    def messages(self, channel: str) -> list[dict[str, Any]]:
        """Newest first, as the bot sees them."""
        return list(self.seeing.conversations_history(channel=channel)["messages"])

    def modals(self) -> int:
        """How many were opened so far."""
        with urlopen(self.views, timeout=5) as page:
            return int(page.read().decode().count(">modal<"))


@contextmanager
def running(packages: Path, folder: Path) -> Iterator[Emulate]:
    port = free_port()
    (folder / "seed.yml").write_text(json.dumps(_seed()), "utf-8")
    program = packages / "node_modules" / "emulate" / "dist" / "index.js"
    command = ["node", "--require", str(HERE / "loopback.cjs"), str(program), "start", "--service", "slack"]
    command += ["--port", str(port), "--seed", str(folder / "seed.yml")]
    child = Child(command, log=folder / "emulate.log", environment={"PATH": os.environ["PATH"], "HOME": str(folder)})
    try:
        until(lambda: child.returncode is not None or _answers(port), 20)
        assert child.returncode is None, child.last_words()
        yield Emulate(port)
    finally:
        child.end()


def _seed() -> dict[str, Any]:
    """Ours has the scopes that the manifest asks for and no other, so what is missing there is missing here."""
    scopes = read(SOCKET)["oauth_config"]["scopes"]["bot"]
    every = [*ALL.split(), *scopes]
    tokens = [
        {"token": OURS, "user": "afterword", "scopes": scopes},
        {"token": POOR, "user": "afterword", "scopes": ["commands", "users:read"]},
        {"token": SEEING, "user": "afterword", "scopes": every},
        {"token": ADMIN, "user": "alex", "scopes": every},
    ]
    people = [{"name": "robin", "real_name": "Robin Ames"}, {"name": "alex"}, {"name": "afterword"}]
    return {"slack": {"team": {"name": "Acme"}, "users": people, "tokens": tokens, "strict_scopes": True}}


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://{LOOPBACK}:{port}/?tab=views", timeout=5):
            return True
    except (URLError, OSError):
        return False
