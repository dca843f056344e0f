"""The recorder hears everything: without this, all that is checked of what was said could be nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot import cards
from bot.cards import notice, usage  # by name, as a listener might
from bot.emulator import Child
from model.base import Base
from tests.conformance.recorder import RECORDING, Emitted, Recorder, recorded, shape
from tests.emulator import serve
from tests.running import settings, until
from tests.slack import command, fake_slack, form, post

SECTION: dict[str, Any] = {"type": "section", "text": {"type": "mrkdwn", "text": "Words"}}


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path / "said.jsonl")


def said(recorder: Recorder) -> list[Emitted]:
    return recorded(recorder.path)


def test_what_differs_only_in_its_texts_is_kept_once(recorder: Recorder) -> None:
    for text in ("One", "Two"):
        recorder.take("cards.notice", {"text": text, "blocks": [{**SECTION, "text": {"type": "mrkdwn", "text": text}}]})
    assert [one.arguments["text"] for one in said(recorder)] == ["One"]


def test_what_breaks_a_limit_is_kept_all_the_same(recorder: Recorder) -> None:
    for length in (5, 5_000):
        recorder.take("cards.notice", {"text": "x" * length, "blocks": [SECTION]})
    assert [one.faults for one in said(recorder)] == [[], ["text too long for chat.update"]]


def test_what_cannot_be_measured_is_kept_and_stops_nobody(recorder: Recorder) -> None:
    recorder.take("cards.notice", {"text": "Words", "blocks": [{"type": "section", "text": "not an object"}]})
    assert said(recorder)[0].faults[0].startswith("not understood")


def test_another_type_is_another_shape() -> None:
    assert shape({"type": "mrkdwn", "text": "a"}) == shape({"type": "mrkdwn", "text": "b"})
    assert shape({"type": "mrkdwn", "text": "a"}) != shape({"type": "plain_text", "text": "a"})
    assert shape([SECTION]) == shape([SECTION] * 9)


def test_every_builder_is_heard_however_it_was_imported() -> None:
    assert all(hasattr(builder, "__wrapped__") for builder in (cards.notice, notice, cards.usage, usage, cards.card))


def test_a_bot_in_a_process_of_its_own_is_heard_too(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As journeys start it."""
    file = tmp_path / "said.jsonl"
    monkeypatch.setenv(RECORDING, str(file))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "cache").symlink_to(base.path.parents[2])
    with fake_slack() as slack:
        given = settings(tmp_path / "home", slack)
        environment = {
            **given.child_environment(),
            "SLACK_API_URL": slack.url,
            "SLACK_BOT_TOKEN": "xoxb-test",
            "SLACK_SIGNING_SECRET": str(given.slack_signing_secret),
            "PORT": str(given.port),
        }
        bot = serve(environment, tmp_path)
        try:
            assert "alone opens a form" in until(lambda: _asked(bot, given.port), 60)["text"]
        finally:
            bot.end()
    assert {"auth.test", "cards.usage", "ack:command"} <= {one.kind for one in recorded(file)}


def _asked(bot: Child, port: int) -> dict[str, Any] | None:
    """What the bot answers to a command for help, once it serves."""
    assert bot.returncode is None, bot.last_words()
    try:
        return dict(json.loads(post(port, form(command("help")))[1]))
    except OSError:
        return None
