"""The database of an earlier version, with a company's work in it, is brought up to date and goes on being used."""

import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, MetaData, insert

from storage import queries
from storage.database import Database, _alembic
from storage.tables import Audit, Rule
from tests.fakes import MONDAY, Clock, FakeEngines
from tests.postgres import Postgres
from tests.rows import brief, only
from tests.test_cli import run
from tests.test_drafting import ask, desk
from tests.test_reviewing import claim_and_draft

EARLIER = "0005"  # the schema of the first version that teams used
BRIEF = brief().model_dump(mode="json")
MAIL = {"subject": "Planning", "body": "Morning Dana.\n\nMaya"}
ONE = {"id": 1, "workspace_id": 1}
RECORD = {**ONE, "source": "csv", "source_id": "1"}
ROWS: list[tuple[str, dict[str, Any]]] = [
    ("workspace", {"id": 1, "team_id": "T1", "name": "Acme", "created_at": MONDAY}),
    ("company", {**RECORD, "name": "Northwind Foods"}),
    (
        "contact",
        {
            **RECORD,
            "email": "dana@northwind.example",
            "first_name": "Dana",
            "last_name": "Whitfield",
            "search_name": "dana whitfield",
            "company_id": 1,
            "do_not_contact": False,
            "email_opt_out": False,
            "bounced": False,
        },
    ),
    ("event", {**RECORD, "contact_id": 1, "at": MONDAY, "kind": "webinar_attended", "subject": "Planning"}),
    (
        "run",
        {
            **ONE,
            "date": "2026-11-20",
            "status": "finished",
            "attempt": 1,
            "pairs": 1,
            "candidate_id": 1,
            "promoted": True,
            "reasons": ["better"],
            "scorecards": {},
            "started_at": MONDAY,
            "reported_at": MONDAY,
            "tested": True,
        },
    ),
    (
        "adapter",
        {**ONE, "version": 1, "folder": "w1-r1-aa", "run_id": 1, "pairs": 1, "scorecard": {}, "created_at": MONDAY},
    ),
    ("pointer", {"workspace_id": 1, "adapter_id": 1, "moved_at": MONDAY, "reason": "run 1"}),
    *(
        (
            "draft",
            {
                "id": number,
                "workspace_id": 1,
                "contact_id": 1,
                "request_key": f"key {number}",
                "status": status,
                "attempt": 1,
                "version": 2,
                "posted_version": 2,
                "goal": "book a demo",
                "playbook": "sales_follow_up",
                "sender": "Maya Lindqvist",
                "seed": 0,
                "baseline": False,
                "control": False,
                "requested_by": "U1",
                "channel": "C1",
                "message_ts": f"{number}.0",
                "brief": BRIEF,
                "messages": [],
                "prompt_version": "1",
                **MAIL,
                "findings": [],
                "evidence": [],
                "adapter_id": 1,
                "requested_at": MONDAY,
                "drafted_at": MONDAY,
            },
        )
        for number, status in ((1, "drafted"), (2, "edited"))
    ),
    (
        "review",
        {**ONE, "draft_id": 2, "verdict": "edited", "reviewer": "U1", **MAIL, "at": MONDAY, "findings": []},
    ),
    (
        "pair",
        {
            **ONE,
            "contact_id": 1,
            "source": "review",
            "source_id": "2",
            "account": "Northwind Foods",
            "verdict": "edited",
            "brief": BRIEF,
            "messages": [],
            "drafted": "Subject: Planning\n\nHello Dana.",
            "final": "Subject: Planning\n\nMorning Dana.",
            "prompt_version": "1",
            "at": MONDAY,
            "written_at": MONDAY,
        },
    ),
    (
        "rule",
        {
            **ONE,
            "kind": "greeting",
            "old": "",
            "new": "Morning {{contact.first_name}}",
            "status": "accepted",
            "seen": 3,
            "out_of": 3,
            "proposed_at": MONDAY,
            "posted_at": MONDAY,
        },
    ),
    (
        "audit",
        {**ONE, "at": MONDAY, "actor": "U1", "action": "override", "subject": "draft 2", "detail": {"why": "known"}},
    ),
]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database as the earlier version left it."""
    _leave_alone(tmp_path, monkeypatch)
    given = postgres.empty() if request.param == "postgresql" else f"sqlite:///{tmp_path / 'old.sqlite3'}"
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", given)
    _make(given)
    return given


def _leave_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine is set to must not reach the commands."""
    home.mkdir(exist_ok=True)
    monkeypatch.chdir(home)
    for name in [name for name in os.environ if name.startswith(("AFTERWORD_", "SLACK_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AFTERWORD_HOME", str(home))


def _make(url: str) -> None:
    with closing(Database(url)) as database, database._write.begin() as connection:
        command.upgrade(_alembic(connection), EARLIER)
        _seed(connection)


def _seed(connection: Connection) -> None:
    old = MetaData()
    old.reflect(connection)
    for name, row in ROWS:
        plain = {key: MONDAY.replace(tzinfo=None) if value is MONDAY else value for key, value in row.items()}
        connection.execute(insert(old.tables[name]), row if connection.dialect.name == "postgresql" else plain)
        if connection.dialect.name == "postgresql" and "id" in row:
            connection.exec_driver_sql(f"SELECT setval('{name}_id_seq', {row['id']})")


def test_what_people_left_in_an_earlier_version_is_there_and_goes_on(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = run(capsys, "status")
    assert (status["waiting"], status["adapter"], status["pairs"]) == ([1], 1, {"edited": 1})
    assert status["crm"]["contacts"] == 1 and status["last_run"]["promoted"] is True

    approved = run(capsys, "review", "1", "--approve")
    assert (approved["status"], approved["delivery"]["status"]) == ("approved", "sent"), "drafted then, sent now"
    assert run(capsys, "status")["pairs"] == {"approved": 1, "edited": 1}

    run(capsys, "adapters", "rollback")
    with closing(Database(url)) as database:
        with database.reading() as session:
            (found,) = queries.search_contacts(session, workspace_id=1, text="whitf north", limit=5)
            assert found.id == 1
            assert only(session, Rule).new == "Morning {{contact.first_name}}"
            assert only(session, Audit).detail == {"why": "known"}
        with database.reading() as session:
            posted = queries.drafts_to_post(session, now=Clock()(), limit=5)
            assert posted == [(1, 1)], "the card that was decided on is put right, the others stay as they are"
        ask(database, key="new")
        assert claim_and_draft(desk(database, FakeEngines("Subject: Hello\n\nHello Dana.\n\nMaya"))).status == "drafted"


def test_a_backup_of_an_earlier_version_is_brought_up_to_date_when_it_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _leave_alone(tmp_path / "home", monkeypatch)
    (tmp_path / "saved").mkdir()
    _make(f"sqlite:///{tmp_path / 'saved' / 'afterword.sqlite3'}")
    run(capsys, "restore", str(tmp_path / "saved"))
    assert run(capsys, "status")["waiting"] == [1]
    assert run(capsys, "held", "--contact", "dana@northwind.example")["rows"]["draft"]
