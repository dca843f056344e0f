"""What tests share: the real base model, fetched once into the same cache that `make demo` uses; databases; a recorder.

A file marked `both_databases` runs on SQLite and on PostgreSQL; the others, where no dialect matters, on SQLite.
Everything that the bot says to Slack while the tests run is taken down and held against Slack's own rules at the end.
"""

import logging
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from model import base as base_model
from storage.database import Database
from tests import postgres as embedded
from tests.conformance import recorder
from tests.rows import contact, workspace

TOKEN = re.compile(r"xox[a-z]-|xox[a-z]\.xox|xapp-")
CACHE = Path(__file__).parent.parent / "var" / "cache"
LAST = "test_emitted.py"  # looks at what all the others made the bot say


def pytest_configure(config: pytest.Config) -> None:
    """Before any test file is imported, so that what it imports by name is watched too."""
    file, path = tempfile.mkstemp(prefix="said-to-slack-", suffix=".jsonl")
    os.close(file)
    os.environ[recorder.RECORDING] = path
    recorder.start(Path(path), told=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    Path(os.environ.pop(recorder.RECORDING)).unlink()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name == LAST)  # stable: nothing else moves


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


class Secrets(logging.Handler):
    """Reads along what is logged, tracebacks too."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter())
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if TOKEN.search(said := self.format(record)):
            self.found.append(f"{record.name}: {TOKEN.sub('…', said)[:200]}")


@pytest.fixture(autouse=True)
def no_token_in_the_log() -> Iterator[None]:
    """Whatever a test does, no token of Slack's is written to the log."""
    reading = Secrets()
    logging.getLogger().addHandler(reading)
    yield
    logging.getLogger().removeHandler(reading)
    assert reading.found == []
