"""Commands, clicks and submissions through the real Bolt app, signed, with the sentences that people get."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bot.settings import Settings
from bot.submissions import faults, written
from model.engine import Completion, Message
from model.repair import SEEDS
from storage import queries
from storage.database import Database
from storage.tables import Audit, Contact, Draft, Status, Tone, Verdict
from tests.fakes import Clock, FakeEngines
from tests.rows import contact, only
from tests.running import REPLY, running, settings, until
from tests.slack import FakeSlack, chosen, click, command, fake_slack, form, post, submission
from tests.slack_limits import elements, faults_of_view

ADMIN = "U0ALEX"


@dataclass
class Desk:
    """Somebody at a keyboard, and the rows behind it."""

    database: Database
    slack: FakeSlack
    settings: Settings

    def send(self, body: dict[str, Any]) -> Any:
        """Deliver a payload; the parsed acknowledgement, None when it was empty."""
        status, answer = post(self.settings.port, form(body))
        assert status == 200, answer
        return json.loads(answer) if answer else None

    def draft(self, draft_id: int = 1) -> Draft | None:
        with self.database.reading() as session:
            return queries.draft(session, workspace_id=1, draft_id=draft_id)

    def shown(self, look: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """A message or an update that fits, as soon as it is there."""
        return until(lambda: next((m for m in self.messages() if look(m)), None))

    def messages(self) -> list[dict[str, Any]]:
        """Newest first."""
        calls = list(self.slack.calls)
        return [arguments for method, arguments in reversed(calls) if method in ("chat.postMessage", "chat.update")]

    def card(self, text: str = "Dana Whitfield book a demo") -> dict[str, Any]:
        """Ask for a draft and wait for its card."""
        assert self.send(command(text)) is None
        return self.shown(lambda message: "Approve" in buttons(message))

    def told(self, said: str) -> dict[str, Any]:
        """The private answer that says so; it may come after the acknowledgement."""
        return until(lambda: next((told for told in self.slack.of("response") if said in told["text"]), None))

    def view(self) -> dict[str, Any]:
        return dict(self.slack.of("views.open")[-1]["view"])


def buttons(message: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["text"]["text"]: each for each in elements(message["blocks"]) if each["type"] == "button"}


def menu(message: dict[str, Any]) -> dict[str, Any]:
    return next(each for each in elements(message["blocks"]) if each["type"] == "overflow")


@pytest.fixture
def engines() -> FakeEngines:
    return FakeEngines(REPLY)


@pytest.fixture
def bare(tmp_path: Path, fresh: Database, engines: FakeEngines) -> Iterator[Desk]:
    """A workspace without contacts."""
    with fake_slack() as double:
        given = settings(tmp_path, double, admins=ADMIN)
        with running(given, fresh, engines, Clock()):
            yield Desk(fresh, double, given)
        assert double.faults == []


@pytest.fixture
def desk(bare: Desk) -> Desk:
    with bare.database.writing() as session:
        contact(session, 1, first="Dana", last="Whitfield")
        contact(session, 1, first="Sam", last="Ortiz", title="CFO")
        contact(session, 1, first="Sam", last="Ortiz", email="sam@other.example")
    return bare


# Asking -----------------------------------------------------------------------------------------------------------


def test_a_command_becomes_a_placeholder_and_then_the_card(desk: Desk) -> None:
    card = desk.card()
    posted = desk.slack.of("chat.postMessage")
    assert len(posted) == 1, "one message, then updates"
    assert posted[0]["channel"] == "C0FOLLOWUPS"
    assert card["text"] == "Draft for Dana Whitfield: Planning without panic"
    row = desk.draft()
    assert row and (row.status, row.goal, row.sender) == (Status.drafted, "book a demo", "Robin Ames")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told every three seconds is told at once."""
    monkeypatch.setattr("bot.watching.TELL_SECONDS", 0.05)
    monkeypatch.setattr("bot.drafting.TELL_SECONDS", 0.05)


