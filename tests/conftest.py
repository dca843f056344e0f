"""What tests share: the real base model, fetched once into the same cache that `make demo` uses, and databases.

A file marked `both_databases` runs on SQLite and on PostgreSQL; the others, where no dialect matters, on SQLite.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from model import base as base_model
from storage.database import Database
from tests import postgres as embedded
from tests.rows import contact, workspace

CACHE = Path(__file__).parent.parent / "var" / "cache"


@pytest.fixture(scope="session")
def base() -> base_model.Base:
    return base_model.find(base_model.DEFAULT, CACHE, progress=lambda *_: None)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "empty" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_databases"):
        metafunc.parametrize("empty", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[embedded.Postgres]:
    with embedded.serving() as server:
        yield server


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated database without a row."""
    if getattr(request, "param", "sqlite") == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
        database.migrate()
        yield database
        database.close()
        return
    server: embedded.Postgres = request.getfixturevalue("postgres")
    url = server.migrated()
    database = Database(url)
    yield database
    database.close()
    server.drop(url)


@pytest.fixture
def fresh(empty: Database) -> Database:
    """A workspace and nothing in it."""
    with empty.writing() as session:
        assert workspace(session).id == 1
    return empty


@pytest.fixture
def database(fresh: Database) -> Database:
    """A workspace with one contact, a company, a deal and an event."""
    with fresh.writing() as session:
        contact(session, 1)
    return fresh
