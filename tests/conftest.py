"""What tests share: the real base model, fetched once into the same cache that `make demo` uses."""

from pathlib import Path

import pytest

from model import base as base_model
from storage.database import Database
from tests.rows import contact, workspace

CACHE = Path(__file__).parent.parent / "var" / "cache"


@pytest.fixture(scope="session")
def base() -> base_model.Base:
    return base_model.find(base_model.DEFAULT, CACHE, progress=lambda *_: None)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """A workspace with one contact, a company, a deal and an event."""
    database = Database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    database.migrate()
    with database.writing() as session:
        workspace(session)
        contact(session, 1)
    return database
