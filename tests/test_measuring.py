"""From decided drafts in the database to what `afterword status` and the nightly report say of them."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot import cards, measuring, showing
from bot.cli import main
from bot.posting import Poster
from bot.reporting import Reporter
from model.benefit import benefit, weeks
from model.repair import SEEDS
from storage import queries
from storage.database import Database
from storage.tables import Adapter, Draft, Pair, Run, RunStatus, Verdict
from tests.fakes import MONDAY
from tests.rows import only

pytestmark = pytest.mark.both_databases

ROOT = Path(__file__).parent.parent
DRAFTED = "Subject: A demo\n\n" + " ".join(f"word{n}" for n in range(17))  # 20 words


@pytest.fixture
def database(database: Database) -> Database:
    """With an adapter."""
    with database.writing() as session:
        queries.add_adapter(session, row=Adapter(workspace_id=1, version=0, folder="one"))
    return database


def decide(database: Database, number: int, *, changed: int, weeks_ago: int = 0, **more: Any) -> None:
    """A draft for the customer of this number and its review, which changed so many of its 20 words."""
    at = MONDAY - timedelta(weeks=weeks_ago)
    known = {"channel": "C1", "adapter_id": 1, "seed": 0, **more}
    final = " ".join(["other"] * changed + DRAFTED.split()[changed:])
    with database.writing() as session:
        row = Draft(
            workspace_id=1,
            contact_id=1,
            request_key=f"{number} {weeks_ago} {more}",
            goal="book a demo",
            playbook="sales_follow_up",
            sender="Maya",
            requested_by="U1",
            **known,
        )
        row = queries.add_draft(session, row=row)
        pair = Pair(
            workspace_id=1,
            source="review",
            source_id=str(row.id),
            account=f"customer {number}",
            verdict=Verdict.edited if changed else Verdict.approved,
            brief={},
            drafted=DRAFTED,
            final=final,
            seconds=40,
            prompt_version="1",
            at=at,
        )
        queries.add_pair(session, row=pair)


@pytest.mark.parametrize(
    ("reason", "counts"),
    [
        ("wrong facts", True),
        ("wrong tone: too pushy", True),
        ("other: in French", True),
        (None, True),
        ("spam", True),
        ("wrong moment", False),
        ("not-needed", False),
        ("not needed: they signed", False),
    ],
)
def test_a_discard_counts_as_a_whole_draft_to_change_only_where_it_is_about_the_text(
    database: Database, reason: str | None, counts: bool
) -> None:
    decide(database, 1, changed=0)
    decide(database, 2, changed=0)
    with database.writing() as session:
        pair = only(session, Pair, 2)
        pair.verdict, pair.final, pair.reason = Verdict.discarded, None, reason
    assert [row.rate for row in measuring.reviewed(database, 1, MONDAY)] == ([0.0, 1.0] if counts else [0.0])


def control(database: Database, number: int, *, changed: int, weeks_ago: int = 0) -> None:
    decide(database, number, changed=changed, weeks_ago=weeks_ago, adapter_id=None, baseline=True, control=True)


def two_weeks(database: Database) -> None:
    """Eight customers a week in both arms: 2 words of 20 changed against 10 of 20."""
    for ago in (0, 1):
        for number in range(8):
            decide(database, number, changed=2, weeks_ago=ago)
            control(database, number, changed=10, weeks_ago=ago)


@pytest.mark.parametrize(
    ("draft", "arm"),
    [
        ({}, False),
        ({"adapter_id": None, "baseline": True, "control": True}, True),
        ({"adapter_id": None, "baseline": True}, None),
        ({"adapter_id": None}, None),
        ({"seed": SEEDS - 1}, False),
        ({"seed": SEEDS}, None),
        ({"baseline": True, "control": True, "seed": SEEDS}, None),
        ({"channel": None}, None),
    ],
    ids=[
        "adapter",
        "control",
        "base by request",
        "before any adapter",
        "repaired",
        "again",
        "control again",
        "command line",
    ],
)
def test_only_what_the_lot_dealt_counts_for_an_arm(database: Database, draft: dict[str, Any], arm: bool | None) -> None:
    decide(database, 1, changed=4, **draft)
    (row,) = measuring.reviewed(database, 1, MONDAY)
    assert (row.control, row.rate, row.words, row.account) == (arm, 0.2, 20, "customer 1")


def test_imported_emails_and_other_workspaces_do_not_count(database: Database) -> None:
    decide(database, 1, changed=0)
    with database.writing() as session:
        queries.workspace_for_team(session, team_id="T2", name="Other")
        for source, source_id in (("mbox", "<a@b.example>"), ("mbox", "1")):
            row = Pair(
                workspace_id=1,
                source=source,
                source_id=source_id,
                account="x",
                verdict=Verdict.imported,
                brief={},
                prompt_version="1",
                at=MONDAY,
            )
            queries.add_pair(session, row=row)
    assert len(measuring.reviewed(database, 1, MONDAY)) == 1
    assert measuring.reviewed(database, 2, MONDAY) == []


def test_what_is_older_than_the_window_is_left_out(database: Database) -> None:
    decide(database, 1, changed=0, weeks_ago=13)
    assert measuring.reviewed(database, 1, MONDAY) == []


def test_status_says_it_in_json_and_to_people(database: Database) -> None:
    two_weeks(database)
    rows = measuring.reviewed(database, 1, MONDAY)
    told = measuring.as_json(rows)
    json.dumps(told, allow_nan=False)
    assert told["halved"] and told["ratio"] == pytest.approx(0.2)
    assert told["minutes_saved"] == pytest.approx((0.5 - 0.1) * 20 * 16 / 40)
    assert [week["control"]["drafts"] for week in told["weeks"]] == [8, 8]
    read = "\n".join(showing._learning(told))
    for said in ("Edits are halved", "0% approved without an edit", "within 40 s", "about 3 minutes", "10 in 8 drafts"):
        assert said in read
    assert "40 words a minute" in read, "the formula stands beside the figure"


def test_before_any_adapter_status_says_what_is_missing(database: Database) -> None:
    told = measuring.as_json(measuring.reviewed(database, 1, MONDAY))
    read = "\n".join(showing._learning(told))
    assert "6 more customers" in read and "None" not in read and "minutes" not in read


def test_the_command_writes_the_chart_or_says_why_not(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AFTERWORD_HOME", str(tmp_path))
    monkeypatch.setenv("AFTERWORD_DATABASE_URL", database.url)
    monkeypatch.setattr("bot.commands.now", lambda: MONDAY)
    picture = tmp_path / "weeks.png"
    assert main(["status", "--chart", str(picture)]) == 1
    assert "two weeks" in capsys.readouterr().err and not picture.exists()
    two_weeks(database)
    assert main(["status", "--chart", str(picture), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["learning"]["halved"] and told["adapter"] is None
    assert picture.read_bytes().startswith(b"\x89PNG")


# The nightly report -----------------------------------------------------------------------------------------------

TRAINED = {"scorecards": {"base": {"edit_rate": 0.7}, "candidate": {"edit_rate": 0.2}}}
BROKE: dict[str, Any] = {"status": RunStatus.failed, "reasons": ["The disk is full."]}
QUIET: dict[str, Any] = {"reasons": ["Nobody has reviewed a draft."]}


class Team:
    """What a channel heard."""

    def __init__(self, database: Database, *, chart_fails: bool = False) -> None:
        self.database, self.chart_fails = database, chart_fails
        self.heard: list[str] = []
        self.pictures = 0
        self.blocks: list[Any] = []

    def night(self, date: str, **changes: Any) -> bool:
        with self.database.writing() as session:
            known = {"workspace_id": 1, "status": RunStatus.finished, "finished_at": MONDAY, "date": date}
            run = Run(**{**known, **changes})
            session.add(run)
            session.flush()
            session.refresh(run)
        with self.database.reading() as session:
            space = queries.workspace_by_id(session, workspace_id=1)
        assert space
        return Reporter(self.database, self._announce, self._chart, channel="C1")(space, run)

    def _announce(self, _workspace_id: int, _channel: str, shown: Any) -> bool:
        self.heard.append(shown["text"])
        self.blocks.append(shown["blocks"])
        return True

    def _chart(self, _workspace_id: int, _channel: str) -> None:
        if self.chart_fails:
            raise OSError("no room for a picture")
        self.pictures += 1


@pytest.mark.parametrize(
    ("nights", "heard"),
    [
        ([QUIET] * 5, 0),
        ([TRAINED, QUIET, QUIET], 1),
        ([BROKE, QUIET, QUIET, QUIET], 2),
        ([BROKE, BROKE, TRAINED, QUIET], 3),
    ],
    ids=["nothing", "trained once", "broke and came back", "broke twice, then trained"],
)
def test_nobody_hears_a_nightly_nothing(database: Database, nights: list[dict[str, Any]], heard: int) -> None:
    team = Team(database)
    for number, night in enumerate(nights):
        assert team.night(f"2026-11-{number + 1:02}", **night)
    assert len(team.heard) == heard


def test_after_a_night_that_broke_the_recovery_is_told_once(database: Database) -> None:
    team = Team(database)
    for number, night in enumerate([BROKE, QUIET, QUIET]):
        team.night(f"2026-11-0{number + 1}", **night)
    assert team.heard[1] == "The nightly training works again."
    assert cards.recovered(["Nothing new."])["blocks"]


def test_the_report_says_what_training_saves_and_has_a_chart_from_the_second_week(database: Database) -> None:
    team = Team(database)
    for number in range(8):
        decide(database, number, changed=2)
        control(database, number, changed=10)
    team.night("2026-11-22", **TRAINED)
    assert "Edits are halved" in str(team.blocks[0]) and team.pictures == 0
    decide(database, 1, changed=2, weeks_ago=1)
    team.night("2026-11-23", **TRAINED)
    assert team.pictures == 1


def test_a_picture_that_fails_neither_stops_nor_repeats_the_report(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    two_weeks(database)
    team = Team(database, chart_fails=True)
    assert team.night("2026-11-23", **TRAINED), "told, so not to be tried again"
    assert len(team.heard) == 1
    (line,) = caplog.messages
    assert "no room for a picture" in line and "\n" not in line


def test_the_chart_waits_for_two_weeks(database: Database) -> None:
    decide(database, 1, changed=2)
    decide(database, 2, changed=2, weeks_ago=1, adapter_id=None)
    assert not measuring.worth_a_chart(weeks(measuring.reviewed(database, 1, MONDAY))), "no arm in the first week"
    decide(database, 3, changed=2, weeks_ago=1)
    rows = measuring.reviewed(database, 1, MONDAY)
    assert measuring.worth_a_chart(weeks(rows)) and benefit(rows).ratio is None


def test_serving_never_pays_for_the_chart_library() -> None:
    code = "import sys, bot.app, bot.commands, bot.reporting, bot.chart; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("reason", ["missing_scope", "unknown_method", "not_in_channel"])
def test_a_picture_that_slack_refuses_is_one_line_in_the_log(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture, reason: str
) -> None:
    def refuse(**_: Any) -> None:
        answer = SlackResponse(
            client=None,
            http_verb="POST",
            api_url="files.getUploadURLExternal",
            req_args={},
            data={"ok": False, "error": reason},
            headers={},
            status_code=200,
        )
        raise SlackApiError("no", answer)

    client = WebClient(token="xoxb-test")
    client.files_upload_v2 = refuse  # type: ignore[assignment, method-assign]
    poster = Poster(database, lambda _: client, zone=ZoneInfo("UTC"), bot="afterword")
    poster.picture(1, "C1", tmp_path / "weeks.png", title="Words to change", told="A chart")
    (line,) = caplog.messages
    assert reason in line and "\n" not in line
