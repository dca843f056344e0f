"""Rows go when their time is over, and none before that; who did what can be read."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.mail.outbox import Outbox
from bot.retention import expire
from bot.settings import Settings
from storage import queries, tables
from storage.database import Database
from storage.queries import Kept
from storage.tables import Audit, Delivery, Draft, Event, Pair, Review
from tests.fakes import MONDAY, FakeEngines
from tests.rows import contact
from tests.test_cli import home, ready, run  # noqa: F401  (a fixture)
from tests.test_delivery import Office
from tests.test_drafting import ask, desk
from tests.test_reviewing import claim_and_draft

pytestmark = pytest.mark.both_databases
YEAR = 365
LATER = MONDAY + timedelta(days=YEAR + 30)
EVERYTHING = dict.fromkeys(Kept, YEAR)


def count(database: Database, table: Any) -> int:
    with database.reading() as session:
        return len(session.exec(select(table).where(table.workspace_id == 1)).all())


def drafted(database: Database, key: str) -> Draft:
    ask(database, key=key)
    return claim_and_draft(desk(database, FakeEngines("Subject: Hello\n\nMorning Dana.\n\nMaya")))


def sent(database: Database, tmp_path: Any) -> None:
    """One approved email that has left."""
    office = Office(database, Outbox(tmp_path / "outbox"))
    office.approve(drafted(database, "sent"))
    office.work(seconds=60)
    assert office.delivery().status == "sent"


def test_nothing_goes_before_its_time_and_all_of_it_after(database: Database, tmp_path: Any) -> None:
    sent(database, tmp_path)
    with database.writing() as session:
        session.exec(select(Audit).where(Audit.workspace_id == 1)).one().at = MONDAY
    assert sum(expire(database, days=EVERYTHING, now=MONDAY + timedelta(days=YEAR - 30)).values()) == 0
    assert sum(expire(database, days={}, now=LATER).values()) == 0, "what no time is set for stays"
    gone = expire(database, days=EVERYTHING, now=LATER)
    assert all(gone.values())
    assert [count(database, each) for each in (Event, Draft, Review, Delivery, Pair, Audit)] == [0] * 6
    assert count(database, tables.Contact) == 1


def test_what_still_has_to_happen_is_kept_however_old_it_is(database: Database, tmp_path: Any) -> None:
    drafted(database, "undecided")
    office = Office(database, Outbox(tmp_path / "outbox"))
    office.approve(drafted(database, "on its way"))
    ask(database, key="asked for")
    expire(database, days={Kept.drafts: YEAR}, now=LATER)
    assert count(database, Draft) == 3 and count(database, Delivery) == 1


def test_a_step_of_a_running_sequence_is_not_drafted_twice_because_it_is_old(database: Database, tmp_path: Any) -> None:
    sent(database, tmp_path)
    row = tables.Sequence(workspace_id=1, contact_id=1, playbook="p", goal="g", sender="Maya", started_by="U1")
    with database.writing() as session:
        queries.add_sequence(session, row=row)
    expire(database, days={Kept.drafts: YEAR}, now=LATER)
    assert count(database, Draft) == 1
    with database.writing() as session:
        queries.stop_sequence(session, workspace_id=1, sequence_id=1, reason="over", now=LATER)
    expire(database, days={Kept.drafts: YEAR}, now=LATER)
    assert count(database, Draft) == 0


def test_more_rows_than_one_transaction_takes_go_as_well(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.retention.AT_ONCE", 2)
    with database.writing() as session:
        for name in ("Ann", "Bo", "Cy", "Di"):
            contact(session, 1, first=name)
    assert expire(database, days={Kept.events: YEAR}, now=LATER)[Kept.events] == 5
    assert count(database, Event) == 0


def test_times_are_read_by_name() -> None:
    given = Settings(_env_file=None, keep_days="events=730, drafts = 365")  # type: ignore[call-arg]
    assert given.kept == {Kept.events: 730, Kept.drafts: 365}


def test_the_audit_trail_is_read_newest_first(home: Any, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    ready(home).close()
    run(capsys, "learning", "pause")
    run(capsys, "review", "1", "--approve")
    lines = run(capsys, "audit")
    assert [(line["who"], line["action"], line["subject"]) for line in lines] == [
        ("command line", "approved", "draft 1"),
        ("command line", "pause learning", "learning"),
    ]
    assert run(capsys, "audit", "--limit", "1") == lines[:1] and run(capsys, "audit", "--days", "1") == lines
