"""App Home through the real Bolt app: what each person reads, and what the buttons do when two people press them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bot import cards
from bot.settings import Settings
from storage import queries
from storage.database import Database
from storage.tables import (
    Adapter,
    Audit,
    Connection,
    Draft,
    Pair,
    Rule,
    RuleKind,
    RuleStatus,
    Run,
    RunStatus,
    Status,
    Verdict,
    VoiceSource,
    Workspace,
)
from tests.fakes import MONDAY, Clock, FakeEngines
from tests.rows import brief, only
from tests.running import REPLY, running, settings, until
from tests.slack import FakeSlack, fake_slack, form, home_click, opened_home, post, submission
from tests.slack_limits import elements, faults_of_view

ADMIN = "U0ALEX"
ROBIN = "U0ROBIN"
VOICE = "company: Acme\nwhat_we_do: planning\n"


@dataclass
class Desk:
    """People with an App Home, and the rows behind it."""

    database: Database
    slack: FakeSlack
    settings: Settings

    def send(self, body: dict[str, Any]) -> Any:
        status, answer = post(self.settings.port, form(body))
        assert status == 200, answer
        return json.loads(answer) if answer else None

    def home(self, user: str = ROBIN) -> dict[str, Any]:
        """Open it and read it."""
        seen = len(self.slack.of("views.publish"))
        self.send(opened_home(user=user))
        return self.published(seen, user)

    def published(self, seen: int, user: str) -> dict[str, Any]:
        """What somebody is shown after the first `seen` of all that were published."""
        mine = until(lambda: [each for each in self.slack.of("views.publish")[seen:] if each["user_id"] == user])
        return dict(mine[-1]["view"])

    def press(self, text: str, user: str = ADMIN, view: dict[str, Any] | None = None) -> dict[str, Any]:
        """Press a button of a Home that may be an old one; the Home that follows."""
        element = buttons(view or self.home(user))[text]
        seen = len(self.slack.of("views.publish"))
        self.send(home_click(element, user=user))
        return self.published(seen, user)

    def opens(self, text: str, user: str = ADMIN) -> dict[str, Any]:
        """Press a button that opens a modal."""
        self.send(home_click(buttons(self.home(user))[text], user=user))
        view = until(lambda: self.slack.of("views.open"))[-1]["view"]
        assert faults_of_view(view) == []
        return dict(view)

    def audited(self, action: str) -> int:
        with self.database.reading() as session:
            return len(session.exec(select(Audit).where(Audit.workspace_id == 1, Audit.action == action)).all())


def buttons(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = elements(view["blocks"])
    return {each["text"]["text"] if "text" in each else each["placeholder"]["text"]: each for each in found}


def said(view: dict[str, Any]) -> str:
    return json.dumps(view["blocks"], ensure_ascii=False)


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Iterator[Desk]:
    with fake_slack() as double:
        given = settings(tmp_path, double, admins=ADMIN)
        with running(given, database, FakeEngines(REPLY), Clock()):
            yield Desk(database, double, given)
        assert double.faults == []


def drafted(database: Database, key: str, *, user: str = ROBIN, hours: int = 1, subject: str = "Hello") -> int:
    """A draft that waits in the channel."""
    at = MONDAY - timedelta(hours=hours)
    row = Draft(
        workspace_id=1,
        contact_id=1,
        request_key=key,
        status=Status.drafted,
        goal="book a demo",
        playbook="sales_follow_up",
        sender="Robin Ames",
        seed=0,
        requested_by=user,
        channel="C0FOLLOWUPS",
        message_ts="1795420800.000100",
        brief=brief().model_dump(mode="json"),
        prompt_version="1",
        subject=subject,
        body="Hi Dana,\n\nThank you for joining.\n\nBest,\nMaya",
        requested_at=at,
        drafted_at=at,
        posted_version=1,
    )
    with database.writing() as session:
        return queries.add_draft(session, row=row).id or 0


def adapters(database: Database, *, serving: int) -> None:
    """Two adapters; the second went into service after the first."""
    with database.writing() as session:
        for number in (1, 2):
            queries.add_adapter(session, row=Adapter(workspace_id=1, version=0, folder=f"a{number}", pairs=40))
        for number in range(1, serving + 1):
            queries.move_pointer(session, workspace_id=1, adapter_id=number, reason="run", now=MONDAY)


# Reading ----------------------------------------------------------------------------------------------------------


def test_an_empty_home_teaches_what_to_do(desk: Desk) -> None:
    text = said(desk.home())
    for sentence in (
        "Nothing waits for you. Type `/draft-followup",
        "Review one to begin",
        "no training has run yet",
        "the untrained model",
        "None yet. When people keep making the same change",
        "No voice yet",
        "`/draft-followup digest on`",
    ):
        assert sentence in text


def test_my_waiting_drafts_are_listed_oldest_first_with_their_cards(desk: Desk) -> None:
    drafted(desk.database, "new", hours=1, subject="Second")
    drafted(desk.database, "old", hours=5, subject="First")
    drafted(desk.database, "hers", user=ADMIN, subject="Of somebody else")
    text = said(desk.home())
    assert 0 < text.index("First") < text.index("Second") and "Of somebody else" not in text
    assert "Waiting for you: 2 drafts" in text
    assert text.count("<https://acme.slack.com/archives/C0FOLLOWUPS/p1795420800000100|Open its card>") == 2


def test_a_draft_links_to_its_card() -> None:
    link = cards.link("https://acme.slack.com/", "C1", "1795420800.000100", "Open its card")
    assert link == "<https://acme.slack.com/archives/C1/p1795420800000100|Open its card>"
    assert cards.link("", "C1", "1.0", "Open") == cards.link("https://a/", None, None, "Open") == ""


def test_times_are_in_the_zone_of_whoever_reads(desk: Desk) -> None:
    drafted(desk.database, "one")
    stamp = int((MONDAY - timedelta(hours=1)).timestamp())
    assert f"<!date^{stamp}^{{date_long_pretty}} at {{time}}|23 November 2026 at 09:00>" in said(desk.home())


def test_the_messages_tab_publishes_nothing(desk: Desk) -> None:
    desk.send(opened_home(tab="messages"))
    desk.home()
    assert len(desk.slack.of("views.publish")) == 1


def test_the_last_night_and_the_next_one_are_said(desk: Desk) -> None:
    with desk.database.writing() as session:
        run = queries.claim_run(session, workspace_id=1, date="2026-11-23", now=MONDAY, lease=timedelta(minutes=5))
        assert run and run.id
        rates = {"candidate": {"edit_rate": 0.31}, "incumbent": {"edit_rate": 0.45}}
        reasons = ["Three more accounts are needed."]
        changes = {"status": RunStatus.finished, "scorecards": rates, "reasons": reasons, "finished_at": MONDAY}
        assert queries.finish_run(session, workspace_id=1, run_id=run.id, attempt=1, changes=changes)
    text = said(desk.home())
    assert "Last night's training changed nothing: three more accounts are needed." in text
    assert "24 November 2026 at 02:00" in text


def test_everything_at_once_fits_into_a_home(desk: Desk) -> None:
    long = "very <long> & *loud* " * 60
    for n in range(30):
        drafted(desk.database, f"d{n}", subject=long)
    adapters(desk.database, serving=2)
    with desk.database.writing() as session:
        for n in range(20):
            status = RuleStatus.accepted if n > 2 else RuleStatus.proposed
            row = Rule(
                workspace_id=1, kind=RuleKind.phrase, old=f"{n} {long}", new=long, seen=3, out_of=4, status=status
            )
            session.add(row)
        for n in range(20):
            queries.digest_on(session, workspace_id=1, channel=f"C{n}", asked_by=ADMIN, now=MONDAY)
    text = said(desk.home(ADMIN))  # the double refuses what Slack would refuse
    drafted(desk.database, "mine", user=ADMIN, subject=long)
    assert "20 newer drafts more" in said(desk.home(ROBIN)) and "Use this rule" in text


def test_a_hash_conflict_is_read_and_published_once_more(desk: Desk) -> None:
    view = {"id": "V0HOME", "type": "home", "hash": "1.old"}
    desk.slack.replies["views.publish"] = [{"ok": False, "error": "hash_conflict"}]
    desk.send(opened_home(view=view))
    until(lambda: len(desk.slack.of("views.publish")) == 2)
    first, second = desk.slack.of("views.publish")
    assert (first["hash"], second.get("hash")) == ("1.old", None)


# Who may ----------------------------------------------------------------------------------------------------------

STEERING = (
    "Roll back to adapter 1",
    "Refine now",
    "Pause learning",
    "Edit the voice",
    "Go back to an earlier version",
    "Add a channel",
    "End it there",
)


@pytest.fixture
def full(desk: Desk) -> Desk:
    """A workspace in which every button is there."""
    adapters(desk.database, serving=2)
    with desk.database.writing() as session:
        queries.digest_on(session, workspace_id=1, channel="C1", asked_by=ADMIN, now=MONDAY)
        for n in range(2):
            source, text = VoiceSource.file, f"{VOICE}tone: [way {n}]\n"
            queries.add_voice_version(
                session, workspace_id=1, text=text, sha256=str(n), source=source, who="voice.yml", now=MONDAY
            )
    return desk


def test_what_only_admins_may_do_is_hidden_from_others(full: Desk) -> None:
    shown = buttons(full.home(ADMIN))
    assert set(STEERING) <= set(shown)
    assert not set(STEERING) & set(buttons(full.home(ROBIN)))


@pytest.mark.parametrize("text", STEERING)
def test_what_only_admins_may_do_is_refused_to_others_who_send_it_all_the_same(full: Desk, text: str) -> None:
    element = buttons(full.home(ADMIN))[text]
    seen = len(full.slack.of("views.publish"))
    full.send(home_click(element, user=ROBIN, selected_conversation="C2"))
    assert "Only Afterword's admins can do this." in said(full.published(seen, ROBIN))
    assert not full.slack.of("views.open")
    with full.database.reading() as session:
        row, pointer = session.get(Workspace, 1), queries.pointer(session, workspace_id=1)
        channels = [each.channel for each in queries.digest_channels(session, workspace_id=1)]
        assert row and row.learning_paused_at is None and pointer and pointer.adapter_id == 2 and channels == ["C1"]
        assert session.exec(select(Run).where(Run.workspace_id == 1)).all() == []


@pytest.mark.parametrize("callback", [cards.VOICE_VIEW, cards.VOICE_BACK_VIEW])
def test_a_voice_is_refused_at_its_submission_too(full: Desk, callback: str) -> None:
    text = "Edit the voice" if callback == cards.VOICE_VIEW else "Go back to an earlier version"
    view = full.opens(text)
    body = submission(view, {"voice": VOICE + "tone: [x]\n"}, user=ROBIN)
    if callback == cards.VOICE_BACK_VIEW:
        body["view"]["state"]["values"] = {"version": {"text": {"selected_option": {"value": "1"}}}}
    assert "Only Afterword's admins" in str(full.send(body)["errors"])
    with full.database.reading() as session:
        newest = queries.newest_voice(session, workspace_id=1)
    assert newest and newest.number == 2


# Learning ---------------------------------------------------------------------------------------------------------


def test_a_rollback_that_is_pressed_twice_goes_back_once(full: Desk) -> None:
    view = full.home(ADMIN)
    assert "adapter 1 since" in said(full.press("Roll back to adapter 1", view=view))
    assert "nothing was rolled back" in said(full.press("Roll back to adapter 1", view=view))
    with full.database.reading() as session:
        pointer = queries.pointer(session, workspace_id=1)
    assert pointer and pointer.adapter_id == 1 and full.audited("rolled back by hand") == 1


def test_a_rollback_asks_first(full: Desk) -> None:
    confirm = buttons(full.home(ADMIN))["Roll back to adapter 1"]["confirm"]
    assert "written by adapter 1 instead of adapter 2" in confirm["text"]["text"]


def test_of_two_who_pause_one_does_and_the_other_is_told(desk: Desk) -> None:
    view = desk.home(ADMIN)
    assert "Learning is paused since" in said(desk.press("Pause learning", view=view))
    second = desk.press("Pause learning", view=view)
    assert "Learning was paused already." in said(second) and "Refine now" not in buttons(second)
    assert "Learning is paused, so no training was started." in said(desk.press("Refine now", view=view))
    assert desk.audited("pause learning") == 1
    assert "Refine now" in buttons(desk.press("Resume learning"))
    assert desk.audited("resume learning") == 1


def test_a_training_asked_for_is_claimed_once_while_it_runs(desk: Desk) -> None:
    view = desk.home(ADMIN)
    first = desk.press("Refine now", view=view)
    assert "one is running now" in said(first) and "Refine now" not in buttons(first)
    assert "A training runs already" in said(desk.press("Refine now", view=view))
    with desk.database.reading() as session:
        (run,) = session.exec(select(Run).where(Run.workspace_id == 1)).all()
    assert (run.asked_by, run.date, run.status) == (ADMIN, None, RunStatus.running)


def test_whoever_opts_out_is_left_out_at_once_and_may_come_back(desk: Desk) -> None:
    with desk.database.writing() as session:
        for n, reviewer in enumerate((ROBIN, ADMIN, None)):
            session.add(
                Pair(
                    workspace_id=1,
                    source="review",
                    source_id=str(n),
                    account="northwind",
                    verdict=Verdict.edited,
                    brief=brief().model_dump(mode="json"),
                    drafted="Subject: A\n\nB",
                    final="Subject: A\n\nC",
                    reviewer=reviewer,
                    prompt_version="1",
                )
            )

    def learned() -> set[str | None]:
        with desk.database.reading() as session:
            rows = queries.pairs(session, workspace_id=1, limit=9)
            assert {row.id for row in rows} == {
                row.id for row in queries.reviewed_pairs(session, workspace_id=1, limit=9)
            }
            new = queries.pairs_since(session, workspace_id=1, since=MONDAY - timedelta(days=9999))
            assert new == queries.pairs_stamp(session, workspace_id=1)[0] == len(rows)
            return {row.reviewer for row in rows}

    assert learned() == {ROBIN, ADMIN, None}
    assert "Your edits are left out" in said(desk.press("Leave my edits out", user=ROBIN))
    assert learned() == {ADMIN, None}
    with desk.database.reading() as session:
        assert queries.accounts(session, workspace_id=1) == ["northwind"], "who is held out does not change"
    desk.press("Learn from my edits again", user=ROBIN)
    assert learned() == {ROBIN, ADMIN, None}
    assert desk.audited("opt out") == desk.audited("opt in") == 1


# Rules ------------------------------------------------------------------------------------------------------------


def test_a_rule_is_accepted_undone_and_decided_by_the_first(desk: Desk) -> None:
    with desk.database.writing() as session:
        session.add(Rule(workspace_id=1, kind=RuleKind.delete, old="I hope", seen=3, out_of=4, posted_at=MONDAY))
    view = desk.home(ROBIN)
    accepted = desk.press("Use this rule", user=ROBIN, view=view)
    assert "Accepted by <@U0ROBIN>" in said(accepted)
    late = desk.press("Do not use it", user=ADMIN, view=view)
    assert "Accepted by <@U0ROBIN>" in said(late), "the second reads what the first decided"
    desk.press("Stop using it", user=ADMIN, view=accepted)
    with desk.database.reading() as session:
        (row,) = queries.rules(session, workspace_id=1)
    assert (row.status, row.decided_by) == (RuleStatus.declined, ADMIN)


# Drafts -----------------------------------------------------------------------------------------------------------


def test_a_draft_is_edited_from_home_and_leaves_the_list(desk: Desk) -> None:
    draft_id = drafted(desk.database, "one", subject="Planning without panic")
    view = desk.opens("Open the editor", user=ROBIN)
    seen = len(desk.slack.of("views.publish"))
    assert desk.send(submission(view, {"body": "Hi Dana,\n\nThank you.\n\nBest,\nMaya"})) is None
    assert "Nothing waits for you" in said(desk.published(seen, ROBIN))
    with desk.database.reading() as session:
        row = queries.draft(session, workspace_id=1, draft_id=draft_id)
    assert row and row.status == Status.edited


def test_a_draft_that_somebody_decided_meanwhile_is_told_as_such(desk: Desk) -> None:
    draft_id = drafted(desk.database, "one")
    view = desk.home()
    with desk.database.writing() as session:
        only(session, Draft, draft_id).version += 1
    assert "has changed since" in said(desk.press("Open the editor", user=ROBIN, view=view))
    assert not desk.slack.of("views.open")


# The voice --------------------------------------------------------------------------------------------------------


def newest(desk: Desk) -> tuple[int, str, str, str]:
    with desk.database.reading() as session:
        row = queries.newest_voice(session, workspace_id=1)
    assert row
    return row.number, str(row.source), row.who, row.text


def test_a_first_voice_is_written_in_home_and_serves(desk: Desk) -> None:
    view = desk.opens("Edit the voice")
    assert "company: Your company" in view["blocks"][1]["element"]["initial_value"]
    assert desk.send(submission(view, {"voice": VOICE}, user=ADMIN)) is None
    assert newest(desk) == (1, "app", ADMIN, VOICE)
    assert "Version 1 serves, from App Home, by <@U0ALEX>" in said(desk.home())
    assert desk.audited("edit voice") == 1


def test_a_wrong_voice_is_refused_at_its_line_and_the_last_good_one_stays(full: Desk) -> None:
    view = full.opens("Edit the voice")
    answer = full.send(submission(view, {"voice": f"{VOICE}baned: [x]\n"}, user=ADMIN))
    assert answer["response_action"] == "errors"
    assert answer["errors"]["voice"].startswith("Line 3, column 1: there is no 'baned' here. Did you mean 'banned'?")
    assert newest(full)[0] == 2


def test_a_long_voice_has_several_inputs_and_the_mistake_stands_under_its_own(desk: Desk) -> None:
    lines = [f"  - sentence number {n} as it should be written" for n in range(120)]
    text = VOICE + "dos:\n" + "\n".join(lines) + "\n"
    with desk.database.writing() as session:
        source = VoiceSource.file
        queries.add_voice_version(session, workspace_id=1, text=text, sha256="x", source=source, who="f", now=MONDAY)
    view = desk.opens("Edit the voice")
    first, *_, last = (block["element"]["initial_value"] for block in view["blocks"][1:])
    assert len(first) <= 2_000, "there is room to write in every input"
    wrong, block = last.rstrip() + "\nbaned: [x]", view["blocks"][-1]["block_id"]
    errors = desk.send(submission(view, {block: wrong}, user=ADMIN))["errors"]
    assert errors[block].startswith(f"Line {wrong.count(chr(10)) + 1}, column 1 of this part: there is no 'baned'")
    assert desk.send(submission(view, {"voice": first.replace("Acme", "Acme Ltd")}, user=ADMIN)) is None
    assert newest(desk)[3] == text.replace("Acme", "Acme Ltd")


def test_of_two_who_edit_the_voice_the_second_keeps_their_text_and_saves_nothing(full: Desk) -> None:
    view = full.opens("Edit the voice")
    assert full.send(submission(view, {"voice": VOICE + "tone: [first]\n"}, user=ADMIN)) is None
    late = full.send(submission(view, {"voice": VOICE + "tone: [second]\n"}, user=ADMIN))
    assert late["response_action"] == "update" and faults_of_view(late["view"]) == []
    assert "tone: [second]" in str(late["view"])
    assert newest(full)[::3] == (3, VOICE + "tone: [first]\n")


def test_an_earlier_voice_serves_again_as_a_new_version(full: Desk) -> None:
    view = full.opens("Go back to an earlier version")
    body = submission(view, {}, user=ADMIN)
    body["view"]["state"]["values"] = {"version": {"text": {"selected_option": {"value": "1"}}}}
    assert full.send(body) is None
    assert newest(full) == (3, "app", ADMIN, f"{VOICE}tone: [way 0]\n")
    assert full.send(body)["errors"]["version"].startswith("Another version of the voice was saved")


def test_a_voice_file_is_read_before_somebody_edits_the_voice(desk: Desk) -> None:
    """Otherwise the file, read later, would hide what was written in the app."""
    (desk.settings.home / "voice.yml").write_text(VOICE, "utf-8")
    view = desk.opens("Edit the voice")
    assert view["blocks"][1]["element"]["initial_value"].strip() == VOICE.strip()


def test_a_connected_crm_says_when_it_was_read_and_what_stood_in_the_way(desk: Desk) -> None:
    with desk.database.writing() as session:
        row = Connection(workspace_id=1, crm="hubspot", address="a", secret="sealed-secret", finished_at=MONDAY)
        row.error = "HubSpot does not accept the token."
        queries.save_connection(session, row=row)
    text = said(desk.home())
    assert "*HubSpot:* connected, last read <!date^" in text and "HubSpot does not accept the token." in text
    assert "sealed-secret" not in text