def test_a_slow_draft_goes_from_placeholder_over_its_progress_to_the_card_and_no_further(
    hasty: None, desk: Desk, engines: FakeEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    enough, complete = threading.Event(), engines.complete

    def slowly(messages: list[Message], *, on_words: Callable[[int], None], **how: Any) -> Completion:
        on_words(31)
        enough.wait(10)
        return complete(messages, **how)

    monkeypatch.setattr(engines, "complete", slowly)
    desk.send(command("Dana Whitfield book a demo"))
    told = desk.shown(lambda message: "31 words so far" in json.dumps(message["blocks"]))
    assert not elements(told["blocks"]), "nothing to decide yet"
    enough.set()
    card = desk.shown(lambda message: "Approve" in buttons(message))
    time.sleep(0.3)  # as long as six more would take
    assert desk.messages()[0] == card and len(desk.slack.of("chat.postMessage")) == 1


def test_every_post_has_text_and_blocks_and_unfurls_nothing(desk: Desk) -> None:
    desk.card()
    for message in desk.messages():
        assert message["text"] and message["blocks"]
    for posted in desk.slack.of("chat.postMessage"):
        assert (posted["unfurl_links"], posted["unfurl_media"]) in ((False, False), ("0", "0"), ("false", "false"))


def test_the_same_command_delivered_twice_is_one_draft(desk: Desk) -> None:
    body = command("Dana Whitfield")
    desk.send(body)
    desk.send(body)
    desk.shown(lambda message: "Approve" in buttons(message))
    assert desk.draft(2) is None
    assert len(desk.slack.of("chat.postMessage")) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("help", "Ask me for a follow-up email"),
        ("Dna Whitfeld", "I cannot find “Dna Whitfeld” among your contacts. Did you mean this one?"),
        ("Sam Ortiz", "2 contacts fit. Which one do you mean?"),
        ("Dana Whitfield " + "very " * 200, "I can work with up to 500"),
        ("nobody@nowhere.example", "I cannot find “nobody@nowhere.example”"),
    ],
)
def test_what_stands_in_the_way_is_said_at_once_and_only_to_the_asker(desk: Desk, text: str, said: str) -> None:
    answer = desk.send(command(text))
    assert answer["response_type"] == "ephemeral"
    assert said in answer["text"] and answer["blocks"]
    assert desk.draft() is None


def test_a_workspace_without_contacts_hears_how_to_import_them(bare: Desk) -> None:
    assert "afterword import crm" in bare.send(command("Dana"))["text"]


def test_choosing_a_contact_drafts_for_that_one_with_the_goal(desk: Desk) -> None:
    question = desk.send(command("Sam Ortiz share the price list"))
    second = elements(question["blocks"])[1]
    answer_url = {"response_url": f"{desk.slack.address}/answer"}
    desk.send(click(second, **answer_url))
    desk.send(click(second, **answer_url))  # a double click
    desk.shown(lambda message: "Edit" in buttons(message))
    row = desk.draft()
    assert row and (row.contact_id, row.goal) == (3, "share the price list")
    assert desk.draft(2) is None
    assert desk.told("Drafting a follow-up to Sam Ortiz…")["replace_original"]


def test_who_has_no_name_signs_with_the_handle(desk: Desk) -> None:
    desk.slack.people["U0ROBIN"] = {"real_name": "", "profile": {}}
    desk.card()
    row = desk.draft()
    assert row and row.sender == "Robin Ames"  # from robin.ames


def test_the_word_payload_is_no_trap(desk: Desk) -> None:
    desk.card("Dana Whitfield talk about payload capacity")
    row = desk.draft()
    assert row and row.goal == "talk about payload capacity"


def test_the_word_payload_in_names_is_no_trap(desk: Desk) -> None:
    desk.send(command("Dana Whitfield", user_name="payload", team_domain="payload", channel_name="payload"))
    assert desk.draft()


# Deciding ---------------------------------------------------------------------------------------------------------


def test_approving_locks_the_card_and_keeps_the_pair(desk: Desk) -> None:
    card = desk.card()
    desk.send(click(buttons(card)["Approve"]))
    locked = desk.shown(lambda message: message["text"].startswith("Approved"))
    assert set(buttons(locked)) == {"Undo"}
    assert "*Approved* by <@U0ROBIN> on 23 November 2026 at 10:00" in json.dumps(locked["blocks"], ensure_ascii=False)
    with desk.database.reading() as session:
        assert [pair.verdict for pair in queries.pairs(session, workspace_id=1, limit=9)] == [Verdict.approved]


def test_the_second_of_two_people_hears_who_was_faster(desk: Desk) -> None:
    card = desk.card()
    desk.send(click(buttons(card)["Approve"], user="U0FAST"))
    answer_url = f"{desk.slack.address}/answer"
    desk.send(chosen(menu(card), "Write another version", user="U0SLOW", response_url=answer_url))
    told = desk.told("This draft was already approved by <@U0FAST>")
    assert (told["response_type"], told["replace_original"]) == ("ephemeral", False)
    row = desk.draft()
    assert row and row.status == Status.approved


