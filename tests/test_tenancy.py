"""One workspace never sees another: what does not say whose rows it means does not run."""

import ast
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, not_, or_, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from storage import queries, tenancy
from storage.database import Database
from storage.queries.writing import insert_into
from storage.tables import Adapter, Company, Contact, Draft, Event, Pair, Pointer, Run, Workspace
from storage.tenancy import EVERY_WORKSPACE, TenancyError, named
from tests import tenancy as twins
from tests.alike import arguments, scoped_queries
from tests.postgres import Postgres
from tests.rows import contact, workspace

ROOT = Path(__file__).parent.parent
both = pytest.mark.both_databases
Other = aliased(Contact)
of_company = col(Company.id) == col(Contact.company_id)
same_workspace = col(Company.workspace_id) == col(Contact.workspace_id)
newest = select(func.max(Run.id))
newest_of_8 = newest.where(Run.workspace_id == 8)
same_pair = select(Draft.id).where(Draft.workspace_id == Pair.workspace_id, Draft.contact_id == Pair.contact_id)


# What a statement must say ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "workspaces"),
    [
        (select(Workspace), set()),
        (select(Contact).where(Contact.workspace_id == 7, Contact.email == "x"), {7}),
        (select(func.count()).select_from(Contact).where(Contact.workspace_id == 7), {7}),
        (update(Draft).where(col(Draft.workspace_id) == 7).values(attempt=Draft.attempt + 1), {7}),
        (
            select(Contact).join(Company, of_company & same_workspace, isouter=True).where(Contact.workspace_id == 7),
            {7},
        ),
        (select(Contact).where(same_workspace, Company.workspace_id == 7), {7}),
        (
            select(Run).where(Run.workspace_id == 7, Run.id == newest.where(Run.workspace_id == 8).scalar_subquery()),
            {7, 8},
        ),
        (select(Pair).where(Pair.workspace_id == 7, same_pair.exists()), {7}),
        (select(Other).where(Other.workspace_id == 7), {7}),
    ],
)
def test_the_workspace_is_read_from_the_statement(statement: Any, workspaces: set[int]) -> None:
    assert named(statement) == workspaces


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        (select(Contact), "contact"),
        (select(Contact.email).where(Contact.id == 1), "contact"),
        (select(func.count()).select_from(Contact), "contact"),
        (update(Draft).where(col(Draft.id) == 1).values(status="failed"), "draft"),
        (select(Contact).where(or_(Contact.workspace_id == 7, Contact.email == "x")), "contact"),
        (select(Contact).where(not_(Contact.workspace_id == 7)), "contact"),
        (select(Contact).where(Contact.workspace_id != 7), "contact"),
        (select(Contact).where(Contact.workspace_id == Contact.id), "contact"),
        (select(Contact).join(Company, of_company).where(Contact.workspace_id == 7), "company"),
        (select(Contact, Company).where(Contact.workspace_id == 7), "company"),
        (select(Other).where(Contact.workspace_id == 7), "contact"),
        (select(Run).where(Run.workspace_id == 7, Run.id == newest.scalar_subquery()), "run"),
        (select(Pair).where(Pair.workspace_id == 7, col(Pair.id).in_(select(Event.id))), "event"),
    ],
)
def test_a_statement_that_leaves_it_open_names_the_table(statement: Any, table: str) -> None:
    with pytest.raises(TenancyError, match=table):
        named(statement)


# What a session does about it ---------------------------------------------------------------------------------------


@pytest.fixture
def two(database: Database) -> Database:
    """Dana stands in both workspaces, with the same address and the same source id."""
    with database.writing() as session:
        assert workspace(session, "T2").id == 2
        contact(session, 2)
    return database


def _get(session: Session) -> Any:
    return session.get(Contact, 1)


def _all(session: Session) -> Any:
    return session.exec(select(Contact)).all()


def _insert(session: Session) -> Any:
    insert = insert_into(session, Company, workspace_id=None)
    return session.execute(insert.values(workspace_id=2, source="x", source_id="x", name="x"))


