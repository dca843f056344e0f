"""Starting, failing to start with one clear sentence, stopping in order, and telling of the night."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.app import LONGEST_SILENCE, Bot, ServeError, _Socket, build
from bot.reporting import Reporter
from storage import queries
from storage.database import Database
from storage.tables import Run, RunStatus, Workspace
from tests.fakes import Clock, FakeEngines
from tests.running import desk, settings
from tests.slack import FakeSlack, fake_slack


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with fake_slack() as double:
        yield double


class Part:
    """Notes when it is started and stopped."""

    def __init__(self, name: str, seen: list[str], *, fails: str = "") -> None:
        self.name, self.seen, self.fails = name, seen, fails

    def start(self) -> None:
        self.seen.append(f"start {self.name}")
        if self.fails == "start":
            raise ServeError("no")

    def stop(self) -> None:
        self.seen.append(f"stop {self.name}")
        if self.fails == "stop":
            raise RuntimeError("no")

    def wake(self) -> None:
        pass


class Pool:
    def __init__(self, seen: list[str]) -> None:
        self.seen = seen

    def shutdown(self, wait: bool) -> None:
        self.seen.append("listeners done")


def bot(seen: list[str], **fails: str) -> Bot:
    parts = [Part(name, seen, fails=fails.get(name, "")) for name in ("poster", "worker", "door")]
    return Bot(None, parts[2], parts[:2], Pool(seen))  # type: ignore[arg-type]


def test_the_door_opens_last_and_closes_first() -> None:
    seen: list[str] = []
    running = bot(seen)
    running.start()
    running.stop()
    assert seen[:3] == ["start poster", "start worker", "start door"]
    assert seen[3:] == ["stop door", "listeners done", "stop worker", "stop poster"]


def test_what_did_not_start_is_not_stopped_and_what_fails_to_stop_holds_nobody_up() -> None:
    seen: list[str] = []
    running = bot(seen, door="start", worker="stop")
    with pytest.raises(ServeError):
        running.start()
    running.stop()
    assert seen[3:] == ["stop worker", "stop poster"]


def made(given: Any, database: Database) -> Bot:
    at_work = desk(database, FakeEngines(), given.home, Clock())
    return build(
        given,
        database=database,
        clock=Clock(),
        standards=at_work.standards,
        worker=lambda *_: Part("worker", []),
        nightly=False,
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SLACK_BOT_TOKEN": None}, r"^SLACK_BOT_TOKEN is not set\. README"),
        ({"SLACK_SIGNING_SECRET": None}, r"^SLACK_SIGNING_SECRET is not set, or SLACK_APP_TOKEN for Socket Mode\."),
        (
            {"SLACK_API_URL": "http://127.0.0.1:9/api/"},
            r"^Slack does not answer at http://127\.0\.0\.1:9/api/ \(.+\)\.",
        ),
    ],
)
def test_what_is_missing_is_said_in_one_sentence(
    tmp_path: Path, slack: FakeSlack, database: Database, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ServeError) as raised:
        made(settings(tmp_path, slack, **changes), database)
    assert re.search(sentence, str(raised.value)) and "xoxb" not in str(raised.value)


def test_a_refused_token_is_said(tmp_path: Path, slack: FakeSlack, database: Database) -> None:
    slack.replies["auth.test"] = [{"ok": False, "error": "invalid_auth"}]
    with pytest.raises(ServeError, match=r"refuses SLACK_BOT_TOKEN \(invalid_auth\)"):
        made(settings(tmp_path, slack), database)


def test_a_port_in_use_is_said(tmp_path: Path, slack: FakeSlack, database: Database) -> None:
    taken = int(slack.address.rsplit(":", 1)[1])
    with pytest.raises(ServeError, match=f"Port {taken} cannot be used"):
        made(settings(tmp_path, slack, PORT=taken), database)


def test_a_refused_app_token_is_said_at_the_start(tmp_path: Path, slack: FakeSlack, database: Database) -> None:
    slack.replies["apps.connections.open"] = [{"ok": False, "error": "not_allowed_token_type"}]
    given = settings(tmp_path, slack, SLACK_APP_TOKEN="xapp-test")
    bot = made(given, database)
    with pytest.raises(ServeError, match=r"refuses SLACK_APP_TOKEN \(not_allowed_token_type\)"):
        bot.start()
    bot.stop()


class Line:
    """A socket client that is connected or not."""

    def __init__(self) -> None:
        self.client = self
        self.connected = True

    def is_connected(self) -> bool:
        return self.connected


def test_a_socket_that_stays_away_is_stale_one_that_comes_back_is_not() -> None:
    now, line = [0.0], Line()
    socket = _Socket(line, tick=lambda: now[0])  # type: ignore[arg-type]
    now[0], line.connected = LONGEST_SILENCE - 1, False
    assert not socket.stale()
    line.connected = True
    now[0] += LONGEST_SILENCE
    assert not socket.stale()
    line.connected = False
    now[0] += LONGEST_SILENCE + 1
    assert socket.stale()


# The night --------------------------------------------------------------------------------------------------------

SCORECARDS = {"base": {"edit_rate": 0.7}, "candidate": {"edit_rate": 0.2}, "copying": {"edit_rate": 0.5}}


def run(**changes: Any) -> Run:
    known: dict[str, Any] = {
        "workspace_id": 1,
        "status": RunStatus.finished,
        "pairs": 62,
        "reasons": ["It edits less."],
    }
    return Run(**{**known, "scorecards": SCORECARDS, "promoted": False, **changes})


def told(database: Database, channel: str | None, own: str | None, given: Run) -> tuple[bool, list[Any]]:
    posted: list[Any] = []

    def announce(_workspace_id: int, where: str, shown: dict[str, Any]) -> bool:
        posted.append((where, shown["text"]))
        return False

    with database.reading() as session:
        row = queries.workspace_by_id(session, workspace_id=1)
    assert isinstance(row, Workspace)
    row.report_channel = own
    return Reporter(database, announce, lambda *_: None, channel=channel)(row, given), posted


def test_the_workspace_own_channel_hears_the_verdict(database: Database) -> None:
    assert told(database, "C1", "C2", run()) == (
        False,
        [("C2", "Last night's training: drafts are written as before.")],
    )
    assert told(database, "C1", None, run())[1][0][0] == "C1"


def test_without_a_channel_nobody_is_told_and_nothing_is_tried_again(database: Database) -> None:
    assert told(database, None, None, run()) == (True, [])


def test_a_night_with_nothing_to_learn_is_not_worth_a_message(database: Database) -> None:
    given = run(scorecards={}, status=RunStatus.finished, reasons=["Nobody has reviewed a draft."])
    assert told(database, "C1", None, given) == (True, [])


def test_a_night_that_broke_is_told(database: Database) -> None:
    _, posted = told(database, "C1", None, run(scorecards={}, status=RunStatus.failed, reasons=["The disk is full."]))
    assert posted == [("C1", "There was no training last night. Drafts are written as before.")]


def test_who_asked_for_a_training_hears_of_it_whatever_came_of_it(database: Database) -> None:
    nothing = run(scorecards={}, reasons=["There is nothing to learn from yet."], asked_by="U0ALEX")
    _, posted = told(database, None, None, nothing)
    assert posted == [("U0ALEX", "The training that was asked for found nothing to do. Drafts are written as before.")]
    assert told(database, "C1", None, run(asked_by="U0ALEX"))[1] == [
        ("C1", "The training that was asked for: drafts are written as before.")
    ]
