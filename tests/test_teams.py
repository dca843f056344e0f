"""The loop in Teams through its own requests: the real server, worker, poster, rows; Microsoft's side is a double."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from sqlmodel import select

from bot.settings import Settings
from bot.teams.client import Both
from bot.teams.line import TeamsError
from storage import queries
from storage.database import Database
from storage.tables import Draft, Pair, Status, Verdict
from tests.fakes import Clock, FakeEngines
from tests.running import REPLY, free_port, running, until
from tests.teams.service import CHAT, GROUP, INGRID, ROBIN, TENANT, VISITOR, Service, buttons, content, titles, words

ASK = "draft-followup dana.whitfield@northwind.example thank her for coming"
HONEST = "Hi Dana,\n\nThank you for joining us on Thursday.\n\nBest,\nMaya"


def settings(home: Path, **more: object) -> Settings:
    known = {
        "home": home,
        "timezone": "Europe/Berlin",
        "SLACK_BOT_TOKEN": None,
        "SLACK_APP_TOKEN": None,
        "SLACK_CLIENT_ID": None,
        "TEAMS_CLIENT_ID": "11111111-0000-4000-8000-00000000b001",
        "TEAMS_CLIENT_SECRET": None,
        "TEAMS_TENANT_ID": TENANT,
        "TEAMS_UNSAFE_LOCAL": True,
        "TEAMS_PORT": free_port(),
        "undo_seconds": 3600,
    }
    return Settings(_env_file=None, **{**known, **more})  # type: ignore[arg-type]


@dataclass
class Playing:
    teams: Service
    database: Database
    clock: Clock

    def card(self, conversation: str = CHAT) -> dict[str, Any]:
        """The newest card that waits for a decision."""

        def look() -> dict[str, Any] | None:
            found = [m for m in self.teams.messages.values() if m["conversation"] == conversation and _decidable(m)]
            return found[-1] if found else None

        return until(look)

    def shown(self, message: dict[str, Any], text: str) -> Any:
        """The card of a message once it says something."""
        return until(lambda: (card := content(self.teams.messages[message["id"]])) and text in words(card) and card)

    def draft(self, number: int = 1) -> Draft:
        with self.database.reading() as session:
            found = queries.draft(session, workspace_id=1, draft_id=number)
        assert found
        return found


def _decidable(message: dict[str, Any]) -> bool:
    return "Approve" in titles(content(message)) or "Edit" in titles(content(message))


@pytest.fixture
def playing(tmp_path: Path, database: Database) -> Iterator[Playing]:
    """The tenant takes over the workspace that was there before."""
    with database.writing() as session:
        workspace = queries.workspace_by_id(session, workspace_id=1)
        assert workspace
        workspace.team_id = f"teams:{TENANT}"
        session.add(workspace)
    given = settings(tmp_path)
    teams = Service(given.teams_port)
    clock = Clock()
    with running(given, database, FakeEngines(REPLY), clock):
        yield Playing(teams, database, clock)
    teams.stop()
    assert teams.faults == [], "every card that the bot sent is taken by Microsoft's schema"


def test_a_message_becomes_one_card_and_an_edit_becomes_a_pair_and_locks_it(playing: Playing) -> None:
    playing.teams.say(ASK)
    card = playing.card()
    assert "Dana Whitfield" in words(content(card)) and "Thank you for joining." in words(content(card))
    form = playing.teams.press(card, "Edit")
    assert titles(form) == ["Approve this text", "Cancel"]
    said = playing.teams.press(card, "Approve this text", card=form, **{"subject|text": "Thanks", "body|text": "  "})
    assert said.startswith("The email is empty."), "a line, so that what was typed stays"
    inputs = {"subject|text": "Thank you", "body|text": HONEST}
    answer = playing.teams.press(card, "Approve this text", card=form, **inputs)
    assert "Edited and approved by Robin Ames on 23 November 2026 at 10:00" in words(answer), "at once, to the presser"
    locked = playing.shown(card, "Edited and approved by Robin Ames")
    assert not {"Approve", "Edit"} & set(titles(locked))
    with playing.database.reading() as session:
        pair = session.exec(select(Pair).where(Pair.workspace_id == 1)).one()
    assert (pair.verdict, pair.reviewer) == (Verdict.edited, ROBIN) and pair.final and pair.final.endswith(HONEST)
    until(lambda: any("Struck through" in words(content(m)) for m in playing.teams.messages.values()))


def test_who_comes_second_hears_who_was_first_and_nothing_is_decided_twice(playing: Playing) -> None:
    playing.teams.say(ASK)
    card = playing.card()
    assert "Approved by Robin Ames" in words(playing.teams.press(card, "Approve"))
    said = playing.teams.press(card, "Approve", user=INGRID, card=content(card))
    assert said == "This draft was already approved by Robin Ames on 23 November 2026 at 10:00."
    undone = playing.teams.press(card, "Undo", card=playing.shown(card, "Approved by"))
    assert undone == "Undone. Nothing has gone out; the draft waits for a decision again."
    assert playing.draft().status == Status.drafted


def test_another_version_and_a_discard_with_its_reason(playing: Playing) -> None:
    playing.teams.say(ASK)
    card = playing.card()
    answer = words(playing.teams.press(card, "Write it warmer"))  # or the draft, where it was quicker than the answer
    assert "Drafting a warmer follow-up" in answer or "Hi Dana" in answer
    until(lambda: (row := playing.draft()).status == Status.drafted and row.tone and row.posted_version == row.version)
    again = playing.card()
    form = playing.teams.press(again, "Discard…")
    assert playing.teams.press(again, "Discard", card=form) == "Please choose what comes nearest."
    playing.teams.press(again, "Discard", card=form, **{"reason|choice": "wrong tone", "words|text": "too stiff"})
    playing.shown(again, "Discarded by Robin Ames")
    assert playing.draft().status == Status.discarded


def test_a_message_that_teams_delivers_twice_asks_for_one_draft(playing: Playing) -> None:
    playing.teams.say(ASK, id="the-same")
    playing.teams.say(ASK, id="the-same")
    playing.card()
    with playing.database.reading() as session:
        assert len(session.exec(select(Draft).where(Draft.workspace_id == 1)).all()) == 1


def test_a_guest_gets_no_draft_and_decides_about_none(playing: Playing) -> None:
    playing.teams.say(ASK, user=VISITOR)
    until(lambda: any("Guests cannot use Afterword" in words(content(m)) for m in playing.teams.messages.values()))
    playing.teams.say(ASK)
    said = playing.teams.press(playing.card(), "Approve", user=VISITOR)
    assert said.startswith("Guests cannot use Afterword")
    assert playing.draft().status == Status.drafted


def test_another_tenant_is_not_heard(playing: Playing) -> None:
    elsewhere = {"id": CHAT, "conversationType": "personal", "tenantId": INGRID}
    playing.teams.say(ASK, conversation=CHAT)
    card = playing.card()
    activity = playing.teams.activity(ROBIN, CHAT, type="invoke", name="adaptiveCard/action", replyToId=card["id"])
    activity |= {"conversation": elsewhere, "value": {"action": buttons(content(card))[0], "trigger": "manual"}}
    assert "another organisation" in playing.teams.sent(activity)[1]["value"]
    assert playing.draft().status == Status.drafted


def test_what_the_crm_knows_is_not_told_to_a_whole_group(playing: Playing) -> None:
    playing.teams.say("<at>Afterword</at> draft-followup Dena Whitfeld", conversation=GROUP)
    answer = until(lambda: next((m for m in playing.teams.messages.values() if m["conversation"] == GROUP), None))
    assert words(content(answer)).startswith("The answer to that is for you alone.")
    playing.teams.say("help")
    playing.teams.say("<at>Afterword</at> draft-followup Dena Whitfeld", conversation=GROUP)
    question = until(lambda: next((m for m in playing.teams.messages.values() if "Did you mean" in str(m)), None))
    assert question["conversation"] == CHAT
    assert "Drafting" in words(playing.teams.press(question, "Draft for Dana Whitfield"))


def test_a_card_that_teams_had_no_time_for_comes_later(playing: Playing) -> None:
    playing.teams.failing = [502]
    playing.teams.say(ASK)
    until(lambda: not playing.teams.failing)

    def later() -> bool:
        playing.clock.move(seconds=5)
        return any(map(_decidable, playing.teams.messages.values()))

    until(later)
    assert "Approve" in titles(content(playing.card()))
    assert len([m for m in playing.teams.messages.values() if _decidable(m)]) == 1


def test_with_credentials_nobody_is_believed_without_a_token(tmp_path: Path, database: Database) -> None:
    given = settings(tmp_path, TEAMS_UNSAFE_LOCAL=False, TEAMS_CLIENT_SECRET="secret")
    teams = Service(given.teams_port)
    with running(given, database, FakeEngines(REPLY), Clock()):
        for headers in ({}, {"authorization": "Bearer e30.e30.x"}):
            with pytest.raises(HTTPError) as refused:
                teams.sent(teams.activity(ROBIN, CHAT, type="message", text=ASK), **headers)
            assert refused.value.code == 401
    teams.stop()


def test_a_port_in_use_is_said_and_nothing_is_left_running(tmp_path: Path, database: Database) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        given = settings(tmp_path, TEAMS_PORT=taken.getsockname()[1])
        with (
            pytest.raises(TeamsError, match=r"cannot be used for Teams .* Set another TEAMS_PORT"),
            running(given, database, FakeEngines(REPLY), Clock()),
        ):
            raise AssertionError("it must not start")


def test_a_tenant_that_is_linked_shares_the_slack_workspace(tmp_path: Path, database: Database) -> None:
    given = settings(tmp_path, teams_workspace="T1")
    teams, clock = Service(given.teams_port), Clock()
    with running(given, database, FakeEngines(REPLY), clock):
        playing = Playing(teams, database, clock)
        teams.say(ASK)
        assert "Approved by Robin Ames" in words(teams.press(playing.card(), "Approve"))
        assert playing.draft().workspace_id == 1
    teams.stop()


def test_where_something_is_said_decides_who_is_called() -> None:
    class Named:
        def __init__(self, name: str) -> None:
            self.name = name

        def __getattr__(self, method: str) -> Callable[..., str]:
            return lambda **_: f"{self.name} {method}"

    both = Both(lambda: Named("slack"), Named("teams"))  # type: ignore[arg-type,return-value]
    assert both.chat_postMessage(channel="C0FOLLOWUPS", text="") == "slack chat_postMessage"
    assert both.chat_update(channel="C~19%3Agroup", ts="1") == "teams chat_update"
    assert both.chat_postMessage(channel=ROBIN, text="") == both.chat_postMessage(channel="D~a%3A1", text="")
    assert (both.users_info(user="U0ROBIN"), both.users_info(user=ROBIN)) == ("slack users_info", "teams users_info")


def test_a_digest_can_be_had_in_a_conversation(playing: Playing) -> None:
    playing.teams.say("draft-followup digest on")
    said = until(lambda: [words(content(m)) for m in playing.teams.messages.values()])
    assert any("digest" in each and "/draft-followup" not in each for each in said)
    with playing.database.reading() as session:
        assert len(queries.digest_channels(session, workspace_id=1)) == 1


def test_a_shared_channel_gets_no_card(playing: Playing) -> None:
    playing.teams.say("help")
    channel = {"tenant": {"id": TENANT}, "channel": {"id": GROUP, "type": "shared"}}
    playing.teams.say(f"<at>Afterword</at> {ASK}", conversation=GROUP, channelData=channel)
    assert playing.card(CHAT)
    shown = [words(content(m)) for m in playing.teams.messages.values() if m["conversation"] == GROUP]
    assert not any("Dana" in each for each in shown)


def test_an_unchecked_door_talks_to_this_machine_alone(playing: Playing) -> None:
    playing.teams.say(ASK, serviceUrl="https://evil.example")
    playing.teams.say(ASK)
    playing.card()
    with playing.database.reading() as session:
        assert len(session.exec(select(Draft).where(Draft.workspace_id == 1)).all()) == 1
