"""What emails earn: counted once each, with intervals that hold, and compared only as far as the numbers go."""

from dataclasses import replace

import pytest

from bot import outcomes
from bot.cards.home_learning import _earned
from model.outcomes import BASE, Sent, rate, rates, sentence, wilson
from model.pairs import Pair, weights
from storage.database import Database
from storage.tables import Draft
from tests.fakes import MONDAY
from tests.rows import brief, only
from tests.test_delivery import Office, Played
from tests.test_replies import Post, sent

ROW = Sent("adapter 1", "sales_follow_up", "voice 1")


def some(author: str, replied: int, of: int) -> list[Sent]:
    return [replace(ROW, author=author, replied=n < replied) for n in range(of)]


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"), [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (10, 10, 0.722, 1.0)]
)
def test_the_interval_holds_for_none_and_for_all(hits: int, of: int, low: float, high: float) -> None:
    assert wilson(hits, of) == pytest.approx((low, high), abs=0.001)


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [(40, 5, "earn more answers"), (5, 40, "earn fewer answers"), (22, 18, "no proof of a difference")],
)
def test_adapters_are_said_to_earn_more_only_where_the_intervals_part(ours: int, theirs: int, said: str) -> None:
    assert said in sentence(some("adapter 2", ours, 100) + some(BASE, theirs, 100))


def test_what_bounced_could_not_be_answered() -> None:
    found = rate("all", [replace(ROW, bounced=True), replace(ROW, replied=True)])
    assert (found.sent, found.bounced, found.reply_rate) == (2, 1, 1.0)
    assert rate("all", [replace(ROW, bounced=True)]).reply_rate is None


def test_each_author_has_a_line_the_most_used_first() -> None:
    lines = rates(some("adapter 2", 1, 3) + some(BASE, 1, 5), lambda row: row.author)
    assert [(line.name, line.sent, line.replied) for line in lines] == [(BASE, 5, 1), ("adapter 2", 3, 1)]


@pytest.fixture
def post(database: Database) -> Post:
    return sent(Office(database, Played()))


@pytest.mark.both_databases
def test_an_email_counts_once_however_often_it_was_answered(post: Post) -> None:
    with post.office.database.writing() as session:
        only(session, Draft).control = True
    for number, text in enumerate(["Yes, please.", "One more question: what does it cost?", "unsubscribe"]):
        post.comes(text, number)
    post.comes("I am out of the office.", 9, Auto_Submitted="auto-replied")
    with post.office.database.reading() as session:
        found = outcomes.figures(session, workspace_id=1, now=post.office.clock())
    whole = found["all"]
    assert (whole["sent"], whole["replied"], whole["positive"], whole["unsubscribed"]) == (1, 1, 1, 1)
    assert found["answers"]["out_of_office"] == found["answers"]["question"] == 1
    assert [line["name"] for line in found["by_author"]] == [BASE]
    assert found["reported_by_the_crm"] == {"opened": 0, "clicked": 0}
    assert "1 sent, 100% answered" in outcomes.shown(found) and "Reported by the CRM" in outcomes.shown(found)


def test_without_an_email_there_is_a_sentence(database: Database) -> None:
    with database.reading() as session:
        found = outcomes.figures(session, workspace_id=1, now=MONDAY)
    assert outcomes.shown(found) == "No email has left yet, so nothing could be answered."


def test_home_says_what_emails_earned_once_one_has_left() -> None:
    assert _earned(rate("all", [])) == []
    (line,) = _earned(rate("all", some("adapter 1", 1, 4)))
    assert line == "*Replies received in half a year:* 1 of 4 emails (25%); 0 said yes, 0 asked for no more."


def test_an_approved_draft_that_was_answered_teaches_more() -> None:
    def pair(number: int, *, replied: bool | None) -> Pair:
        return Pair(number, "northwind", "approved", brief(), "Hi.", "Hi.", MONDAY, replied=replied, reviewer="U1")

    silent, answered = weights([pair(1, replied=None), pair(2, replied=True)])
    assert answered > silent