@both
@pytest.mark.parametrize("careless", [_get, _all, _insert])
def test_what_names_no_workspace_does_not_run(two: Database, careless: Any) -> None:
    with pytest.raises(TenancyError), two.writing() as session:
        careless(session)


@both
def test_a_transaction_belongs_to_the_first_workspace_that_it_names(two: Database) -> None:
    with two.writing() as session:
        row = queries.contact(session, workspace_id=1, contact_id=1)
        assert row and queries.contact(session, workspace_id=1, contact_id=2) is None
        with pytest.raises(TenancyError, match="belongs to workspace 1; open another for workspace 2"):
            queries.contact(session, workspace_id=2, contact_id=2)
        with pytest.raises(TenancyError, match="open another to look at every workspace"):
            queries.running_sequences(session)
    with two.reading() as session:
        assert queries.contact(session, workspace_id=2, contact_id=2)


@both
def test_a_row_of_another_workspace_is_not_written(two: Database) -> None:
    with pytest.raises(TenancyError, match="belongs to workspace 1"), two.writing() as session:
        queries.crm_counts(session, workspace_id=1)
        session.add(Company(workspace_id=2, source="x", source_id="x", name="x"))


@both
def test_an_adapter_of_another_workspace_is_not_touched(two: Database) -> None:
    """Its number may be guessed, and the pointer may hold it; it is neither promoted nor served."""
    with two.writing() as session:
        theirs = queries.add_adapter(session, row=Adapter(workspace_id=2, version=0, folder="theirs"))
    with two.writing() as session:
        how = {"adapter_id": theirs.id, "reason": "x", "now": theirs.created_at}
        queries.move_pointer(session, workspace_id=1, **how)
        assert queries.serving(session, workspace_id=1) is None
    with two.reading() as session:
        row = queries.adapter(session, workspace_id=2, adapter_id=theirs.id or 0)
    assert row and row.promoted_at is None


def test_only_one_place_looks_at_every_workspace() -> None:
    files = [path for room in ("bot", "storage") for path in (ROOT / room).rglob("*.py")]
    named_in = {path.relative_to(ROOT).as_posix() for path in files if "EVERY_WORKSPACE" in path.read_text("utf-8")}
    assert named_in == {"storage/tenancy.py", "storage/queries/crossing.py"}


def test_no_query_is_written_by_hand() -> None:
    """Only what is built of tables can be read for its workspace; full-text search has no other way to be asked."""
    for path in set((ROOT / "storage" / "queries").glob("*.py")) - {ROOT / "storage" / "queries" / "search.py"}:
        nodes = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
        from_library = [node for node in nodes if (node.module or "").startswith("sql")]
        assert not {alias.name for node in from_library for alias in node.names} & {"text", "literal_column"}, path.name


# The second wall ----------------------------------------------------------------------------------------------------


@pytest.fixture
def walled(postgres: Postgres) -> Any:
    database = Database(postgres.migrated())
    for workspace_id in (1, 2):
        with database.writing() as session:
            workspace(session, f"T{workspace_id}")
            contact(session, workspace_id)
    yield database
    database.close()


def test_every_table_of_workspaces_has_row_level_security(walled: Database) -> None:
    with walled.reading() as session:
        assert session.execute(text(tenancy.UNPROTECTED)).all() == []
        protected = session.execute(text("SELECT tablename FROM pg_policies WHERE policyname = 'one_workspace'"))
        assert set(protected.scalars()) == {table.__tablename__ for table in twins.TABLES}


def test_sql_by_hand_sees_nothing_before_a_workspace_is_named_and_then_only_its_rows(walled: Database) -> None:
    counted = text("SELECT count(*), min(workspace_id), max(workspace_id) FROM contact")
    with walled.reading() as session:
        assert session.execute(counted).one() == (0, None, None)
        queries.crm_counts(session, workspace_id=2)
        assert session.execute(counted).one() == (1, 2, 2)
    with walled.reading() as session:
        queries.running_sequences(session)
        assert session.execute(counted).one() == (2, 1, 2)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO company (workspace_id, source, source_id, name) VALUES (2, 'x', 'x', 'x')",
        "UPDATE company SET workspace_id = 2",
    ],
)
def test_sql_by_hand_cannot_write_into_another_workspace(walled: Database, statement: str) -> None:
    with pytest.raises(DBAPIError, match="row-level security"), walled.writing() as session:
        queries.crm_counts(session, workspace_id=1)
        session.execute(text(statement))


