"""What operators ask: whether it lives, whether it is ready, and figures without a word of anybody's."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from bot import health
from bot.app import ServeError
from bot.front import Answer
from bot.metrics import Metrics
from bot.status_port import StatusPort
from storage.database import Database
from storage.tables import Pair, Run, RunStatus, Status
from tests.fakes import MONDAY, Clock, FakeEngines
from tests.rows import brief
from tests.running import REPLY, free_port, running, settings, until
from tests.slack import FakeSlack, command, fake_slack, form, post
from tests.test_app import made

pytestmark = pytest.mark.both_databases


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with fake_slack() as double:
        yield double


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode("utf-8")
    except HTTPError as error:
        return error.code, error.read().decode("utf-8")


def figures(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def asked(session: Any, key: str, at: Any, **more: Any) -> Any:
    from bot import drafting

    return drafting.request(
        session,
        workspace_id=1,
        contact_id=1,
        goal="book a demo",
        requested_by="U1",
        sender="Maya",
        channel="C1",
        request_key=key,
        now=at,
        **more,
    )


def test_a_draft_from_slack_is_in_the_figures_and_no_word_of_it(
    database: Database, slack: FakeSlack, tmp_path: Path
) -> None:
    port = free_port()
    given = settings(tmp_path, slack, status_at=str(port))
    with running(given, database, FakeEngines(REPLY), Clock()):
        assert get(port, "/healthz") == (200, '{"status": "ok"}')
        assert json.loads(get(port, "/readyz")[1]) == {
            "status": "ready",
            "database": "ok",
            "model": "ok",
            "slack": "ok",
        }
        post(given.port, form(command("Dana Whitfield book a demo")))
        until(lambda: [m for method, m in slack.calls if method == "chat.update" and "Approve" in json.dumps(m)])
        status, text = get(port, "/metrics")
        assert get(given.port, "/metrics")[0] == 404, "the door for Slack shows no figures"
        assert get(given.port, "/readyz")[0] == 200
    found = figures(text)
    assert status == 200
    assert found["afterword_ack_seconds_count"] == 1.0
    assert found['afterword_drafts_held{status="drafted"}'] == 1.0
    assert found["afterword_queue_age_seconds"] == 0.0
    assert found['afterword_adapter_in_service{workspace="1"}'] == 0.0
    assert not re.search(r"dana|whitfield|northwind|demo|maya|U0", text, re.IGNORECASE)


def test_what_one_draft_took_is_counted_with_its_findings() -> None:
    metrics = Metrics()
    finding = {"rule": "link", "severity": "block", "span": "https://dana.example", "reason": "for Dana"}
    metrics.drafted(Status.drafted, {"seconds": 2.0, "tokens": 90, "findings": [finding]})
    metrics.drafted(Status.failed, {"error": "Dana is no longer in the CRM."})
    found = figures(metrics.text())
    assert found['afterword_drafts_total{result="drafted"}'] == found['afterword_drafts_total{result="failed"}'] == 1.0
    assert found["afterword_draft_seconds_sum"] == 2.0 and found["afterword_tokens_per_second_sum"] == 45.0
    assert found['afterword_findings_total{rule="link",severity="block"}'] == 1.0
    assert "Dana" not in metrics.text() and "dana" not in metrics.text()


def test_the_queue_the_verdicts_and_both_arms_come_from_the_database(database: Database) -> None:
    clock = Clock()
    with database.writing() as session:
        asked(session, "one", MONDAY - timedelta(seconds=90))
        asked(session, "two", MONDAY - timedelta(seconds=30))
        for night, promoted in (("2026-11-20", True), ("2026-11-21", False)):
            session.add(Run(workspace_id=1, date=night, status=RunStatus.finished, promoted=promoted))
        session.add(Run(workspace_id=1, date="2026-11-22", status=RunStatus.failed))
        for key, control, final, days in (("c", True, "Hi you", 1), ("a", False, "Hi there", 1), ("old", True, "x", 8)):
            draft = asked(session, key, MONDAY)
            draft.baseline = draft.control = control
            session.add(draft)
            session.flush()
            session.add(_pair(draft.id, final, days))
    metrics = Metrics()
    metrics.watch(database, clock)
    found = figures(metrics.text())
    assert found["afterword_queue_age_seconds"] == 90.0
    assert [found[f'afterword_runs_held{{verdict="{name}"}}'] for name in ("promoted", "kept", "failed")] == [1, 1, 1]
    assert found['afterword_edit_rate_7d{arm="control",workspace="1"}'] == 0.5
    assert found['afterword_edit_rate_7d{arm="other",workspace="1"}'] == 0.0
    assert found['afterword_decided_7d{arm="control",workspace="1"}'] == 1.0


def _pair(draft_id: int, final: str, days: int) -> Pair:
    return Pair(
        workspace_id=1,
        source="review",
        source_id=str(draft_id),
        account="northwind",
        verdict="edited",
        brief=brief().model_dump(mode="json"),
        drafted="Hi there",
        final=final,
        prompt_version="p",
        at=MONDAY - timedelta(days=days),
    )


def test_a_bot_that_lacks_something_lives_and_is_not_ready_and_says_what_it_lacks() -> None:
    def gone() -> bool:
        raise OSError("no route to db.internal")

    port = StatusPort("127.0.0.1", 0, health.pages({"database": gone, "slack": lambda: True}))
    port.start()
    try:
        assert get(port.port, "/healthz")[0] == 200
        status, body = get(port.port, "/readyz")
        assert (status, json.loads(body)) == (503, {"status": "not ready", "database": "no", "slack": "ok"})
        assert get(port.port, "/")[0] == 404
    finally:
        port.stop()


def test_figures_that_cannot_be_read_are_an_error_and_not_a_page_of_zeros() -> None:
    def gone(*_: object) -> Answer:
        raise OSError("no route to db.internal")

    port = StatusPort("127.0.0.1", 0, {"/metrics": gone})
    port.start()
    try:
        status, body = get(port.port, "/metrics")
        assert status == 503 and "internal" not in body
    finally:
        port.stop()


def test_a_bot_whose_door_is_not_open_yet_is_not_ready(database: Database, slack: FakeSlack, tmp_path: Path) -> None:
    bot = made(settings(tmp_path, slack), database)
    assert not bot.serving()
    bot.start()
    assert bot.serving()
    bot.stop()
    assert not bot.serving()


def test_a_status_port_in_use_is_said(database: Database, slack: FakeSlack, tmp_path: Path) -> None:
    taken = slack.address.rsplit(":", 1)[1]
    with pytest.raises(ServeError, match=f"127.0.0.1:{taken} cannot be used"):
        made(settings(tmp_path, slack, status_at=taken), database)
