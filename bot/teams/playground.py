"""Microsoft's local client for Teams: fetched from npm, started, asked whether it is there.

Its licence is for trying things out and forbids passing it on, so each developer fetches it for themselves.
"""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from bot.emulator import Child, EmulatorError

PACKAGE, VERSION = "@microsoft/m365agentsplayground", "0.2.28"  # what it answers is documented nowhere, so one version
PROGRAM = Path("node_modules") / ".bin" / "agentsplayground"
TENANT = "00000000-0000-0000-0000-0000000000001"  # the one it plays
FETCH_SECONDS = 300
START_SECONDS = 60.0


def find(cache: Path, say: Callable[[str], None]) -> Path:
    """The program, from the cache or else from npm. Raises EmulatorError."""
    folder = cache / f"m365agentsplayground-{VERSION}"
    if (folder / PROGRAM).exists():
        return folder / PROGRAM
    if shutil.which("npm") is None:
        raise EmulatorError("npm is missing, and Microsoft's playground comes through it. Install Node.js 18 or newer.")
    say("Fetching Microsoft's playground for Teams from npm, 4 MB, this once …")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        whole = Path(scratch) / "whole"
        _install(whole)
        whole.rename(folder)  # complete or not there at all
    return folder / PROGRAM


def _install(folder: Path) -> None:
    folder.mkdir()
    (folder / "package.json").write_text("{}")
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", f"{PACKAGE}@{VERSION}"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise EmulatorError("npm did not finish within five minutes. Check the network and start again.") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise EmulatorError(f"npm could not fetch {PACKAGE} {VERSION}: {last}. Check the network and start again.")


def start(program: Path, *, bot: int, port: int, folder: Path, environment: Mapping[str, str]) -> Child:
    """Start it and wait until it answers. Raises EmulatorError."""
    command = [str(program.absolute()), "start", "-e", f"http://127.0.0.1:{bot}/api/messages", "-c", "msteams"]
    command += ["-p", str(port), "--disable-telemetry"]
    quiet = {**environment, "TEAMSAPPTESTER_BROWSER": "none"}  # it ends where it finds no browser to open
    # In our folder, since it writes its own log into the one it runs in; a program by a relative path would be lost.
    child = Child(command, log=folder / "playground.log", environment=quiet, folder=folder)
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and child.returncode is None:
        if configuration(port) is not None:
            return child
        time.sleep(0.1)
    words = child.last_words()
    child.end()
    raise EmulatorError(f"Microsoft's playground did not start: {words}. Its log is {child.log}.")


def configuration(port: int) -> dict[str, Any] | None:
    """Its people and conversations, None while it does not answer."""
    try:
        with urlopen(f"http://localhost:{port}/_internal/v1/config", timeout=5) as answer:
            return dict(json.load(answer)["config"])
    except (URLError, OSError, ValueError):
        return None
