"""One approval leaves at most once, can be taken back for ten seconds, and never goes to who said no meanwhile."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot import reviewing, undoing
from bot.checking import Standards
from bot.deliverer import Deliverer
from bot.delivery import LEASE, LONGEST_TRY, Mailing, deliver_one, pause
from bot.mail import NotNow, Refused, Unclear, Way
from bot.mail.outbox import Outbox
from bot.outgoing import Outgoing
from bot.reviewing import TooLate
from bot.undoing import Gone
from model.playbook import Playbooks
from storage import queries
from storage.database import Database
from storage.tables import Audit, Contact, Delivery, DeliveryStatus, Draft, Event, Status
from tests.fakes import Clock, FakeEngines
from tests.rows import only
from tests.running import until
from tests.test_drafting import ask, current, desk
from tests.test_prompt import VOICE
from tests.test_reviewing import STANDARDS, claim_and_draft, who

LEAVING = Outgoing(domain="mendwell.example")


@dataclass
class Played:
    """A way that answers as told; an exception among the answers is raised before or after the point of no return."""

    name: str = "played"
    looks_first: bool = True
    before: list[Exception | None] = field(default_factory=list)
    after: list[Exception | None] = field(default_factory=list)
    asked: list[bool] = field(default_factory=list)  # `again` of every call
    taken: list[EmailMessage] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def deliver(self, message: EmailMessage, *, again: bool, begin: Callable[[], None]) -> str:
        self.asked.append(again)
        _raise(self.before)
        begin()
        self.meanwhile()
        _raise(self.after)
        self.taken.append(message)
        return "Played to the end"


def _raise(planned: list[Exception | None]) -> None:
    if planned and (error := planned.pop(0)):
        raise error


@dataclass
class Office:
    """Rows, a clock and one way for mail; what an approval and a worker do, one step at a time."""

    database: Database
    way: Way
    clock: Clock = field(default_factory=Clock)

    @property
    def job(self) -> Mailing:
        return Mailing(self.database, self.way, self.clock, ZoneInfo("Europe/Berlin"), sender="sales@mendwell.example")

    def approve(self, row: Draft, **more: Any) -> Draft:
        with self.database.writing() as session:
            how = {**who(row, self.clock), "standards": STANDARDS, "leaving": LEAVING, **more}
            return reviewing.approve(session, **how)

    def undo(self, row: Draft, **more: Any) -> Draft:
        with self.database.writing() as session:
            asked = {"workspace_id": 1, "draft_id": row.id, "version": row.version, "reviewer": "U2", **more}
            return undoing.undo(session, **asked)

    def claim(self) -> Delivery | None:
        with self.database.writing() as session:
            return queries.claim_delivery(session, now=self.clock(), lease=LEASE)

    def work(self, **later: float) -> bool:
        """One round of a worker, after so much time."""
        self.clock.move(**later)
        with self.database.writing() as session:
            queries.release_deliveries(session, now=self.clock())
        row = self.claim()
        return row is not None and deliver_one(self.job, row)

    def delivery(self, draft_id: int = 1) -> Delivery:
        with self.database.reading() as session:
            row = queries.delivery_of(session, workspace_id=1, draft_id=draft_id)
        assert row
        return row


@pytest.fixture
def drafted(database: Database) -> Draft:
    ask(database)
    return claim_and_draft(desk(database, FakeEngines("Subject: Hello\n\nMorning Dana.\n\nMaya")))


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(database, Outbox(tmp_path / "outbox"))


@pytest.fixture
def played(database: Database) -> tuple[Office, Played]:
    way = Played()
    return Office(database, way), way


def letters(tmp_path: Path) -> list[EmailMessage]:
    return [message_from_bytes(path.read_bytes(), policy=default) for path in (tmp_path / "outbox").glob("*.eml")]


def kept(database: Database) -> tuple[int, int]:
    """How many reviews and pairs there are."""
    with database.reading() as session:
        review = queries.review_of(session, workspace_id=1, draft_id=1)
        return int(review is not None), len(queries.pairs(session, workspace_id=1, limit=9))


# Leaving ----------------------------------------------------------------------------------------------------------


def test_an_approval_leaves_after_ten_seconds_and_not_before(office: Office, drafted: Draft, tmp_path: Path) -> None:
    office.approve(drafted)
    assert not office.work(seconds=9.9) and letters(tmp_path) == []
    assert office.work(seconds=0.1)
    (letter,) = letters(tmp_path)
    assert letter["To"] == "Dana Whitfield <dana.whitfield@northwind.example>"
    assert letter["From"] == "Maya Lindqvist <sales@mendwell.example>"
    assert (letter["Subject"], letter.get_content().split()) == ("Hello", ["Morning", "Dana.", "Maya"])
    assert letter["Message-ID"] == office.delivery().message_id and "@mendwell.example>" in letter["Message-ID"]
    row = current(office.database, drafted.id)
    assert (row.status, office.delivery().status) == (Status.delivered, DeliveryStatus.sent)
    assert not office.work(days=2) and len(letters(tmp_path)) == 1


@pytest.mark.parametrize("dead", [False, True])
def test_a_clock_that_was_ahead_keeps_no_email_back_once_it_is_right(
    office: Office, drafted: Draft, tmp_path: Path, dead: bool
) -> None:
    office.clock.move(days=1)
    office.approve(drafted)
    if dead:
        office.clock.move(seconds=11)
        assert office.claim(), "and its process died"
    office.clock.move(days=-1)
    assert office.work() and len(letters(tmp_path)) == 1


def test_what_leaves_is_the_edited_text(office: Office, drafted: Draft, tmp_path: Path) -> None:
    with office.database.writing() as session:
        how = {**who(drafted), "standards": STANDARDS}
        reviewing.edit(session, **how, subject="Hi", body="Hello Dana, thank you.")
    office.work(seconds=11)
    (letter,) = letters(tmp_path)
    assert (letter["Subject"], letter.get_content().strip()) == ("Hi", "Hello Dana, thank you.")


def test_without_an_undo_window_it_leaves_at_once(office: Office, drafted: Draft, tmp_path: Path) -> None:
    office.approve(drafted, leaving=Outgoing(undo=timedelta(0)))
    assert office.work() and len(letters(tmp_path)) == 1


def test_a_discarded_draft_has_nothing_to_deliver(office: Office, drafted: Draft) -> None:
    with office.database.writing() as session:
        reviewing.discard(session, **who(drafted), reason="other")
        assert queries.delivery_of(session, workspace_id=1, draft_id=1) is None
    assert not office.work(days=1)


def test_a_decision_that_is_rolled_back_leaves_nothing_to_deliver(office: Office, drafted: Draft) -> None:
    with pytest.raises(RuntimeError), office.database.writing() as session:
        reviewing.approve(session, **who(drafted), standards=STANDARDS)
        raise RuntimeError
    assert not office.work(days=1)


def test_an_email_that_answers_one_goes_into_its_thread(office: Office, drafted: Draft, tmp_path: Path) -> None:
    with office.database.writing() as session:
        old = only(session, Event)
        old.kind, old.source_id = "email_received", "<CAF12@mail.northwind.example>"
    office.approve(drafted)
    office.work(seconds=11)
    assert letters(tmp_path)[0]["In-Reply-To"] == "<CAF12@mail.northwind.example>"


def test_marketing_mail_is_told_by_its_playbook(office: Office, database: Database, tmp_path: Path) -> None:
    ask(database, playbook="saas_onboarding")
    books = Playbooks()
    row = claim_and_draft(desk(database, FakeEngines("Subject: Hello\n\nMorning Dana.\n\nMaya")))
    office.approve(row, standards=Standards(VOICE, ZoneInfo("UTC"), playbooks=books))
    office.work(seconds=11)
    assert letters(tmp_path)[0]["List-Unsubscribe"] == "<mailto:sales@mendwell.example?subject=unsubscribe>"


# Undo -------------------------------------------------------------------------------------------------------------


def test_undo_makes_it_as_if_nobody_had_decided(office: Office, drafted: Draft, tmp_path: Path) -> None:
    approved = office.approve(drafted)
    assert kept(office.database) == (1, 1)
    undone = office.undo(approved)
    assert (undone.status, undone.version) == (Status.drafted, approved.version + 1)
    assert kept(office.database) == (0, 0)
    assert not office.work(days=1) and letters(tmp_path) == []
    with office.database.reading() as session:
        audited = [(row.action, row.actor) for row in session.exec(select(Audit).where(Audit.workspace_id == 1))]
    assert audited == [("approved", "U2"), ("undo", "U2")]


def test_what_was_undone_can_be_approved_again_and_leaves_once(office: Office, drafted: Draft, tmp_path: Path) -> None:
    first = office.approve(drafted)
    was = office.delivery().message_id
    office.approve(office.undo(first))
    assert office.delivery().message_id != was
    office.work(seconds=11)
    office.work(seconds=60)
    assert len(letters(tmp_path)) == 1 and kept(office.database) == (1, 1)


def test_after_it_has_left_undo_is_too_late_and_changes_nothing(office: Office, drafted: Draft) -> None:
    office.approve(drafted)
    office.work(seconds=11)
    row = current(office.database, drafted.id)
    with office.database.writing() as session, pytest.raises(Gone):  # caught inside, as the listener does
        undoing.undo(session, workspace_id=1, draft_id=1, version=row.version, reviewer="U2")
    assert current(office.database, drafted.id).status == Status.delivered and kept(office.database) == (1, 1)


def test_undo_from_an_old_card_changes_nothing_even_when_caught_inside(office: Office, drafted: Draft) -> None:
    approved = office.approve(drafted)
    with office.database.writing() as session, pytest.raises(TooLate):
        undoing.undo(session, workspace_id=1, draft_id=1, version=approved.version - 1, reviewer="U2")
    assert office.delivery().status == DeliveryStatus.waiting and kept(office.database) == (1, 1)


def test_nothing_can_be_undone_that_was_never_approved(office: Office, drafted: Draft) -> None:
    with pytest.raises(TooLate):
        office.undo(drafted)


def test_two_people_undo_once(office: Office, drafted: Draft) -> None:
    approved = office.approve(drafted)
    outcomes = together(*(lambda n=n: office.undo(approved, reviewer=f"U{n}") for n in range(6)))
    assert sorted(outcomes) == ["Draft"] + ["TooLate"] * 5


def test_undo_and_the_worker_never_both_win(office: Office, database: Database, tmp_path: Path) -> None:
    """Twenty drafts, each undone by somebody in the same moment in which it is due."""
    rows = [ready(database, number) for number in range(20)]
    approved = [office.approve(row) for row in rows]
    office.clock.move(seconds=10)

    def undo_all() -> None:
        for row in approved:
            with suppress(Gone, TooLate):
                office.undo(row)

    def deliver_all() -> None:
        while (claimed := office.claim()) is not None:
            deliver_one(office.job, claimed)

    together(undo_all, deliver_all, deliver_all)
    names = {letter["Message-ID"] for letter in letters(tmp_path)}
    outcomes = set()
    for row in rows:
        assert row.id is not None
        draft, delivery = current(database, row.id), office.delivery(row.id)
        outcomes.add((str(draft.status), str(delivery.status), delivery.message_id in names))
    assert outcomes <= {("delivered", "sent", True), ("drafted", "withdrawn", False)}
    assert not list((tmp_path / "outbox").glob("*.part"))


def together(*jobs: Callable[[], object]) -> list[str]:
    """Run everything at the same moment; the names of what came back or was raised."""
    outcomes: list[str] = []
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], object]) -> None:
        gate.wait()
        try:
            outcomes.append(type(job()).__name__)
        except Exception as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def ready(database: Database, number: int) -> Draft:
    """A draft that waits for a decision, without a model."""
    row = ask(database, f"ready {number}")
    ready = claim_and_draft(desk(database, FakeEngines("Subject: Hello\n\nMorning Dana.\n\nMaya")))
    assert ready.id == row.id
    return ready


# Who said no meanwhile --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flag", ["do_not_contact", "email_opt_out", "bounced"])
def test_who_opted_out_in_the_ten_seconds_does_not_get_it(
    office: Office, drafted: Draft, tmp_path: Path, flag: str
) -> None:
    office.approve(drafted)
    with office.database.writing() as session:
        setattr(only(session, Contact), flag, True)
    office.work(seconds=11)
    assert letters(tmp_path) == []
    row = office.delivery()
    assert row.status == DeliveryStatus.withdrawn and row.error and ("Dana" in row.error or "bounced" in row.error)
    assert current(office.database, 1).version > drafted.version + 1, "the card is shown anew"


def test_an_address_that_changed_since_the_approval_is_not_written_to(office: Office, drafted: Draft) -> None:
    approved = office.approve(drafted)
    with office.database.writing() as session:
        only(session, Contact).email = "dana@elsewhere.example"
    office.work(seconds=11)
    row = office.delivery()
    assert row.status == DeliveryStatus.failed and "dana.whitfield@northwind.example" in str(row.error)
    again = office.approve(office.undo(current(office.database, approved.id)))
    assert again.status == Status.approved and office.delivery().recipient == "dana@elsewhere.example"


def test_an_erased_contact_takes_what_waits_along(office: Office, drafted: Draft, tmp_path: Path) -> None:
    office.approve(drafted)
    office.clock.move(seconds=11)
    claimed = office.claim()
    assert claimed
    with office.database.writing() as session:
        session.delete(only(session, Contact))
    assert not deliver_one(office.job, claimed) and letters(tmp_path) == []


# Trouble ----------------------------------------------------------------------------------------------------------


def test_a_server_that_is_away_is_tried_again_with_growing_pauses(
    played: tuple[Office, Played], drafted: Draft
) -> None:
    office, way = played
    office.approve(drafted)
    way.before = [NotNow("It is away.")] * 3
    office.work(seconds=10)
    shown = current(office.database, 1).version
    assert (office.delivery().status, office.delivery().error) == (DeliveryStatus.waiting, "It is away.")
    assert not office.work(seconds=4.9) and office.work(seconds=0.1)
    assert not office.work(seconds=9.9) and office.work(seconds=0.1)
    assert current(office.database, 1).version == shown, "the card is not updated to say the same again"
    office.work(seconds=20)
    assert len(way.taken) == 1 and way.asked == [False] * 4
    assert current(office.database, 1).status == Status.delivered


def test_pauses_end_at_a_quarter_of_an_hour() -> None:
    assert [pause(n).total_seconds() for n in (1, 2, 3, 9, 10**6)] == [5, 10, 20, 900, 900]


def test_what_is_still_waiting_can_be_undone(played: tuple[Office, Played], drafted: Draft) -> None:
    office, way = played
    office.approve(drafted)
    way.before = [NotNow("It is away.")]
    office.work(seconds=10)
    assert office.undo(current(office.database, 1)).status == Status.drafted
    assert not office.work(days=1) and way.taken == []


def test_after_a_day_it_has_failed(played: tuple[Office, Played], drafted: Draft) -> None:
    office, way = played
    office.approve(drafted)
    way.before = [NotNow("It is away.")]
    office.work(seconds=10)
    office.clock.move(seconds=LONGEST_TRY.total_seconds())
    office.work()
    assert office.delivery().status == DeliveryStatus.failed
    assert "more than a day ago" in str(office.delivery().error) and "It is away." in str(office.delivery().error)
    assert not office.work(days=1) and way.taken == []


def test_what_nobody_delivered_for_a_day_waits_for_a_person(office: Office, drafted: Draft, tmp_path: Path) -> None:
    """The bot was switched off over the weekend, and the email may say "tomorrow"."""
    office.approve(drafted)
    office.work(days=2)
    assert office.delivery().status == DeliveryStatus.failed and letters(tmp_path) == []


def test_a_final_no_stops_until_somebody_asks_again(played: tuple[Office, Played], drafted: Draft) -> None:
    office, way = played
    office.approve(drafted)
    way.before = [Refused("It does not accept the password.")]
    office.work(seconds=10)
    assert (office.delivery().status, office.delivery().error) == (
        DeliveryStatus.failed,
        "It does not accept the password.",
    )
    assert not office.work(days=1)
    for expected in (True, False):
        with office.database.writing() as session:
            how = {"workspace_id": 1, "draft_id": 1, "reviewer": "U2", "now": office.clock()}
            assert undoing.again(session, **how) is expected
    assert office.work() and len(way.taken) == 1


def test_a_fault_of_our_own_before_anything_left_is_said_with_a_reference(
    played: tuple[Office, Played], drafted: Draft, caplog: pytest.LogCaptureFixture
) -> None:
    office, way = played
    office.approve(drafted)
    way.before = [ValueError("Morning Dana. this is the text")]
    office.work(seconds=10)
    said = office.delivery().error or ""
    assert office.delivery().status == DeliveryStatus.failed
    assert said[-10:-2] in caplog.text and "Morning Dana" not in caplog.text + said


# Did it go out before we died -------------------------------------------------------------------------------------


def died(office: Office, *, handed_over: bool) -> None:
    """A worker took the delivery and died, before or after the point of no return."""
    office.clock.move(seconds=11)
    row = office.claim()
    assert row and row.id
    if handed_over:
        with office.database.writing() as session:
            until_then = office.clock() + LEASE
            assert queries.hold_delivery(session, row=row, until=until_then, via=office.way.name)


@pytest.mark.parametrize("looks_first", [True, False])
def test_who_died_before_handing_over_has_sent_nothing_and_it_leaves_within_a_minute(
    database: Database, drafted: Draft, looks_first: bool
) -> None:
    way = Played(looks_first=looks_first)
    office = Office(database, way)
    office.approve(drafted)
    died(office, handed_over=False)
    assert not office.work(seconds=30), "the lease still holds"
    assert office.work(seconds=30) and way.asked == [False] and len(way.taken) == 1


def test_a_way_that_can_look_is_asked_to_and_tries_again(played: tuple[Office, Played], drafted: Draft) -> None:
    office, way = played
    office.approve(drafted)
    died(office, handed_over=True)
    assert office.work(seconds=60) and way.asked == [True]
    assert office.delivery().status == DeliveryStatus.sent


def test_what_was_sent_and_not_answered_is_never_sent_again_and_a_person_is_told(
    database: Database, drafted: Draft
) -> None:
    way = Played(looks_first=False)
    office = Office(database, way)
    office.approve(drafted)
    died(office, handed_over=True)
    assert office.work(seconds=60)
    assert office.delivery().status == DeliveryStatus.unknown and way.asked == []
    assert not office.work(days=9)
    with pytest.raises(Gone):
        office.undo(current(database, 1))


def test_what_one_way_may_have_taken_is_not_handed_to_another(office: Office, drafted: Draft, tmp_path: Path) -> None:
    """Somebody changes the settings between a crash and the next start."""
    smtp = Office(office.database, Played(name="smtp", looks_first=False), office.clock)
    smtp.approve(drafted)
    died(smtp, handed_over=True)
    office.work(seconds=60)
    assert office.delivery().status == DeliveryStatus.unknown and letters(tmp_path) == []


@pytest.mark.parametrize(("looks_first", "then"), [(True, DeliveryStatus.waiting), (False, DeliveryStatus.unknown)])
def test_a_lost_answer_is_looked_for_or_told(
    database: Database, drafted: Draft, looks_first: bool, then: DeliveryStatus
) -> None:
    way = Played(looks_first=looks_first, after=[Unclear("No answer came.")])
    office = Office(database, way)
    office.approve(drafted)
    office.work(seconds=11)
    assert (office.delivery().status, office.delivery().via) == (then, "played")
    with pytest.raises(Gone):
        office.undo(current(database, 1))
    office.work(seconds=60)
    assert way.asked == ([False, True] if looks_first else [False])


def test_a_clear_no_after_handing_over_means_that_it_can_be_tried_again(database: Database, drafted: Draft) -> None:
    way = Played(looks_first=False, after=[NotNow("Come back later.")])
    office = Office(database, way)
    office.approve(drafted)
    office.work(seconds=11)
    assert office.delivery().via is None
    office.work(seconds=60)
    assert way.asked == [False, False] and len(way.taken) == 1


def test_a_worker_that_lost_its_lease_begins_nothing_and_writes_nothing(
    played: tuple[Office, Played], drafted: Draft
) -> None:
    office, way = played
    office.approve(drafted)
    office.clock.move(seconds=11)
    late = office.claim()
    assert late and office.work(seconds=60) and len(way.taken) == 1
    assert not deliver_one(office.job, late)
    assert len(way.taken) == 1 and office.delivery().status == DeliveryStatus.sent


def test_of_two_workers_only_who_holds_the_newer_lease_begins(played: tuple[Office, Played], drafted: Draft) -> None:
    office, way = played
    office.approve(drafted)
    office.clock.move(seconds=11)
    late = office.claim()
    office.clock.move(seconds=60)
    with office.database.writing() as session:
        queries.release_deliveries(session, now=office.clock())
    newer = office.claim()
    assert late and newer and not deliver_one(office.job, late) and way.taken == []
    assert deliver_one(office.job, newer) and len(way.taken) == 1


def test_the_way_is_noted_before_the_step_that_cannot_be_taken_back(
    played: tuple[Office, Played], drafted: Draft
) -> None:
    office, way = played
    noted: list[str | None] = []
    way.meanwhile = lambda: noted.append(office.delivery().via)
    office.approve(drafted)
    office.work(seconds=11)
    assert noted == ["played"]


def test_a_no_to_the_second_try_says_nothing_of_the_first(played: tuple[Office, Played], drafted: Draft) -> None:
    """The first may have left a draft in the mailbox, so nobody takes it back; trying again looks for it."""
    office, way = played
    way.after, way.before = [Unclear("No answer came.")], [None, Refused("The password is wrong.")]
    office.approve(drafted)
    office.work(seconds=11)
    office.work(seconds=60)
    assert (office.delivery().status, office.delivery().via) == (DeliveryStatus.failed, "played")
    with pytest.raises(Gone):
        office.undo(current(office.database, 1))
    with office.database.writing() as session:
        undoing.again(session, workspace_id=1, draft_id=1, reviewer="U2", now=office.clock())
    office.work(seconds=1)
    assert way.asked == [False, True, True] and office.delivery().status == DeliveryStatus.sent


def test_a_worker_whose_delivery_was_undone_and_approved_anew_begins_nothing(
    played: tuple[Office, Played], drafted: Draft
) -> None:
    office, way = played
    office.approve(drafted)
    office.clock.move(seconds=11)
    late = office.claim()
    office.clock.move(seconds=60)
    with office.database.writing() as session:
        queries.release_deliveries(session, now=office.clock())
    office.approve(office.undo(current(office.database, 1)))
    office.clock.move(seconds=11)
    newer = office.claim()
    assert late and not deliver_one(office.job, late) and way.taken == []
    assert newer and deliver_one(office.job, newer) and len(way.taken) == 1


# The worker -------------------------------------------------------------------------------------------------------


def test_a_started_worker_delivers_what_an_earlier_run_left_and_tells(
    office: Office, drafted: Draft, tmp_path: Path
) -> None:
    office.approve(drafted)
    died(office, handed_over=True)
    office.clock.move(seconds=60)
    told = threading.Event()
    worker = Deliverer(office.job, told.set)
    worker.start()
    try:
        until(lambda: office.delivery().status == DeliveryStatus.sent)
        assert told.wait(5)
    finally:
        worker.stop()
    assert len(letters(tmp_path)) == 1


def test_a_long_delivery_keeps_its_lease(
    played: tuple[Office, Played], drafted: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, way = played
    monkeypatch.setattr("bot.deliverer.HEARTBEAT_SECONDS", 0.02)
    office.approve(drafted)
    office.clock.move(seconds=11)
    leases: list[bool] = []

    def slow() -> None:
        office.clock.move(seconds=30)
        leases.append(until(lambda: office.delivery().lease_until == office.clock() + LEASE, 5))

    way.meanwhile = slow
    worker = Deliverer(office.job, lambda: None)
    worker.start()
    try:
        until(lambda: office.delivery().status == DeliveryStatus.sent)
    finally:
        worker.stop()
    assert leases == [True] and len(way.taken) == 1