def test_a_connection_that_goes_back_to_the_pool_forgets_its_workspace(walled: Database) -> None:
    for _ in range(3):
        with walled.writing() as session:
            queries.crm_counts(session, workspace_id=1)
        with walled.writing() as session:
            assert session.execute(text("SELECT count(*) FROM contact")).scalar() == 0


def test_a_user_whom_the_wall_does_not_bind_is_told_so(postgres: Postgres, caplog: pytest.LogCaptureFixture) -> None:
    ordinary = Database(postgres.empty())
    ordinary.migrate()
    assert not caplog.text
    almighty = Database(ordinary.url.replace("afterword@", "postgres@"))
    almighty.migrate()
    assert "Connect as one that is no superuser" in caplog.text
    for database in (ordinary, almighty):
        database.close()


def test_a_backup_by_pg_dump_holds_every_workspace(walled: Database, postgres: Postgres) -> None:
    """The command of docs/reliability.md; without it the wall would keep pg_dump out."""
    environment = {**os.environ, "PGOPTIONS": "-c app.workspace=*"}
    dump = [postgres.tool("pg_dump"), "--enable-row-security", walled.url]
    saved = subprocess.run(dump, env=environment, capture_output=True, text=True, check=True).stdout
    copy = Database(postgres.empty())
    subprocess.run([postgres.tool("psql"), "-q", copy.url], input=saved, capture_output=True, text=True, check=True)
    copy.migrate()
    for workspace_id in (1, 2):
        with copy.reading() as session:
            assert queries.contact(session, workspace_id=workspace_id, contact_id=workspace_id)
    copy.close()


def test_a_later_migration_sees_every_row_and_its_tables_get_the_wall(walled: Database) -> None:
    with walled._write.begin() as connection:
        connection.execute(text("CREATE TABLE later (workspace_id integer, said text)"))
    walled.migrate()
    with walled._write.begin() as connection:
        tenancy.unbind(connection)
        assert connection.execute(text("SELECT count(*) FROM contact")).scalar() == 2
    with walled.reading() as session:
        security = text("SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relname = 'later'")
        assert session.execute(security).scalar()


# At random ----------------------------------------------------------------------------------------------------------


def test_whatever_one_workspace_asks_and_writes_the_other_is_neither_seen_nor_changed(tmp_path: Path) -> None:
    called = twins.run(twins.sqlite_databases(tmp_path), examples=8, steps=25)
    assert called.total() > 20


def test_row_level_security_changes_no_answer(postgres: Postgres) -> None:
    assert twins.run(lambda: Database(postgres.migrated()), examples=4, steps=25).total() > 10


def leaky_contact(session: Session, *, workspace_id: int, contact_id: int) -> Any:
    """`queries.contact` as it would be without the workspace, and let through."""
    return session.exec(select(Contact).where(Contact.id == contact_id), execution_options=EVERY_WORKSPACE).first()


def leaky_pointer(session: Session, *, workspace_id: int) -> None:
    """An update that means one workspace and says none."""
    session.execute(update(Pointer).values(reason="moved"), execution_options=EVERY_WORKSPACE)


@pytest.mark.parametrize("leak", [leaky_contact, leaky_pointer])
def test_a_query_that_forgets_the_workspace_is_found(tmp_path: Path, leak: Any) -> None:
    with pytest.raises(AssertionError, match=leak.__name__):
        twins.run(twins.sqlite_databases(tmp_path), examples=20, steps=25, more=[leak] * 40)


def test_every_query_has_arguments() -> None:
    for query in scoped_queries():
        arguments(query, 1)
    assert len(scoped_queries()) > 60
