"""What people read: exact, escaped, within Slack's limits whatever the model and the CRM contain."""

import json
import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot import cards
from bot.cards import Block, Choice
from bot.cards.blocks import SECTION, clamp, escape, fit, inline, size
from bot.submissions import written
from bot.watching import Progress
from model.findings import Finding, Severity
from model.rules import Rule
from storage import tables
from storage.tables import Contact, Draft, Reason, Review, Status, Tone, Verdict
from tests.rows import brief
from tests.slack_limits import elements, faults_of_message, faults_of_view

BERLIN = ZoneInfo("Europe/Berlin")
AT = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
BODY = "Hi Dana,\n\nThank you for joining on Thursday.\n\nBest,\nRobin"
WARN = {"severity": "warn", "rule": "unknown_number", "reason": "“page 4” is not on record", "span": [0, 1]}
BLOCK = {"severity": "block", "rule": "wrong_name", "reason": "The email greets Dan, the contact is Dana"}
NO = {"severity": "block", "rule": "consent", "reason": "Dana opted out of email, so this must not go out."}


def draft(**changes: Any) -> Draft:
    known: dict[str, Any] = {
        "id": 7,
        "workspace_id": 1,
        "contact_id": 3,
        "request_key": "command:T1:1",
        "status": Status.drafted,
        "version": 2,
        "goal": "book a demo",
        "playbook": "sales_follow_up",
        "sender": "Robin Ames",
        "seed": 0,
        "requested_by": "U0ROBIN",
        "channel": "C0FOLLOWUPS",
        "subject": "Planning without panic",
        "body": BODY,
        "brief": brief().model_dump(mode="json"),
        "findings": [],
    }
    return Draft(**{**known, **changes})


def contact(**changes: Any) -> Contact:
    known: dict[str, Any] = {"first_name": "Dana", "last_name": "Whitfield", "title": "COO", "email": "dana@x.example"}
    return Contact(id=3, workspace_id=1, source="csv", source_id="3", **{**known, **changes})


def review(verdict: Verdict = Verdict.approved, **changes: Any) -> Review:
    known: dict[str, Any] = {"reviewer": "U0ROBIN", "at": AT, "subject": "Planning", "body": "Hi Dana"}
    return Review(workspace_id=1, draft_id=7, verdict=verdict, **{**known, **changes})


def words(message: Block) -> str:
    """Everything a person reads in a message or a view."""
    texts: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if value.get("type") in ("plain_text", "mrkdwn"):
                texts.append(value["text"])
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(message["blocks"])
    return "\n".join(texts)


def buttons(message: Block) -> dict[str, dict[str, Any]]:
    return {each["text"]["text"]: each for each in elements(message["blocks"]) if each["type"] == "button"}


# One draft --------------------------------------------------------------------------------------------------------


def test_the_placeholder_names_the_contact_and_the_goal() -> None:
    shown = cards.waiting(draft(version=1, status=Status.requested, brief=None), contact())
    assert shown["text"] == "Drafting a follow-up to Dana Whitfield…"
    assert "Goal: book a demo" in words(shown)
    assert not buttons(shown)


def test_a_slow_draft_says_how_far_it_has_come() -> None:
    shown = cards.waiting(draft(version=1, status=Status.drafting), contact(), Progress(48, 1, 6.4))
    assert "Goal: book a demo" in words(shown) and "48 words so far, after 6 seconds" in words(shown)
    several = words(cards.waiting(draft(version=1), contact(), Progress(210, 4, 9.0)))
    assert "At work for 3 seconds" in words(cards.waiting(draft(version=1), contact(), Progress(0, 1, 3.2)))
    assert "210 words so far in 4 versions to choose from, after 9 seconds" in several
    assert not faults_of_message(shown)


def test_trying_again_says_so() -> None:
    shown = cards.waiting(draft(version=3, status=Status.requested), contact())
    assert shown["text"] == "Drafting another follow-up to Dana Whitfield…"
    toned = cards.waiting(draft(version=3, status=Status.requested, tone=Tone.more_direct), contact())
    assert toned["text"] == "Drafting a more direct follow-up to Dana Whitfield…"


def test_the_card_shows_subject_and_body_exactly_as_they_go_out() -> None:
    shown = cards.card(
        draft(subject="50 % off? <no> & *no*", body=BODY + "\n*one* <two> :tada:"), contact(), adapter=None
    )
    plain = [block["text"] for block in shown["blocks"] if block.get("text", {}).get("type") == "plain_text"]
    assert [text["text"] for text in plain] == ["50 % off? <no> & *no*", BODY + "\n*one* <two> :tada:"]
    assert not any(text["emoji"] for text in plain)


