"""Slack shows what the rows say: after crashes, refusals and limits, and never one message too many."""

import socket
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from slack_sdk import WebClient

from bot import reviewing
from bot.checking import Standards
from bot.drafting import LEASE, draft_one
from bot.posting import Poster
from bot.watching import Progress
from storage import queries
from storage.database import Database
from storage.tables import Draft
from tests.fakes import Clock, FakeEngines
from tests.running import REPLY, until
from tests.running import desk as desk_at
from tests.slack import FakeSlack, fake_slack
from tests.test_drafting import ask
from tests.test_prompt import VOICE

pytestmark = pytest.mark.both_databases


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with fake_slack() as double:
        yield double
        assert double.faults == []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def poster(database: Database, slack: FakeSlack, clock: Clock) -> Iterator[Poster]:
    """Not started: the tests sweep by hand."""
    client = WebClient(token="xoxb-test", base_url=slack.url, timeout=5, retry_handlers=[])
    poster = Poster(database, lambda _: client, zone=ZoneInfo("UTC"), bot="afterword", clock=clock)
    yield poster
    poster.stop()


def row(database: Database, draft_id: int = 1) -> Draft:
    with database.reading() as session:
        draft = queries.draft(session, workspace_id=1, draft_id=draft_id)
    assert draft
    return draft


def drafted(database: Database, tmp_path: Path) -> Draft:
    """Write the draft that was asked for."""
    with database.writing() as session:
        claimed = queries.claim_draft(session, now=Clock()(), lease=LEASE)
    assert claimed
    draft_one(desk_at(database, FakeEngines(REPLY), tmp_path, Clock()), claimed)
    return row(database)


def swept(poster: Poster) -> None:
    """One sweep, and everything it began."""
    poster.sweep()
    until(lambda: not poster._in_hand)


def behind(database: Database) -> bool:
    draft = row(database)
    return draft.posted_version < draft.version


def decide(database: Database) -> None:
    with database.writing() as session:
        version = row(database).version
        who = {"workspace_id": 1, "draft_id": 1, "version": version, "reviewer": "U1", "now": Clock()()}
        reviewing.approve(session, **who, standards=Standards(VOICE, ZoneInfo("UTC")))  # type: ignore[arg-type]


def test_one_message_then_updates(database: Database, slack: FakeSlack, poster: Poster, tmp_path: Path) -> None:
    ask(database)
    swept(poster)
    draft = row(database)
    assert draft.message_ts and draft.posted_version == 1
    drafted(database, tmp_path)
    swept(poster)
    decide(database)
    swept(poster)
    swept(poster)
    assert len(slack.of("chat.postMessage")) == 1
    updates = slack.of("chat.update")
    assert [update["ts"] for update in updates] == [draft.message_ts] * 2
    assert updates[-1]["text"].startswith("Approved") and not behind(database)


def test_a_draft_finished_before_its_placeholder_is_one_card(
    database: Database, slack: FakeSlack, poster: Poster, tmp_path: Path
) -> None:
    ask(database)
    drafted(database, tmp_path)
    swept(poster)
    assert [post["text"][:5] for post in slack.of("chat.postMessage")] == ["Draft"]
    assert not slack.of("chat.update")


def test_sweeps_in_a_hurry_post_once(database: Database, slack: FakeSlack, poster: Poster) -> None:
    ask(database)
    threads = [threading.Thread(target=poster.sweep) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: not poster._in_hand)
    swept(poster)
    assert len(slack.of("chat.postMessage")) == 1


@pytest.mark.parametrize("error", ["not_in_channel", "channel_not_found", "is_archived"])
def test_where_the_bot_may_not_speak_the_asker_gets_a_direct_message(
    database: Database, slack: FakeSlack, poster: Poster, tmp_path: Path, error: str
) -> None:
    ask(database, requested_by="U0ROBIN", channel="C0PRIVATE")
    slack.replies["chat.postMessage"] = [{"ok": False, "error": error}]
    swept(poster)
    posts = slack.of("chat.postMessage")
    assert [post["channel"] for post in posts] == ["C0PRIVATE", "U0ROBIN", "U0ROBIN"]
    assert "type `/invite @afterword`" in posts[2]["text"] and "<#C0PRIVATE>" in posts[2]["text"]
    assert row(database).channel == "D0ROBIN", "updates need the D… id"
    drafted(database, tmp_path)
    swept(poster)
    assert slack.of("chat.update")[0]["channel"] == "D0ROBIN"


