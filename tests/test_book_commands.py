"""Playbooks, lead scores and sequences on the command line."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.settings import load

SAMPLE = Path(__file__).parent.parent / "bot" / "sample"
SOMEBODY = "soren.ostergaard@nordhavn-seafood.example"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("AFTERWORD_", "SLACK_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AFTERWORD_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "playbooks").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def seeded(home: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    tables = [f"--{name}={SAMPLE / name}.csv" for name in ("contacts", "companies", "deals", "events")]
    assert main(["import", "crm", *tables]) == 0
    capsys.readouterr()
    return home


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 1
    error = capsys.readouterr().err
    assert error.startswith("afterword: ")
    return error


def test_check_says_that_all_is_well(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "playbooks" / "fair.yml").write_text("name: fair\ntitle: Trade fair")
    assert "7 playbooks are fine: event_follow_up" in said(capsys, "playbooks", "check")
    assert run(capsys, "playbooks", "check")["mistakes"] == []


def test_check_names_each_mistake_of_each_file_and_fails(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own, given = home / "playbooks" / "fair.yml", home / "other.yml"
    own.write_text("name: fair\ntitel: Trade fair")
    given.write_text("name: other\ntitle: Other\nrequires:\n  - deal.stag")
    error = refused(capsys, "playbooks", "check", str(given))
    assert f"{own}, line 2, column 1: there is no 'titel' here. Did you mean 'title'?" in error
    assert f"{given}, line 4, column 5: 'requires.1' is 'deal.stag'; it is no fact" in error
    assert main(["playbooks", "check", str(given), "--json"]) == 1
    result = json.loads(capsys.readouterr().out)
    assert len(result["mistakes"]) == 3 and "law_intake" in result["checked"]


def test_list_shows_what_each_is_for_and_needs(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = said(capsys, "playbooks", "list")
    assert "re_engage: Re-engage a stalled deal." in shown
    assert "Needs: contact.first_name, deal, deal.stage, event." in shown
    assert "Drafts on days 0, 3, 7, 14." in shown
    assert [book["name"] for book in run(capsys, "playbooks", "list")][-1] == "sales_follow_up"


def test_a_score_comes_with_its_reasons(seeded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = run(capsys, "score", "--to", SOMEBODY)
    assert result["score"] == min(100, max(0, sum(reason["points"] for reason in result["reasons"])))
    assert result["reasons"] and result["next_action"]
    shown = said(capsys, "score", "--to", SOMEBODY)
    assert shown.startswith(f"Lead score {result['score']} of 100\n  ") and "\nNext: " in shown
    assert "No contact has the address" in refused(capsys, "score", "--to", "x@y.example")


def test_a_sequence_from_start_to_stop(seeded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "No sequence yet" in said(capsys, "sequence", "list")
    started = run(capsys, "sequence", "start", "--to", SOMEBODY, "--goal", "a feature nobody has")
    assert [draft["day"] for draft in started["drafts"]] == [0] and started["next"]["day"] == 3
    assert "runs already" in refused(capsys, "sequence", "start", "--to", SOMEBODY, "--goal", "x")
    shown = said(capsys, "sequence", "list")
    assert f"saas_onboarding for {SOMEBODY}, until: a feature nobody has" in shown and "day 0: draft" in shown
    assert run(capsys, "sequence", "stop", str(started["sequence"]))["reason"] == "Stopped by command line."
    assert "is over already" in refused(capsys, "sequence", "stop", str(started["sequence"]))
    assert "Over. Stopped by command line." in said(capsys, "sequence", "list")


def test_an_unknown_playbook_is_answered_with_those_there_are(seeded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    error = refused(capsys, "draft", "--to", SOMEBODY, "--goal", "x", "--playbook", "law")
    assert "There is no playbook 'law'. There are: event_follow_up, law_intake" in error
    assert run(capsys, "status")["drafts"] == {}, "nothing was asked for"


def test_the_teams_folder_is_in_home(home: Path) -> None:
    assert load().playbooks == home / "playbooks"
