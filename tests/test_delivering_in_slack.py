"""The closed card: Undo while nothing has left, then where the email went, through the real Bolt app."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.cards import Ticket
from bot.mail import Refused
from storage import queries
from storage.database import Database
from storage.tables import Contact, DeliveryStatus, Status
from tests.fakes import Clock, FakeEngines
from tests.rows import only
from tests.running import REPLY, running, settings, until
from tests.slack import click, fake_slack, submission
from tests.test_listeners import Desk, buttons


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(tmp_path: Path, database: Database, clock: Clock) -> Iterator[Desk]:
    with fake_slack() as double:
        given = settings(tmp_path, double)
        with running(given, database, FakeEngines(REPLY), clock):
            yield Desk(database, double, given)
        assert double.faults == []


def closed(desk: Desk, said: str) -> dict[str, Any]:
    """The newest state of the card, as soon as it says so."""
    return desk.shown(lambda message: said in json.dumps(message, ensure_ascii=False))


def approved(desk: Desk) -> dict[str, Any]:
    """An approved card within its ten seconds."""
    desk.send(click(buttons(desk.card())["Approve"]))
    return desk.shown(lambda message: "Undo" in buttons(message))


def reopened(desk: Desk, card: dict[str, Any]) -> dict[str, Any]:
    """The card that waits for a decision again, after one that was closed."""
    undone = Ticket.parse(buttons(card)["Undo"]["value"]).version
    return desk.shown(lambda m: "Edit" in buttons(m) and Ticket.parse(buttons(m)["Edit"]["value"]).version > undone)


def answering(desk: Desk, button: dict[str, Any], **more: Any) -> dict[str, Any]:
    return click(button, response_url=f"{desk.slack.address}/answer", **more)


def outbox(desk: Desk) -> list[Path]:
    return list((desk.settings.home / "outbox").glob("*.eml"))


def test_an_approved_card_offers_undo_and_then_says_where_the_email_is(desk: Desk, clock: Clock) -> None:
    card = approved(desk)
    assert set(buttons(card)) == {"Undo"} and outbox(desk) == []
    clock.move(seconds=10)
    gone = closed(desk, "In the outbox: ")
    assert buttons(gone) == {}
    (file,) = outbox(desk)
    assert f"In the outbox: {file.name}." in json.dumps(gone)
    row = desk.draft()
    assert row and row.status == Status.delivered
    assert len(desk.slack.of("chat.postMessage")) == 1, "one message, then updates"


def test_undo_brings_the_card_back_with_all_its_buttons(desk: Desk, clock: Clock) -> None:
    card = approved(desk)
    desk.send(answering(desk, buttons(card)["Undo"]))
    desk.told("Undone. Nothing has gone out")
    back = reopened(desk, card)
    assert {"Approve", "Edit", "Why this text"} == set(buttons(back))
    clock.move(seconds=60)
    desk.send(click(buttons(back)["Approve"]))
    clock.move(seconds=60)
    closed(desk, "In the outbox: ")
    assert len(outbox(desk)) == 1


def test_two_people_press_undo_and_the_second_hears_that_the_card_has_changed(desk: Desk) -> None:
    card = approved(desk)
    desk.send(answering(desk, buttons(card)["Undo"], user="U0FAST"))
    desk.send(answering(desk, buttons(card)["Undo"], user="U0SLOW"))
    desk.told("This draft has changed since that card was made")


def test_undo_that_comes_too_late_is_told_kindly_and_changes_nothing(desk: Desk, clock: Clock) -> None:
    card = approved(desk)
    clock.move(seconds=10)
    closed(desk, "In the outbox: ")
    desk.send(answering(desk, buttons(card)["Undo"]))
    desk.told("Too late to undo, sorry: it has gone out. In the outbox: ")
    row = desk.draft()
    assert row and row.status == Status.delivered and len(outbox(desk)) == 1


def test_after_an_undone_edit_the_editor_begins_with_the_edited_text(desk: Desk) -> None:
    desk.send(click(buttons(desk.card())["Edit"]))
    until(lambda: desk.slack.of("views.open"))
    assert desk.send(submission(desk.view(), {"subject": "Hello", "body": "Hi Dana, thank you."})) is None
    card = desk.shown(lambda message: "Undo" in buttons(message))
    desk.send(answering(desk, buttons(card)["Undo"]))
    back = reopened(desk, card)
    assert "Thank you for joining." in json.dumps(back), "the draft itself is as it was"
    desk.send(click(buttons(back)["Edit"]))
    until(lambda: len(desk.slack.of("views.open")) == 2)
    inputs = [block["element"]["initial_value"] for block in desk.view()["blocks"] if block["type"] == "input"]
    assert inputs == ["Hello", "Hi Dana, thank you."]
    assert desk.send(submission(desk.view(), {"body": None})) is None
    until(lambda: (row := desk.draft()) and row.status == Status.edited)
    with desk.database.reading() as session:
        review = queries.review_of(session, workspace_id=1, draft_id=1)
    assert review and (review.subject, review.body) == ("Hello", "Hi Dana, thank you.")


def test_who_opted_out_within_the_ten_seconds_gets_nothing_and_the_card_says_so(desk: Desk, clock: Clock) -> None:
    approved(desk)
    with desk.database.writing() as session:
        only(session, Contact).email_opt_out = True
    clock.move(seconds=10)
    card = closed(desk, "It did not go out.* Dana Whitfield opted out of email")
    assert buttons(card) == {} and outbox(desk) == []


def test_a_failed_delivery_says_why_and_can_be_asked_for_again(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = [Refused("mail.example.com does not accept the password of rep.")]

    def refuse_once(*_: Any, **__: Any) -> str:
        if refusals:
            raise refusals.pop()
        return "Saved as a draft in Drafts of rep"

    monkeypatch.setattr("bot.mail.outbox.Outbox.deliver", refuse_once)
    approved(desk)
    clock.move(seconds=10)
    card = closed(desk, "It has not gone out.* mail.example.com does not accept the password")
    assert set(buttons(card)) == {"Deliver again", "Undo"}
    desk.send(click(buttons(card)["Deliver again"]))
    assert buttons(closed(desk, "Saved as a draft in Drafts of rep.")) == {}
    with desk.database.reading() as session:
        row = queries.delivery_of(session, workspace_id=1, draft_id=1)
    assert row and row.status == DeliveryStatus.sent