def test_the_reasons_name_the_facts_that_were_used_and_the_card_stays_short() -> None:
    read = words(cards.why_view(draft(), contact(), adapter=None))
    assert "Goal:* book a demo" in read
    assert "Northwind Foods" not in words(cards.card(draft(), contact(), adapter=None)).replace(
        "COO at Northwind Foods", ""
    )
    assert "Company: Northwind Foods (Food)" in read
    assert "Deal: Northwind rollout, Proposal, 12,000, closes 18 December 2026" in read
    assert "19 November 2026, webinar attended: Planning without panic" in read
    assert "Page view, 3 times: Pricing" in read


def test_a_card_without_facts_says_so() -> None:
    bare = brief(company=None, deal=None, events=()).model_dump(mode="json")
    assert "*CRM facts used:* none" in words(cards.why_view(draft(brief=bare), contact(), adapter=None))


@pytest.mark.parametrize(("adapter", "said"), [(None, "not yet trained on your edits"), (4, "(adapter 4)")])
def test_the_card_says_that_a_model_wrote_it(adapter: int | None, said: str) -> None:
    for shown in (cards.card, cards.why_view):
        read = words(shown(draft(), contact(), adapter=adapter))
        assert "Written by a language model" in read and said in read


def test_the_buttons_carry_draft_and_version() -> None:
    shown = buttons(cards.card(draft(), contact(), adapter=None))
    assert list(shown) == ["Approve", "Edit", "Why this text"]
    assert {button["value"] for button in shown.values()} == {"7:2"}
    assert shown["Approve"]["style"] == "primary"
    assert cards.Ticket.parse("7:2") == cards.Ticket(7, 2)


def test_the_menu_says_what_each_entry_does_and_for_which_version() -> None:
    (menu,) = (each for each in elements(cards.card(draft(), contact(), adapter=None)["blocks"]) if "options" in each)
    assert [option["text"]["text"] for option in menu["options"]] == [
        *("Write it shorter", "Write it warmer", "Write it more directly", "Write another version", "Discard…")
    ]
    parsed = [cards.parse_menu(option["value"]) for option in menu["options"]]
    assert parsed == [(what, cards.Ticket(7, 2)) for what in (*Tone, cards.ANOTHER, cards.TURN_DOWN)]


def test_findings_stand_before_the_buttons_grave_ones_first() -> None:
    read = words(cards.card(draft(findings=[WARN, BLOCK]), contact(), adapter=None))
    assert read.index("*Must be fixed:* The email greets Dan") < read.index("*Please check:* “page 4”")


def test_a_blocked_draft_has_no_approve_and_says_what_to_do() -> None:
    shown = cards.card(draft(findings=[WARN, BLOCK]), contact(), adapter=None)
    found = buttons(shown)
    assert list(found) == ["Edit", "Why this text"]
    assert any(each["type"] == "overflow" for each in elements(shown["blocks"]))
    assert found["Edit"]["style"] == "primary"
    assert "*This cannot go out as it is.* Edit it and change what must be fixed" in words(shown)
    assert "style" not in buttons(cards.card(draft(findings=[WARN]), contact(), adapter=None))["Edit"]


def test_to_who_said_no_only_discard_is_left() -> None:
    shown = cards.card(draft(findings=[NO]), contact(), adapter=None)
    assert [each["text"]["text"] for each in elements(shown["blocks"])] == ["Discard…"]
    assert "No edit helps; press Discard." in words(shown)


def test_a_draft_says_what_each_sentence_rests_on_when_asked() -> None:
    rests = [
        {"sentence": "Thank you for joining on Thursday.", "rests_on": ["webinar attended, 19 November", "*x*"]},
        {"sentence": "You have 40 machines.", "rests_on": []},
    ]
    read = words(cards.why_view(draft(evidence=rests), contact(), adapter=None))
    assert "“Thank you for joining on Thursday.”\n• webinar attended, 19 November\n• ∗x∗" in read
    assert "“You have 40 machines.”\n• nothing on record" in read
    assert read.index("You have 40") < read.index("*CRM facts used*")
    many = draft(evidence=[{"sentence": "word " * 60, "rests_on": ["fact " * 90]}] * 70)
    view = cards.why_view(many, contact(), adapter=None)
    assert not faults_of_view(view) and "…and 30 more sentences" in words(view)
    assert "No sentence of this draft states a fact." in words(cards.why_view(draft(), contact(), adapter=None))