def test_a_storm_of_clicks_is_one_decision(desk: Desk) -> None:
    card = desk.card()
    answer_url = f"{desk.slack.address}/answer"
    names = ["Write it shorter", "Write it warmer", "Write another version"] * 3
    clicks = [chosen(menu(card), name, response_url=answer_url) for name in names]
    clicks += [click(buttons(card)["Approve"], response_url=answer_url)] * 3
    threads = [threading.Thread(target=desk.send, args=(body,)) for body in clicks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: len(desk.slack.of("response")) == len(clicks) - 1)  # everybody but one was told


def test_trying_again_writes_another_and_the_old_card_decides_nothing(desk: Desk) -> None:
    old = desk.card()
    desk.send(chosen(menu(old), "Write another version"))
    new = desk.shown(
        lambda m: "Approve" in buttons(m) and buttons(m)["Approve"]["value"] != buttons(old)["Approve"]["value"]
    )
    desk.send(click(buttons(old)["Approve"], response_url=f"{desk.slack.address}/answer"))
    desk.told("has changed since that card")
    desk.send(click(buttons(new)["Approve"]))
    row = desk.draft()
    assert row and (row.status, row.seed) == (Status.approved, SEEDS)


def question(desk: Desk, card: dict[str, Any]) -> dict[str, Any]:
    """What a discard asks."""
    desk.send(chosen(menu(card), "Discard…"))
    until(lambda: desk.slack.of("views.open"))
    return desk.view()


def test_discarding_asks_why_sends_nothing_and_keeps_the_reason(desk: Desk) -> None:
    view = question(desk, desk.card())
    row = desk.draft()
    assert row and row.status == Status.drafted, "not before the answer"
    assert desk.send(submission(view, {"reason": "wrong tone", "words": " far too  pushy "})) is None
    locked = desk.shown(lambda message: "discarded" in message["text"])
    said = json.dumps(locked["blocks"], ensure_ascii=False)
    assert "wrong tone (“far too pushy”). Nothing goes out." in said and not elements(locked["blocks"])
    with desk.database.reading() as session:
        review = queries.review_of(session, workspace_id=1, draft_id=1)
        (pair,) = queries.pairs(session, workspace_id=1, limit=9)
    assert review and review.reason == pair.reason == "wrong tone: far too pushy"


def test_a_discard_without_a_reason_is_asked_for_one(desk: Desk) -> None:
    answer = desk.send(submission(question(desk, desk.card()), {}))
    assert answer == {"response_action": "errors", "errors": {"reason": "Please choose what comes nearest."}}
    row = desk.draft()
    assert row and row.status == Status.drafted


def test_a_discard_that_comes_second_hears_who_was_faster(desk: Desk) -> None:
    card = desk.card()
    view = question(desk, card)
    desk.send(click(buttons(card)["Approve"], user="U0FAST"))
    answer = desk.send(submission(view, {"reason": "not needed"}))
    assert answer["response_action"] == "update" and not faults_of_view(answer["view"])
    assert "already approved by <@U0FAST>" in json.dumps(answer["view"])
    row = desk.draft()
    assert row and row.status == Status.approved


def test_a_decided_draft_asks_nothing(desk: Desk) -> None:
    card = desk.card()
    desk.send(click(buttons(card)["Approve"]))
    desk.send(chosen(menu(card), "Discard…", response_url=f"{desk.slack.address}/answer"))
    desk.told("already approved")
    assert not desk.slack.of("views.open")


def test_a_shorter_version_is_shorter_and_the_card_says_by_how_much(desk: Desk, engines: FakeEngines) -> None:
    card = desk.card()
    engines.replies = ["Subject: Planning without panic\n\nHi Dana,\n\nThank you.\n\nMaya"]
    desk.send(chosen(menu(card), "Write it shorter"))
    shorter = desk.shown(lambda message: "*Shorter:*" in json.dumps(message["blocks"]))
    assert "*Shorter:* 5 words instead of 8" in json.dumps(shorter["blocks"])
    asked = engines.asked[-1][0][-1]["content"]
    assert "Make it shorter than usual." in asked
    row = desk.draft()
    assert row and (row.tone, row.body) == (Tone.shorter, "Hi Dana,\n\nThank you.\n\nMaya")


