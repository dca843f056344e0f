"""The form that asks for a draft, from the typed command to the row, through the real Bolt app."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot import leads
from model.playbook import Playbooks
from storage.tables import Contact, Draft, Event, Status, Tone
from tests.fakes import MONDAY
from tests.rows import only, workspace
from tests.running import until
from tests.slack import click, command, inside, shortcut, submitted, suggestion
from tests.slack_limits import faults_of_option, faults_of_view
from tests.test_listeners import Desk, bare, buttons, desk, engines

__all__ = ["bare", "desk", "engines"]


def opened(desk: Desk, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """The form, opened by the command alone unless `body` says how; on a busy machine it comes after a moment."""
    updates, view = len(desk.slack.of("views.update")), first_view(desk, body or command(""))
    if "One moment" in said(view):
        until(lambda: len(desk.slack.of("views.update")) > updates)
        view = desk.slack.of("views.update")[-1]["view"]
    return as_slack_has_it(view)


def first_view(desk: Desk, body: dict[str, Any]) -> dict[str, Any]:
    before = len(desk.slack.of("views.open"))
    assert desk.send(body) is None
    until(lambda: len(desk.slack.of("views.open")) > before)
    return dict(desk.slack.of("views.open")[-1]["view"])


def as_slack_has_it(view: dict[str, Any]) -> dict[str, Any]:
    return {**view, "id": "V0NEW", "hash": "1795420900.abcdef"}


def updated(desk: Desk, body: dict[str, Any]) -> dict[str, Any]:
    """The form as it is after a click in it."""
    before = len(desk.slack.of("views.update"))
    assert desk.send(body) is None
    until(lambda: len(desk.slack.of("views.update")) > before)
    return as_slack_has_it(desk.slack.of("views.update")[-1]["view"])


def block(view: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in view["blocks"] if one.get("block_id", "").partition(":")[0] == name)


def found(desk: Desk, view: dict[str, Any], typed: str) -> list[dict[str, Any]]:
    return list(desk.send(suggestion(view, "contact", typed))["options"])


def searched(desk: Desk, view: dict[str, Any], typed: str, **state: Any) -> dict[str, Any]:
    """Type into the search, take the first that is found; the form as it is then."""
    option = found(desk, view, typed)[0]
    standing = {block(view, "contact")["block_id"]: {"selected_option": option}, **state}
    choice = {"type": "external_select", "action_id": "contact", "selected_option": option}
    return updated(desk, inside(view, choice, **standing))


def said(view: dict[str, Any]) -> str:
    return json.dumps(view["blocks"], ensure_ascii=False)


def draft_of(desk: Desk) -> Draft:
    return until(desk.draft)


# Opening ----------------------------------------------------------------------------------------------------------


def test_the_command_alone_opens_the_form_with_who_is_next_and_why(desk: Desk) -> None:
    view = opened(desk)
    assert not faults_of_view(view) and len(desk.slack.of("views.open")) == 1
    assert "Who to follow up with next" in said(view)
    (sam, *_) = block(view, "leads")["element"]["options"]
    assert sam["text"]["text"] == "Sam Ortiz, CFO at Northwind Foods"
    assert sam["description"]["text"] == "attended a webinar 4 days ago; may decide, as CFO"
    assert "The draft will be posted in <#C0FOLLOWUPS>" in said(view)
    assert block(view, "contact")["element"]["min_query_length"] == 1
    assert block(view, "playbook")["element"]["initial_option"]["text"]["text"] == "Sales follow-up"


def test_a_slow_crm_gets_a_one_moment_first_and_the_trigger_is_used_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, quick = threading.Event(), leads.next_up

    def slow(*given: Any, **named: Any) -> Any:
        looked.wait(10)
        return quick(*given, **named)

    monkeypatch.setattr("bot.leads.next_up", slow)
    view = first_view(desk, command(""))
    assert "One moment" in said(view) and "submit" not in view
    looked.set()
    until(lambda: desk.slack.of("views.update"))
    (update,) = desk.slack.of("views.update")
    assert update["hash"].endswith(".hash") and update["view_id"].startswith("V")
    assert "Who to follow up with next" in said(update["view"])


def test_a_trigger_that_has_expired_is_told_with_the_remedy(desk: Desk) -> None:
    desk.slack.replies["views.open"] = [{"ok": False, "error": "expired_trigger_id"}]
    assert desk.send(command("", response_url=f"{desk.slack.address}/answer")) is None
    assert "type `/draft-followup` again" in desk.told("Slack took too long to open the form")["text"]


def test_without_contacts_the_form_says_how_to_import_them(bare: Desk) -> None:
    assert "afterword import crm" in said(opened(bare))


def test_a_form_that_was_closed_meanwhile_is_left_alone(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    view = opened(desk)
    desk.slack.replies["views.update"] = [{"ok": False, "error": "not_found"}]
    searched(desk, view, "Dana")
    assert "a listener failed" not in caplog.text


# Searching --------------------------------------------------------------------------------------------------------


def test_the_search_finds_contacts_as_one_types_and_says_who_they_are(desk: Desk) -> None:
    (dana,) = found(desk, opened(desk), "da")
    assert dana["text"]["text"] == "Dana Whitfield, Northwind Foods"
    assert dana["description"]["text"] == "dana.whitfield@northwind.example" and dana["value"] == "1"
    (_, sam_too) = found(desk, opened(desk), "sam ort")
    assert not list(faults_of_option(sam_too))


def test_the_search_keeps_to_twenty_and_to_the_own_workspace(desk: Desk) -> None:
    with desk.database.writing() as session:
        other = workspace(session, "T2").id or 0
    for number, (home, last) in enumerate([(1, "Many")] * 25 + [(other, "Foreign")]):
        with desk.database.writing() as session:
            email = f"z{number}@many.example"
            row: dict[str, Any] = {"workspace_id": home, "source": "test", "source_id": email, "email": email}
            session.add(Contact(**row, first_name="Zoe", last_name=last, **searchable(home, f"Zoe {last}", email)))
    offered = found(desk, opened(desk), "zo")
    assert len(offered) == 20 and "Foreign" not in json.dumps(offered)
    assert found(desk, opened(desk), "nobody like that") == []


def searchable(workspace_id: int, name: str, email: str) -> dict[str, str]:
    from storage import queries

    return {"search_name": queries.folded(name), "search_text": queries.search_text(workspace_id, name, email=email)}


@pytest.mark.parametrize("odd", ["", "%", "_", '"', "*", "a" * 2_000, "<script>", "\x00"])
def test_whatever_is_typed_into_the_search_is_answered(desk: Desk, odd: str) -> None:
    found(desk, opened(desk), odd)


# Choosing ---------------------------------------------------------------------------------------------------------


def test_choosing_from_the_list_fills_the_form_with_what_fits_that_contact(desk: Desk) -> None:
    view = opened(desk)
    sam = block(view, "leads")["element"]["options"][0]
    choice = {"type": "radio_buttons", "action_id": "choose_lead", "selected_option": sam}
    view = updated(desk, inside(view, choice, leads={"selected_option": sam}))
    assert not faults_of_view(view)
    assert block(view, "contact")["element"]["initial_option"]["value"] == sam["value"]
    goals = block(view, "goals")["element"]
    assert goals["initial_option"]["text"]["text"] == "follow up on the webinar"
    assert block(view, "playbook")["element"]["initial_option"]["value"] == "event_follow_up"
    assert "Who to follow up with next" not in said(view) and "attended a webinar 4 days ago" in said(view)


def test_what_we_have_answered_already_is_no_goal_any_more(desk: Desk) -> None:
    with desk.database.writing() as session:
        row: dict[str, Any] = {"workspace_id": 1, "source": "test", "source_id": "sent", "contact_id": 1}
        session.add(Event(**row, kind="email_sent", at=MONDAY - timedelta(days=1)))
    goals = block(searched(desk, opened(desk), "Dana"), "goals")["element"]["options"]
    assert [goal["value"] for goal in goals] == list(Playbooks()["sales_follow_up"].goals), "the webinar was answered"


def test_choosing_somebody_else_keeps_what_was_typed_and_offers_their_goals(desk: Desk) -> None:
    view = searched(desk, opened(desk), "Dana")
    typed = {
        "goal": {"value": "talk about the pump"},
        "note": {"value": "she likes tea"},
        "tone": {"selected_option": block(view, "tone")["element"]["options"][2]},
    }
    again = searched(desk, view, "Sam", **typed)
    assert block(again, "contact")["block_id"] != block(view, "contact")["block_id"]
    assert block(again, "goals")["block_id"] != block(view, "goals")["block_id"]
    for name, value in (("goal", "talk about the pump"), ("note", "she likes tea")):
        assert block(again, name)["block_id"] == name, "Slack keeps what stands in a block that stays"
        assert block(again, name)["element"]["initial_value"] == value
    assert block(again, "tone")["element"]["initial_option"]["value"] == "warmer"


def test_a_playbook_of_ones_own_choice_stays_with_another_contact(desk: Desk) -> None:
    view = opened(desk)
    own = next(one for one in block(view, "playbook")["element"]["options"] if one["value"] == "re_engage")
    again = searched(desk, view, "Dana", **{block(view, "playbook")["block_id"]: {"selected_option": own}})
    assert block(again, "playbook")["element"]["initial_option"]["value"] == "re_engage"
    assert block(again, "playbook")["block_id"] == block(view, "playbook")["block_id"]


def test_who_may_not_be_written_to_is_said_as_soon_as_they_are_chosen(desk: Desk) -> None:
    opt_out(desk)
    view = searched(desk, opened(desk), "Dana")
    assert "*Nobody may write to Dana Whitfield.* Dana Whitfield opted out of email" in said(view)


def test_a_contact_without_any_record_says_so(desk: Desk) -> None:
    with desk.database.writing() as session:
        for event in session.exec(select(Event).where(Event.workspace_id == 1)):
            session.delete(event)
        only(session, Contact).company_id = None
    view = searched(desk, opened(desk), "Dana")
    assert "Nothing is on record about them yet" in said(view)
    assert "Who to follow up with next" not in said(opened(desk))


def opt_out(desk: Desk) -> None:
    with desk.database.writing() as session:
        only(session, Contact).email_opt_out = True


# Submitting -------------------------------------------------------------------------------------------------------


def test_the_form_becomes_one_row_with_everything_that_was_said(desk: Desk) -> None:
    view = searched(desk, opened(desk), "Dana")
    shorter = block(view, "tone")["element"]["options"][1]
    state = {"tone": {"selected_option": shorter}, "note": {"value": " she asked twice "}}
    body = submitted(view, **state)
    assert desk.send(body) is None and desk.send(body) is None, "submitted twice"
    card = desk.shown(lambda message: "Approve" in buttons(message))
    row = draft_of(desk)
    assert (row.contact_id, row.goal, row.playbook) == (1, "follow up on the webinar", "event_follow_up")
    assert (row.tone, row.note, row.sender) == (Tone.shorter, "she asked twice", "Robin Ames")
    assert row.brief and row.brief["note"] == "she asked twice" and row.channel == "C0FOLLOWUPS"
    assert desk.draft(2) is None and card["text"].startswith("Draft for Dana Whitfield")


def test_ones_own_words_count_before_the_goal_that_was_picked(desk: Desk) -> None:
    view = searched(desk, opened(desk), "Dana")
    desk.send(submitted(view, goal={"value": "ask about the pump"}))
    assert draft_of(desk).goal == "ask about the pump"


def test_a_form_that_was_only_given_a_contact_is_enough(desk: Desk) -> None:
    view = opened(desk)
    option = found(desk, view, "Dana")[0]
    assert desk.send(submitted(view, contact={"selected_option": option})) is None
    row = until(lambda: (row := desk.draft()) and row.status == Status.drafted and row)
    assert (row.goal, row.playbook, row.tone, row.note) == ("", "sales_follow_up", None, None)


def test_one_of_the_list_may_be_submitted_at_once(desk: Desk) -> None:
    view = opened(desk)
    sam = block(view, "leads")["element"]["options"][0]
    assert desk.send(submitted(view, leads={"selected_option": sam})) is None
    assert draft_of(desk).contact_id == int(sam["value"])


def test_a_form_without_a_contact_is_told_so_at_the_search(desk: Desk) -> None:
    answer = desk.send(submitted(opened(desk), note={"value": "all my thoughts"}))
    assert answer["errors"] == {"contact": "Please choose who to write to, here or in the list above."}


def test_the_local_emulator_leaves_out_what_was_not_touched(desk: Desk) -> None:
    body = submitted(searched(desk, opened(desk), "Dana"))
    body["view"]["state"]["values"] = {}
    assert desk.send(body) is None
    assert (draft_of(desk).contact_id, draft_of(desk).goal) == (1, "follow up on the webinar")


def test_an_opt_out_while_the_form_stood_open_is_told_at_the_contact(desk: Desk) -> None:
    view = searched(desk, opened(desk), "Dana")
    opt_out(desk)
    answer = desk.send(submitted(view))
    assert answer["response_action"] == "errors" and list(answer["errors"]) == ["contact:1"]
    assert answer["errors"]["contact:1"].endswith("so there is no draft. Please choose somebody else.")
    assert desk.draft() is None


def test_a_contact_that_was_erased_meanwhile_is_told_at_the_contact(desk: Desk) -> None:
    view = searched(desk, opened(desk), "Dana")
    with desk.database.writing() as session:
        session.delete(only(session, Contact))
    assert "not in the CRM any more" in desk.send(submitted(view))["errors"]["contact:1"]


def test_a_record_too_thin_for_the_playbook_is_told_there_and_not_on_a_card(desk: Desk) -> None:
    view = searched(desk, opened(desk), "Dana")
    name = block(view, "playbook")["block_id"]
    law = next(one for one in block(view, "playbook")["element"]["options"] if one["value"] == "law_intake")
    answer = desk.send(submitted(view, **{name: {"selected_option": law}}))
    assert list(answer["errors"]) == [name] and "Not enough to write honestly" in answer["errors"][name]
    assert desk.draft() is None


def test_a_playbook_that_is_gone_is_told_there(desk: Desk) -> None:
    view = searched(desk, opened(desk), "Dana")
    name = block(view, "playbook")["block_id"]
    gone = {"text": {"type": "plain_text", "text": "Gone"}, "value": "gone"}
    assert (
        "There is no playbook 'gone'" in desk.send(submitted(view, **{name: {"selected_option": gone}}))["errors"][name]
    )


def test_a_goal_offered_for_somebody_else_is_not_drafted_but_shown_anew(desk: Desk) -> None:
    """Somebody chose Sam and pressed the button before the form could follow."""
    view = searched(desk, opened(desk), "Dana")
    sam = found(desk, view, "Sam")[0]
    answer = desk.send(submitted(view, **{"contact:1": {"selected_option": sam}}))
    assert answer["response_action"] == "update" and not faults_of_view(answer["view"])
    assert block(answer["view"], "contact")["element"]["initial_option"]["value"] == sam["value"]
    assert desk.draft() is None


def test_an_error_of_our_own_is_told_at_a_field_of_the_form(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    view, words = searched(desk, opened(desk), "Dana"), "a secret sentence"

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError(words)

    monkeypatch.setattr("bot.drafting.request", broken)
    (told,) = desk.send(submitted(view))["errors"].items()
    assert told[0] == "contact:1" and "something went wrong" in told[1]
    assert told[1].rsplit(" ", 1)[-1].rstrip(".") in caplog.text and words not in caplog.text


# Shortcuts --------------------------------------------------------------------------------------------------------

MESSAGE = "Hey <@U0MAYA>, <mailto:dana.whitfield@northwind.example|Dana> asked about pumps &amp; seals"
NOTE = "Hey , Dana (dana.whitfield@northwind.example) asked about pumps & seals"


def test_a_message_becomes_the_note_and_names_the_contact(desk: Desk) -> None:
    view = opened(desk, shortcut("draft_from_message", MESSAGE))
    note = block(view, "note")
    assert note["element"]["initial_value"] == NOTE
    assert note["label"]["text"] == "From the message"
    assert block(view, "contact")["element"]["initial_option"]["value"] == "1"
    assert "posted as a reply to the message" in said(view)
    assert desk.send(submitted(view)) is None
    desk.shown(lambda message: "Approve" in buttons(message))
    assert draft_of(desk).note == NOTE
    (post,) = desk.slack.of("chat.postMessage")
    assert (post["channel"], post["thread_ts"]) == ("C0FOLLOWUPS", "1795420700.000200")
    assert draft_of(desk).channel == "C0FOLLOWUPS"


def test_a_reply_in_a_thread_gets_the_card_in_that_thread(desk: Desk) -> None:
    view = opened(desk, shortcut("draft_from_message", MESSAGE, thread_ts="1795420600.000100"))
    desk.send(submitted(view))
    until(lambda: desk.slack.of("chat.postMessage"))
    assert desk.slack.of("chat.postMessage")[0]["thread_ts"] == "1795420600.000100"


def test_a_thread_that_takes_no_reply_leaves_the_card_beside_it(desk: Desk) -> None:
    view = opened(desk, shortcut("draft_from_message", MESSAGE))
    desk.slack.replies["chat.postMessage"] = [{"ok": False, "error": "cannot_reply_to_message"}]
    desk.send(submitted(view))
    until(lambda: len(desk.slack.of("chat.postMessage")) == 2)
    second = desk.slack.of("chat.postMessage")[1]
    assert second["channel"] == "C0FOLLOWUPS" and "thread_ts" not in second


@pytest.mark.parametrize(
    ("text", "contact_id"),
    [
        ("Please write to dana whitfield's boss", "1"),
        ("DANA WHITFIELD, or Sam Ortiz?", "1"),
        ("Sam Ortiz called", None),  # there are two of them
        ("sam@other.example and Dana Whitfield", "3"),  # an address is surer than a name
        ("Dana called", None),
        ("ask nobody@nowhere.example", None),
        ("", None),
    ],
)
def test_only_who_is_named_for_sure_is_chosen(desk: Desk, text: str, contact_id: str | None) -> None:
    element = block(opened(desk, shortcut("draft_from_message", text)), "contact")["element"]
    assert element.get("initial_option", {}).get("value") == contact_id


def test_a_long_message_is_shortened_where_everybody_sees_it(desk: Desk) -> None:
    view = opened(desk, shortcut("draft_from_message", "pump " * 2_000))
    note = block(view, "note")
    assert len(note["element"]["initial_value"]) <= 800
    assert "this is its beginning" in note["hint"]["text"] and not faults_of_view(view)


def test_a_shortcut_from_anywhere_asks_where_to_post(desk: Desk) -> None:
    view = opened(desk, shortcut("draft_follow_up"))
    place = block(view, "place")
    assert place["optional"] and place["element"]["filter"]["exclude_external_shared_channels"]
    view = searched(desk, view, "Dana")
    desk.send(submitted(view, place={"selected_conversation": "C0ELSEWHERE"}))
    until(lambda: desk.slack.of("chat.postMessage"))
    assert desk.slack.of("chat.postMessage")[0]["channel"] == "C0ELSEWHERE"


def test_without_a_place_the_card_comes_as_a_direct_message(desk: Desk) -> None:
    view = searched(desk, opened(desk, shortcut("draft_follow_up")), "Dana")
    desk.send(submitted(view))
    desk.shown(lambda message: "Approve" in buttons(message))
    assert desk.slack.of("chat.postMessage")[0]["channel"] == "U0ROBIN"
    assert desk.slack.of("chat.update")[-1]["channel"] == "D0ROBIN"


def test_a_shortcut_whose_trigger_expired_loses_nothing(desk: Desk) -> None:
    desk.slack.replies["views.open"] = [{"ok": False, "error": "expired_trigger_id"}] * 2
    body = shortcut("draft_from_message", MESSAGE)
    assert desk.send({**body, "response_url": f"{desk.slack.address}/answer"}) is None
    desk.told("Slack took too long to open the form")
    assert desk.send(shortcut("draft_follow_up")) is None, "from anywhere, nobody can be told"


# Help -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["help", "?", " HELP "])
def test_the_help_says_what_can_be_typed_and_its_button_opens_the_form(desk: Desk, text: str) -> None:
    answer = desk.send(command(text))
    assert answer["response_type"] == "ephemeral"
    assert "`/draft-followup NAME-OR-EMAIL [goal]`" in answer["text"] and "Draft from this message" in answer["text"]
    (button,) = buttons(answer).values()
    assert "Who to follow up with next" in said(opened(desk, click(button)))


# Where the bot is no member ---------------------------------------------------------------------------------------

ANSWER = "answer"


def refused(desk: Desk, error: str, **changes: str) -> list[dict[str, Any]]:
    """Ask in a place where the bot may not post; everything that was posted."""
    desk.slack.replies["chat.postMessage"] = [{"ok": False, "error": error}]
    desk.send(command("Dana Whitfield", response_url=f"{desk.slack.address}/{ANSWER}", **changes))
    desk.shown(lambda message: "Approve" in buttons(message))
    return desk.slack.of("chat.postMessage")


@pytest.mark.parametrize(
    ("error", "channel", "name"),
    [("not_in_channel", "C0PUBLIC", "sales"), ("channel_not_found", "C0SECRET", "privategroup")],
)
def test_in_a_channel_without_the_bot_the_card_comes_directly_and_says_how_to_invite_it(
    desk: Desk, error: str, channel: str, name: str
) -> None:
    posts = refused(desk, error, channel_id=channel, channel_name=name)
    assert [post["channel"] for post in posts] == [channel, "U0ROBIN", "U0ROBIN"]
    assert f"<#{channel}>" in posts[2]["text"]
    told = desk.told("I cannot post here. Your draft is in your direct messages with me.")
    assert told["response_type"] == "ephemeral" and "`/invite @afterword`" in told["text"]


def test_in_a_direct_message_with_the_bot_the_card_stands_right_there(desk: Desk) -> None:
    desk.send(command("Dana Whitfield", channel_id="D0ROBIN", channel_name="directmessage"))
    desk.shown(lambda message: "Approve" in buttons(message))
    assert [post["channel"] for post in desk.slack.of("chat.postMessage")] == ["D0ROBIN"]
    assert not desk.slack.of("response")


def test_between_people_the_card_comes_directly_and_nobody_is_asked_to_invite_a_bot(desk: Desk) -> None:
    posts = refused(desk, "channel_not_found", channel_id="D0OTHERS", channel_name="directmessage")
    assert [post["channel"] for post in posts] == ["D0OTHERS", "U0ROBIN"]
    assert "/invite" not in desk.told("I cannot post in a conversation between people.")["text"]


def test_what_another_organisation_reads_gets_no_crm_data(desk: Desk) -> None:
    desk.slack.shared.add("C0SHARED")
    body = command("Dana Whitfield", channel_id="C0SHARED", response_url=f"{desk.slack.address}/{ANSWER}")
    desk.send(body)
    desk.shown(lambda message: "Approve" in buttons(message))
    posts = desk.slack.of("chat.postMessage")
    assert [post["channel"] for post in posts] == ["U0ROBIN", "U0ROBIN"]
    assert "Another organisation can read <#C0SHARED>" in posts[1]["text"]
    assert "/invite" not in desk.told("Another organisation can read this channel")["text"]


def test_a_form_answers_where_it_was_opened_too(desk: Desk) -> None:
    body = command("", channel_id="C0PUBLIC", response_url=f"{desk.slack.address}/{ANSWER}")
    view = searched(desk, opened(desk, body), "Dana")
    desk.slack.replies["chat.postMessage"] = [{"ok": False, "error": "not_in_channel"}]
    desk.send(submitted(view))
    desk.told("Your draft is in your direct messages with me.")


def test_when_not_even_a_direct_message_gets_through_the_person_hears_of_it(desk: Desk) -> None:
    closed = [{"ok": False, "error": "channel_not_found"}, {"ok": False, "error": "messages_tab_disabled"}]
    desk.slack.replies["chat.postMessage"] = list(closed)
    desk.send(command("Dana Whitfield", response_url=f"{desk.slack.address}/{ANSWER}"))
    assert "Draft 1 is kept" in desk.told("I can post neither here nor in a direct message")["text"]


def test_an_old_installation_that_cannot_see_who_reads_a_channel_still_posts_there(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.slack.replies["conversations.info"] = [{"ok": False, "error": "missing_scope"}]
    desk.card()
    assert desk.slack.of("chat.postMessage")[0]["channel"] == "C0FOLLOWUPS" and "channels:read" in caplog.text
