"""`afterword rights`: what holds, what a change says and keeps, and help that is enough to do it."""

import json
import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bot.cli import main
from storage.database import Database
from storage.tables import Audit


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("AFTERWORD_", "SLACK_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AFTERWORD_HOME", str(tmp_path))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_defaults_are_shown_before_anybody_has_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    shown = run(capsys, "rights", "show")
    assert (shown["draft"], shown["approve"], shown["four_eyes"], shown["admins"]) == (
        "members",
        "members",
        False,
        "slack",
    )
    assert shown["scopes"] == [] and shown["changed_by"] is None


def test_a_change_keeps_the_rest_says_what_it_needs_and_is_audited(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "rights", "set", "--approve", "S0123ABCD", "--admins", "named")
    shown = run(capsys, "rights", "set", "--four-eyes", "yes", "--draft", "U0123ABCD,U0456EFGH")
    assert (shown["approve"], shown["draft"], shown["four_eyes"]) == ("S0123ABCD", "U0123ABCD,U0456EFGH", True)
    assert shown["admins"] == "named" and shown["scopes"] == ["usergroups:read"]
    assert run(capsys, "rights", "set", "--approve", "channel")["scopes"] == ["channels:read", "groups:read"]
    with closing(Database(f"sqlite:///{home / 'afterword.sqlite3'}")) as database, database.reading() as session:
        audits = [
            row for row in session.exec(select(Audit).where(Audit.workspace_id == 1)) if row.action == "change rights"
        ]
    assert [row.actor for row in audits] == ["command line"] * 3
    assert audits[-1].detail == {"before": {"approvers": "S0123ABCD"}, "after": {"approvers": "channel"}}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Nothing to change. `afterword rights set --help` says what can be."),
        (["--approve", "robin"], "'robin' names nobody. Give members or channel, ids of people such as U0123ABCD"),
        (["--draft", "channel"], "'channel' names nobody. Give members, ids of people"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rights", "set", *arguments]) == 1
    assert sentence in capsys.readouterr().err


def test_people_read_what_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rights", "set", "--approve", "channel", "--four-eyes", "yes"]) == 0
    said = capsys.readouterr().out
    assert "members of the card's channel  Nobody approves what they asked for themselves." in said
    assert "nobody (AFTERWORD_ADMINS), and Slack's admins and owners" in said
    assert "channels:read, groups:read. Install it again with them." in said


def test_the_help_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["rights", "set", "--help"])
    said = capsys.readouterr().out
    for word in ("every full member", "U0123ABCD,U0456EF", "usergroups:read", "channels:read", "--four-eyes yes"):
        assert word in said
