"""The same rows and the same question give the same answer on SQLite and on PostgreSQL."""

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import queries
from storage.database import Database
from storage.tables import Deal, Event
from tests import alike
from tests.fakes import MONDAY
from tests.postgres import Postgres
from tests.rows import contact
from tests.tenancy import sqlite_databases

NAMES = (
    *("Zoë Ørsted", "zoe orsted", "O'Brien Pat", "O Brien Pat", "ÅSA Lee", "Asa LEE"),
    *("dana whitfield", "李 雷", "Straße Ida", "100% Sure", "A_B C"),
)
READS = [query for query in alike.scoped_queries() if alike.only_reads(query)]
SINCE = ("created_at", "promoted_at")  # when the test ran


def fill(database: Database) -> None:
    """Names in every case and script, deals with and without a day, events of one moment."""
    alike.seed(database)
    with database.writing() as session:
        for number, name in enumerate(NAMES):
            first, _, last = name.partition(" ")
            row = contact(session, 1, first=first, last=last, email=f"Person.{number}@x.example".lower())
            assert row.id is not None
            for day, is_open in itertools.product((None, date(2026, 12, number + 1)), (True, False)):
                source_id = f"{number} {day} {is_open}"
                what = {"name": source_id, "amount": Decimal("10.50"), "close_date": day, "is_open": is_open}
                session.add(Deal(workspace_id=1, source="x", source_id=source_id, contact_id=row.id, **what))
            for kind, subject in itertools.product(("call", "email_received"), (None, "Boards", "boards")):
                at = MONDAY - timedelta(days=number % 3)
                where = {"source": "x", "source_id": f"{number} {kind} {subject}", "contact_id": row.id}
                session.add(Event(workspace_id=1, at=at, kind=kind, subject=subject, **where))


@pytest.fixture(scope="module")
def both(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Database]]:
    databases = sqlite_databases(tmp_path_factory.mktemp("rows"))(), Database(postgres.migrated())
    for database in databases:
        fill(database)
    yield databases
    for database in databases:
        database.close()


def answer(database: Database, query: alike.Query, asked: dict[str, Any]) -> Any:
    with database.reading() as session:
        return timeless(alike.plain(query(session, **asked)))


def timeless(found: Any) -> Any:
    if isinstance(found, dict):
        return {name: timeless(value) for name, value in found.items() if name not in SINCE}
    return [timeless(each) for each in found] if isinstance(found, list) else found


@given(data=st.data(), query=st.sampled_from(READS))
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
def test_a_question_has_one_answer(both: tuple[Database, Database], data: st.DataObject, query: alike.Query) -> None:
    asked = data.draw(alike.arguments(query, 1))
    on_sqlite, on_postgres = (answer(database, query, asked) for database in both)
    assert on_sqlite == on_postgres, query.__name__


@pytest.mark.parametrize("name", [*NAMES, *map(str.upper, NAMES), "orsted", "sure", "%", "_", "brien"])
def test_a_name_is_found_alike(both: tuple[Database, Database], name: str) -> None:
    for query in (queries.contacts_named, queries.closest_contacts):
        on_sqlite, on_postgres = (answer(database, query, {"workspace_id": 1, "name": name}) for database in both)
        assert on_sqlite == on_postgres


def test_the_deal_and_the_events_of_everybody_are_the_same(both: tuple[Database, Database]) -> None:
    until = MONDAY + timedelta(1)
    questions: list[tuple[alike.Query, dict[str, Any]]] = [
        (queries.deal_for, {}),
        (queries.events_for, {"before": until, "limit": 9}),
        (queries.latest_events, {"before": until, "kinds": ["call", "email_received"]}),
    ]
    for (query, asked), number in itertools.product(questions, range(1, 20)):
        asked = {**asked, "workspace_id": 1, "contact_id": number}
        on_sqlite, on_postgres = (answer(database, query, asked) for database in both)
        assert on_sqlite == on_postgres, query.__name__
