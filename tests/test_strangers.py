"""The leak guard: another customer's details block, this one's own do not, and it costs nothing to ask."""

import random
import time
from typing import Any

import pytest

from bot.leaks import STALE_SECONDS, Leaks
from model.brief import Company, Contact, Event, Sender
from model.findings import Severity
from model.strangers import NOBODY, Stranger, Strangers
from storage import queries
from storage.database import Database
from tests.fakes import MONDAY
from tests.red_team import style
from tests.rows import brief, contact, workspace

pytestmark = pytest.mark.both_databases

PEOPLE, WORDS, MILLISECONDS = 10_000, 150, 5.0
OKSANA = Stranger(
    "Meridian Cold", "Oksana", "Hrytsenko", "oksana@meridian.example", "Meridian Cold GmbH", ("Hall two",)
)
GUARD = Strangers([OKSANA])


def spans(text: str, guard: Strangers = GUARD, **changes: Any) -> list[str]:
    return [finding.span for finding in guard.leaks(text, brief(**changes))]


@pytest.mark.parametrize("seed", range(3))
def test_what_belongs_to_another_customer_blocks_and_nothing_else_does(seed: int) -> None:
    for subject, body, given, people, rule in style.leak_cases(random.Random(seed)):
        findings = Strangers(people).leaks(f"{subject}\n\n{body}", given)
        assert {(one.rule, one.severity) for one in findings} == ({("leak", Severity.block)} if rule else set()), body


def test_a_finding_tells_nothing_of_the_other_customer_but_what_the_text_says() -> None:
    (finding,) = GUARD.leaks("As Hrytsenko said, it runs.", brief())
    assert (finding.span, finding.evidence) == ("Hrytsenko", "")
    assert finding.reason == "“Hrytsenko” is the name of another customer's contact. Take it out."
    assert not any(word in finding.reason for word in ("Oksana", "Meridian", "example"))


def test_one_name_is_one_finding_however_often_and_its_parts_are_none() -> None:
    assert spans("Oksana Hrytsenko, I say. Oksana Hrytsenko of Meridian Cold GmbH.") == [
        "Oksana Hrytsenko",
        "Meridian Cold GmbH",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"note": "met Oksana Hrytsenko"},
        {"goal": "thank oksana hrytsenko"},
        {"sender": Sender(first_name="Oksana", name="Oksana Hrytsenko")},
        {"contact": Contact(first_name="Oksana", last_name="Hrytsenko", email="o@northwind.example")},
        {"events": (Event(kind="email_received", at=MONDAY, body="Ask Oksana Hrytsenko."),)},
        {"company": Company(name="Meridian Cold")},
        {"company": Company(name="Meridian Cold GmbH")},
    ],
)
def test_what_the_brief_itself_says_may_be_said(changes: dict[str, Any]) -> None:
    assert spans("Oksana Hrytsenko said so.") == ["Oksana Hrytsenko"]
    assert spans("Oksana Hrytsenko said so.", **changes) == []


def test_half_a_name_in_the_brief_does_not_excuse_the_whole() -> None:
    assert spans("Oksana Hrytsenko said so.", note="Oksana knows") == ["Oksana Hrytsenko"]


def test_a_name_does_not_reach_across_the_end_of_a_sentence() -> None:
    guard = Strangers([Stranger("Other", "Grace", "Long", "g@other.example", None)])
    assert spans("It went with Grace. Long lines are next.", guard) == []
    assert spans("It went with\nGrace Long.", guard) == ["Grace Long"]


def test_two_private_mailboxes_of_one_provider_are_two_accounts() -> None:
    guard = Strangers([Stranger("gmail.com", "Leopold", "Vantongeren", "leo@gmail.com", None)])
    private = {"contact": Contact(first_name="Ines", email="ines@gmail.com"), "company": None}
    assert spans("Write to leo@gmail.com or Vantongeren.", guard, **private) == ["leo@gmail.com", "Vantongeren"]
    assert spans("Write to Vantongeren.", guard, contact=Contact(email="leo@gmail.com"), company=None) == []


def test_a_deal_that_several_customers_have_names_none_of_them() -> None:
    other = Stranger("Other", None, None, "x@other.example", "Other", ("Hrabal rollout",))
    one = Stranger("Third", None, None, "y@third.example", "Third", ("Hrabal rollout",))
    assert spans("The Hrabal rollout is done.", Strangers([other])) == ["Hrabal rollout"]
    assert spans("The Hrabal rollout is done.", Strangers([other, one])) == []


