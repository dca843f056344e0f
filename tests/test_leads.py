"""Who to follow up with next: intent without an answer, and nobody who must be left alone."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from bot import leads
from bot.drafting import request
from bot.leads import SHOWN, Lead
from storage.database import Database
from storage.tables import Contact, Draft, Event, Status
from tests.fakes import MONDAY
from tests.rows import contact, only, workspace

UTC = ZoneInfo("UTC")


def did(session: Session, who: Contact, kind: str, days: float, subject: str | None = None) -> None:
    assert who.id is not None
    source_id = f"{who.id}-{kind}-{days}"
    at = MONDAY - timedelta(days=days)
    row: dict[str, Any] = {"workspace_id": who.workspace_id, "source": "test", "source_id": source_id}
    session.add(Event(**row, contact_id=who.id, kind=kind, at=at, subject=subject))


def ask(session: Session, who: Contact, days: float, status: Status = Status.drafted) -> Draft:
    assert who.id is not None
    at = MONDAY - timedelta(days=days)
    row: dict[str, Any] = {"workspace_id": who.workspace_id, "contact_id": who.id, "goal": "", "requested_by": "U1"}
    made = request(session, **row, sender="Robin", channel=None, request_key=f"{who.id}", now=at)
    made.status = status
    return made


def next_up(database: Database, workspace_id: int = 1) -> list[Lead]:
    with database.reading() as session:
        return leads.next_up(session, workspace_id=workspace_id, now=MONDAY, zone=UTC)


def names(database: Database) -> list[str | None]:
    return [lead.contact.first_name for lead in next_up(database)]


def test_the_warmest_comes_first_with_the_reasons_in_words(database: Database) -> None:
    with database.writing() as session:
        sam = contact(session, 1, first="Sam", last="Ortiz", title="CFO")
        did(session, sam, "form_submit", 2, "Ask for a quote")
    sam_first, dana = next_up(database)
    assert [lead.contact.first_name for lead in (sam_first, dana)] == ["Sam", "Dana"]
    assert sam_first.company and sam_first.company.name == "Northwind Foods"
    assert [reason.text for reason in sam_first.score.reasons[:2]] == [
        "asked for a price 2 days ago",
        "attended a webinar 4 days ago",
    ]
    assert sam_first.score.score > dana.score.score


@pytest.mark.parametrize("block", ["do_not_contact", "email_opt_out", "bounced"])
def test_who_may_not_be_written_to_is_never_suggested(database: Database, block: str) -> None:
    with database.writing() as session:
        setattr(only(session, Contact), block, True)
    assert names(database) == []


def test_our_email_is_an_answer_until_they_do_something_again(database: Database) -> None:
    with database.writing() as session:
        dana = only(session, Contact)
        did(session, dana, "email_sent", 3)
        did(session, dana, "email_open", 2)  # takes no intent
    assert names(database) == []
    with database.writing() as session:
        did(session, only(session, Contact), "email_received", 1)
    (dana_again,) = next_up(database)
    assert [reason.text for reason in dana_again.score.reasons] == [
        "wrote to us yesterday",
        "their industry is known: Food",
        "opened our email 2 days ago",
    ], "the webinar was answered by our email"


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.failed])
def test_so_is_a_draft_whatever_became_of_it(database: Database, status: Status) -> None:
    with database.writing() as session:
        ask(session, only(session, Contact), 2, status)
        did(session, only(session, Contact), "email_open", 1)
    assert names(database) == []


def test_a_draft_that_failed_answers_nobody_and_an_old_one_only_what_was_before(database: Database) -> None:
    with database.writing() as session:
        ask(session, only(session, Contact), 2, Status.failed)
        sam = contact(session, 1, first="Sam", last="Ortiz")
        ask(session, sam, 2)
        did(session, sam, "call", 1)
    sam_first, dana = next_up(database)
    assert dana.contact.first_name == "Dana"
    assert "attended" not in " ".join(reason.text for reason in sam_first.score.reasons)


def test_what_is_long_ago_or_still_to_come_counts_for_nothing(database: Database) -> None:
    with database.writing() as session:
        only(session, Event).at = MONDAY - timedelta(days=31)
        did(session, only(session, Contact), "meeting", -2)
    assert names(database) == []


def test_a_single_glance_is_no_reason_to_write(database: Database) -> None:
    with database.writing() as session:
        session.delete(only(session, Event))
        did(session, only(session, Contact), "page_view", 1)
    assert names(database) == []


def test_there_are_five_at_most_and_none_of_another_workspace(database: Database) -> None:
    with database.writing() as session:
        for n in range(9):
            contact(session, 1, first=f"No{n}", last="Body")
    with database.writing() as session:
        other = workspace(session, "T2")
        assert other.id is not None
        contact(session, other.id, first="Else", last="Where")
    assert len(names(database)) == SHOWN and "Else" not in names(database)
    assert [lead.contact.first_name for lead in next_up(database, 2)] == ["Else"]