def test_a_reason_that_slack_does_not_take_costs_no_second_card(
    database: Database, slack: FakeSlack, poster: Poster, clock: Clock
) -> None:
    ask(database, requested_by="U0ROBIN", channel="C0PRIVATE")
    direct = {"ok": True, "channel": "D0ROBIN", "ts": "1.1"}
    slack.replies["chat.postMessage"] = [{"ok": False, "error": "not_in_channel"}, direct, 429]
    swept(poster)
    clock.move(seconds=120)
    swept(poster)
    assert len(slack.of("chat.postMessage")) == 3 and row(database).message_ts == "1.1"


def test_nobody_can_be_reached_and_it_is_not_tried_for_ever(
    database: Database, slack: FakeSlack, poster: Poster, caplog: pytest.LogCaptureFixture
) -> None:
    ask(database)
    slack.replies["chat.postMessage"] = [{"ok": False, "error": "channel_not_found"}] * 2
    swept(poster)
    swept(poster)
    assert len(slack.of("chat.postMessage")) == 2
    assert "reaches nobody" in caplog.text


def test_slack_asks_for_patience_and_gets_it(
    database: Database, slack: FakeSlack, poster: Poster, clock: Clock
) -> None:
    ask(database)
    slack.replies["chat.postMessage"] = [429]
    slack.retry_after = "7"
    swept(poster)
    clock.move(seconds=6.9)
    swept(poster)
    assert len(slack.of("chat.postMessage")) == 1
    clock.move(seconds=0.2)
    swept(poster)
    assert len(slack.of("chat.postMessage")) == 2 and not behind(database)


@pytest.mark.parametrize("failure", [500, 503, {"ok": False, "error": "internal_error"}])
def test_passing_trouble_is_tried_again_with_growing_pauses(
    database: Database, slack: FakeSlack, poster: Poster, clock: Clock, failure: Any
) -> None:
    ask(database)
    slack.replies["chat.postMessage"] = [failure] * 3
    moments = []
    for _ in range(20):
        before = len(slack.of("chat.postMessage"))
        swept(poster)
        if len(slack.of("chat.postMessage")) > before:
            moments.append(clock.now)
        clock.move(seconds=1)
    pauses = [(later - sooner).total_seconds() for sooner, later in pairwise(moments)]
    assert pauses == [2, 4, 8] and not behind(database)


