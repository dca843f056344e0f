"""The local Slack emulator: finds or fetches the program, writes its configuration, starts and ends it.

local-slack listens on every interface and asks nobody for a password (0.1.8 has no option for either): it is for a
demo and for tests on a network that one trusts.
"""

import base64
import contextlib
import ctypes
import hashlib
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

PACKAGE = "local-slack-linux-x64"
VERSION = "0.1.8"
# Of the package as npm has it. It stands here so that a registry or a proxy cannot put another program in its place.
SHA512 = "2BCTKxKajjZNWCSCj66Jq5VDScUDNpGZ1lA3281I8RvpDE4/ULCwC26TlcW6/4sPbSTs02Q3KjTiltJp3ZBEvg=="
PROGRAM = Path("package/bin/local-slack")
FETCH_SECONDS = 600
START_SECONDS = 20.0
END_SECONDS = 15.0
LOOPBACK = "127.0.0.1"
PR_SET_PDEATHSIG = 1


class EmulatorError(Exception):
    """The emulator cannot be had or started; the sentence says why and what to do."""


@dataclass(frozen=True)
class Slack:
    """The workspace that the emulator plays, and the app's secrets in it. Nothing here opens a real door."""

    team_id: str = "T0MENDWELL"
    workspace: str = "Mendwell"
    bot_token: str = "xoxb-demo"
    app_token: str = "xapp-demo"
    signing_secret: str = "demo-signing-secret"
    channel: str = "C0FOLLOWUPS"
    marketer: str = "U0ROBIN"
    admin: str = "U0ALEX"
    zone: str = "UTC"


def configuration(slack: Slack, *, request_url: str | None = None) -> dict[str, Any]:
    """The emulator's configuration: Socket Mode, or signed HTTP to `request_url`."""
    mode = {"mode": "events", "requestUrl": request_url} if request_url else {"mode": "socket"}
    app = {
        "appId": "A0AFTERWORD",
        "botUserId": "U0AFTERWORD",
        "botName": "afterword",
        "botToken": slack.bot_token,
        "appToken": slack.app_token,
        "signingSecret": slack.signing_secret,
    }
    people = [
        {"id": slack.marketer, "name": "robin", "real_name": "Robin Ames", "email": "robin@mendwell.example"},
        {"id": slack.admin, "name": "alex", "real_name": "Alex Berg (admin)", "email": "alex@mendwell.example"},
    ]
    everyone = [slack.marketer, slack.admin]
    return {
        "workspace": {"name": slack.workspace, "domain": slack.workspace.lower(), "teamId": slack.team_id},
        "app": {**app, **mode},
        "users": [{**person, "tz": slack.zone} for person in people],
        "channels": [
            {"id": slack.channel, "name": "followups", "members": [*everyone, "U0AFTERWORD"]},
            {"id": "C0GENERAL", "name": "general", "members": everyone},
        ],
    }


def find(cache: Path, say: Callable[[str], None]) -> Path:
    """The program, from the cache or else from npm, checked against its known hash. Raises EmulatorError."""
    folder = cache / f"{PACKAGE}-{VERSION}"
    if (folder / PROGRAM).is_file():
        return folder / PROGRAM
    _supported()
    if shutil.which("npm") is None:
        raise EmulatorError("npm is missing, and the Slack emulator comes through it. Install Node.js 18 or newer.")
    say("Fetching the Slack emulator from npm, 95 MB, this once …")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        _unpack(_pack(Path(scratch)), Path(scratch) / "whole")
        (Path(scratch) / "whole").rename(folder)  # complete or not there at all
    return folder / PROGRAM


def _supported() -> None:
    system, machine = platform.system(), platform.machine()
    if (system, machine) != ("Linux", "x86_64") or platform.libc_ver()[0] != "glibc":
        raise EmulatorError(
            f"The Slack emulator runs on Linux on x86-64 with glibc, and this is {system} on {machine}."
            " Use such a machine or container for the demo, or connect a real workspace with `make run`."
        )


def _pack(scratch: Path) -> Path:
    """Let npm download the package, so that its registry, proxy and certificates settings count."""
    command = ["npm", "pack", f"{PACKAGE}@{VERSION}", "--silent", "--pack-destination", str(scratch)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise EmulatorError("npm did not finish within ten minutes. Check the network and start again.") from None
    found = list(scratch.glob("*.tgz"))
    if done.returncode or not found:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise EmulatorError(f"npm could not fetch {PACKAGE} {VERSION}: {last}. Check the network and start again.")
    return found[0]


def _unpack(package: Path, folder: Path) -> None:
    content = package.read_bytes()
    if base64.b64encode(hashlib.sha512(content).digest()).decode() != SHA512:
        raise EmulatorError(f"{PACKAGE} {VERSION} from npm is not the known program, and was thrown away.")
    with tarfile.open(package) as archive:
        archive.extractall(folder, filter="data")
    (folder / PROGRAM).chmod(0o755)


class Child:
    """A program that ends with us, whatever becomes of us."""

    def __init__(
        self,
        command: list[str],
        *,
        log: Path,
        environment: dict[str, str] | None = None,
        folder: Path | None = None,  # to run in
    ) -> None:
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=folder,
                start_new_session=True,  # Ctrl-C is for us; we end our children in order
                preexec_fn=_dying_with_us(),
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def last_words(self) -> str:
        lines = self.log.read_text("utf-8", "replace").strip().splitlines()
        return lines[-1].strip() if lines else "it said nothing"

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """Ask it to stop, insist after a while, and leave nobody of its group behind."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _kill_group(self._process.pid)


def _dying_with_us() -> Callable[[], None] | None:
    """What a child does first on Linux: ask the kernel to end it when we die, even by SIGKILL."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)  # loaded here, since little is safe between fork and exec

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    return ask


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def start(program: Path, configured: dict[str, Any], *, port: int, folder: Path) -> Child:
    """Start the emulator and wait until it answers. Raises EmulatorError."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "slack.json"
    config.write_text(json.dumps(configured, indent=2))
    options = ["--config", str(config), "--port", str(port), "--base-host", LOOPBACK, "--files-dir", str(folder)]
    child = Child([str(program), *options], log=folder / "emulator.log")
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and child.returncode is None:
        if state(port) is not None:
            return child
        time.sleep(0.05)
    words = child.last_words()
    child.end()
    raise EmulatorError(f"The Slack emulator did not start: {words}. Its log is {child.log}.")


def state(port: int, what: str = "state") -> Any:
    """What the emulator's control address says, None while it does not answer."""
    try:
        with urlopen(f"http://{LOOPBACK}:{port}/_control/{what}", timeout=5) as answer:  # nosec B310  # always http
            return json.load(answer)
    except (URLError, OSError, ValueError):
        return None


def free(port: int) -> bool:
    """Whether nobody listens on the port, on any interface."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True
