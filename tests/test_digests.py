"""The morning's digest: once per channel and date, only when there is something to say, never at night."""

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.cards import Block
from bot.digests import Digesting, Digests, due, since
from storage import queries
from storage.database import Database
from storage.tables import Draft, Event, RunStatus, Status
from tests.fakes import MONDAY, Clock
from tests.rows import only
from tests.running import until
from tests.slack import command, home_click
from tests.test_home import ADMIN, ROBIN, Desk, buttons, desk, drafted, said

BERLIN, AT = ZoneInfo("Europe/Berlin"), time(8, 30)
CHANNEL = "C0FOLLOWUPS"
__all__ = ["desk"]


@pytest.mark.parametrize(
    ("local", "day"),
    [
        ((2026, 11, 23, 8, 29), None),  # a Monday
        ((2026, 11, 23, 8, 30), date(2026, 11, 23)),
        ((2026, 11, 23, 12, 29), date(2026, 11, 23)),  # late, after a missed hour
        ((2026, 11, 23, 12, 30), None),
        ((2026, 11, 23, 23, 0), None),
        ((2026, 11, 24, 3, 0), None),
        ((2026, 11, 28, 9, 0), None),  # a Saturday
        ((2026, 11, 29, 9, 0), None),
        ((2026, 10, 26, 8, 30), date(2026, 10, 26)),  # the first working day of winter time
    ],
)
def test_it_is_due_on_working_mornings_alone(local: tuple[int, ...], day: date | None) -> None:
    assert due(datetime(*local, tzinfo=BERLIN).astimezone(UTC), BERLIN, AT) == day  # type: ignore[arg-type]


def test_a_monday_looks_back_to_friday() -> None:
    assert since(date(2026, 11, 23), BERLIN, AT) == datetime(2026, 11, 20, 8, 30, tzinfo=BERLIN)
    assert since(date(2026, 11, 24), BERLIN, AT) == datetime(2026, 11, 23, 8, 30, tzinfo=BERLIN)