def test_a_dead_token_keeps_the_row_until_it_works_again(
    database: Database, slack: FakeSlack, poster: Poster, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    ask(database)
    slack.replies["chat.postMessage"] = [{"ok": False, "error": "token_revoked"}]
    swept(poster)
    assert behind(database) and "Slack does not accept the token of workspace 1" in caplog.text
    clock.move(seconds=61)
    swept(poster)
    assert not behind(database)


def test_slack_out_of_reach_loses_nothing(database: Database, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    ask(database)
    client = WebClient(token="xoxb-test", base_url="http://127.0.0.1:9/api/", timeout=1, retry_handlers=[])
    poster = Poster(database, lambda _: client, zone=ZoneInfo("UTC"), bot="afterword", clock=clock)
    swept(poster)
    poster.stop()
    assert behind(database) and "out of reach" in caplog.text


def test_an_open_card_that_was_deleted_is_posted_anew_a_decided_one_is_not(
    database: Database, slack: FakeSlack, poster: Poster, tmp_path: Path
) -> None:
    ask(database)
    swept(poster)
    drafted(database, tmp_path)
    slack.replies["chat.update"] = [{"ok": False, "error": "message_not_found"}] * 2
    swept(poster)
    assert len(slack.of("chat.postMessage")) == 2
    decide(database)
    swept(poster)
    assert len(slack.of("chat.postMessage")) == 2 and not behind(database)


def test_a_card_that_slack_refuses_is_said_and_not_tried_for_ever(
    database: Database, slack: FakeSlack, poster: Poster, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ask(database, requested_by="U0ROBIN")
    swept(poster)
    drafted(database, tmp_path)
    slack.replies["chat.update"] = [{"ok": False, "error": "invalid_blocks"}]
    swept(poster)
    swept(poster)
    told = slack.of("chat.postMessage")[-1]
    assert told["channel"] == "U0ROBIN" and "could not be shown" in told["text"]
    reference = told["text"].rsplit(" ", 1)[-1].rstrip(".")
    assert reference in caplog.text
    assert len(slack.of("chat.update")) == 1


def test_the_sweep_heals_a_crash_between_commit_and_post(database: Database, slack: FakeSlack, clock: Clock) -> None:
    ask(database)  # and the process died here
    client = WebClient(token="xoxb-test", base_url=slack.url, timeout=5, retry_handlers=[])
    poster = Poster(database, lambda _: client, zone=ZoneInfo("UTC"), bot="afterword")
    poster.start()
    until(lambda: slack.of("chat.postMessage"))
    poster.stop()
    assert not behind(database)


# What an edit changed ---------------------------------------------------------------------------------------------


def edited(database: Database, tmp_path: Path, poster: Poster) -> None:
    """A card in Slack, and an edit that the poster has not seen yet."""
    ask(database)
    swept(poster)
    drafted(database, tmp_path)
    swept(poster)
    with database.writing() as session:
        who = {"workspace_id": 1, "draft_id": 1, "version": row(database).version, "reviewer": "U1", "now": Clock()()}
        final = {"subject": "Planning", "body": "Hi Dana,\n\nShall we talk?\n\nMaya"}
        reviewing.edit(session, **who, **final, standards=Standards(VOICE, ZoneInfo("UTC")))  # type: ignore[arg-type]


def redlines(slack: FakeSlack) -> list[dict[str, Any]]:
    return [post for post in slack.of("chat.postMessage") if post["text"].startswith("What changed")]


def redline_ts(database: Database) -> str | None:
    with database.reading() as session:
        review = queries.review_of(session, workspace_id=1, draft_id=1)
    assert review
    return review.redline_ts


def test_an_edit_is_shown_in_the_thread_of_its_closed_card(
    database: Database, slack: FakeSlack, poster: Poster, tmp_path: Path
) -> None:
    edited(database, tmp_path, poster)
    swept(poster)
    (shown,) = redlines(slack)
    assert (shown["channel"], shown["thread_ts"]) == ("C1", row(database).message_ts)
    assert redline_ts(database) and not behind(database)
    assert slack.of("chat.update")[-1]["text"].startswith("Edited and approved")


def test_it_is_shown_once_also_after_a_restart_between_its_post_and_the_next_mark(
    database: Database, slack: FakeSlack, poster: Poster, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited(database, tmp_path, poster)
    with monkeypatch.context() as dying:
        dying.setattr(Poster, "_mark", lambda *_, **__: 1 / 0)  # the process ends here
        swept(poster)
    assert behind(database)
    clock.move(minutes=2)
    swept(poster)
    swept(poster)
    assert len(redlines(slack)) == 1 and not behind(database)


def test_a_restart_before_it_is_noted_shows_it_twice_rather_than_never(
    database: Database, slack: FakeSlack, poster: Poster, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited(database, tmp_path, poster)
    with monkeypatch.context() as dying:
        dying.setattr(queries, "mark_redline", lambda *_, **__: 1 / 0)
        swept(poster)
    clock.move(minutes=2)
    swept(poster)
    assert len(redlines(slack)) == 2 and redline_ts(database)


def test_a_closed_card_waits_for_nothing_where_slack_is_busy_with_its_redline(
    database: Database, slack: FakeSlack, poster: Poster, clock: Clock, tmp_path: Path
) -> None:
    edited(database, tmp_path, poster)
    slack.replies["chat.postMessage"] = [429]
    swept(poster)
    assert slack.of("chat.update")[-1]["text"].startswith("Edited and approved") and redline_ts(database) is None
    clock.move(seconds=2)
    swept(poster)
    assert len(redlines(slack)) == 2 and redline_ts(database), "one was refused, one arrived"


def test_where_slack_refuses_it_the_card_is_closed_all_the_same(
    database: Database, slack: FakeSlack, poster: Poster, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    edited(database, tmp_path, poster)
    slack.replies["chat.postMessage"] = [{"ok": False, "error": "restricted_action_non_threadable_channel"}]
    swept(poster)
    swept(poster)
    assert len(redlines(slack)) == 1 and not behind(database)
    assert "changed cannot be shown" in caplog.text


def test_an_approval_has_nothing_to_show(database: Database, slack: FakeSlack, poster: Poster, tmp_path: Path) -> None:
    ask(database)
    drafted(database, tmp_path)
    decide(database)
    swept(poster)
    assert not redlines(slack)


# How far a draft has come -----------------------------------------------------------------------------------------


def claimed(database: Database) -> Draft:
    with database.writing() as session:
        found = queries.claim_draft(session, now=Clock()(), lease=LEASE)
    assert found
    return found


def test_progress_goes_to_the_placeholder_and_never_over_the_card(
    database: Database, slack: FakeSlack, poster: Poster, tmp_path: Path
) -> None:
    ask(database)
    swept(poster)
    mine = claimed(database)
    poster.progress(mine, Progress(48, 1, 6.0))
    (update,) = slack.of("chat.update")
    assert update["ts"] == row(database).message_ts and "48 words so far" in str(update["blocks"])
    draft_one(desk_at(database, FakeEngines(REPLY), tmp_path, Clock()), mine)
    poster.progress(mine, Progress(90, 1, 9.0))
    assert len(slack.of("chat.update")) == 1


def test_there_is_no_progress_without_a_placeholder_or_for_who_lost_the_draft(
    database: Database, slack: FakeSlack, poster: Poster
) -> None:
    ask(database)
    late = claimed(database)
    poster.progress(late, Progress(48, 1, 6.0))
    assert slack.calls == []
    swept(poster)
    with database.writing() as session:
        queries.release_expired(session, now=Clock()() + 2 * LEASE)
    claimed(database)
    poster.progress(late, Progress(48, 1, 6.0))
    assert not slack.of("chat.update")


def test_where_slack_asks_for_patience_progress_is_left_out(
    database: Database, slack: FakeSlack, poster: Poster, clock: Clock
) -> None:
    ask(database)
    swept(poster)
    mine = claimed(database)
    slack.replies["chat.update"] = [429]
    slack.retry_after = "7"
    for _ in range(3):
        poster.progress(mine, Progress(48, 1, 6.0))
    assert len(slack.of("chat.update")) == 1
    clock.move(seconds=7)
    poster.progress(mine, Progress(48, 1, 6.0))
    assert len(slack.of("chat.update")) == 2


def test_a_draft_from_the_command_line_is_posted_nowhere(database: Database, slack: FakeSlack, poster: Poster) -> None:
    ask(database, channel=None)
    swept(poster)
    assert slack.calls == []


def test_an_announcement_says_whether_it_has_to_be_tried_again(slack: FakeSlack, poster: Poster) -> None:
    shown = {"text": "Hello", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "Hello"}}]}
    slack.replies["chat.postMessage"] = [429, {"ok": False, "error": "channel_not_found"}]
    assert [poster.announce(1, "C1", shown) for _ in range(3)] == [False, True, True]


@pytest.mark.parametrize(("answers", "again"), [(True, False), (False, True)])
def test_what_may_be_said_only_once_is_not_said_again_where_it_may_have_arrived(
    database: Database, answers: bool, again: bool
) -> None:
    """One server takes the request and breaks off; the other is not there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def break_off() -> None:
            connection, _ = server.accept()
            connection.recv(65_536)
            connection.close()

        if answers:
            threading.Thread(target=break_off, daemon=True).start()
        else:
            server.close()
        client = WebClient(token="xoxb-test", base_url=f"http://127.0.0.1:{port}/", timeout=5, retry_handlers=[])
        poster = Poster(database, lambda _: client, zone=ZoneInfo("UTC"), bot="afterword")
        shown = {"text": "Hello", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "Hello"}}]}
        assert poster.announce(1, "C1", shown, once=True) is not again
