"""The demo's clear sentences, its mended page, and that nobody stays behind."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot import demo, emulator
from bot.demo import DemoError
from bot.emulator import Child, EmulatorError, Slack
from bot.emulator_page import mended
from bot.settings import Settings
from tests.running import until


def quiet(text: str) -> None:
    """Nobody listens."""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_port_in_use_is_one_sentence_with_its_remedy(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = Settings(_env_file=None, home=tmp_path, PORT=port)  # type: ignore[call-arg]
        with pytest.raises(DemoError, match=rf"^Port {port} is in use\. .+PORT={port + 100} make demo$"):
            demo.run(settings, demo.start_slack)


def test_a_missing_npm_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(EmulatorError, match="npm is missing"):
        emulator.find(tmp_path, quiet)


@pytest.mark.parametrize(("system", "machine"), [("Windows", "AMD64"), ("Darwin", "arm64"), ("Linux", "aarch64")])
def test_an_unsupported_platform_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, machine: str
) -> None:
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    with pytest.raises(EmulatorError, match=f"this is {system} on {machine}"):
        emulator.find(tmp_path, quiet)


def npm(folder: Path, script: str) -> str:
    """A PATH on which `npm` is a script of ours."""
    program = folder / "npm"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_another_program_in_its_place_is_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", npm(tmp_path, 'echo evil > "$5/local-slack.tgz"'))
    with pytest.raises(EmulatorError, match="is not the known program"):
        emulator.find(tmp_path / "cache", quiet)
    assert list((tmp_path / "cache").iterdir()) == []


def test_npm_without_a_network_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", npm(tmp_path, "echo 'npm error network down' >&2; exit 1"))
    with pytest.raises(EmulatorError, match=r"npm could not fetch .+: npm error network down\."):
        emulator.find(tmp_path / "cache", quiet)


def test_a_program_that_does_not_start_says_its_last_words(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho cannot find my head\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(EmulatorError, match=r"did not start: cannot find my head\. Its log is .+emulator\.log"):
        emulator.start(program, emulator.configuration(Slack()), port=9, folder=tmp_path / "slack")


def test_a_child_and_its_own_children_end(tmp_path: Path) -> None:
    child = Child(["/bin/sh", "-c", "sleep 100 & echo $! && wait"], log=tmp_path / "log")
    grandchild = int(until(lambda: (tmp_path / "log").read_text().strip()))
    child.end()
    assert child.returncode is not None
    until(lambda: not alive(grandchild))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends a child with its parent on Linux only")
def test_a_killed_demo_leaves_nobody_behind(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from bot.emulator import Child\n"
        f"child = Child(['sleep', '100'], log=Path({str(tmp_path / 'log')!r}))\n"
        "print(child.pid, flush=True); time.sleep(100)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.send_signal(signal.SIGKILL)
        until(lambda: not alive(pid))


PAGE = (
    '<head></head>new WebSocket(`${l}://${location.host}/ui`);f.jsx("input",{className:"bk-plain-input",'
    'placeholder:(z=l.placeholder)==null?void 0:z.text,value:V});l.replace(/&/g,"&amp;").replace(/</g,"&lt;");'
    'default:return f.jsxs("div",{className:"bk-unknown",children:["[",l.type,"]"]})}'
    "`as robin — try /echo hi`"
)


def test_the_page_is_mended_where_it_needs_it() -> None:
    page = mended(PAGE, emulator="127.0.0.1:3001", hint="/draft-followup Dana")
    assert "`${l}://127.0.0.1:3001/ui`" in page
    assert 'f.jsx(l.multiline?"textarea":"input",{rows:l.multiline?14:void 0,className:"bk-plain-input"' in page
    assert "white-space: pre-wrap" in page and "try /draft-followup Dana`" in page
    assert '.replace(/&lt;/g,"&#60;")' in page and "replace(/<!date" in page
    assert 'case"rich_text":return f.jsx("div",{className:"plain",children:l.elements.map(' in page
    assert 'default:return f.jsxs("div",{className:"bk-unknown"' in page


def test_another_page_is_left_as_it_is() -> None:
    assert mended("<p>something else</p>", emulator="x", hint="y") == "<p>something else</p>"


def test_only_loopback_addresses_are_told() -> None:
    assert "http://127.0.0.1:3000" in demo._welcome(3000, 1.0)
    assert demo.EXAMPLE in demo._welcome(3000, 1.0)