def test_where_no_version_is_shorter_the_card_says_so_and_keeps_the_text(desk: Desk, engines: FakeEngines) -> None:
    card = desk.card()
    before = desk.draft()
    engines.replies = [REPLY.replace("joining.", "joining our webinar on the planning of things.")]
    desk.send(chosen(menu(card), "Write it shorter"))
    desk.shown(lambda message: "no version came out shorter" in json.dumps(message["blocks"]))
    row = desk.draft()
    assert row and before and row.body == before.body and row.version > before.version


def test_why_this_text_opens_the_evidence(desk: Desk) -> None:
    card = desk.card()
    desk.send(click(buttons(card)["Why this text"]))
    until(lambda: desk.slack.of("views.open"))
    said = json.dumps(desk.view(), ensure_ascii=False)
    assert "*CRM facts used*" in said and "webinar attended" in said and "not yet trained on your edits" in said
    assert "submit" not in desk.view()


def test_a_card_of_another_workspace_decides_nothing_here(desk: Desk) -> None:
    card = desk.card()
    foreign = click(buttons(card)["Approve"], team={"id": "T2", "domain": "other"})
    foreign["user"]["team_id"] = "T2"
    desk.send({**foreign, "response_url": f"{desk.slack.address}/answer"})
    desk.told("Afterword is not installed in your workspace")
    row = desk.draft()
    assert row and row.status == Status.drafted


# What must not leave ----------------------------------------------------------------------------------------------

BLANK = "Subject: Planning\n\nHi Dana,\n\nThank you for joining [event].\n\nBest,\nMaya"


def blocked_card(desk: Desk, engines: FakeEngines) -> dict[str, Any]:
    engines.replies = [BLANK]
    desk.send(command("Dana Whitfield"))
    return desk.shown(lambda message: "Edit" in buttons(message))


def opt_out(desk: Desk) -> None:
    with desk.database.writing() as session:
        only(session, Contact).email_opt_out = True


def test_a_blocked_draft_offers_no_approve_and_a_forged_click_is_refused(desk: Desk, engines: FakeEngines) -> None:
    card = blocked_card(desk, engines)
    assert list(buttons(card)) == ["Edit", "Why this text"]
    forged = {**buttons(card)["Edit"], "action_id": "approve_draft"}
    desk.send(click(forged, response_url=f"{desk.slack.address}/answer"))
    told = desk.told("This draft cannot go out as it is.")
    assert "[event] is a blank" in json.dumps(told["blocks"]) and told["response_type"] == "ephemeral"
    row = desk.draft()
    assert row and row.status == Status.drafted


def test_an_opt_out_between_draft_and_approval_withholds_the_draft_and_its_card_says_so(desk: Desk) -> None:
    card = desk.card()
    opt_out(desk)
    answer_url = {"response_url": f"{desk.slack.address}/answer"}
    desk.send(click(buttons(card)["Approve"], **answer_url))
    desk.told("This draft cannot go out. Press Discard.")
    anew = desk.shown(lambda message: list(buttons(message)) == ["Discard…"])
    assert "Dana Whitfield opted out of email, so this must not go out." in json.dumps(anew["blocks"])
    desk.send(click(buttons(card)["Edit"], **answer_url))
    until(lambda: len(desk.slack.of("response")) == 2)
    assert not desk.slack.of("views.open")
    desk.send(click(buttons(anew)["Discard…"]))
    until(lambda: desk.slack.of("views.open"))
    desk.send(submission(desk.view(), {"reason": "wrong moment"}))
    assert until(lambda: (row := desk.draft()) and row.status == Status.discarded)


def test_an_opt_out_while_somebody_edits_is_said_at_submission(desk: Desk) -> None:
    view = editor(desk)
    opt_out(desk)
    answer = desk.send(submission(view, {"body": "Hi Dana"}))
    assert answer["response_action"] == "errors" and list(answer["errors"]) == ["body"]
    assert "opted out of email" in answer["errors"]["body"] and "then Discard" in answer["errors"]["body"]


def blocked_editor(desk: Desk, engines: FakeEngines, user: str) -> dict[str, Any]:
    card = blocked_card(desk, engines)
    desk.send(click(buttons(card)["Edit"], user=user))
    until(lambda: desk.slack.of("views.open"))
    return desk.view()


def test_an_edit_that_still_has_a_block_is_told_at_its_field_and_one_without_goes_through(
    desk: Desk, engines: FakeEngines
) -> None:
    view = blocked_editor(desk, engines, "U0ROBIN")
    answer = desk.send(submission(view, {"subject": "About [topic]", "body": "Hi Dana"}))
    assert answer == {
        "response_action": "errors",
        "errors": {"subject": "[topic] is a blank that somebody has to fill in. Please change it and submit again."},
    }
    assert desk.send(submission(view, {"body": "Hi Dana, thank you."})) is None
    assert until(lambda: (row := desk.draft()) and row.status == Status.edited)


