"""Contacts are found as one types, the same on SQLite and PostgreSQL, and what changed is found anew."""

from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text, update
from sqlmodel import select

from storage import queries
from storage.database import Database, _alembic
from storage.tables import Company, Contact
from tests.rows import contact, workspace

pytestmark = pytest.mark.both_databases

PEOPLE = (
    ("Zoë", "Ørsted", "zoe.o@harbour.example"),
    ("Lisa", "Lindqvist", "lisa@northwind.example"),
    ("Li", "Wei", "wei@sail.example"),
    ("Dana", "O'Neil", "dana.oneil@mail.sail.co.example"),
    ("Danielle", "Roy-Martin", "d.roy@sail.example"),
    ("山田", "太郎", "taro@sail.example"),
)


@pytest.fixture
def database(empty: Database) -> Database:
    """Two workspaces, one of them with a namesake."""
    for team in ("T1", "T2"):
        with empty.writing() as session:
            workspace_id = workspace(session, team).id
            assert workspace_id
            for first, last, email in PEOPLE if team == "T1" else PEOPLE[:1]:
                contact(session, workspace_id, first=first, last=last, email=email)
    return empty


def found(database: Database, typed: str, limit: int = 20, workspace_id: int = 1) -> list[str | None]:
    with database.reading() as session:
        rows = queries.search_contacts(session, workspace_id=workspace_id, text=typed, limit=limit)
    return [row.first_name for row in rows]


def test_any_word_is_found_by_its_beginning(database: Database) -> None:
    for typed, names in {
        "zoe": ["Zoë"],
        "ZOË ør": ["Zoë"],
        "orst": ["Zoë"],
        "o'n": ["Dana"],
        "ONeil": ["Dana"],
        "martin": ["Danielle"],
        "roy d": ["Danielle"],
        "shan": ["山田"],
        "lisa@northwind.example": ["Lisa"],
        "dana.oneil@mail.sail.co.ex": ["Dana"],
        "lisa northwind": ["Lisa"],
        "lisa sail": [],
        "example": [],  # ends every address
        "1": [],
        "1_zoe": [],
        "' OR 1=1 --": [],
        '"*': [],
        "": [],
    }.items():
        assert found(database, typed) == names, typed


def test_names_come_before_companies_and_whole_words_before_beginnings(database: Database) -> None:
    assert found(database, "li") == ["Li", "Lisa"]
    assert found(database, "dan") == ["Dana", "Danielle"]
    assert found(database, "northwind", limit=2) == ["Lisa", "Dana"]  # her address says so too


def test_nobody_of_another_workspace_is_found(database: Database) -> None:
    assert found(database, "zoe", workspace_id=2) == ["Zoë"]
    assert found(database, "lisa", workspace_id=2) == []


def test_whoever_changed_or_went_is_not_found_by_what_was(database: Database) -> None:
    with database.writing() as session:
        company = session.exec(
            select(Company).where(Company.workspace_id == 1, Company.source_id == "wei@sail.example")
        ).one()
        company.name = "Ångström & Sons"
        session.execute(
            update(Contact).where(Contact.workspace_id == 1, Contact.first_name == "Lisa").values(first_name="Liv")
        )  # type: ignore[arg-type]
        session.flush()
        ids = {"wei@sail.example", "lisa@northwind.example"}
        queries.fold_names(session, workspace_id=1, source="test", source_ids=ids)
        session.delete(
            session.exec(select(Contact).where(Contact.workspace_id == 1, Contact.first_name == "Zoë")).first()
        )
    assert found(database, "lisa") == ["Liv"]  # the address still says so
    assert found(database, "liv lindq") == ["Liv"]
    assert found(database, "angstrom") == ["Li"]
    assert found(database, "wei northwind") == []
    assert found(database, "zoe") == []


def test_contacts_from_before_the_index_are_found(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path / 'old.sqlite3'}")) as database:
        with database._write.begin() as connection:
            command.upgrade(_alembic(connection), "0005")
            connection.execute(text("INSERT INTO workspace VALUES (1, 'T1', 'Acme', NULL, '2026-01-01')"))
            connection.execute(
                text(
                    "INSERT INTO contact (id, workspace_id, source, source_id, email, first_name, search_name,"
                    " do_not_contact, email_opt_out, bounced)"
                    " VALUES (1, 1, 's', '1', 'zoe@harbour.example', 'Zoë', 'zoe', 0, 0, 0)"
                )
            )
        database.migrate()
        assert found(database, "zoe harb") == ["Zoë"]
        with database.reading() as session:
            [row] = session.exec(select(Contact).where(Contact.workspace_id == 1)).all()
        assert row.search_text == queries.search_text(1, "Zoë", email="zoe@harbour.example")
