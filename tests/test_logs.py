"""The log: a line per event with its reference, and neither an email nor a token in it, whatever goes wrong."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from bot import logs
from model.engine import EngineError
from storage.database import Database
from tests.fakes import Clock, FakeEngines
from tests.running import REPLY, running, settings, until
from tests.slack import SECRET, FakeSlack, click, command, fake_slack, form, post
from tests.test_listeners import buttons

Start = Callable[[str], None]
TOKEN = "xoxb-" + "12345-abcdef"
PRIVATE = "Dear Dana, the price stays between us"


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def start(stream: io.StringIO) -> Iterator[Start]:
    """Begins to log to the stream; it ends with the test."""
    with ExitStack() as started:
        yield lambda kind: started.enter_context(logs.written(kind, stream))


def broken() -> None:
    try:
        raise ValueError(PRIVATE)
    except ValueError as error:
        raise RuntimeError(PRIVATE) from error


def parsed(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize("kind", ["lines", "json"])
def test_an_error_is_logged_with_its_type_and_place_and_without_what_it_says(
    kind: str, stream: io.StringIO, start: Start
) -> None:
    start(kind)
    try:
        broken()
    except RuntimeError:
        logging.getLogger("bot.somewhere").exception("draft %s failed", 7)
    said = stream.getvalue()
    assert "draft 7 failed" in said and "in broken" in said and "RuntimeError" in said and "ValueError" in said
    assert PRIVATE not in said


@pytest.mark.parametrize("kind", ["lines", "json"])
def test_a_token_that_a_library_logs_by_mistake_is_struck_out(kind: str, stream: io.StringIO, start: Start) -> None:
    start(kind)
    record = logging.LogRecord("slack_sdk", logging.WARNING, __file__, 1, "refused %s", (TOKEN,), None)
    logging.getLogger().handlers[-1].handle(record)  # ours alone: the tests' own would find it as well
    assert "refused …" in stream.getvalue() and "12345" not in stream.getvalue()


def test_json_is_one_object_on_a_line_with_the_reference_of_the_work(stream: io.StringIO, start: Start) -> None:
    start("json")
    log = logging.getLogger("bot.somewhere")
    with logs.referring() as first:
        log.warning("two\nlines")
        assert logs.reference() == first
    with logs.referring() as second:
        log.info("later")
    log.info("outside")
    lines = parsed(stream)
    assert [line.get("reference") for line in lines] == [first, second, None]
    assert lines[0]["message"] == "two\nlines" and lines[0]["level"] == "warning" and lines[0]["at"].endswith("+00:00")
    assert first != second


def test_threads_go_on_under_the_reference_of_who_gave_them_the_work() -> None:
    with logs.Listening(1) as listening, logs.referring() as known:
        assert listening.submit(logs.reference).result() == known


def test_nothing_that_people_wrote_or_that_opens_a_door_is_in_the_log_of_a_day_with_faults(
    database: Database,
    tmp_path: Path,
    stream: io.StringIO,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A draft that fails, one that is shown and approved, a listener that breaks, all of it in JSON."""
    start("json")
    engines = FakeEngines(EngineError(PRIVATE), REPLY)
    with fake_slack() as slack:
        given = settings(tmp_path, slack)
        with running(given, database, engines, Clock()):
            post(given.port, form(command("Dana Whitfield book a demo")))
            failed = until(lambda: _shown(slack, "Something went wrong"))
            post(given.port, form({**command("Dana Whitfield send prices"), "trigger_id": "T2"}))
            card = until(lambda: _shown(slack, "Approve"))
            assert post(given.port, form(click(buttons(card)["Approve"])))[0] == 200
            monkeypatch.setattr("bot.recipients.resolve", _explode)
            _, answer = post(given.port, form({**command("Dana Whitfield once more"), "trigger_id": "T3"}))
    lines = parsed(stream)
    quoted = json.loads(answer)["text"].rsplit(" ", 1)[-1].rstrip(".")
    assert [line["reference"] for line in lines if line["message"].startswith("a listener failed")] == [quoted]
    shown = json.dumps(failed)
    assert any(line.get("reference", "-") in shown for line in lines if "failed" in line["message"])
    for secret in ("Dana", "Whitfield", "book a demo", PRIVATE, "Thank you for joining", "xoxb-test", SECRET):
        assert secret not in stream.getvalue(), secret


def _explode(*_: Any, **__: Any) -> None:
    raise RuntimeError(PRIVATE)


def _shown(slack: FakeSlack, words: str) -> dict[str, Any] | None:
    return next((m for method, m in list(slack.calls) if method.startswith("chat.") and words in json.dumps(m)), None)
