"""The real bot against an emulator that knows what triggers, views, channels and scopes mean."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot import cards
from bot.refusals import Refused, call
from storage import queries
from storage.database import Database
from storage.tables import Draft, Status
from tests.conformance import emulate, packages
from tests.conformance.emulate import Emulate
from tests.fakes import Clock, FakeEngines
from tests.running import REPLY, running, settings, until
from tests.slack import FakeSlack, click, command, fake_slack, form, post
from tests.test_cards import contact, draft
from tests.test_listeners import buttons

Message = dict[str, Any]
TRIGGER_SECONDS = 3
names = itertools.count()


@pytest.fixture(scope="module")
def slack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulate]:
    with emulate.running(packages.needed(), tmp_path_factory.mktemp("emulate")) as started:
        yield started


@dataclass
class Desk:
    """Robin at a keyboard. Answers to response URLs go to a double, which the emulator has none for."""

    slack: Emulate
    answers: FakeSlack
    port: int
    channel: str
    database: Database

    def send(self, body: dict[str, Any]) -> None:
        """As the emulator's Robin, in the emulator's team."""
        body = {**body, "response_url": f"{self.answers.address}/answer"}
        if "team_id" in body:
            body["team_id"] = self.slack.team
        else:
            body["team"] = {**body["team"], "id": self.slack.team}
            body["user"] = {**body["user"], "id": self.slack.people["robin"], "team_id": self.slack.team}
        status, answer = post(self.port, form(body))
        assert status == 200, answer

    def ask(self) -> None:
        self.send(command("Dana Whitfield", user_id=self.slack.people["robin"], channel_id=self.channel))

    def shown(self, channel: str, look: Callable[[Message], bool]) -> Message:
        return until(lambda: next(filter(look, self.slack.messages(channel)), None))

    def card(self) -> Message:
        self.ask()
        return self.shown(self.channel, lambda message: "Edit" in buttons(message))

    def draft(self) -> Draft:
        with self.database.reading() as session:
            row = queries.draft(session, workspace_id=1, draft_id=1)
        assert row
        return row

    def told(self) -> list[str]:
        return [answer["text"] for answer in self.answers.of("response")]


@pytest.fixture
def desk(slack: Emulate, database: Database, tmp_path: Path) -> Iterator[Desk]:
    with served(slack, database, tmp_path, slack.channel(f"open-{next(names)}", with_bot=True)) as started:
        yield started


@pytest.fixture
def outside(slack: Emulate, database: Database, tmp_path: Path) -> Iterator[Desk]:
    """In a channel that the bot was not invited to."""
    with served(slack, database, tmp_path, slack.channel(f"closed-{next(names)}", with_bot=False)) as started:
        yield started


@contextmanager
def served(
    slack: Emulate, database: Database, home: Path, channel: str, token: str = emulate.OURS, later: float = 0
) -> Iterator[Desk]:
    clock = Clock()
    clock.move(seconds=later)
    with database.writing() as session:
        queries.workspaces(session)[0].team_id = slack.team
    with fake_slack() as answers:
        given = settings(home, answers, SLACK_API_URL=slack.url, SLACK_BOT_TOKEN=token)
        with running(given, database, FakeEngines(REPLY), clock):
            yield Desk(slack, answers, given.port, channel, database)


# Triggers ---------------------------------------------------------------------------------------------------------


def test_a_fresh_trigger_opens_the_editor(desk: Desk) -> None:
    before = desk.slack.modals()
    desk.send(click(buttons(desk.card())["Edit"], trigger_id=desk.slack.trigger()))
    until(lambda: desk.slack.modals() == before + 1)
    assert desk.told() == []


def test_a_trigger_that_was_used_asks_for_another_click(desk: Desk) -> None:
    pressed = click(buttons(desk.card())["Edit"], trigger_id=desk.slack.trigger())
    desk.send(pressed)
    desk.send(pressed)
    assert until(desk.told) == [cards.OPEN_AGAIN]


def test_a_trigger_that_is_too_old_asks_for_another_click(desk: Desk) -> None:
    pressed = click(buttons(desk.card())["Edit"], trigger_id=desk.slack.trigger())
    time.sleep(TRIGGER_SECONDS + 0.1)
    desk.send(pressed)
    assert until(desk.told) == [cards.OPEN_AGAIN]


# Views ------------------------------------------------------------------------------------------------------------


def opened(slack: Emulate) -> dict[str, Any]:
    view = cards.edit_view(draft(), contact(), channel="C1")
    assert view
    return dict(slack.ours.views_open(trigger_id=slack.trigger(), view=view)["view"])


def test_a_view_keeps_what_the_bot_needs_to_know_it_again(slack: Emulate) -> None:
    view = opened(slack)
    assert view["callback_id"] == cards.EDIT_VIEW
    assert cards.parse_metadata(view["private_metadata"]) == (cards.Ticket(7, 2), "C1")


def test_the_later_of_two_updates_of_a_view_is_refused_for_good(slack: Emulate) -> None:
    """Trying again would overwrite what somebody else did in between."""
    view, newer = opened(slack), cards.too_late_view("Somebody was faster.", "Subject", "Body")
    call(slack.ours.views_update, view_id=view["id"], hash=view["hash"], view=newer)
    with pytest.raises(Refused, match="hash_conflict"):
        call(slack.ours.views_update, view_id=view["id"], hash=view["hash"], view=newer)


def test_a_view_that_is_gone_is_refused_for_good(slack: Emulate) -> None:
    with pytest.raises(Refused, match="not_found"):
        call(slack.ours.views_update, view_id="V0GONE", view=cards.too_late_view("Late.", "Subject", "Body"))


# Places and scopes ------------------------------------------------------------------------------------------------


def test_where_the_bot_is_no_member_the_card_comes_directly_and_says_how_to_invite_it(outside: Desk) -> None:
    outside.ask()
    direct = outside.slack.direct()
    outside.shown(direct, lambda message: "/invite @afterword" in message["text"])
    assert outside.shown(direct, lambda message: "Edit" in buttons(message))
    assert outside.draft().channel == direct


def test_in_an_archived_channel_the_card_comes_directly(desk: Desk) -> None:
    desk.slack.admin.conversations_archive(channel=desk.channel)
    before = len(desk.slack.messages(desk.slack.direct()))
    desk.ask()
    until(lambda: len(desk.slack.messages(desk.slack.direct())) > before)


def test_a_card_that_was_deleted_is_posted_anew_when_there_is_something_to_decide(desk: Desk) -> None:
    card = desk.card()
    desk.slack.ours.chat_delete(channel=desk.channel, ts=card["ts"])
    desk.send(click({**buttons(card)["Edit"], "action_id": cards.AGAIN}))
    anew = desk.shown(desk.channel, lambda message: "Edit" in buttons(message))
    assert anew["ts"] != card["ts"]


def test_without_the_scope_to_post_the_draft_waits_for_the_scope(
    slack: Emulate, database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    channel = slack.channel(f"open-{next(names)}", with_bot=True)
    with served(slack, database, tmp_path, channel, token=emulate.POOR) as poor:
        poor.ask()
        until(lambda: "missing_scope" in caplog.text)
        assert until(lambda: poor.draft().status == Status.drafted)
        assert poor.draft().message_ts is None
    with served(slack, database, tmp_path, channel, later=120) as rich:
        assert rich.shown(channel, lambda message: "Edit" in buttons(message))
