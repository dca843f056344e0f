"""What people here write to everybody is no invented fact: not in a draft, and not before the gate."""

from pathlib import Path

import pytest

from bot.house import House
from model.brief import Brief, Company, Contact
from model.compose import Composed
from model.evaluate import known_from, scorecard
from model.house import house_sentences
from model.pairs import Pair
from storage import queries, tables
from storage.database import Database
from tests.fakes import MONDAY, FakeEngines
from tests.rows import brief
from tests.running import desk
from tests.test_drafting import Clock, ask
from tests.test_prompt import VOICE
from tests.test_reviewing import claim_and_draft

SAID = "Two days are enough to begin at {}."
CUSTOMERS = ("Alder Foods", "Birch Labs", "Cedar Mills")


def to(name: str) -> Brief:
    return brief(company=Company(name=name), contact=Contact(first_name="Ines", email=f"ines@{name[0]}.example"))


def email(body: str, subject: str = "A start") -> str:
    return f"Subject: {subject}\n\nHi Ines,\n\n{body}\n\nBest,\nMaya"


SENT = [(email(SAID.format(name)), to(name)) for name in CUSTOMERS]


def test_a_sentence_that_three_customers_got_is_the_houses_with_their_own_facts_as_slots() -> None:
    assert "Two days are enough to begin at {{company}}." in house_sentences(SENT)
    assert house_sentences(SENT) >= {"A start", "Hi {{first_name}},"}


def test_what_one_customer_got_often_is_theirs() -> None:
    assert house_sentences([*SENT[:2], *SENT[:2], *SENT[:2]]) == frozenset()


def test_a_fact_of_each_one_is_a_slot_and_nobodys_house_sentence() -> None:
    """All three came on a Thursday, which must not make it true of whoever came on a Tuesday."""
    came = [(email("You joined the webinar on Thursday."), to(name)) for name in CUSTOMERS]
    said = house_sentences(came)
    assert "You joined the webinar on {{weekday1}}." in said
    assert not any("Thursday" in sentence for sentence in said)


def send(database: Database, text: str, given: Brief, reason: str | None = None) -> None:
    row = tables.Pair(
        workspace_id=1,
        source="emails:test",
        source_id=given.account,
        account=given.account,
        verdict=tables.Verdict.imported,
        brief=given.model_dump(mode="json"),
        final=text,
        reason=reason,
        prompt_version="1",
        at=MONDAY,
        written_at=MONDAY,
    )
    with database.writing() as session:
        queries.add_pair(session, row=row)


def test_the_house_is_read_again_when_a_pair_was_added(database: Database) -> None:
    house = House(database)
    for text, given in SENT[:2]:
        send(database, text, given)
    assert house(1) == frozenset()
    assert house(1) is house(1)
    send(database, *SENT[2])
    assert house(1) == house_sentences(SENT)
    assert house(2) == frozenset(), "another workspace has its own"


def test_what_was_sent_against_a_block_is_no_custom(database: Database) -> None:
    for text, given in SENT:
        send(database, text, given, reason="the boss agreed")
    assert House(database)(1) == frozenset()


def test_a_draft_may_say_what_the_house_says_and_no_more(database: Database, tmp_path: Path) -> None:
    reply = f"Subject: A start\n\nHi Dana,\n\n{SAID.format('Northwind Foods')}\n\nBest,\nMaya"
    at_work = desk(database, FakeEngines(reply), tmp_path, Clock())
    ask(database)
    assert [found["span"] for found in claim_and_draft(at_work).findings] == ["Two days"]
    for text, given in SENT:
        send(database, text, given)
    ask(database, key="again")
    assert claim_and_draft(at_work).findings == []


@pytest.mark.parametrize(("days", "findings"), [("Two", 0.0), ("Three", 1.0)])
def test_the_gate_judges_by_the_same_sentences(days: str, findings: float) -> None:
    train = [Pair(n, given.account, "imported", given, None, text, MONDAY) for n, (text, given) in enumerate(SENT)]
    given = to("Elm Works")
    body = f"Hi Ines,\n\n{days} days are enough to begin at Elm Works.\n\nBest,\nMaya"
    draft = Composed("A start", body, [], body, (), finished=True, tokens=9, seconds=0.1)
    context = Pair(9, given.account, "imported", given, None, email(body), MONDAY)
    assert scorecard("candidate", [context], [draft], known_from(train), VOICE).findings == findings
