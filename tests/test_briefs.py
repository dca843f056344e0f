"""A brief holds the newest and most telling events once each, says what it left out, and always fits."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import select

from bot import briefs
from model.brief import Brief
from model.engine import CONTEXT
from model.playbook import Playbook
from model.prompt import messages
from storage.database import Database
from storage.tables import Company, Contact, Deal, Event
from tests.fakes import MONDAY
from tests.rows import only
from tests.test_prompt import VOICE

ZONE = ZoneInfo("Europe/Berlin")


def happened(database: Database, *events: tuple[int, str, dict[str, Any]]) -> None:
    """Only these events, each so many days ago."""
    with database.writing() as session:
        for row in session.exec(select(Event).where(Event.workspace_id == 1)).all():
            session.delete(row)
        session.flush()
        for number, (days, kind, more) in enumerate(events):
            at = MONDAY - timedelta(days=days, minutes=number)
            row = {"workspace_id": 1, "source": "test", "source_id": str(number), "contact_id": 1}
            session.add(Event(**row, at=at, kind=kind, **more))


def brief(database: Database, at: datetime = MONDAY, **more: Any) -> Brief:
    asked = {"goal": "book a demo", "note": None, "sender": "Maya Lindqvist", "playbook": briefs.DEFAULT_PLAYBOOK}
    with database.reading() as session:
        return briefs.build(session, contact=only(session, Contact), at=at, zone=ZONE, **{**asked, **more})


def shown(found: Brief) -> list[tuple[str, str | None]]:
    return [(event.kind, event.subject) for event in found.events]


def test_a_record_that_fits_is_shown_whole_newest_first(database: Database) -> None:
    happened(database, (9, "page_view", {"subject": "Pricing"}), (1, "email_open", {}), (40, "meeting", {}))
    found = brief(database)
    assert [event.kind for event in found.events] == ["email_open", "page_view", "meeting"]
    assert (found.open_questions, found.left_out) == ((), ())


def test_what_the_crm_recorded_twice_is_shown_once(database: Database) -> None:
    twice = {"subject": "Planning without panic"}
    happened(
        database,
        (1, "webinar_attended", twice),
        (1, "webinar_attended", twice),
        (2, "page_view", {"subject": "Pricing", "count": 5}),
        (9, "page_view", {"subject": "Pricing", "count": 3}),
        (3, "call", {}),
    )
    found = brief(database)
    assert shown(found) == [("webinar_attended", twice["subject"]), ("page_view", "Pricing"), ("call", None)]
    assert found.events[1].count == 5
    assert {(one.kind, one.count) for one in found.left_out} == {("webinar_attended", 1), ("page_view", 1)}


def test_what_they_asked_is_not_pushed_out_by_what_they_clicked(database: Database) -> None:
    asked = "Thanks for the call. Could you tell us what the larger plan costs? We start in May."
    happened(
        database,
        *((days, "page_view", {"subject": f"Page {days}"}) for days in range(1, 9)),
        (10, "email_received", {"subject": "Question", "body": asked}),
        (12, "meeting", {"subject": "Site visit"}),
        (60, "form_submit", {"subject": "Old request"}),
    )
    found = brief(database)
    assert shown(found) == [("page_view", "Page 1"), ("email_received", "Question"), ("meeting", "Site visit")]
    assert found.open_questions == ("Could you tell us what the larger plan costs?",)


def test_a_question_that_we_answered_is_no_longer_open(database: Database) -> None:
    happened(
        database,
        (1, "note", {"body": "Who signs on their side?"}),
        (2, "email_sent", {"subject": "Prices"}),
        (3, "email_received", {"body": "What does it cost?"}),
    )
    assert brief(database).open_questions == ("Who signs on their side?",)


def test_what_was_left_out_is_counted_to_the_last_event(database: Database) -> None:
    happened(
        database,
        *((days, "page_view", {"subject": f"Page {days}"}) for days in range(1, 60)),
        *((days, "email_open", {}) for days in range(1, 30)),
    )
    found = brief(database)
    left = {one.kind: one for one in found.left_out}
    assert len(found.events) + sum(one.count for one in found.left_out) == 59 + 29
    assert left["page_view"].first < left["page_view"].last < found.at
    assert Brief.model_validate(found.model_dump(mode="json")) == found


def test_only_what_had_happened_by_then_is_known(database: Database) -> None:
    happened(database, (1, "call", {}), (5, "meeting", {}), (9, "note", {"body": "Who signs?"}))
    found = brief(database, at=MONDAY - timedelta(days=4))
    assert [event.kind for event in found.events] == ["meeting", "note"]


def test_what_a_playbook_asks_for_is_shown_however_old_it_is(database: Database) -> None:
    happened(database, *((days, "call", {}) for days in range(1, 9)), (400, "form_submit", {"subject": "Request"}))
    book = Playbook(name="x", title="X", when_to_use="x", requires=("event of form_submit",))
    assert shown(brief(database, book=book))[-1] == ("form_submit", "Request")


def test_the_longest_record_there_can_be_fits_into_the_context(database: Database) -> None:
    long = "words and more words " * 2000
    happened(database, *((day, "email_received", {"subject": long[:500], "body": long}) for day in range(1, 30)))
    with database.writing() as session:
        for table, names in ((Contact, ("first_name", "last_name", "title")), (Company, ("name", "industry"))):
            for name in names:
                setattr(only(session, table), name, long[:500])
        only(session, Deal).name = only(session, Deal).stage = long[:500]
    found = brief(database, goal=long, note=long)
    for slots in (True, False):
        text = "".join(message["content"] for message in messages(found, VOICE, slots=slots))
        assert len(text) / 4 < CONTEXT - 400  # characters a token, and room for the email
