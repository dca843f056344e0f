"""Slack's cards as Teams shows them: everything is there, nothing foreign is formatted, and the schema takes it."""

import json
from zoneinfo import ZoneInfo

import pytest

from bot import cards
from bot.cards import Block
from bot.teams import adaptive, rich
from storage.tables import Contact, Draft, Reason, Review, Status, Verdict
from tests.fakes import MONDAY
from tests.teams.schema import card_faults

ROBIN = "0f1e2d3c-0000-4000-8000-00000000a001"
NAMES = {ROBIN: "Robin Ames"}
ZONE = ZoneInfo("Europe/Berlin")
BODY = "Hi Dana,\n\nThank you for *joining* [us](https://evil.example).\n\nBest,\nMaya"
FINDING = {"rule": "promise", "severity": "block", "span": "20%", "reason": "Nobody promised 20%.", "evidence": None}


def draft(**changes: object) -> Draft:
    known = {
        "id": 7,
        "workspace_id": 1,
        "contact_id": 1,
        "request_key": "k",
        "status": Status.drafted,
        "version": 2,
        "goal": "book a demo",
        "playbook": "sales_follow_up",
        "sender": "Robin Ames",
        "seed": 0,
        "requested_by": ROBIN,
        "subject": "Planning without panic",
        "body": BODY,
        "drafted_at": MONDAY,
    }
    return Draft(**{**known, **changes})


CONTACT = Contact(
    id=1, workspace_id=1, source="t", source_id="1", email="dana@northwind.example", first_name="[x](http://a.b)",
    search_name="", search_text="",
)  # fmt: skip


def review(verdict: Verdict, **changes: object) -> Review:
    text = {"subject": "Planning", "body": BODY.replace("joining", "coming"), "reason": None, "at": MONDAY}
    return Review(workspace_id=1, draft_id=7, verdict=verdict, reviewer=ROBIN, **{**text, **changes})


def closed(verdict: Verdict, **changes: object) -> Block:
    return cards.decided(draft(), CONTACT, review(verdict, **changes), changed=(1, 12), zone=ZONE)


def editor() -> Block:
    view = cards.edit_view(draft(findings=[FINDING]), CONTACT, channel="C~1", may_override=True)
    assert view
    return view


SHOWN = {
    "waiting": cards.waiting(draft(), CONTACT),
    "card": cards.card(draft(), CONTACT, adapter=3),
    "blocked": cards.card(draft(findings=[FINDING]), CONTACT, adapter=None),
    "failed": cards.failed(draft(error="No."), CONTACT),
    "approved": closed(Verdict.approved),
    "edited": closed(Verdict.edited),
    "discarded": closed(Verdict.discarded, reason=f"{Reason.wrong_tone}: too stiff"),
    "redline": cards.redline(draft(), CONTACT, review(Verdict.edited)),
    "usage": cards.usage(),
    "longest": cards.card(draft(body="word " * 4000, subject="s" * 400), CONTACT, adapter=3),
}


@pytest.mark.parametrize("name", SHOWN)
def test_every_card_is_taken_by_the_schema(name: str) -> None:
    shown = SHOWN[name]
    assert shown
    assert card_faults(adaptive.card(shown["blocks"], NAMES, watchers=["29:robin"])) == []


@pytest.mark.parametrize("view", [editor(), cards.discard_view(draft(), CONTACT), cards.told_view("No", "Sorry.")])
def test_every_form_is_taken_by_the_schema(view: Block) -> None:
    assert card_faults(adaptive.form(view, NAMES)) == []


def runs(card: adaptive.Card) -> list[rich.Run]:
    return [run for element in card["body"] if element["type"] == "RichTextBlock" for run in element["inlines"]]


def test_a_draft_is_shown_as_it_would_go_out_and_no_foreign_text_becomes_a_link() -> None:
    shown = adaptive.card(cards.card(draft(), CONTACT, adapter=3)["blocks"], NAMES)
    texts = [run["text"] for run in runs(shown)]
    assert [line for line in BODY.split("\n") if line] == [text for text in texts if text in BODY.split("\n")]
    assert not [run for run in runs(shown) if "selectAction" in run]
    assert "[x](http://a.b)" in "".join(texts)


def test_a_closed_card_names_who_decided_and_has_no_buttons_to_decide_again() -> None:
    shown = adaptive.card(closed(Verdict.edited)["blocks"], NAMES)
    assert "Robin Ames" in "".join(run["text"] for run in runs(shown))
    assert ROBIN not in json.dumps(shown)
    assert [element for element in shown["body"] if element["type"] == "ActionSet"] == []


def test_every_button_says_what_it_does_where_the_sdk_looks_and_only_a_form_sends_its_inputs() -> None:
    shown = adaptive.card(cards.card(draft(), CONTACT, adapter=3)["blocks"], NAMES)
    actions = [action for element in shown["body"] for action in element.get("actions", [])]
    assert {action["title"] for action in actions} >= {"Approve", "Edit", "Discard…", "Write another version"}
    assert all(action["data"]["action"] == action["verb"] for action in actions)
    assert {action["associatedInputs"] for action in actions} == {"none"}
    submit, cancel = adaptive.form(editor(), NAMES)["body"][-1]["actions"]
    assert (submit["associatedInputs"], cancel["associatedInputs"]) == ("auto", "none")


def test_what_people_type_has_no_slash_in_teams() -> None:
    assert rich.told("Type `/draft-followup help`, <@" + ROBIN + ">", NAMES) == "Type draft-followup help, Robin Ames"