def test_a_long_draft_is_shortened_visibly() -> None:
    shown = cards.card(draft(body="All work and no play. " * 300), contact(), adapter=None)
    assert "Shortened here to fit; the full text is kept. Edit shows all of it." in words(shown)
    assert not faults_of_message(shown)


def test_a_failed_draft_says_why_and_offers_another_try() -> None:
    shown = cards.failed(draft(status=Status.failed, error="Dana opted out of email."), contact())
    assert "Dana opted out of email." in words(shown)
    assert list(buttons(shown)) == ["Try again"]


@pytest.mark.parametrize(
    ("verdict", "changed", "said"),
    [
        (Verdict.approved, None, "*Approved* by <@U0ROBIN> on 23 November 2026 at 10:05."),
        (Verdict.edited, (14, 80), "; 14 of 80 words changed."),
        (Verdict.edited, (0, 80), "; only the subject or the layout changed."),
        (Verdict.discarded, None, "*Discarded* by <@U0ROBIN> on 23 November 2026 at 10:05. Nothing goes out."),
    ],
)
def test_a_decided_card_is_locked(verdict: Verdict, changed: tuple[int, int] | None, said: str) -> None:
    shown = cards.decided(draft(), contact(), review(verdict), changed=changed, zone=BERLIN)
    assert said in words(shown)
    assert not buttons(shown)


def test_a_discarded_card_says_why() -> None:
    done = review(Verdict.discarded, reason="wrong tone: too <pushy>")
    read = words(cards.decided(draft(), contact(), done, changed=None, zone=BERLIN))
    assert "at 10:05, wrong tone (“too &lt;pushy&gt;”). Nothing goes out." in read


def test_a_discard_asks_for_one_of_five_reasons_and_says_what_does_not_count() -> None:
    view = cards.discard_view(draft(), contact())
    assert not faults_of_view(view)
    assert cards.parse_discard(view["private_metadata"]) == cards.Ticket(7, 2)
    options = inputs(view)["reason"]["options"]
    assert [option["value"] for option in options] == list(Reason)
    uncounted = [option["value"] for option in options if "not count against" in option["description"]["text"]]
    assert uncounted == [reason for reason in Reason if not reason.about_text]


READ = {"words": 90, "warm": 2, "until_ask": 40, "hedges": 3}


@pytest.mark.parametrize(
    ("tone", "after", "changes", "said"),
    [
        (Tone.shorter, {"words": 62}, {}, "*Shorter:* 62 words instead of 90."),
        (Tone.shorter, {"words": 62}, {"shown": False}, "*Shorter:* 62 words instead of the usual draft's 90."),
        (Tone.shorter, {}, {"more": False}, "*Not shorter:* no version came out shorter, so the text stays as it was."),
        (Tone.warmer, {}, {"more": False, "shown": False}, "no version came out warmer, so this is the usual draft."),
        (Tone.warmer, {"warm": 5}, {}, "*Warmer:* 5 warm words in 90 instead of 2 in 90 (thanks"),
        (Tone.more_direct, {"until_ask": 1}, {}, "*More direct:* asks after 1 word instead of 40."),
        (Tone.more_direct, {"until_ask": 9, "hedges": 1}, {}, "9 words instead of 40, with 1 hedge instead of 3 (just"),
    ],
)
def test_a_card_says_what_came_of_the_tone(
    tone: Tone, after: dict[str, int], changes: dict[str, bool], said: str
) -> None:
    came = {"tone": str(tone), "before": READ, "after": {**READ, **after}, "more": True, "shown": True, **changes}
    shown = cards.card(draft(tone=tone, toned=came), contact(), adapter=None)
    assert said in words(shown) and not faults_of_message(shown)


def test_a_decision_from_the_command_line_names_no_slack_user() -> None:
    shown = cards.decided(draft(), contact(), review(reviewer="local <x>"), changed=None, zone=BERLIN)
    assert "by local &lt;x&gt; on" in words(shown)


