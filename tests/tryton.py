"""A real Tryton on loopback, in an environment of its own: its licence is the GPL, and the product has none of it."""

import base64
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.emulator import Child
from tests.running import free_port, until

CACHE = Path(__file__).parent.parent / "var" / "cache"
PINNED = ("trytond==8.2.1", "trytond-party==8.2.0")
PYTHON, DATABASE = Path("bin/python"), "crm.sqlite"
USER, PASSWORD = "admin", "correct-horse-battery"
CONFIGURATION = """
[database]
uri = sqlite://
path = {folder}
[web]
listen = 127.0.0.1:{port}
"""


class Missing(Exception):
    """Tryton cannot be had; the sentence says why."""


class Server:
    """A running Tryton, as its own client sees it."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}/crm"
        self._http = requests.Session()

    def log_in(self) -> None:
        user, key, _ = self.call("common.db.login", USER, {"password": PASSWORD}, "en")
        token = base64.b64encode(f"{USER}:{user}:{key}".encode()).decode()
        self._http.headers["Authorization"] = f"Session {token}"

    def call(self, method: str, *params: Any) -> Any:
        body = {"id": 1, "method": method, "params": list(params)}
        answer = self._http.post(f"{self.address}/rpc/", json=body, timeout=20).json()
        assert "error" not in answer, answer
        return answer["result"]

    def party(self, name: str, email: str) -> int:
        mechanisms = [["create", [{"type": "email", "value": email}]]]
        return int(self.call("model.party.party.create", [{"name": name, "contact_mechanisms": mechanisms}], {})[0])

    def note(self, party: int, text: str) -> int:
        return int(self.call("model.ir.note.create", [{"resource": f"party.party,{party}", "message": text}], {})[0])

    def notes(self, party: int) -> list[str]:
        domain = [["resource", "=", f"party.party,{party}"]]
        found = self.call("model.ir.note.search_read", domain, 0, 100, [["id", "ASC"]], ["message"], {})
        return [each["message"] for each in found]


def find() -> Path:
    """The folder with Tryton and an empty database, from the cache or else through pip. Raises Missing."""
    digest = hashlib.sha256("\n".join((*PINNED, sys.version, PASSWORD)).encode()).hexdigest()[:12]
    folder = CACHE / f"tryton-{digest}"
    if folder.is_dir():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        whole = Path(scratch) / "whole"
        venv.create(whole, with_pip=True)
        _done([str(whole / PYTHON), "-m", "pip", "install", "-q", *PINNED], dict(os.environ))
        _prepare(whole)
        whole.rename(folder)  # complete or not there at all
    return folder


def _prepare(whole: Path) -> None:
    """A database with the module of parties and an administrator."""
    data = whole / "data"
    data.mkdir()
    (data / DATABASE).touch()
    (data / "trytond.conf").write_text(CONFIGURATION.format(folder=data, port=0))
    (data / "password").write_text(PASSWORD)
    command = [
        str(whole / PYTHON),
        "-c",
        "from trytond.cli.admin import main; main()",
        "-c",
        str(data / "trytond.conf"),
    ]
    command += ["-d", "crm", "-u", "country", "party", "--email", "a@example.com"]
    _done(command, {**os.environ, "TRYTONPASSFILE": str(data / "password")})


def _done(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Missing(f"Tryton could not be installed or set up: {last}")


@contextmanager
def running(whole: Path, folder: Path) -> Iterator[Server]:
    """A server on a copy of the empty database."""
    port = free_port()
    shutil.copy(whole / "data" / DATABASE, folder / DATABASE)
    (folder / "trytond.conf").write_text(CONFIGURATION.format(folder=folder, port=port))
    command = [str(whole / PYTHON), "-c", "from trytond.cli import main; main()"]
    command += ["-c", str(folder / "trytond.conf"), "-d", "crm"]  # with the database, or no login works
    child = Child(command, log=folder / "tryton.log")
    server = Server(port)
    try:
        until(lambda: child.returncode is not None or _answers(port), 20)
        assert child.returncode is None, child.last_words()
        server.log_in()
        yield server
    finally:
        child.end()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def needed() -> Path:
    """For tests: the folder, or the test is skipped with the reason."""
    try:
        return find()
    except Missing as reason:
        pytest.skip(str(reason))
