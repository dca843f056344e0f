"""From edits to a question in Slack, from its answer to the very next draft."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot import cards, house_rules, reviewing
from bot.cards import Block
from bot.drafting import LEASE, draft_one
from bot.house_rules import Learner, learn
from bot.voices import Voices
from model.rules import Rule
from storage import queries, tables
from storage.database import Database
from storage.tables import Audit, RuleKind, RuleStatus
from tests.fakes import MONDAY, Clock, FakeEngines
from tests.rows import workspace
from tests.running import desk as desk_at
from tests.running import running, settings, until
from tests.slack import click, fake_slack
from tests.slack_limits import faults_of_message
from tests.test_drafting import ask
from tests.test_listeners import Desk, buttons

pytestmark = pytest.mark.both_databases

OPENER = "I hope this email finds you well."
DRAFTED = f"Subject: A word\n\nHi Dana,\n\n{OPENER} Shall we talk?\n\nBest,\nMaya"
WANTED = "Hi Dana,\n\nShall we talk?\n\nBest,\nMaya"


@pytest.fixture
def at_work(database: Database, tmp_path: Path) -> Any:
    return desk_at(database, FakeEngines(DRAFTED), tmp_path, Clock())


def drafted(desk: Any, number: int) -> tables.Draft:
    """One draft, written."""
    ask(desk.database, request_key=f"k{number}")
    with desk.database.writing() as session:
        claimed = queries.claim_draft(session, now=MONDAY, lease=LEASE)
    assert claimed and claimed.id
    draft_one(desk, claimed)
    with desk.database.reading() as session:
        row = queries.draft(session, workspace_id=1, draft_id=claimed.id)
    assert row
    return row


def edited(desk: Any, count: int, body: str = WANTED) -> None:
    """So many drafts, each edited the same way."""
    for number in range(count):
        row = drafted(desk, number + 100 * count)
        with desk.database.writing() as session:
            draft_id = row.id or 0
            who = {"reviewer": "U0ROBIN", "now": MONDAY, "subject": "A word", "body": body}
            standards = desk.standards(1)
            reviewing.edit(session, workspace_id=1, draft_id=draft_id, version=row.version, standards=standards, **who)


def rows(database: Database) -> list[tables.Rule]:
    with database.reading() as session:
        return list(queries.rules(session, workspace_id=1))


def decide(database: Database, how: Any, who: str = "U0ROBIN") -> tables.Rule | None:
    with database.writing() as session:
        row: tables.Rule | None = how(session, workspace_id=1, rule_id=1, who=who, now=MONDAY)
        return row


# Rows ---------------------------------------------------------------------------------------------------------------


def test_three_edits_are_a_proposal_and_a_fourth_only_counts(at_work: Any) -> None:
    edited(at_work, 2)
    assert learn(at_work.database, 1, MONDAY) == 0
    edited(at_work, 1)
    assert learn(at_work.database, 1, MONDAY) == 1
    edited(at_work, 3)
    assert learn(at_work.database, 1, MONDAY) == 0
    (row,) = rows(at_work.database)
    assert (row.kind, row.old, row.new) == (RuleKind.delete, OPENER[:-1], "")
    assert (row.status, row.seen, row.out_of) == (RuleStatus.proposed, 6, 6)


def test_an_accepted_rule_holds_for_the_very_next_draft_until_it_is_undone(at_work: Any) -> None:
    edited(at_work, 3)
    learn(at_work.database, 1, MONDAY)
    assert drafted(at_work, 7).body == DRAFTED.partition("\n\n")[2]
    decide(at_work.database, house_rules.accept)
    assert drafted(at_work, 8).body == WANTED
    decide(at_work.database, house_rules.undo)
    assert drafted(at_work, 9).body == DRAFTED.partition("\n\n")[2]


@pytest.mark.parametrize("answer", [house_rules.accept, house_rules.decline])
def test_what_was_decided_is_never_asked_again(at_work: Any, answer: Any) -> None:
    edited(at_work, 3)
    learn(at_work.database, 1, MONDAY)
    before = decide(at_work.database, answer)
    edited(at_work, 4)
    assert learn(at_work.database, 1, MONDAY) == 0
    (row,) = rows(at_work.database)
    assert before and (row.status, row.seen) == (before.status, 3)


def test_the_first_answer_counts_and_is_on_record(at_work: Any) -> None:
    edited(at_work, 3)
    learn(at_work.database, 1, MONDAY)
    decide(at_work.database, house_rules.decline, "U0FAST")
    late = decide(at_work.database, house_rules.accept, "U0SLOW")
    decide(at_work.database, house_rules.undo, "U0SLOW")
    assert late and (late.status, late.decided_by, late.decided_at) == (RuleStatus.declined, "U0FAST", MONDAY)
    with at_work.database.reading() as session:
        told = [
            (row.actor, row.subject)
            for row in session.exec(select(Audit).where(Audit.workspace_id == 1))
            if row.action.endswith(" rule")
        ]
    assert told == [("U0FAST", "rule 1")]


def test_another_workspace_has_its_own_rules(at_work: Any, tmp_path: Path) -> None:
    edited(at_work, 3)
    learn(at_work.database, 1, MONDAY)
    with at_work.database.writing() as session:
        assert workspace(session, "T2").id == 2
        assert house_rules.accept(session, workspace_id=2, rule_id=1, who="U1", now=MONDAY) is None
    decide(at_work.database, house_rules.accept)
    voices = Voices(tmp_path, at_work.database)
    assert (len(voices(1).rules), voices(2).rules) == (1, ())


def test_a_rule_in_the_file_goes_before_a_learned_one(at_work: Any, tmp_path: Path) -> None:
    edited(at_work, 3)
    learn(at_work.database, 1, MONDAY)
    decide(at_work.database, house_rules.accept)
    written = f'{{kind: replace, old: "{OPENER[:-1]}", new: Good day}}'
    (tmp_path / "voice.yml").write_text(f"company: Acme\nwhat_we_do: planning\nrules: [{written}]\n", "utf-8")
    assert Voices(tmp_path, at_work.database)(1).rules == (Rule("replace", OPENER[:-1], "Good day"),)


def test_no_more_than_two_questions_are_open(at_work: Any) -> None:
    edited(at_work, 3, "Hello Dana!\n\nShall we talk?\n\nRegards,\nMaya")
    assert learn(at_work.database, 1, MONDAY) == 2
    assert learn(at_work.database, 1, MONDAY) == 0
    decide(at_work.database, house_rules.decline)
    assert learn(at_work.database, 1, MONDAY) == 1


# Asking -------------------------------------------------------------------------------------------------------------


class Channel:
    """Takes what is announced, or not."""

    def __init__(self) -> None:
        self.said: list[tuple[str, Block]] = []
        self.answers: list[bool | Exception] = []

    def __call__(self, workspace_id: int, channel: str, shown: Block) -> bool:
        answer = self.answers.pop(0) if self.answers else True
        if isinstance(answer, Exception):
            raise answer
        if answer:
            self.said.append((channel, shown))
        return answer


def test_a_proposal_is_shown_once_where_the_draft_was_decided(at_work: Any) -> None:
    edited(at_work, 3)
    channel = Channel()
    Learner(at_work.database, channel, Clock()).look()
    Learner(at_work.database, channel, Clock()).look()  # after a restart
    ((where, shown),) = channel.said
    assert where == "C1"
    assert shown["text"] == f"You removed “{OPENER[:-1]}” in 3 of 3 drafts."


def test_while_learning_is_paused_nothing_is_proposed(at_work: Any) -> None:
    edited(at_work, 3)
    channel = Channel()
    with at_work.database.writing() as session:
        assert queries.set_paused(session, workspace_id=1, at=MONDAY)
    Learner(at_work.database, channel, Clock()).look()
    assert rows(at_work.database) == []
    with at_work.database.writing() as session:
        assert queries.set_paused(session, workspace_id=1, at=None)
    Learner(at_work.database, channel, Clock()).look()
    assert len(rows(at_work.database)) == 1


def test_what_slack_did_not_take_is_shown_later(at_work: Any) -> None:
    edited(at_work, 3)
    channel = Channel()
    channel.answers = [False, RuntimeError("no")]
    learner = Learner(at_work.database, channel, Clock())
    for _ in range(4):
        learner.look()
    assert len(channel.said) == 1


def test_only_one_of_two_processes_shows_it(at_work: Any) -> None:
    edited(at_work, 3)
    learn(at_work.database, 1, MONDAY)
    with at_work.database.writing() as session:
        assert queries.claim_rule_post(session, workspace_id=1, rule_id=1, now=MONDAY)
        assert not queries.claim_rule_post(session, workspace_id=1, rule_id=1, now=MONDAY)


def test_a_failure_to_learn_harms_nobody_and_quotes_nothing(
    at_work: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Any) -> None:
        raise RuntimeError("Dear Dana")

    monkeypatch.setattr("bot.house_rules.mine", broken)
    edited(at_work, 3)
    learner = Learner(at_work.database, Channel(), Clock())
    with caplog.at_level(logging.ERROR):
        learner.start()
        until(lambda: "RuntimeError" in caplog.text)
        learner.stop()
    assert "Dear Dana" not in caplog.text


# In Slack -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path, database: Database, at_work: Any) -> Iterator[Desk]:
    """The bot after three edits."""
    edited(at_work, 3)
    with fake_slack() as double:
        given = settings(tmp_path, double)
        with running(given, database, FakeEngines(DRAFTED), Clock()):
            yield Desk(database, double, given)
        assert double.faults == []


def press(desk: Desk, message: dict[str, Any], name: str, user: str = "U0ROBIN") -> dict[str, Any]:
    """Click, and the card as it stands then."""
    before = len(desk.slack.of("response"))
    desk.send(click(buttons(message)[name], user=user, response_url=f"{desk.slack.address}/answer"))
    until(lambda: len(desk.slack.of("response")) > before)
    return desk.slack.of("response")[-1]


def test_accepted_in_slack_obeyed_in_the_next_card_undone_with_a_click(desk: Desk) -> None:
    asked = desk.shown(lambda message: "Use this rule" in buttons(message))
    assert asked["channel"] == "C1" and "Leave it out from now on?" in json.dumps(asked["blocks"])
    decided = press(desk, asked, "Use this rule")
    assert (decided["replace_original"], decided["response_type"]) == (True, "in_channel")
    said = json.dumps(decided["blocks"], ensure_ascii=False)
    assert "is left out" in said and "Accepted by <@U0ROBIN> on 23 November 2026 at 10:00" in said
    assert OPENER not in json.dumps(desk.card()["blocks"])
    undone = press(desk, decided, "Undo")
    assert undone["text"].startswith("Rule not used") and not buttons(undone)
    assert [row.status for row in rows(desk.database)] == [RuleStatus.declined]


def test_the_second_of_two_people_sees_what_the_first_decided(desk: Desk) -> None:
    asked = desk.shown(lambda message: "Use this rule" in buttons(message))
    press(desk, asked, "Do not use it", "U0FAST")
    late = press(desk, asked, "Use this rule", "U0SLOW")
    assert "Declined by <@U0FAST>" in json.dumps(late["blocks"])


def test_a_rule_of_another_workspace_cannot_be_decided_here(desk: Desk) -> None:
    asked = desk.shown(lambda message: "Use this rule" in buttons(message))
    foreign = click(buttons(asked)["Use this rule"], team={"id": "T2", "domain": "other"})
    foreign["user"]["team_id"] = "T2"
    desk.send({**foreign, "response_url": f"{desk.slack.address}/answer"})
    desk.told("Afterword is not installed in your workspace")
    assert [row.status for row in rows(desk.database)] == [RuleStatus.proposed]


def test_cards_escape_what_people_wrote_and_fit_into_slack() -> None:
    nasty = "<!channel> & *" + "long " * 900
    for kind in RuleKind:
        rule = Rule(str(kind), nasty, "80" if kind == RuleKind.length else nasty, 3, 4)  # type: ignore[arg-type]
        row = tables.Rule(id=1, workspace_id=1, kind=kind, old=nasty, new=rule.new, seen=3, out_of=4)
        for status in RuleStatus:
            row.status, row.decided_by, row.decided_at = status, "command line", MONDAY
            shown = house_rules.rule_card(row, ZoneInfo("UTC"))
            assert not faults_of_message(shown) and "<!channel>" not in json.dumps(shown)
    assert cards.RULE_GONE