def test_a_decided_card_says_who_overrode_what_and_which_warnings_were_left() -> None:
    done = review(Verdict.edited, findings=[WARN, BLOCK], reason="he *is* <Dan>")
    read = words(cards.decided(draft(), contact(), done, changed=(1, 9), zone=BERLIN))
    assert "<@U0ROBIN> sent it all the same, because “he ∗is∗ &lt;Dan&gt;”. Overridden:\n• The email greets Dan" in read
    assert "*Noticed, and left to you*\n• “page 4” is not on record" in read
    clean = words(cards.decided(draft(findings=[WARN, BLOCK]), contact(), review(), changed=None, zone=BERLIN))
    assert "Overridden" not in clean and "Noticed" not in clean


# The editor -------------------------------------------------------------------------------------------------------


def inputs(view: Block) -> dict[str, dict[str, Any]]:
    return {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}


def test_the_editor_has_one_line_for_the_subject_and_one_input_for_the_body() -> None:
    view = cards.edit_view(draft(), contact(), channel="C1")
    assert view and not faults_of_view(view)
    found = inputs(view)
    assert list(found) == ["subject", "body"]
    assert (found["subject"]["multiline"], found["body"]["multiline"]) == (False, True)
    assert found["body"]["initial_value"] == BODY
    assert json.loads(view["private_metadata"]) == {"draft_id": 7, "version": 2, "channel": "C1"}
    assert cards.parse_metadata(view["private_metadata"]) == (cards.Ticket(7, 2), "C1")


def test_only_who_may_override_sees_where_to_say_why_and_only_in_a_blocked_draft() -> None:
    def offered(found: list[dict[str, Any]], *, may_override: bool) -> bool:
        view = cards.edit_view(draft(findings=found), contact(), channel="C1", may_override=may_override)
        assert view and not faults_of_view(view)
        block = next((block for block in view["blocks"] if block.get("block_id") == "override"), None)
        assert block is None or (block["optional"] and block["label"]["text"] == "Send it all the same, because …")
        return block is not None

    assert offered([BLOCK], may_override=True)
    assert not offered([BLOCK], may_override=False)
    assert not offered([WARN], may_override=True)
    assert not offered([BLOCK, NO], may_override=True)


def test_what_blocks_an_edit_is_said_at_the_input_it_stands_in() -> None:
    def block(reason: str, span: str) -> Finding:
        return Finding("placeholder", Severity.block, reason, span)

    texts = {"subject": "Hi [A]", "body": "part one", "body_2": "part [B] and [C]"}
    found = [block("[A] is a blank.", "[A]"), block("[B] is a blank.", "[B]"), block("[C] is a blank.", "[C]")]
    assert cards.field_errors([*found, block("No text.", "")], texts) == {
        "subject": "[A] is a blank. Please change it and submit again.",
        "body_2": "[B] is a blank. 1 more must be fixed as well. Please change it and submit again.",
        "body": "No text. Please change it and submit again.",
    }
    offered = cards.field_errors(found[:1], {**texts, "override": ""})
    assert offered["subject"].endswith("Or say below why it should go out all the same.")


def test_a_long_body_is_edited_in_full_in_several_inputs() -> None:
    body = "\n\n".join(f"Paragraph {n}. " + "word " * 180 for n in range(9)).strip()
    view = cards.edit_view(draft(body=body), contact(), channel=None)
    assert view and not faults_of_view(view)
    bodies = [element["initial_value"] for block, element in inputs(view).items() if block != "subject"]
    assert len(bodies) > 1 and all(part.startswith("Paragraph") for part in bodies)
    assert "\n\n".join(bodies) == body


