"""Rights through the real Bolt app: each listener lets a member through and tells a guest, and nothing has changed."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient
from sqlmodel import select

from bot.people import KEPT_SECONDS, STALE_SECONDS, People
from bot.rights import Standing
from storage import queries
from storage.database import Database
from storage.tables import Audit, Draft, Rule, RuleKind, RuleStatus, Status
from tests.fakes import MONDAY, Clock, FakeEngines
from tests.rows import contact
from tests.running import REPLY, running, settings, until
from tests.slack import FakeSlack, chosen, click, command, fake_slack, submission
from tests.test_listeners import BLANK, Desk, buttons, menu

GUEST, MEMBER, NAMED = "U0GUEST", "U0MEMBER", "U0ALEX"
REFUSED = "Guests cannot use Afterword"
Try = Callable[[Desk, str], Any]


@pytest.fixture
def engines() -> FakeEngines:
    return FakeEngines(REPLY)


@pytest.fixture
def desk(tmp_path: Path, database: Database, engines: FakeEngines) -> Iterator[Desk]:
    with database.writing() as session:
        contact(session, 1, first="Sam", last="Ortiz")
        contact(session, 1, first="Sam", last="Ortiz", email="sam@other.example")
    with fake_slack() as double:
        double.people = {
            GUEST: {"is_restricted": True},
            "U0OUTSIDE": {"team_id": "T2"},
            "U0BOSS": {"is_owner": True},
        }
        given = settings(tmp_path, double, admins=NAMED)
        with running(given, database, engines, Clock()):
            yield Desk(database, double, given)
        assert double.faults == []


def press(desk: Desk, name: str, user: str, card: dict[str, Any] | None = None, **changes: Any) -> Any:
    """A button of the card, or an entry of its menu."""
    card = card or desk.card()
    how = {"user": user, "response_url": f"{desk.slack.address}/answer", **changes}
    return desk.send(click(buttons(card)[name], **how) if name in buttons(card) else chosen(menu(card), name, **how))


def policy(desk: Desk, **changes: Any) -> None:
    with desk.database.writing() as session:
        queries.change_rights(session, workspace_id=1, who="test", now=MONDAY, changes=changes)


def said(desk: Desk, answer: Any) -> str:
    """What the person hears: the acknowledgement, or the private answer after it."""
    if answer and "view" in answer:
        return json.dumps(answer["view"])
    if answer and "errors" in answer:
        return str(answer["errors"]["body"])
    if answer:
        return str(answer["text"])
    return str(until(lambda: desk.slack.of("response"))[-1]["text"])


# Each listener ----------------------------------------------------------------------------------------------------


def choose(desk: Desk, user: str) -> Any:
    question = desk.send(command("Sam Ortiz", user_id=MEMBER))
    return desk.send(click(_first(question), user=user, response_url=f"{desk.slack.address}/answer"))


def _first(question: dict[str, Any]) -> dict[str, Any]:
    return dict(next(block["accessory"] for block in question["blocks"] if "accessory" in block))


def opened(desk: Desk, user: str) -> dict[str, Any]:
    desk.send(click(buttons(desk.card())["Edit"], user=user))
    until(lambda: desk.slack.of("views.open"))
    return desk.view()


def asked_why(desk: Desk) -> dict[str, Any]:
    press(desk, "Discard…", MEMBER)
    until(lambda: desk.slack.of("views.open"))
    return desk.view()


def rule(desk: Desk, status: RuleStatus) -> int:
    with desk.database.writing() as session:
        row = Rule(workspace_id=1, kind=RuleKind.delete, old="simply", seen=3, out_of=4, status=status)
        session.add(row)
        session.flush()
        assert row.id
        return row.id


def ruling(action_id: str, status: RuleStatus) -> Try:
    def press_rule(desk: Desk, user: str) -> Any:
        button = {"action_id": action_id, "value": str(rule(desk, status)), "text": {"type": "plain_text", "text": "x"}}
        return desk.send(click(button, user=user, response_url=f"{desk.slack.address}/answer"))

    return press_rule


def state(desk: Desk) -> Any:
    """What a listener could have changed."""
    with desk.database.reading() as session:
        drafts = [
            (row.id, row.status, row.version) for row in session.exec(select(Draft).where(Draft.workspace_id == 1))
        ]
        rules = [(row.id, row.status) for row in session.exec(select(Rule).where(Rule.workspace_id == 1))]
    return drafts, rules, len(desk.slack.of("views.open"))


DRAFTED = ([(1, Status.drafted, 2)], [], 0)
LISTENERS: dict[str, tuple[Try, Any]] = {  # what is tried, and how things stand when it was refused
    "command": (lambda desk, user: desk.send(command("Dana Whitfield", user_id=user)), ([], [], 0)),
    "choose": (choose, ([], [], 0)),
    "approve": (lambda desk, user: press(desk, "Approve", user), DRAFTED),
    "discard": (lambda desk, user: press(desk, "Discard…", user), DRAFTED),
    "why it is discarded": (
        lambda desk, user: desk.send(submission(asked_why(desk), {"reason": "not needed"}, user=user)),
        (*DRAFTED[:2], 1),
    ),
    "why it says so": (lambda desk, user: press(desk, "Why this text", user), DRAFTED),
    "try again": (lambda desk, user: press(desk, "Write another version", user), DRAFTED),
    "edit": (lambda desk, user: press(desk, "Edit", user), DRAFTED),
    "submit": (
        lambda desk, user: desk.send(submission(opened(desk, MEMBER), {"body": "Hi Dana"}, user=user)),
        (*DRAFTED[:2], 1),
    ),
    "use rule": (ruling("use_rule", RuleStatus.proposed), ([], [(1, RuleStatus.proposed)], 0)),
    "decline rule": (ruling("decline_rule", RuleStatus.proposed), ([], [(1, RuleStatus.proposed)], 0)),
    "undo rule": (ruling("undo_rule", RuleStatus.accepted), ([], [(1, RuleStatus.accepted)], 0)),
}


@pytest.mark.parametrize("name", LISTENERS)
def test_a_guest_is_told_and_changes_nothing(desk: Desk, name: str) -> None:
    attempt, before = LISTENERS[name]
    assert REFUSED in said(desk, attempt(desk, GUEST))
    assert state(desk) == before


@pytest.mark.parametrize("name", LISTENERS)
def test_a_member_does_it(desk: Desk, name: str) -> None:
    attempt, before = LISTENERS[name]
    attempt(desk, MEMBER)
    until(lambda: state(desk) != before)
    assert REFUSED not in json.dumps(desk.slack.of("response"))


def test_a_guest_does_not_even_hear_who_is_among_the_contacts(desk: Desk) -> None:
    for text in ("Sam Ortiz", "Nobody Here"):
        answer = desk.send(command(text, user_id=GUEST))
        assert REFUSED in answer["text"] and "Ortiz" not in json.dumps(answer)


def test_somebody_of_another_organisation_decides_nothing(desk: Desk) -> None:
    answer = press(desk, "Approve", "U0OUTSIDE")
    assert "another organisation" in said(desk, answer) and state(desk) == DRAFTED


# What a workspace chooses -----------------------------------------------------------------------------------------


def test_rights_taken_while_the_editor_is_open_count_at_submission(desk: Desk) -> None:
    view = opened(desk, MEMBER)
    policy(desk, approvers="U0SOMEBODY")
    answer = desk.send(submission(view, {"body": "Hi Dana"}, user=MEMBER))
    assert answer["response_action"] == "errors" and "only some people decide" in answer["errors"]["body"]
    assert state(desk)[0] == DRAFTED[0]


def test_four_eyes_let_another_approve_what_the_first_asked_for(desk: Desk) -> None:
    policy(desk, four_eyes=True)
    card = desk.card()  # asked for by U0ROBIN
    assert "somebody else has to approve it" in said(desk, press(desk, "Approve", "U0ROBIN", card))
    press(desk, "Approve", MEMBER, card)
    row = until(lambda: (row := desk.draft()) and row.status == Status.approved and row)
    assert row.requested_by == "U0ROBIN"


def test_a_user_group_decides_and_slack_is_asked_only_where_one_is_named(desk: Desk) -> None:
    press(desk, "Write another version", MEMBER, card := desk.card())
    assert not desk.slack.of("usergroups.users.list")
    card = desk.shown(lambda m: "Approve" in buttons(m) and buttons(m) != buttons(card))
    desk.slack.lists["S0REVIEW"] = ["U0LEAD"]
    policy(desk, approvers="S0REVIEW")
    assert "only one user group decides" in said(desk, press(desk, "Approve", MEMBER, card))
    press(desk, "Approve", "U0LEAD", card)
    assert until(lambda: (row := desk.draft()) and row.status == Status.approved)
    assert [asked["usergroup"] for asked in desk.slack.of("usergroups.users.list")] == ["S0REVIEW"], "kept for a while"


def test_members_of_the_channel_decide_and_without_the_scope_nobody_does(desk: Desk) -> None:
    policy(desk, approvers="channel")
    card = desk.card()
    desk.slack.replies["conversations.members"] = [{"ok": False, "error": "missing_scope"}]
    assert "I could not find out who is in this channel" in said(desk, press(desk, "Approve", MEMBER, card))
    desk.slack.lists["C0FOLLOWUPS"] = [MEMBER]
    press(desk, "Approve", MEMBER, card)
    assert until(lambda: (row := desk.draft()) and row.status == Status.approved)


def test_in_a_direct_message_the_channel_is_who_asked(desk: Desk) -> None:
    policy(desk, approvers="channel")
    desk.slack.replies["chat.postMessage"] = [{"ok": False, "error": "not_in_channel"}]
    card = desk.card()
    assert "Only members of the channel" in said(desk, press(desk, "Approve", MEMBER, card))
    press(desk, "Approve", "U0ROBIN", card)
    assert until(lambda: (row := desk.draft()) and row.status == Status.approved)
    assert not desk.slack.of("conversations.members")


def test_an_override_is_offered_to_the_named_alone_and_counts_from_them_alone(desk: Desk, engines: FakeEngines) -> None:
    engines.replies = [BLANK]
    desk.send(command("Dana Whitfield"))
    card = desk.shown(lambda message: "Edit" in buttons(message))
    press(desk, "Edit", "U0BOSS", card)
    until(lambda: desk.slack.of("views.open"))
    assert "override" not in {block.get("block_id") for block in desk.view()["blocks"]}
    press(desk, "Edit", NAMED, card)
    until(lambda: len(desk.slack.of("views.open")) == 2)
    sent = submission(desk.view(), {"override": "it is called [event]"}, user="U0BOSS")
    assert desk.send(sent)["response_action"] == "errors"
    assert desk.send(submission(desk.view(), {"override": "it is called [event]"}, user=NAMED)) is None
    assert until(lambda: (row := desk.draft()) and row.status == Status.approved)


def test_a_change_of_rights_is_on_record_with_what_held_before(desk: Desk) -> None:
    policy(desk, four_eyes=True)
    policy(desk, four_eyes=False, approvers="U0LEAD")
    with desk.database.reading() as session:
        changes = select(Audit).where(Audit.workspace_id == 1, Audit.action == "change rights")
        first, second = [row.detail for row in session.exec(changes)]
    assert first == {"before": {"four_eyes": None}, "after": {"four_eyes": True}}
    assert second["before"] == {"four_eyes": True, "approvers": "members"}


# When Slack does not answer ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", [500, 429, {"ok": False, "error": "missing_scope"}])
def test_while_slack_does_not_say_who_somebody_is_nothing_happens(desk: Desk, reply: Any) -> None:
    desk.slack.replies["users.info"] = [reply]
    assert "I could not find out who you are" in desk.send(command("Dana Whitfield"))["text"]
    assert state(desk) == ([], [], 0)
    desk.card()  # and the next time it does


class Ticks:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def asked() -> Iterator[tuple[FakeSlack, People, Ticks]]:
    with fake_slack() as double:
        client = WebClient(token="xoxb-test", base_url=double.url, timeout=1, retry_handlers=[])
        yield double, People(lambda _: client, ticks := Ticks()), ticks


def test_one_look_up_serves_name_and_rights_for_some_minutes(asked: tuple[FakeSlack, People, Ticks]) -> None:
    slack, people, ticks = asked
    assert people.name(1, MEMBER, "r.ames") == "Robin Ames"
    assert people.person(1, MEMBER, "T1").standing is Standing.member
    assert len(slack.of("users.info")) == 1
    people.person(2, MEMBER, "T1")
    assert len(slack.of("users.info")) == 2, "another workspace asks with its own token"
    slack.people[MEMBER] = {"is_restricted": True}
    ticks.now = KEPT_SECONDS
    assert people.person(1, MEMBER, "T1").standing is Standing.guest


def test_an_older_answer_counts_for_a_while_when_slack_is_silent(asked: tuple[FakeSlack, People, Ticks]) -> None:
    slack, people, ticks = asked
    people.person(1, MEMBER, "T1")
    slack.replies["users.info"] = [500, 500]
    ticks.now = STALE_SECONDS - 1
    assert people.person(1, MEMBER, "T1").standing is Standing.member
    ticks.now = STALE_SECONDS
    assert people.person(1, MEMBER, "T1").standing is Standing.unknown
    assert people.name(1, "U0NEW", "robin.ames") == "Robin Ames"


def test_a_channel_is_read_page_by_page_and_one_too_large_is_not_guessed(
    asked: tuple[FakeSlack, People, Ticks],
) -> None:
    slack, people, _ = asked
    pages = [{"ok": True, "members": [f"U{n}"], "response_metadata": {"next_cursor": f"p{n}"}} for n in range(3)]
    last = {"ok": True, "members": [MEMBER], "response_metadata": {"next_cursor": ""}}
    slack.replies["conversations.members"] = [pages[0], last]
    assert people.listed(1, MEMBER, "channel", channel="C1", team=None)
    assert [call["cursor"] for call in slack.of("conversations.members")] == ["", "p0"]
    slack.replies["conversations.members"] = [*pages]
    assert people.listed(1, "U0", "channel", channel="C2", team=None) is None
