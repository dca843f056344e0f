"""One decision per draft, whatever two people or two clicks do; each decision leaves its pair."""

import threading
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot import reviewing
from bot.checking import Standards
from bot.drafting import LEASE, draft_one
from bot.reviewing import NotFound, TooLate
from storage import queries
from storage.database import Database
from storage.tables import Draft, Status, Verdict
from tests.fakes import Clock, FakeEngines
from tests.rows import contact, workspace
from tests.test_drafting import ask, current, desk
from tests.test_prompt import VOICE

STANDARDS = Standards(VOICE, ZoneInfo("UTC"))


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    database.migrate()
    with database.writing() as session:
        workspace(session)
        contact(session, 1)
    return database


@pytest.fixture
def drafted(database: Database) -> Draft:
    row = ask(database)
    with database.writing() as session:
        claimed = queries.claim_draft(session, now=Clock()(), lease=LEASE)
    assert claimed
    draft_one(desk(database, FakeEngines("Subject: Hello\n\nMorning Dana.\n\nMaya")), claimed)
    return current(database, row.id)


def who(row: Draft, clock: Clock | None = None) -> dict[str, object]:
    return {
        "workspace_id": 1,
        "draft_id": row.id,
        "version": row.version,
        "reviewer": "U2",
        "now": (clock or Clock())(),
    }


def only_pair(database: Database):
    with database.reading() as session:
        (pair,) = queries.pairs(session, workspace_id=1, limit=9)
    return pair


def test_an_approval_takes_the_draft_as_it_is(database: Database, drafted: Draft) -> None:
    clock = Clock()
    clock.move(seconds=30)
    with database.writing() as session:
        done = reviewing.approve(session, **who(drafted, clock), standards=STANDARDS)
    assert done.status == Status.approved
    pair = only_pair(database)
    assert pair.verdict == Verdict.approved
    assert pair.final == pair.drafted == "Subject: Hello\n\nMorning Dana.\n\nMaya"
    assert pair.seconds == 30
    assert pair.brief == drafted.brief and pair.messages and pair.prompt_version


def test_an_edit_is_the_approval_of_the_edited_text(database: Database, drafted: Draft) -> None:
    with database.writing() as session:
        reviewing.edit(session, **who(drafted), standards=STANDARDS, subject="Hi", body="Hello Dana.\r\n\r\nMaya  ")
    pair = only_pair(database)
    assert pair.verdict == Verdict.edited
    assert pair.final == "Subject: Hi\n\nHello Dana.\n\nMaya"


@pytest.mark.parametrize("body", ["Morning Dana.\n\nMaya", "Morning Dana. \r\n\r\nMaya\r\n"])
def test_an_edit_that_changes_nothing_is_an_approval(database: Database, drafted: Draft, body: str) -> None:
    with database.writing() as session:
        reviewing.edit(session, **who(drafted), standards=STANDARDS, subject="Hello ", body=body)
    assert only_pair(database).verdict == Verdict.approved


def test_a_discard_keeps_its_reason_and_has_no_final_text(database: Database, drafted: Draft) -> None:
    with database.writing() as session:
        reviewing.discard(session, **who(drafted), reason="wrong tone")
    pair = only_pair(database)
    assert (pair.verdict, pair.final, pair.reason) == (Verdict.discarded, None, "wrong tone")


def test_two_people_at_once_make_one_decision(database: Database, drafted: Draft) -> None:
    outcomes: list[str] = []
    gate = threading.Barrier(8)

    def decide(number: int) -> None:
        gate.wait()
        try:
            with database.writing() as session:
                if number % 2:
                    reviewing.approve(session, **who(drafted), standards=STANDARDS)
                else:
                    reviewing.edit(session, **who(drafted), standards=STANDARDS, subject="Hi", body=f"text {number}")
            outcomes.append("won")
        except TooLate as late:
            assert "already" in str(late) and "U2" in str(late)
            outcomes.append("late")

    threads = [threading.Thread(target=decide, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["late"] * 7 + ["won"]
    only_pair(database)


def test_an_old_card_decides_nothing(database: Database, drafted: Draft) -> None:
    with database.writing() as session:
        again = reviewing.regenerate(session, **who(drafted))
    with database.writing() as session:
        claimed = queries.claim_draft(session, now=Clock()(), lease=LEASE)
    assert again.status == Status.requested
    assert claimed
    draft_one(desk(database, FakeEngines("Subject: New\n\nSecond try")), claimed)
    with pytest.raises(TooLate, match="changed since"), database.writing() as session:
        reviewing.approve(session, **who(drafted), standards=STANDARDS)
    newest = current(database, drafted.id)
    assert newest.seed == drafted.seed + 1
    with database.writing() as session:
        reviewing.approve(session, **who(newest), standards=STANDARDS)
    assert only_pair(database).drafted == "Subject: New\n\nSecond try"


def test_a_decided_draft_is_not_written_again(database: Database, drafted: Draft) -> None:
    with database.writing() as session:
        reviewing.approve(session, **who(drafted), standards=STANDARDS)
    for move in (reviewing.regenerate, partial(reviewing.approve, standards=STANDARDS)):
        with pytest.raises(TooLate), database.writing() as session:
            move(session, **who(current(database, drafted.id)))


def test_another_workspaces_draft_does_not_exist(database: Database, drafted: Draft) -> None:
    with database.writing() as session:
        other = workspace(session, "T2")
    with pytest.raises(NotFound), database.writing() as session:
        reviewing.approve(session, **{**who(drafted), "workspace_id": other.id}, standards=STANDARDS)
    assert current(database, drafted.id).status == Status.drafted