@pytest.mark.parametrize("length", [3_000, 3_001, 12_000, 30_000])
def test_an_email_of_this_length_can_be_edited_in_full(length: int) -> None:
    body = "\n\n".join("word " * 99 + "last." for _ in range(length // 502 + 1))[:length].strip()
    view = cards.edit_view(draft(body=body), contact(), channel="C1")
    assert view and not faults_of_view(view)
    values = {block: {"text": {"value": None}} for block in inputs(view)}
    assert written(values, draft(body=body)) == ("Planning without panic", body)


def test_what_no_editor_can_hold_is_refused_kindly() -> None:
    long = draft(body="word " * 8_000)
    assert cards.edit_view(long, contact(), channel=None) is None
    assert "40,000 characters" in cards.too_long(long)["text"]
    assert "afterword review 7 --edit FILE" in cards.too_long(long)["text"]


def test_a_body_of_exactly_one_input_stays_whole() -> None:
    assert cards.split_body("x" * 3_000) == (["x" * 3_000], [])
    assert len(cards.split_body("x" * 3_001)[0]) == 2


@given(st.text(alphabet=st.sampled_from("ab &<\n😀é"), max_size=400), st.integers(10, 60))
@example("a\n\n\n\nb" * 20, 10)
def test_parts_fit_and_join_to_the_same_text(body: str, limit: int) -> None:
    parts, joints = cards.split_body(body, limit)
    assert cards.join_body(parts, joints) == body
    assert all(size(part) <= limit for part in parts)


def test_a_late_edit_keeps_the_text_that_was_written() -> None:
    late = cards.too_late(draft(status=Status.approved), review(), BERLIN)
    view = cards.too_late_view(late, "My subject", "My text\n\nin two paragraphs")
    assert not faults_of_view(view)
    read = words(view)
    assert "already approved by <@U0ROBIN> on 23 November 2026 at 10:05" in read
    assert "My subject" in read and "My text\n\nin two paragraphs" in read


# Answers ----------------------------------------------------------------------------------------------------------

SAM = [
    Choice(n, "Sam Ortiz", title, company, f"sam{n}@x.example")
    for n, title, company in ((1, "CFO", "Halden"), (2, None, None))
]


def test_a_choice_tells_people_apart_and_carries_the_goal() -> None:
    shown = cards.ambiguous(SAM, goal='say "hi" & <bye>', key="command:T1:1")
    assert "CFO at Halden · sam1@x.example" in words(shown)
    values = [cards.parse_choice(each["value"]) for each in elements(shown["blocks"])]
    assert values == [(1, 'say "hi" & <bye>', "command:T1:1"), (2, 'say "hi" & <bye>', "command:T1:1")]
    assert not faults_of_message(shown)


def test_many_fitting_contacts_are_not_cut_silently() -> None:
    many = [Choice(n, f"Sam {n}", None, None, f"sam{n}@x.example") for n in range(30)]
    shown = cards.ambiguous(many, goal="", key="k")
    assert "22 more fit as well" in words(shown)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_an_unknown_name_gets_its_closest_matches(count: int) -> None:
    shown = cards.unknown("Dna <Whitfeld>", SAM[:count], goal="", key="k")
    assert "“Dna &lt;Whitfeld&gt;”" in shown["text"]
    assert len(elements(shown["blocks"])) == count


def test_the_usage_is_short_and_gives_an_example() -> None:
    shown = cards.usage()
    assert not faults_of_message(shown) and len(shown["text"].splitlines()) <= 6
    assert "for example `/draft-followup Dana Whitfield" in shown["text"]


def test_an_empty_crm_says_how_to_fill_it() -> None:
    assert "afterword import crm --contacts" in cards.no_contacts()["text"]


# The night --------------------------------------------------------------------------------------------------------


def test_a_promotion_in_plain_sentences() -> None:
    shown = cards.night(
        pairs=62, base=0.71, incumbent=0.34, candidate=0.21, promoted=True, adapter=4, reasons=["It edits less."]
    )
    read = words(shown)
    assert shown["text"] == "Last night's training: adapter 4 now writes your drafts."
    for said in ("62 emails", "*21* with last night's", "*34* with what was in use", "*71* untrained"):
        assert said in read
    assert "edit rate" not in read.lower()


def test_a_first_night_has_nothing_in_use_to_compare_with() -> None:
    shown = cards.night(pairs=1, base=0.7, incumbent=None, candidate=0.8, promoted=False, adapter=None, reasons=["No."])
    assert "in use" not in words(shown) and "1 email," in words(shown)
    assert "drafts are written as before" in shown["text"]


# Whatever is in the rows ------------------------------------------------------------------------------------------

NASTY = [
    "<!channel>",
    "<@U0VICTIM>",
    "<https://evil.example|click>",
    "&lt;!here&gt;",
    "\x00",
    "😀",
    "\u202e",
    "*_~`",
    "*bold*",
    "_x_ ~y~ `z`",
    "＜!channel＞",
    "<\u200b!here>",
    "\n",
]
LIVE = re.compile(r"<(?!@U0ROBIN>)[^>]*>")
MARKS = re.compile(r"(?<![^\W_])[*_~]|[*_~](?![^\W_])|`")  # where Slack would begin or end something formatted
text = st.one_of(st.text(max_size=300), st.lists(st.sampled_from(NASTY), max_size=800).map("".join))
finding = st.fixed_dictionaries(
    {"severity": st.sampled_from(["block", "warn"]), "rule": text, "reason": text, "span": st.none()}
)


def mrkdwn(message: Block) -> list[str]:
    found: list[str] = [message["text"]] if "text" in message else []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if value.get("type") == "mrkdwn":
                found.append(value["text"])
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(message["blocks"])
    return found


def live(message: Block) -> list[str]:
    """Mentions and links that nobody of us has written."""
    return [found for each in mrkdwn(message) for found in LIVE.findall(each)]


def marks(message: Block) -> int:
    """How many characters format something."""
    return sum(len(MARKS.findall(each)) for each in mrkdwn(message))


@given(text)
@example("*bold* and _this_, `that`, ~gone~, a*b*c, snake_case_name, 5 * 3")
def test_foreign_text_formats_nothing_and_stays_readable(value: str) -> None:
    shown = inline(value, 3_000)
    assert not MARKS.search(shown) and "<" not in shown and ">" not in shown and "\n" not in shown
    assert inline("first_last@x.example") == "first_last@x.example"


@settings(max_examples=150, deadline=None)
@given(text, text, text, text, st.lists(finding, max_size=40))
@example("<!channel>" * 400, "&" * 9_000, "<@U0VICTIM>", "", [])
def test_no_text_breaks_a_limit_or_becomes_a_mention(
    subject: str, body: str, name: str, goal: str, findings: list[dict[str, Any]]
) -> None:
    events = [{"kind": name, "at": "2026-11-19T14:00:00Z", "subject": subject, "count": None}] * 4
    facts = {
        "company": {"name": name, "industry": goal},
        "deal": {"name": subject, "stage": goal, "amount": name, "close_date": goal},
        "events": events,
    }
    rests = [{"sentence": body, "rests_on": [subject, goal]}, {"sentence": name, "rests_on": []}] * 9
    row = draft(subject=subject, body=body, goal=goal, findings=findings, brief=facts, error=body, evidence=rests)
    over = review(Verdict.edited, findings=findings, reason=goal, subject=subject, body=body)
    to = contact(first_name=name, last_name=subject, title=goal, email=f"a@{name}.example")
    choices = [Choice(n, name, goal, subject, body) for n in range(12)]
    closed = [cards.decided(row, to, review(verdict), changed=(1, 2), zone=BERLIN) for verdict in list(Verdict)[:3]]
    messages = [
        cards.waiting(row, to),
        cards.card(row, to, adapter=1),
        cards.failed(row, to),
        *closed,
        cards.unknown(name, choices, goal=goal[: cards.GOAL_LIMIT], key="command:T1:1"),
        cards.ambiguous(choices, goal=goal[: cards.GOAL_LIMIT], key="command:T1:1"),
        cards.drafting_for(to),
        cards.quiet_night([name, goal] * 9),
        cards.decided(row, to, over, changed=None, zone=BERLIN),
        cards.withheld([Finding(subject, Severity.block, body, goal)] * 9),
        cards.redline(row, to, over),
        cards.waiting(row, to, Progress(1, 2, 3.0)),
        cards.proposal(Rule("replace", f"x{subject}", f"y{body}"), tables.Rule(id=1)),
    ]
    for message in filter(None, messages):
        assert not faults_of_message(message)
        assert not live(message)
    if view := cards.edit_view(row, to, channel="C1", may_override=True):
        assert not faults_of_view(view)
        assert not live(view)
    for shown in (cards.too_late_view("Too late.", subject, body), cards.discard_view(row, to)):
        assert not faults_of_view(shown)
    why = cards.why_view(row, to, adapter=1)
    assert not faults_of_view(why) and not live(why)


@given(st.text(max_size=200), st.integers(1, 80))
def test_clamping_is_measured_after_escaping(value: str, limit: int) -> None:
    shown = clamp(value, limit)
    assert len(escape(shown).encode("utf-16-le")) // 2 <= limit or limit < 2
    assert shown == escape_free(value) or shown.endswith("…")


def escape_free(value: str) -> str:
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", value)


def test_lines_are_kept_whole_and_the_rest_is_counted() -> None:
    shown = fit([f"• line {n} {'x' * 90}" for n in range(100)])
    assert len(shown) <= SECTION
    assert shown.endswith("more") and "…and " in shown


def test_half_a_surrogate_pair_does_not_stop_a_post() -> None:
    inline("broken \ud83d text").encode("utf-8")
