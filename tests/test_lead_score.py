"""A lead score is its reasons: they add up, they age, and they say what to do next."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.scores import lead_score_blocks
from model import brief as facts
from model.brief import Event
from model.lead_score import HALF_LIFE, POINTS, LeadScore, Reason, lead_score
from tests.fakes import MONDAY
from tests.rows import brief
from tests.slack_limits import faults_of_message

NOBODY = {"contact": facts.Contact(email="x@y.example"), "company": None, "deal": None}


def event(kind: str, days: float, subject: str | None = None, body: str | None = None, **more: int) -> Event:
    return Event(kind=kind, at=MONDAY - timedelta(days=days), subject=subject, body=body, **more)


def scored(*events: Event) -> LeadScore:
    return lead_score(brief(**NOBODY, events=events))


EVENTS = st.lists(
    st.builds(
        event,
        st.sampled_from([*POINTS, "email_sent", "robot_visit"]),
        st.floats(0, 400),
        st.sampled_from([None, "Pricing", "Ask for a Quote", "Backup Checklist"]),
        st.sampled_from([None, "What does it cost?", "Our backups fail."]),
    ),
    max_size=20,
)


@given(EVENTS)
def test_the_reasons_add_up_to_the_score_within_its_bounds(events: list[Event]) -> None:
    newest_first = sorted(events, key=lambda one: one.at, reverse=True)
    found = lead_score(brief(events=tuple(newest_first)))
    assert found.score == min(max(sum(reason.points for reason in found.reasons), 0), 100)
    assert all(reason.points for reason in found.reasons)
    assert found.next_action.endswith(".") and "\n" not in found.next_action


def test_a_reason_says_what_happened_when_and_what_it_is_worth() -> None:
    found = scored(event("form_submit", 2, "Ask for a Quote"))
    assert [str(reason) for reason in found.reasons] == ["asked for a price 2 days ago: +33"]
    assert found.score == 33


@pytest.mark.parametrize("kind", POINTS)
def test_what_they_did_counts_less_the_longer_ago_it_is(kind: str) -> None:
    points = [scored(event(kind, days)).score for days in (0, 5, 21, 60, 400)]
    assert points == sorted(points, reverse=True) and points[0] == POINTS[kind][0] and points[-1] == 0
    half = scored(event(kind, HALF_LIFE.days)).score
    assert abs(half - points[0] / 2) <= 0.5


def test_ten_opened_emails_are_no_better_than_one() -> None:
    once, often = scored(event("email_open", 1)), scored(*(event("email_open", n) for n in range(1, 11)))
    assert often.score == once.score and len(often.reasons) == 1


def test_a_roll_up_says_how_often_and_counts_a_little_more() -> None:
    found = scored(event("page_view", 0, "Pricing", count=9))
    assert [str(reason) for reason in found.reasons] == ["looked at our pages 9 times, most recently today: +7"]


def test_who_they_are_and_where_the_deal_stands_count_too() -> None:
    texts = [str(reason) for reason in lead_score(brief(events=())).reasons]
    assert texts == ["the deal stands at Proposal: +15", "may decide, as COO: +10", "their industry is known: Food: +3"]


def test_our_own_emails_are_no_interest_of_theirs() -> None:
    assert scored(event("email_sent", 1, "What does it cost?")).score == 0


def test_silence_takes_points_and_asks_for_a_call() -> None:
    silent = scored(event("email_sent", 8), event("form_submit", 9, "Contact Us"))
    assert silent.score < scored(event("form_submit", 9, "Contact Us")).score
    assert "no answer to the email we sent last week: -10" in map(str, silent.reasons)
    assert silent.next_action.startswith("Call once")


@pytest.mark.parametrize(
    ("events", "action"),
    [
        ((), "Find out who looks after their IT"),
        ((event("email_received", 2, body="What would it cost?"),), "Answer the price question they asked 2 days ago"),
        ((event("form_submit", 1, "Book an Assessment"),), "Offer two times for the conversation they asked for yest"),
        ((event("call", 0, body="Backups fail at night."),), "Ask one question about the need they named today"),
        ((event("email_received", 1, body="Hello."),), "Answer what they wrote yesterday"),
        ((event("meeting", 3),), "Send what was agreed in the meeting 3 days ago"),
        ((event("document_download", 3, "The Checklist"),), "Ask which part of The Checklist matters"),
        ((event("email_open", 1),), "Offer a first assessment"),
        ((event("email_sent", 1), event("form_submit", 2, "Ask for a Quote")), "Offer a first assessment"),
    ],
)
def test_the_next_action_is_about_the_newest_thing_that_nobody_answered(events: tuple[Event, ...], action: str) -> None:
    assert scored(*events).next_action.startswith(action)


def test_the_card_shows_reasons_and_never_a_bare_number() -> None:
    section, action = lead_score_blocks(scored(event("form_submit", 2, "Ask for a Quote")))
    assert section["text"]["text"] == "*Lead score 33 of 100*\n• asked for a price 2 days ago: +33"
    assert action["elements"][0]["text"].startswith("*Next:* Answer the price question")
    assert "nothing on record" in lead_score_blocks(scored())[0]["text"]["text"]


def test_what_a_record_holds_cannot_disguise_itself_on_the_card() -> None:
    score = LeadScore(9, tuple(Reason(f"<!channel> <https://x|y> {'a' * 9000}", n) for n in range(9, 0, -1)), "<@U1>")
    blocks = lead_score_blocks(score)
    assert "<!" not in str(blocks) and "<@" not in str(blocks) and "<http" not in str(blocks)
    assert "3 smaller reasons: +6" in blocks[0]["text"]["text"]
    assert faults_of_message({"text": "x", "blocks": blocks}) == []