def test_a_warning_stops_nobody_and_stands_on_the_decided_card(desk: Desk) -> None:
    assert desk.send(submission(editor(desk), {"body": "We can help you grow. " * 4})) is None
    locked = desk.shown(lambda message: message["text"].startswith("Edited and approved"))
    assert "*Noticed, and left to you*\\n• The draft repeats itself. (repetition)" in json.dumps(
        locked["blocks"], ensure_ascii=False
    )


def test_who_may_override_sends_it_all_the_same_with_a_reason(desk: Desk, engines: FakeEngines) -> None:
    view = blocked_editor(desk, engines, ADMIN)
    refused = desk.send(submission(view, {"override": "  "}, user=ADMIN))
    assert refused["errors"]["body"].endswith("Or say below why it should go out all the same.")
    assert desk.send(submission(view, {"override": "the event is called [event]"}, user=ADMIN)) is None
    locked = desk.shown(lambda message: message["text"].startswith("Approved"))
    said = json.dumps(locked["blocks"], ensure_ascii=False)
    assert f"<@{ADMIN}> sent it all the same, because “the event is called [event]”. Overridden:" in said
    with desk.database.reading() as session:
        (audit,) = [
            row for row in session.exec(select(Audit).where(Audit.workspace_id == 1)) if row.action == "override"
        ]
    assert (audit.actor, audit.subject) == (ADMIN, "draft 1")
    assert audit.detail["findings"] == [{"rule": "placeholder", "span": "[event]"}]


def test_a_reason_from_anybody_else_counts_for_nothing(desk: Desk, engines: FakeEngines) -> None:
    view = blocked_editor(desk, engines, "U0ROBIN")
    assert "override" not in {block.get("block_id") for block in view["blocks"]}
    forged = submission(view, {})
    forged["view"]["state"]["values"]["override"] = {"text": {"type": "plain_text_input", "value": "I say so"}}
    assert desk.send(forged)["response_action"] == "errors"
    row = desk.draft()
    assert row and row.status == Status.drafted


# Editing ----------------------------------------------------------------------------------------------------------


def editor(desk: Desk) -> dict[str, Any]:
    card = desk.card()
    desk.send(click(buttons(card)["Edit"]))
    until(lambda: desk.slack.of("views.open"))
    return desk.view()


def test_an_edit_is_the_approval_of_the_edited_text(desk: Desk) -> None:
    view = editor(desk)
    assert desk.send(submission(view, {"body": "Hi Dana,\r\n\r\nShorter.  \n\nMaya"})) is None
    locked = desk.shown(lambda message: message["text"].startswith("Edited and approved"))
    assert "words changed" in json.dumps(locked["blocks"])
    redline = desk.shown(lambda message: message["text"].startswith("What changed"))
    assert redline["thread_ts"] == locked["ts"] and redline["channel"] == "C0FOLLOWUPS"
    with desk.database.reading() as session:
        review = queries.review_of(session, workspace_id=1, draft_id=1)
    assert review and (review.verdict, review.body) == (Verdict.edited, "Hi Dana,\n\nShorter.\n\nMaya")
    assert review.subject == "Planning without panic"


@pytest.mark.parametrize("untouched", [{}, {"subject": None, "body": None}])
def test_submitting_without_a_change_approves(desk: Desk, untouched: dict[str, str | None]) -> None:
    assert desk.send(submission(editor(desk), untouched)) is None
    row = until(lambda: (row := desk.draft()) and row.status != Status.drafted and row)
    assert row.status == Status.approved


@pytest.mark.parametrize(
    ("texts", "block"),
    [({"subject": "  "}, "subject"), ({"body": " \n "}, "body"), ({"subject": "one\ntwo"}, "subject")],
)
def test_what_cannot_go_out_is_said_at_its_field(desk: Desk, texts: dict[str, str | None], block: str) -> None:
    answer = desk.send(submission(editor(desk), texts))
    assert answer["response_action"] == "errors" and list(answer["errors"]) == [block]
    row = desk.draft()
    assert row and row.status == Status.drafted


