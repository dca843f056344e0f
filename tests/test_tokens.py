"""Tokens: sealed, bound to their workspace, rotated once by whoever claims it, and sealed anew with another key."""

import json
import os
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import tokens, vault
from bot.cli import main
from bot.refusals import LockedOut, NotNow, Refused
from bot.tokens import AHEAD, CLAIM, Clients, Fetched, Tokens, place, sealed
from bot.vault import Vault, VaultError, keys_of
from storage import queries
from storage.database import Database
from storage.tables import Connection, Installation
from tests.fakes import MONDAY, Clock
from tests.rows import workspace

HOURS = timedelta(hours=12)


def box(*keys: str) -> Vault:
    return Vault(lambda: keys)


KEY = vault.new_key()


def installed(database: Database, given: Vault, *, workspace_id: int = 1, refresh: str | None = "refresh-0") -> None:
    columns: dict[str, Any] = sealed(given, workspace_id, "token-0", refresh)
    with database.writing() as session:
        queries.save_installation(
            session,
            row=Installation(
                workspace_id=workspace_id,
                team_id="T1",
                installed_by="U1",
                installed_at=MONDAY,
                expires_at=MONDAY + HOURS if refresh else None,
                **columns,
            ),
        )


class Slack:
    """Gives the next token for a refresh token that was not used before."""

    def __init__(self, *answers: Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.slow = threading.Event()
        self.slow.set()

    def __call__(self, refresh_token: str) -> Fetched:
        self.asked.append(refresh_token)
        self.slow.wait(5)
        if self.answers:
            raise self.answers.pop(0)
        number = len(self.asked)
        return Fetched(f"token-{number}", f"refresh-{number}", int(HOURS.total_seconds()))


def test_a_token_that_lasts_is_only_opened(database: Database) -> None:
    installed(database, box(KEY), refresh=None)
    slack = Slack()
    assert Tokens(database, box(KEY), slack, Clock())(1) == "token-0" and slack.asked == []


def test_the_next_token_is_fetched_in_time_and_once(database: Database) -> None:
    installed(database, box(KEY))
    slack, clock = Slack(), Clock()
    token = Tokens(database, box(KEY), slack, clock)
    clock.move(seconds=(HOURS - AHEAD).total_seconds() - 1)
    assert token(1) == "token-0"
    clock.move(seconds=1)
    assert [token(1), token(1)] == ["token-1", "token-1"]
    clock.move(hours=11)
    assert token(1) == "token-2" and slack.asked == ["refresh-0", "refresh-1"]


@pytest.mark.parametrize("hours", [11, 13], ids=["the old one is good", "the old one has expired"])
def test_of_many_at_once_in_two_processes_one_fetches_and_all_get_a_token(
    tmp_path: Path, database: Database, hours: int
) -> None:
    installed(database, box(KEY))
    slack, clock = Slack(), Clock()
    clock.move(hours=hours)
    slack.slow.clear()
    found: list[str] = []
    with closing(Database(database.url)) as other:
        both = [Tokens(each, box(KEY), slack, clock) for each in (database, other)]
        threads = [threading.Thread(target=lambda n=n: found.append(both[n % 2](1))) for n in range(8)]
        for thread in threads:
            thread.start()
        threading.Timer(0.3, slack.slow.set).start()
        for thread in threads:
            thread.join()
    assert slack.asked == ["refresh-0"], "a refresh token works once"
    assert len(found) == 8 and set(found) <= ({"token-1"} if hours == 13 else {"token-0", "token-1"})


def test_when_slack_does_not_answer_the_old_token_serves_and_nobody_hurries(database: Database) -> None:
    installed(database, box(KEY))
    slack, clock = Slack(NotNow("away")), Clock()
    token = Tokens(database, box(KEY), slack, clock)
    clock.move(hours=11)
    assert [token(1), token(1)] == ["token-0", "token-0"] and len(slack.asked) == 1
    clock.move(seconds=CLAIM.total_seconds() + 1)
    assert token(1) == "token-2", "as after the death of whoever had claimed it"


def test_a_refused_refresh_token_locks_out_in_the_end(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "WAIT_SECONDS", 0.1)
    installed(database, box(KEY))
    slack, clock = Slack(Refused("invalid_refresh_token")), Clock()
    clock.move(hours=13)
    with pytest.raises(LockedOut, match="has expired"):
        Tokens(database, box(KEY), slack, clock)(1)


def test_there_is_no_token_for_who_has_not_installed_or_has_left(database: Database) -> None:
    token = Tokens(database, box(KEY), Slack(), Clock())
    with pytest.raises(LockedOut):
        token(1)
    installed(database, box(KEY))
    with database.writing() as session:
        assert queries.remove_workspace(session, workspace_id=1, at=MONDAY + timedelta(hours=1))
    with pytest.raises(LockedOut):
        token(1)


def test_a_client_is_made_anew_for_a_new_token() -> None:
    now = ["token-0"]
    clients = Clients(lambda _: now[0], timeout=1)
    first = clients(1)
    assert clients(1) is first and first.token == "token-0"
    now[0] = "token-1"
    assert clients(1).token == "token-1"


# Sealed -----------------------------------------------------------------------------------------------------------


def test_what_is_sealed_opens_in_its_own_place_with_a_known_key_alone() -> None:
    kept = box(KEY).seal("xoxb-1", place="workspace 1 token")
    assert "xoxb" not in kept and box(vault.new_key(), KEY).open(kept, place="workspace 1 token") == "xoxb-1"
    with pytest.raises(VaultError, match="sealed for workspace 1 token"):
        box(KEY).open(kept, place="workspace 2 token")
    with pytest.raises(VaultError, match=r"another key. Put the former AFTERWORD_SECRET_KEY"):
        box(vault.new_key()).open(kept, place="workspace 1 token")


def test_the_key_file_is_made_once_for_nobody_else_to_read(tmp_path: Path) -> None:
    file = tmp_path / "home" / "secret.key"
    found: set[tuple[str, ...]] = set()
    threads = [threading.Thread(target=lambda: found.add(tuple(keys_of("", file)()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1 and file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret.key"]
    file.chmod(0o644)
    with pytest.raises(VaultError, match=f"chmod 600 {file}"):
        keys_of("", file)()


# Rotating the key -------------------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("AFTERWORD_", "SLACK_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AFTERWORD_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def kept(home: Path) -> Database:
    database = Database(f"sqlite:///{home / 'afterword.sqlite3'}")
    database.migrate()
    with database.writing() as session:
        workspace(session)
    return database


def opened(database: Database, given: Vault) -> str:
    return Tokens(database, given, Slack(), Clock())(1)


def test_the_key_in_home_is_rotated_and_a_running_bot_goes_on(
    home: Path, kept: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    running = Vault(keys_of("", home / "secret.key"))
    installed(kept, running)
    (old,) = (home / "secret.key").read_text("ascii").split()
    assert main(["secrets", "rotate", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["resealed"] == 1
    assert opened(kept, running) == "token-0"
    with pytest.raises(VaultError):
        opened(kept, box(old))
    assert main(["secrets", "rotate"]) == 0 and opened(kept, running) == "token-0"
    assert old not in (home / "secret.key").read_text("ascii")


def test_secrets_of_several_workspaces_are_rotated_together_and_a_kill_in_between_loses_none(
    home: Path, kept: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with kept.writing() as session:
        second = queries.workspace_for_team(session, team_id="T2", name="Second").id
    running = Vault(keys_of("", home / "secret.key"))
    for number in (1, second):
        installed(kept, running, workspace_id=number or 0)
    with kept.writing() as session:
        queries.save_connection(session, row=_connection(running, second or 0))

    def killed(*_: Any, **__: Any) -> None:
        raise GeneratorExit  # which nothing on the way catches

    for _ in range(3):
        with monkeypatch.context() as patch, pytest.raises(GeneratorExit):
            patch.setattr(queries, "reseal", killed)  # the new key is in the file, and nothing is resealed
            main(["secrets", "rotate"])
    assert opened(kept, Vault(keys_of("", home / "secret.key"))) == "token-0"
    assert main(["secrets", "rotate"]) == 0
    (newest, _) = (home / "secret.key").read_text("ascii").split()
    assert opened(kept, box(newest)) == "token-0"
    with kept.reading() as session:
        (row,) = queries.connections(session, workspace_id=second or 0)
    assert box(newest).open(row.secret, place=place(second or 0, "hubspot")) == "secret"


def _connection(vault: Vault, workspace_id: int) -> Connection:
    return Connection(
        workspace_id=workspace_id,
        crm="hubspot",
        address="https://api.hubapi.com",
        account="",
        secret=vault.seal("secret", place=place(workspace_id, "hubspot")),
        connected_at=MONDAY,
        due_at=MONDAY,
    )


def test_a_key_in_the_environment_is_rotated_by_putting_the_new_one_first(
    kept: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed(kept, box(KEY))
    assert main(["secrets", "key"]) == 0
    new = capsys.readouterr().out.strip()
    monkeypatch.setenv("AFTERWORD_SECRET_KEY", f"{new},{KEY}")
    assert main(["secrets", "rotate"]) == 0
    assert "not needed any more" in capsys.readouterr().out
    assert opened(kept, box(new)) == "token-0"
    monkeypatch.setenv("AFTERWORD_SECRET_KEY", vault.new_key())
    assert main(["secrets", "rotate"]) == 1
    assert "sealed with another key" in capsys.readouterr().err
    assert opened(kept, box(new)) == "token-0", "all of it or nothing"
