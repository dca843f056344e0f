"""The command line as a person meets it: one JSON object, one sentence for a known error, the buttons' code path."""

import json
import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot import showing
from bot.cli import main
from bot.mail.outbox import Outbox
from model.base import Base
from storage.database import Database
from tests.conftest import CACHE
from tests.fakes import FakeEngines
from tests.rows import contact, workspace
from tests.running import free_port
from tests.test_delivery import Office
from tests.test_drafting import ask, current, desk
from tests.test_reviewing import claim_and_draft

SAMPLE = Path(__file__).parent.parent / "bot" / "sample"
SOMEBODY = "soren.ostergaard@nordhavn-seafood.example"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base: Base) -> Path:
    """An empty home that shares the base model with everybody else."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("AFTERWORD_", "SLACK_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AFTERWORD_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "cache").symlink_to(CACHE)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("afterword: ")
    return said


def seeded(capsys: pytest.CaptureFixture[str]) -> Any:
    tables = [f"--{name}={SAMPLE / name}.csv" for name in ("contacts", "companies", "deals", "events")]
    return run(capsys, "import", "crm", *tables)


def test_from_an_export_to_a_pair_and_back_from_a_backup(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert seeded(capsys)["rejected"] == 0
    drafted = run(capsys, "draft", "--to", SOMEBODY, "--goal", "book a demo", "--baseline")
    known = {"draft_id", "subject", "body", "findings", "evidence", "adapter", "engine", "seconds", "tokens"}
    assert {*known, "sentences"} == set(drafted)
    assert drafted["evidence"]["contact"]["email"] == SOMEBODY and drafted["adapter"] is None

    final = home / "final.txt"
    final.write_text("Subject: A demo\n\nHi Søren,\n\nWhich machine shall we start with?\n\nIngrid", encoding="utf-8")
    assert run(capsys, "review", str(drafted["draft_id"]), "--edit", str(final))["status"] == "edited"
    assert "already edited" in refused(capsys, "review", str(drafted["draft_id"]), "--approve")

    assert main(["pairs", "export"]) == 0
    (pair,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (pair["verdict"], pair["final"]) == ("edited", final.read_text(encoding="utf-8"))

    run(capsys, "backup", str(home / "copy"))
    (home / "home" / "afterword.sqlite3").unlink()
    assert run(capsys, "status")["pairs"] == {}
    (home / "home" / "afterword.sqlite3").unlink()
    run(capsys, "restore", str(home / "copy"))
    status = run(capsys, "status")
    assert status["pairs"] == {"edited": 1} and status["crm"]["contacts"] == 75


def test_past_emails_come_in_once(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seeded(capsys)
    for _ in range(2):
        run(capsys, "import", "emails", str(SAMPLE / "emails.csv"))
    assert run(capsys, "status")["pairs"] == {"imported": 90}


def test_a_refine_on_nothing_says_what_is_missing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = run(capsys, "refine")
    assert result["verdict"] == "kept" and result["candidate"] is None
    assert "import emails" in result["reasons"][0]


def test_learning_is_paused_and_resumed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "learning", "pause") == {"paused": True, "changed": True}
    assert run(capsys, "learning", "pause")["changed"] is False
    assert "afterword learning resume" in refused(capsys, "refine", "--force")
    assert main(["status"]) == 0
    assert "Learning: paused since" in capsys.readouterr().out
    assert run(capsys, "learning", "resume")["changed"] is True
    assert run(capsys, "refine")["verdict"] == "kept" and run(capsys, "status")["paused_at"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("draft", "--to", "nobody@nowhere.example", "--goal", "x"), "nobody@nowhere.example"),
        (("review", "7", "--approve"), "There is no draft 7"),
        (("review", "7", "--approve", "--override", "why not"), "--edit FILE"),
        (("import", "crm", "--contacts", "missing.csv"), "missing.csv"),
        (("adapters", "promote", "3"), "There is no adapter 3"),
        (("adapters", "rollback"), "nothing to roll back"),
        (("restore", "nowhere"), "holds no backup"),
        (("status", "--workspace", "9"), "No workspace 9"),
        (("serve",), "SLACK_BOT_TOKEN"),
    ],
)
def test_a_known_error_is_one_sentence_with_its_remedy(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    assert said in refused(capsys, *arguments)


def blocked(home: Path) -> None:
    """Draft 1, with a blank that somebody has to fill in."""
    with closing(Database(f"sqlite:///{home / 'home' / 'afterword.sqlite3'}")) as database:
        database.migrate()
        with database.writing() as session:
            workspace(session)
            contact(session, 1)
        ask(database)
        claim_and_draft(desk(database, FakeEngines("Subject: Hello\n\nMorning [Name].")))


def ready(home: Path) -> Database:
    """Draft 1, which waits for a decision."""
    database = Database(f"sqlite:///{home / 'home' / 'afterword.sqlite3'}")
    database.migrate()
    with database.writing() as session:
        workspace(session)
        contact(session, 1)
    ask(database)
    claim_and_draft(desk(database, FakeEngines("Subject: Hello\n\nMorning Dana.\n\nMaya")))
    return database


def test_an_approval_in_the_terminal_leaves_at_once_and_says_where_to(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(ready(home)):
        result = run(capsys, "review", "1", "--approve")
    (file,) = (home / "home" / "outbox").glob("*.eml")
    assert result["delivery"] == {"status": "sent", "place": f"In the outbox: {file.name}", "error": None}
    assert showing.review(result) == f"Draft 1 is approved.\nIn the outbox: {file.name}."


def test_a_mailbox_that_is_away_keeps_no_approval_in_the_terminal_from_counting(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERWORD_MAIL_URL", f"imap://rep@mendwell.example@127.0.0.1:{free_port()}")
    monkeypatch.setenv("AFTERWORD_MAIL_PASSWORD", "secret")
    with closing(ready(home)):
        result = run(capsys, "review", "1", "--approve")
    assert (result["status"], result["delivery"]["status"]) == ("approved", "waiting")
    assert "127.0.0.1 does not answer" in showing.review(result) and "tries again" in showing.review(result)


def test_what_waits_in_a_backup_is_not_sent_once_more_after_it_was_put_back(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(ready(home)) as database:
        office = Office(database, Outbox(home / "outbox"))
        office.approve(current(database, 1))
        run(capsys, "backup", str(home / "copy"))
        office.work(seconds=60)
        assert len(list((home / "outbox").iterdir())) == 1
    run(capsys, "restore", str(home / "copy"))
    with closing(Database(f"sqlite:///{home / 'home' / 'afterword.sqlite3'}")) as database:
        office = Office(database, Outbox(home / "another"))
        assert not office.work(days=1) and office.delivery().status == "unknown"


def test_a_blocked_draft_is_refused_edited_or_overridden_as_in_slack(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked(home)
    said = refused(capsys, "review", "1", "--approve")
    assert "[Name] is a blank" in said and "`afterword review 1 --edit FILE`" in said
    final = home / "final.txt"
    final.write_text("Hi [Dana]", encoding="utf-8")
    edit = ("review", "1", "--edit", str(final))
    assert "[Dana] is a blank" in refused(capsys, *edit)
    assert "AFTERWORD_ADMINS" in refused(capsys, *edit, "--override", "they spell it so")
    monkeypatch.setenv("AFTERWORD_ADMINS", "U0ALEX")
    result = run(capsys, *edit, "--override", "they spell it so")
    assert (result["status"], [finding["span"] for finding in result["findings"]]) == ("edited", ["[Dana]"])
    assert showing.review(result).endswith("! Overridden: [Dana] is a blank that somebody has to fill in.")


@pytest.mark.parametrize("arguments", [[], ["draft"], ["review", "1"], ["review", "1", "--approve", "--discard"]])
def test_wrong_usage_exits_with_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