def test_a_late_submission_is_told_and_keeps_its_text(desk: Desk) -> None:
    view = editor(desk)
    card = next(message for message in desk.messages() if "Approve" in buttons(message))
    desk.send(click(buttons(card)["Approve"], user="U0FAST"))
    answer = desk.send(submission(view, {"body": "All my work"}))
    assert answer["response_action"] == "update"
    assert not faults_of_view(answer["view"])
    said = json.dumps(answer["view"])
    assert "already approved by <@U0FAST>" in said and "All my work" in said
    row = desk.draft()
    assert row and row.status == Status.approved


def test_a_draft_that_no_editor_holds_is_told_with_the_way_out(desk: Desk, engines: FakeEngines) -> None:
    engines.replies = ["Subject: Planning\n\nHi Dana,\n\n" + "We plan with care. " * 2_000 + "\n\nMaya"]
    desk.send(command("Dana Whitfield"))
    card = desk.shown(lambda message: "Edit" in buttons(message))
    desk.send(click(buttons(card)["Edit"], response_url=f"{desk.slack.address}/answer"))
    told = desk.told("more than Slack's editor can hold")
    assert "`afterword review 1 --edit FILE`" in told["text"] and not desk.slack.of("views.open")


def test_a_decided_draft_opens_no_editor(desk: Desk) -> None:
    card = desk.card()
    desk.send(click(buttons(card)["Approve"]))
    desk.send(click(buttons(card)["Edit"], response_url=f"{desk.slack.address}/answer"))
    desk.told("already approved")
    assert not desk.slack.of("views.open")


def test_an_expired_trigger_asks_for_another_click(desk: Desk) -> None:
    card = desk.card()
    desk.slack.replies["views.open"] = [{"ok": False, "error": "expired_trigger_id"}]
    desk.send(click(buttons(card)["Edit"], response_url=f"{desk.slack.address}/answer"))
    desk.told("Please press it again.")


def test_a_body_in_several_inputs_is_put_together() -> None:
    paragraphs = ["word " * 190 + f"end {n}" for n in range(8)]
    row = Draft(
        workspace_id=1, contact_id=1, request_key="k", goal="", playbook="p", sender="", seed=0, requested_by=""
    )
    row.subject, row.body = "Subject", "\n\n".join(paragraphs)
    values: dict[str, Any] = {"subject": {"text": {"value": "New"}}}
    values |= {f"body{n}": {"text": {"value": None}} for n in ("", "_2", "_3")}
    assert written(values, row) == ("New", row.body)
    values["body_2"]["text"]["value"] = "The middle"
    assert written(values, row)[1].split("\n\n") == [*paragraphs[:3], "The middle", *paragraphs[6:]]


def test_faults_are_keyed_by_block() -> None:
    assert list(faults("", "")) == ["subject", "body"]
    assert faults("Hello", "Text") == {}


# Trouble ----------------------------------------------------------------------------------------------------------


def test_an_error_of_our_own_gets_a_reference_in_log_and_answer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    words = "Dear Dana, a secret sentence"

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError(words)

    monkeypatch.setattr("bot.recipients.resolve", broken)
    answer = desk.send(command("Dana Whitfield"))
    reference = answer["text"].rsplit(" ", 1)[-1].rstrip(".")
    assert answer["response_type"] == "ephemeral" and len(reference) == 8
    assert reference in caplog.text and words not in caplog.text


def test_an_error_in_a_modal_is_told_at_a_field_that_it_has(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    view = question(desk, desk.card())
    monkeypatch.setattr("bot.submissions.reason", lambda _: 1 / 0)
    answer = desk.send(submission(view, {"reason": "not needed"}))
    assert answer["response_action"] == "errors" and "something went wrong on my side" in answer["errors"]["reason"]


def test_a_failed_draft_is_told_on_the_card(desk: Desk, engines: FakeEngines) -> None:
    engines.replies = [RuntimeError("no memory"), REPLY]
    desk.send(command("Dana Whitfield"))
    failed = desk.shown(lambda message: "could not draft" in message["text"])
    desk.send(click(buttons(failed)["Try again"]))
    desk.shown(lambda message: "Approve" in buttons(message))


def test_twelve_commands_at_once_are_acknowledged_in_time(desk: Desk) -> None:
    """The target is 300 ms at the 99th percentile; here it is a guard against listeners that wait."""
    seconds: list[float] = []

    def ask(body: dict[str, Any]) -> None:
        start = time.perf_counter()
        desk.send(body)
        seconds.append(time.perf_counter() - start)

    desk.send(command("help"))
    threads = [threading.Thread(target=ask, args=(command("Dana Whitfield"),)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seconds) == 12 and max(seconds) < 1.5
    until(lambda: (row := desk.draft(12)) and row.status == Status.drafted)
