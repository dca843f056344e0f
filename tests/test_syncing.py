"""A connected CRM is read page by page; whatever is killed loses nothing and doubles nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from bot.syncing import LEASE, Report, Syncing, sync
from bot.tokens import place
from bot.vault import Vault, new_key
from storage import queries
from storage.crm.live import BEGINNING, AccessError, Busy, LiveError, Page, Sent, Stream, Window
from storage.database import Database
from storage.tables import (
    Connection,
    Contact,
    Delivery,
    DeliveryStatus,
    Draft,
    EntryStatus,
    Event,
    Status,
    TimelineEntry,
)
from tests.fakes import MONDAY, Clock

both = pytest.mark.both_databases

PAGE = 2
CONTACTS = Stream("people", "contacts", ("source_id", "email", "first_name"))
NOTES = Stream("notes", "events", ("source_id", "contact_id", "at", "kind", "body"))


class Killed(BaseException):
    """What kill -9 leaves: nothing after it runs."""


@dataclass
class Crm:
    """A CRM in memory that answers as Window says, two records a page. `troubles` are raised in turn, once each."""

    records: dict[str, dict[int, tuple[datetime, dict[str, str]]]] = field(
        default_factory=lambda: {"people": {}, "notes": {}}
    )
    troubles: list[BaseException | None] = field(default_factory=list)
    asked: list[tuple[str, Window]] = field(default_factory=list)
    timeline: list[Sent] = field(default_factory=list)
    after_logging: BaseException | None = None
    streams: tuple[Stream, ...] = (CONTACTS, NOTES)

    def put(self, stream: str, number: int, changed: datetime, /, **record: str) -> None:
        self.records[stream][number] = changed, {"id": str(number), **record}

    def person(self, number: int, changed: datetime = MONDAY, /, **more: str) -> None:
        self.put(
            "people", number, changed, **{"email": f"p{number}@northwind.example", "first_name": f"P{number}", **more}
        )

    def check(self) -> None: ...

    def page(self, stream: Stream, window: Window) -> Page:
        if self.troubles and (trouble := self.troubles.pop(0)):
            raise trouble
        self.asked.append((stream.name, window))
        found: list[tuple[int, Mapping[str, str]]] = [
            (number, record)
            for number, (at, record) in sorted(self.records[stream.name].items())
            if window.since <= at <= window.until and number > int(window.after or 0)
        ][:PAGE]
        return Page([record for _, record in found], str(found[-1][0]) if len(found) == PAGE else None)

    def log(self, sent: Sent) -> str:
        marks = [each.mark for each in self.timeline]
        if sent.mark not in marks:
            self.timeline.append(sent)
        if trouble := self.after_logging:
            self.after_logging = None
            raise trouble
        return f"note {[each.mark for each in self.timeline].index(sent.mark)}"


@dataclass
class House:
    """A workspace that is connected to a CRM."""

    database: Database
    crm: Crm = field(default_factory=Crm)
    clock: Clock = field(default_factory=Clock)
    waited: list[float] = field(default_factory=list)
    vault: Vault = field(default_factory=lambda: _vault(new_key()))

    def connect(self) -> "House":
        secret = self.vault.seal("s3cret", place=place(1, "crm"))
        times = {"connected_at": self.clock(), "due_at": self.clock()}
        with self.database.writing() as session:
            row = Connection(workspace_id=1, crm="crm", address="https://crm.example", secret=secret, **times)
            queries.save_connection(session, row=row)
        return self

    def sync(self, pause: Callable[[float], object] | None = None) -> Report | None:
        wait = pause or (lambda seconds: self.waited.append(seconds) if seconds else None)
        every = timedelta(minutes=15)
        job = Syncing(self.database, self.vault, ZoneInfo("UTC"), self.clock, every, wait, self._connected)
        return sync(job, workspace_id=1, crm="crm")

    def _connected(self, crm: str, *, address: str, account: str, secret: str) -> Crm:
        assert (crm, address, secret) == ("crm", "https://crm.example", "s3cret")
        return self.crm

    def row(self) -> Connection:
        with self.database.reading() as session:
            row = queries.connection(session, workspace_id=1, crm="crm")
        assert row
        return row

    def names(self) -> list[str | None]:
        query = select(Contact.first_name).where(Contact.workspace_id == 1, Contact.source == "crm")
        with self.database.reading() as session:
            return list(session.exec(query.order_by(Contact.source_id)))

    def notes(self) -> list[str | None]:
        with self.database.reading() as session:
            query = select(Event.body).where(Event.workspace_id == 1, Event.source == "crm")
            return list(session.exec(query.order_by(Event.source_id)))


def _vault(key: str) -> Vault:
    return Vault(lambda: [key])


@pytest.fixture
def house(fresh: Database) -> House:
    return House(fresh).connect()


# Reading ----------------------------------------------------------------------------------------------------------


@both
def test_everything_is_read_once_and_then_only_what_changed(house: House) -> None:
    for number in range(1, 6):
        house.crm.person(number, MONDAY - timedelta(days=number))
    house.crm.put("notes", 1, MONDAY, contact_id="5", at="2026-11-20T10:00:00Z", kind="note", body="Likes tea")
    report = house.sync()
    assert report and report.error is None and report.read == {"people": 5, "notes": 1}
    assert house.names() == ["P1", "P2", "P3", "P4", "P5"] and house.notes() == ["Likes tea"]
    house.clock.move(hours=1)
    house.crm.person(2, house.clock(), first_name="Paula")
    assert (again := house.sync()) and again.read["people"] == 1
    assert house.names() == ["P1", "Paula", "P3", "P4", "P5"]
    row = house.row()
    assert (row.finished_at, row.due_at, row.error) == (house.clock(), house.clock() + timedelta(minutes=15), None)


def test_any_number_of_records_may_share_one_moment(house: House) -> None:
    for number in range(1, 12):
        house.crm.person(number, MONDAY)
    house.sync()
    assert len(house.names()) == 11


def test_a_change_that_shows_late_is_not_missed(house: House) -> None:
    house.sync()
    late = house.clock() - timedelta(minutes=9)
    house.crm.person(1, late)
    house.clock.move(hours=1)
    house.sync()
    assert house.names() == ["P1"]


@pytest.mark.parametrize("pages", range(1, 5))
def test_killed_between_two_pages_the_next_run_goes_on_where_it_stood(house: House, pages: int) -> None:
    for number in range(1, 6):
        house.crm.person(number)
        house.crm.put("notes", number, MONDAY, contact_id=str(number), at="2026-11-20", kind="note", body=f"n{number}")
    house.crm.troubles = [*[None] * pages, Killed()]
    with pytest.raises(Killed):
        house.sync()
    before = len(house.crm.asked)
    assert house.sync() is None  # the lease of the dead one still holds
    house.clock.move(minutes=6)
    report = house.sync()
    assert report and report.error is None
    assert house.names() == [f"P{n}" for n in range(1, 6)] and house.notes() == [f"n{n}" for n in range(1, 6)]
    first = next((stream, window.after) for stream, window in house.crm.asked[before:] if window.since == BEGINNING)
    expected = [("people", "2"), ("people", "4"), ("notes", None), ("notes", "2")]
    assert first == expected[pages - 1]


def test_killed_within_a_page_neither_its_rows_nor_its_cursor_stay(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 4):
        house.crm.person(number)
    with monkeypatch.context() as patch:
        patch.setattr(queries, "move_cursor", lambda *_, **__: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            house.sync()
    assert house.names() == [] and house.row().cursors == {}


@both
def test_a_reader_that_died_while_the_clock_was_years_ahead_holds_no_crm_back(house: House) -> None:
    house.crm.person(1)
    with house.database.writing() as session:
        ahead = MONDAY + timedelta(days=3650)
        assert queries.claim_connection(session, workspace_id=1, crm="crm", now=ahead, lease=LEASE)
    assert house.sync() and house.names() == ["P1"]


def test_a_crm_that_was_read_while_the_clock_was_years_ahead_is_read_again_from_the_beginning(house: House) -> None:
    house.clock.move(days=3650)
    house.sync()
    house.clock.move(days=-3650)
    house.crm.person(1, house.clock())
    with house.database.writing() as session:
        queries.restart_connection(session, workspace_id=1, crm="crm")
    assert house.sync() and house.names() == ["P1"]
    with house.database.reading() as session:
        assert queries.connections_due(session, now=house.clock() + timedelta(days=1)) == [(1, "crm")]


@both
def test_who_was_taken_over_writes_nothing_any_more(house: House) -> None:
    house.crm.person(1)

    def taken_over(seconds: float) -> None:
        with house.database.writing() as session:
            claim = {"workspace_id": 1, "crm": "crm", "now": MONDAY + 2 * LEASE, "lease": LEASE}
            queries.claim_connection(session, **claim)  # type: ignore[arg-type]

    assert house.sync(taken_over) is None
    assert house.names() == [] and house.row().lease_until is not None


def test_a_stop_ends_between_two_pages_and_the_next_run_goes_on(house: House) -> None:
    for number in range(1, 6):
        house.crm.person(number)
    stops = iter([False, True])
    report = house.sync(lambda _: next(stops))
    assert report and report.error is None and house.names() == ["P1", "P2"]
    row = house.row()
    assert row.lease_until is None and row.due_at <= house.clock() and row.finished_at is None
    house.sync()
    assert len(house.names()) == 5


def test_an_event_that_comes_with_a_new_contact_finds_it(house: House) -> None:
    """A contact made after the contacts were read is not in the window of the events either."""
    house.crm.person(1)
    house.sync()
    made = house.clock() + timedelta(minutes=30)
    house.crm.person(2, made)
    house.crm.put("notes", 1, made, contact_id="2", at="2026-11-23T09:30:00Z", kind="note", body="New")
    house.clock.move(minutes=20)
    assert (report := house.sync()) and report.left_out == 0 and house.notes() == []
    house.clock.move(minutes=20)
    assert (report := house.sync()) and report.left_out == 0 and house.notes() == ["New"]


# Consent ----------------------------------------------------------------------------------------------------------


def test_an_opt_out_arrives_though_something_beside_it_is_useless_and_is_never_lifted(house: House) -> None:
    house.crm.person(1, email_opt_out="true", timezone="Mars/Olympus")
    house.sync()
    house.clock.move(hours=1)
    house.crm.person(1, house.clock(), email_opt_out="false")
    house.sync()
    with house.database.reading() as session:
        found = queries.contact_by_email(session, workspace_id=1, email="p1@northwind.example")
    assert found and found.email_opt_out and found.consent_origin == "crm"


def test_a_record_that_cannot_be_used_is_left_out_with_its_reason_and_the_others_arrive(house: House) -> None:
    house.crm.person(1, email="not an address")
    house.crm.person(2)
    report = house.sync()
    assert report and report.left_out == 1 and house.names() == ["P2"]
    assert report.reasons[0].startswith("people 1:") and "not an address" in report.reasons[0]
    assert "not an address" not in str(house.row().counts)


@both
def test_who_asked_to_be_erased_does_not_come_back(house: House) -> None:
    house.crm.person(1)
    house.sync()
    with house.database.writing() as session:
        queries.erase(session, workspace_id=1, email="p1@northwind.example", now=house.clock())
    house.clock.move(hours=1)
    house.crm.person(1, house.clock())
    house.sync()
    assert house.names() == []


def test_what_happened_with_somebody_who_is_not_here_is_passed_over(house: House) -> None:
    house.crm.put("notes", 1, MONDAY, contact_id="99", at="2026-11-20T10:00:00Z", kind="note", body="Whose?")
    report = house.sync()
    assert report and (report.left_out, report.error) == (0, None) and house.notes() == []


# Trouble ----------------------------------------------------------------------------------------------------------


def test_a_crm_that_asks_to_slow_down_is_waited_for(house: House) -> None:
    house.crm.person(1)
    house.crm.troubles = [Busy("Slow down.", 3.0), Busy("Slow down.")]
    report = house.sync()
    assert report and report.error is None and house.waited == [3.0, 2.0] and house.names() == ["P1"]


def test_for_a_used_up_day_the_run_ends_and_comes_back_later(house: House) -> None:
    house.crm.troubles = [Busy("Used up for today.", 3600.0)]
    report = house.sync()
    row = house.row()
    assert report and report.error == row.error == "Used up for today." and house.waited == []
    assert row.due_at == house.clock() + timedelta(hours=1) and row.lease_until is None


def test_a_refused_key_is_said_and_what_was_read_before_stays(house: House) -> None:
    house.crm.person(1)
    house.crm.troubles = [None, AccessError("Make a new token.")]
    house.sync()
    assert (
        house.row().error == "notes: Make a new token." and house.row().finished_at is None and house.names() == ["P1"]
    )
    house.sync()
    assert house.row().error is None


def test_a_fault_of_ours_is_told_by_a_reference_and_not_by_its_text(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.crm.troubles = [ValueError("Dana's secret")]
    report = house.sync()
    assert report and report.error and report.error.startswith("Something went wrong") and "Dana" not in caplog.text


def test_a_secret_that_does_not_open_is_said(house: House) -> None:
    house.vault = _vault(new_key())
    report = house.sync()
    assert report and report.error and "secret.key" in report.error


# The timeline -----------------------------------------------------------------------------------------------------


def left(house: House, number: int, *, email: str = "p1@northwind.example", status: str = "sent") -> None:
    """An approved email to somebody, delivered now."""
    with house.database.writing() as session:
        person = queries.contact_by_email(session, workspace_id=1, email=email)
        assert person and person.id
        asked: dict[str, Any] = {"goal": "g", "playbook": "p", "sender": "Maya", "seed": 0, "requested_by": "U1"}
        row = Draft(workspace_id=1, contact_id=person.id, request_key=f"k{number}", status=Status.delivered, **asked)
        draft = queries.add_draft(session, row=row)
        text = {"message_id": f"<m{number}@us.example>", "recipient": email, "subject": "Hello", "body": "Hi there"}
        at = house.clock()
        times = {"decided_at": at, "due_at": at, "sent_at": at}
        session.add(
            Delivery(
                workspace_id=1,
                draft_id=draft.id or 0,
                status=DeliveryStatus(status),
                place="In drafts",
                **times,
                **text,
            )
        )


def entries(house: House) -> list[tuple[str, str | None]]:
    with house.database.reading() as session:
        query = select(TimelineEntry).where(TimelineEntry.workspace_id == 1)
        return [(str(row.status), row.their_id) for row in session.exec(query.order_by(col(TimelineEntry.id)))]


@pytest.fixture
def writing(house: House) -> House:
    house.crm.person(1)
    house.sync()
    house.clock.move(minutes=20)
    return house


@both
def test_an_email_that_left_stands_once_in_the_timeline(writing: House) -> None:
    left(writing, 1)
    left(writing, 2, status="waiting")
    assert (report := writing.sync()) and report.logged == 1
    writing.clock.move(minutes=20)
    writing.sync()
    (sent,) = writing.crm.timeline
    assert (sent.mark, sent.contact_id, sent.subject) == ("<m1@us.example>", "1", "Hello")
    assert sent.body.startswith("Hi there") and sent.body.endswith("In drafts")
    assert entries(writing) == [("logged", "note 0")]


def test_an_email_from_before_the_connection_is_not_logged(fresh: Database) -> None:
    house = House(fresh)
    house.crm.person(1)
    with fresh.writing() as session:
        rows = [{"workspace_id": 1, "source": "crm", "source_id": "1", "email": "p1@northwind.example"}]
        queries.upsert(session, table=Contact, rows=rows)
    left(house, 1)
    house.clock.move(minutes=1)
    house.connect().sync()
    assert house.crm.timeline == []


@both
@pytest.mark.parametrize("trouble", [Killed(), Busy("No answer.")], ids=["killed", "no answer"])
def test_an_answer_that_never_came_does_not_put_it_there_twice(writing: House, trouble: BaseException) -> None:
    left(writing, 1)
    writing.crm.after_logging = trouble
    try:
        writing.sync()
    except Killed:
        writing.clock.move(minutes=6)
    assert entries(writing) == [("logging", None)]
    writing.sync()
    writing.clock.move(minutes=6)
    writing.sync()
    assert len(writing.crm.timeline) == 1 and entries(writing) == [("logged", "note 0")]


@both
def test_an_entry_whose_writer_died_while_the_clock_was_years_ahead_is_written(writing: House) -> None:
    left(writing, 1)
    writing.crm.after_logging = Killed()
    writing.clock.move(days=3650)
    with pytest.raises(Killed):
        writing.sync()
    writing.clock.move(days=-3650)
    writing.sync()
    assert len(writing.crm.timeline) == 1 and entries(writing) == [("logged", "note 0")]


def test_a_contact_that_is_gone_over_there_does_not_hold_up_the_others(writing: House) -> None:
    left(writing, 1)
    left(writing, 2)
    writing.crm.after_logging = LiveError("No such contact.")
    assert (report := writing.sync()) and report.error is None and report.logged == 1
    assert [status for status, _ in entries(writing)] == [EntryStatus.failed, EntryStatus.logged]


def test_a_missing_permission_is_said_and_made_up_for_when_it_is_there(writing: House) -> None:
    left(writing, 1)
    writing.crm.after_logging = AccessError("Add the scope.")
    writing.sync()
    assert writing.row().error == "Add the scope." and entries(writing) == [("waiting", None)]
    writing.sync()
    assert entries(writing)[0][0] == "logged" and writing.row().error is None
