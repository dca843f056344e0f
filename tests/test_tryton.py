"""The worked example of a connector, against a real Tryton that the tests start."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot.syncing import Report, Syncing, sync
from bot.tokens import place
from bot.vault import Vault, new_key
from storage import queries
from storage.crm.live import AccessError, Busy, Sent
from storage.crm.live.tryton import Tryton
from storage.database import Database
from storage.tables import Connection, Event
from tests import tryton
from tests.running import free_port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tryton.Server]:
    with tryton.running(tryton.needed(), tmp_path_factory.mktemp("tryton")) as running:
        yield running


@pytest.fixture
def job(fresh: Database, server: tryton.Server) -> Syncing:
    key = new_key()
    vault = Vault(lambda: [key])
    secret = vault.seal(tryton.PASSWORD, place=place(1, "tryton"))
    with fresh.writing() as session:
        row = Connection(workspace_id=1, crm="tryton", address=server.address, account=tryton.USER, secret=secret)
        queries.save_connection(session, row=row)
    every, clock = timedelta(minutes=15), lambda: datetime.now(UTC)
    return Syncing(fresh, vault, ZoneInfo("UTC"), clock, every, lambda _: None)


def read(job: Syncing) -> Report:
    report = sync(job, workspace_id=1, crm="tryton")
    assert report and report.error is None, report
    return report


def events(job: Syncing) -> list[tuple[str, str | None]]:
    with job.database.reading() as session:
        query = select(Event).where(Event.workspace_id == 1, Event.source == "tryton").order_by(Event.source_id)
        return [(row.kind, row.body) for row in session.exec(query)]


def test_parties_and_their_notes_come_as_contacts_and_events_and_follow_changes(
    job: Syncing, server: tryton.Server
) -> None:
    dana = server.party("Dana Whitfield", "Dana@Northwind.example")
    server.note(dana, "Asked about delivery\nin spring")
    read(job)
    server.call("model.party.party.write", [dana], {"name": "Dana Lee"}, {})
    (mechanism,) = server.call("model.party.contact_mechanism.search", [["party", "=", dana]], 0, 9, None, {})
    server.call("model.party.contact_mechanism.write", [mechanism], {"value": "dana.lee@northwind.example"}, {})
    read(job)
    with job.database.reading() as session:
        found = queries.contact_by_email(session, workspace_id=1, email="dana.lee@northwind.example")
        assert queries.contact_by_email(session, workspace_id=1, email="dana@northwind.example") is None
    assert found and (found.first_name, found.last_name, found.source_id) == ("Dana", "Lee", str(dana))
    assert ("note", "Asked about delivery\nin spring") in events(job)


def test_who_was_made_inactive_there_is_not_written_to(job: Syncing, server: tryton.Server) -> None:
    gone = server.party("Ola Berg", "ola@fjord.example")
    read(job)
    server.call("model.party.party.write", [gone], {"active": False}, {})
    read(job)
    with job.database.reading() as session:
        found = queries.contact_by_email(session, workspace_id=1, email="ola@fjord.example")
    assert found and found.do_not_contact


def test_more_parties_than_a_page_holds_arrive(
    job: Syncing, server: tryton.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        server.party(f"Many {number}", f"many{number}@northwind.example")
    monkeypatch.setattr("storage.crm.live.tryton.LIMIT", 2)
    read(job)
    with job.database.reading() as session:
        found = [
            queries.contact_by_email(session, workspace_id=1, email=f"many{number}@northwind.example")
            for number in range(5)
        ]
    assert all(found)


def test_an_email_is_logged_as_a_note_once_and_comes_back_as_an_email(job: Syncing, server: tryton.Server) -> None:
    eva = server.party("Eva Roth", "eva@roth.example")
    sent = Sent(
        mark="<a_b%c@us.example>",
        at=datetime.now(UTC),
        contact_id=str(eva),
        deal_id=None,
        recipient="eva@roth.example",
        subject="Hello",
        body="Hi Eva",
    )
    crm = Tryton(server.address, tryton.USER, tryton.PASSWORD)
    assert crm.log(sent) == crm.log(sent)
    (note,) = server.notes(eva)
    assert "Subject: Hello" in note and note.endswith(sent.mark)
    read(job)
    assert ("email_sent", note) in events(job)


def test_a_wrong_password_and_a_server_that_is_away_are_told_apart(server: tryton.Server) -> None:
    with pytest.raises(AccessError, match="afterword connect tryton"):
        Tryton(server.address, tryton.USER, "wrong")
    with pytest.raises(AccessError, match="database"):
        Tryton(f"{server.address}x", tryton.USER, tryton.PASSWORD)
    with pytest.raises(Busy, match="does not answer"):
        Tryton(f"http://127.0.0.1:{free_port()}/crm", tryton.USER, tryton.PASSWORD)