def test_the_house_and_its_people_are_no_strangers() -> None:
    guard = Strangers([OKSANA], ours=["Oksana Hrytsenko", "Meridian Cold GmbH"])
    assert spans("Hrytsenko of Meridian Cold says hello.", guard) == []


def test_nobody_leaks_where_nobody_is_known() -> None:
    assert spans("Oksana Hrytsenko said so.", NOBODY) == []


# Time ---------------------------------------------------------------------------------------------------------------


def crowd(rng: random.Random) -> list[Stranger]:
    """10,000 contacts of 3,000 companies, with names that nobody has."""
    parts = ["ba", "ko", "ri", "ten", "mos", "lar", "vi", "du", "sha", "pel", "gor", "nit", "fa", "wex", "hum", "jol"]

    def name(count: int) -> str:
        return "".join(rng.choice(parts) for _ in range(count)).title()

    companies = [f"{name(2)} {rng.choice(['Foods', 'Shipping GmbH', '& Sons'])}" for _ in range(3000)]
    found = []
    for number in range(PEOPLE):
        company = rng.choice(companies)
        deals = (f"{company.split()[0]} renewal",) if number % 3 == 0 else ()
        found.append(Stranger(company, name(2), name(3), f"p{number}@c.example", company, deals))
    return found


def test_asking_takes_a_few_milliseconds_with_ten_thousand_contacts() -> None:
    people = crowd(random.Random(1))
    guard = Strangers(people)
    text = "Your crew sees each job on one page. " * (WORDS // 8) + f"As {people[7].last_name} said. It runs well."
    times = []
    for _ in range(20):
        begun = time.perf_counter()
        assert spans(text, guard) == [people[7].last_name]
        times.append((time.perf_counter() - begun) * 1000)
    assert sorted(times)[10] < MILLISECONDS


@pytest.mark.parametrize("text", ["A" * 9000, "a." * 6000, "a@" * 6000, " " * 9000, "\n" * 9000])
def test_a_hostile_text_is_read_in_time_too(text: str) -> None:
    begun = time.perf_counter()
    assert spans(text) == []
    assert time.perf_counter() - begun < 0.5


# From the CRM -------------------------------------------------------------------------------------------------------


@pytest.fixture
def database(fresh: Database) -> Database:
    """Two workspaces; Oksana is known in the first."""
    with fresh.writing() as session:
        assert workspace(session, "T2").id == 2
        contact(session, 1, first="Oksana", last="Hrytsenko", email="oksana@meridian.example")
    return fresh


def said(leaks: Leaks, text: str, workspace_id: int = 1) -> list[str]:
    other = brief(company=Company(name="Somebody else"))
    return [finding.span for finding in leaks(workspace_id).leaks(text, other)]


def test_the_people_of_a_workspace_are_guarded_and_those_of_another_unknown(database: Database) -> None:
    leaks = Leaks(database)
    assert said(leaks, "Oksana Hrytsenko of Northwind Foods, oksana@meridian.example") == [
        "oksana@meridian.example",
        "Oksana Hrytsenko",
        "Northwind Foods",
    ]
    assert said(leaks, "Oksana Hrytsenko", workspace_id=2) == []
    assert said(leaks, "Maya Lindqvist and Acme say hello.") == []  # the owner and the house


def test_the_index_is_kept_until_the_crm_changes(database: Database) -> None:
    leaks = Leaks(database)
    kept = leaks(1)
    assert leaks(1) is kept
    with database.writing() as session:
        contact(session, 1, first="Tjark", last="Möllendorff", email="t@pellworm.example")
    assert said(leaks, "Ask Möllendorff.") == ["Möllendorff"]
    with database.writing() as session:
        row = queries.contact_by_email(session, workspace_id=1, email="t@pellworm.example")
        assert row
        row.last_name = "Quigley"
    assert said(leaks, "Ask Möllendorff or Quigley.") == ["Quigley"]
    with database.writing() as session:
        row = queries.contact_by_email(session, workspace_id=1, email="t@pellworm.example")
        session.delete(row)
    assert said(leaks, "Ask Möllendorff or Quigley.") == []


def test_a_change_that_the_stamp_cannot_see_is_known_ten_minutes_later(database: Database) -> None:
    now = [0.0]
    leaks = Leaks(database, lambda: now[0])
    leaks(1)
    with database.writing() as session:
        row = queries.contact_by_email(session, workspace_id=1, email="oksana@meridian.example")
        assert row
        row.last_name = "Hrytsenka"
    assert said(leaks, "Ask Hrytsenka.") == []
    now[0] += STALE_SECONDS + 1
    assert said(leaks, "Ask Hrytsenka.") == ["Hrytsenka"]
