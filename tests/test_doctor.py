"""What `afterword doctor` notices, each with what to do about it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from bot import doctor
from bot.doctor import Check, examine
from bot.settings import Settings
from storage import queries
from storage.database import Database
from storage.tables import Adapter
from tests.conftest import CACHE
from tests.fakes import Clock
from tests.rows import workspace

ROOT = Path(__file__).parent.parent


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cache").symlink_to(CACHE)
    return tmp_path


def checks(home: Path, **more: object) -> dict[str, Check]:
    settings = Settings(_env_file=None, home=home, **more)  # type: ignore[arg-type]
    return {check.name: check for check in examine(settings, clock=Clock())}


def test_a_fresh_home_lacks_nothing_but_slack(home: Path) -> None:
    found = checks(home)
    assert {name for name, check in found.items() if not check.ok} == {"slack"}
    assert "SLACK_BOT_TOKEN is not set" in found["slack"].said
    assert "tokens a second" in found["engine"].said


def test_others_may_not_read_the_tokens(home: Path) -> None:
    (home / ".env").write_text("SLACK_BOT_TOKEN=x")
    (home / ".env").chmod(0o644)
    assert "chmod 600" in checks(home)["secrets"].said
    (home / ".env").chmod(0o600)
    assert checks(home)["secrets"].ok


def test_a_damaged_adapter_in_service_is_found_before_a_draft_fails(home: Path) -> None:
    database = Database(f"sqlite:///{home / 'afterword.sqlite3'}")
    database.migrate()
    with database.writing() as session:
        workspace(session)
        row = queries.add_adapter(session, row=Adapter(workspace_id=1, version=0, folder="gone"))
        queries.move_pointer(session, workspace_id=1, adapter_id=row.id, reason="test", now=Clock()())
    database.close()
    found = checks(home)["adapter of workspace 1"]
    assert not found.ok and "afterword adapters rollback" in found.said


def test_a_wrong_voice_file_is_named_with_its_line(home: Path) -> None:
    (home / "voice.yml").write_text("company: Acme\ntoen: warm\n")
    found = checks(home)["voice"]
    assert not found.ok and "line 2" in found.said


def test_no_server_and_no_database_are_said_with_the_setting(home: Path) -> None:
    found = checks(home, engine="vllm", vllm_url="http://127.0.0.1:9", database_url="sqlite:////proc/none/x.sqlite3")
    assert "AFTERWORD_VLLM_URL" in found["engine"].said
    assert "AFTERWORD_DATABASE_URL" in found["database"].said


def test_little_memory_is_a_failing_check(tmp_path: Path) -> None:
    file = tmp_path / "meminfo"
    file.write_text("MemTotal: 4000000 kB\nMemAvailable:    900000 kB\n")
    assert not doctor._memory(file).ok
    file.write_text("MemTotal: 4000000 kB\nMemAvailable:   3900000 kB\n")
    assert doctor._memory(file).ok


def said(found: Iterator[Check]) -> list[tuple[bool, str]]:
    return [(check.ok, check.said) for check in found]


def test_missing_scopes_and_a_wrong_clock_are_told_from_slacks_headers() -> None:
    assert said(doctor._scopes("commands,chat:write,channels:read,groups:read")) == [
        (False, "The app lacks files:write, users:read. Paste manifest.yml into the app's page and install it again.")
    ]
    assert said(doctor._scopes("commands, channels:read,groups:read,chat:write,users:read,files:write,team:read"))[0][0]
    now = Clock()()
    header = now.strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert said(doctor._time(header, now + timedelta(seconds=20)))[0][0]
    assert "400 s away" in said(doctor._time(header, now + timedelta(seconds=400)))[0][1]


def test_the_scopes_are_the_manifests() -> None:
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text("utf-8"))
    assert set(doctor.SCOPES) == set(manifest["oauth_config"]["scopes"]["bot"])


def test_slack_that_does_not_answer_is_one_failing_check(home: Path) -> None:
    found = checks(home, SLACK_BOT_TOKEN="xoxb-x", SLACK_API_URL="http://127.0.0.1:9/api/")
    assert not found["slack"].ok and "Check the network" in found["slack"].said
    assert "xoxb" not in str(found)