class Morning:
    """A channel that wants the digest, two replicas, and what was posted."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = Clock(MONDAY)  # ten in Berlin
        self.posted: list[tuple[str, Block]] = []
        self.works = True
        with database.writing() as session:
            asked = MONDAY - timedelta(days=3)
            queries.digest_on(session, workspace_id=1, channel=CHANNEL, asked_by=ROBIN, now=asked)
        self.replicas = [Digests(self.job()), Digests(self.job())]

    def job(self) -> Digesting:
        return Digesting(self.database, BERLIN, AT, self.clock, self.announce, "https://acme.slack.com/")

    def announce(self, workspace_id: int, channel: str, shown: Block, *, once: bool) -> bool:
        assert once
        if self.works:
            self.posted.append((channel, shown))
        return self.works

    def tick(self) -> None:
        for replica in self.replicas:
            replica.tick()

    @property
    def text(self) -> str:
        return json.dumps([shown for _, shown in self.posted], ensure_ascii=False)


@pytest.fixture
def morning(database: Database) -> Morning:
    return Morning(database)


def night(database: Database, **changes: Any) -> None:
    with database.writing() as session:
        run = queries.claim_run(session, workspace_id=1, date="2026-11-23", now=MONDAY, lease=timedelta(minutes=5))
        assert run and run.id
        known = {"status": RunStatus.finished, "finished_at": MONDAY - timedelta(hours=6), "reasons": ["It was luck."]}
        queries.finish_run(session, workspace_id=1, run_id=run.id, attempt=1, changes={**known, **changes})


def test_it_says_what_waits_once_however_many_look(morning: Morning) -> None:
    drafted(morning.database, "one", hours=30)
    morning.tick()
    morning.clock.move(hours=1)
    morning.tick()
    assert [channel for channel, _ in morning.posted] == [CHANNEL]
    assert "This morning: 1 draft waits for review." in morning.text
    assert "*Dana Whitfield*: asked for by <@U0ROBIN>, waits since" in morning.text
    assert "<https://acme.slack.com/archives/C0FOLLOWUPS/p1795420800000100|Open its card>" in morning.text
    morning.clock.move(days=1)
    morning.tick()
    assert len(morning.posted) == 2, "the next morning is another one"


def test_with_nothing_to_say_nothing_is_posted_all_morning(morning: Morning) -> None:
    night(morning.database)  # a night that found nothing to do is not worth a message
    morning.tick()
    drafted(morning.database, "one")
    morning.tick()
    assert morning.posted == []


def test_the_night_and_the_answers_are_said(morning: Morning) -> None:
    night(morning.database, scorecards={"candidate": {"edit_rate": 0.3}})
    draft_id = drafted(morning.database, "one", hours=30)
    with morning.database.writing() as session:
        only(session, Draft, draft_id).status = Status.edited
        for n, hours in enumerate((2, 3)):
            at = MONDAY - timedelta(hours=hours)
            reply = Event(workspace_id=1, source="t", source_id=f"r{n}", contact_id=1, at=at, kind="email_received")
            session.add(reply)
    morning.tick()
    assert "no draft waits for review" in morning.text
    assert "Last night's training changed nothing: it was luck." in morning.text
    assert '*Answers since the last working morning:* Dana Whitfield"' in morning.text


def test_another_channels_drafts_are_its_own_business(morning: Morning) -> None:
    with morning.database.writing() as session:
        queries.digest_on(session, workspace_id=1, channel="C2", asked_by=ROBIN, now=MONDAY - timedelta(days=3))
    drafted(morning.database, "one")
    morning.tick()
    assert [channel for channel, _ in morning.posted] == [CHANNEL]


def test_what_slack_did_not_take_is_posted_later_the_same_morning(morning: Morning) -> None:
    drafted(morning.database, "one")
    morning.works = False
    morning.tick()
    morning.works = True
    morning.clock.move(minutes=1)
    morning.tick()
    assert len(morning.posted) == 1


def test_a_channel_that_asks_during_the_morning_begins_the_next_day(morning: Morning) -> None:
    with morning.database.writing() as session:
        queries.digest_off(session, workspace_id=1, channel=CHANNEL)
        queries.digest_on(session, workspace_id=1, channel=CHANNEL, asked_by=ROBIN, now=MONDAY)
    drafted(morning.database, "one")
    morning.tick()
    assert morning.posted == []
    morning.clock.move(days=1)
    morning.tick()
    assert len(morning.posted) == 1


# Switching it on and off ------------------------------------------------------------------------------------------


def channels(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        return [row.channel for row in queries.digest_channels(session, workspace_id=1)]


def typed(desk: Desk, text: str) -> str:
    """The private answer to a command, wherever it came."""
    before = len(desk.slack.of("response"))
    answer = desk.send(command(text, response_url=f"{desk.slack.address}/answer"))
    return str(answer["text"] if answer else until(lambda: desk.slack.of("response")[before:])[-1]["text"])


def test_a_channel_opts_in_hears_so_and_opts_out(desk: Desk) -> None:
    assert "From the next working morning on" in typed(desk, "digest on")
    assert channels(desk) == [CHANNEL]
    assert "asked me for a digest here" in desk.slack.of("chat.postMessage")[0]["text"]
    assert "nothing was changed" in typed(desk, "digest on")
    assert len(desk.slack.of("chat.postMessage")) == 1
    assert "gets no digest any more" in typed(desk, "Digest OFF")
    assert "nothing was changed" in typed(desk, "digest off")
    assert "digest on" in typed(desk, "digest")
    assert channels(desk) == []


def test_where_the_bot_may_not_post_there_is_no_digest_and_a_way_to_have_one(desk: Desk) -> None:
    desk.slack.replies["chat.postMessage"] = [{"ok": False, "error": "not_in_channel"}]
    assert "Type `/invite @afterword` there and ask again." in typed(desk, "digest on")
    assert channels(desk) == []


def test_a_contact_called_digest_is_still_found(desk: Desk) -> None:
    assert "I cannot find “digest”" in typed(desk, "digest weekly")


def test_an_admin_adds_and_ends_a_channel_in_home(desk: Desk) -> None:
    element = buttons(desk.home(ADMIN))["Add a channel"]
    seen = len(desk.slack.of("views.publish"))
    desk.send(home_click(element, user=ADMIN, selected_conversation="C2"))
    assert "From the next working morning on, <#C2>" in said(desk.published(seen, ADMIN))
    assert channels(desk) == ["C2"]
    assert "<#C2> gets no digest any more." in said(desk.press("End it there"))
    assert channels(desk) == []
