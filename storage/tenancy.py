"""One workspace never sees another, and nobody has to remember it.

Every statement on a table with a `workspace_id` names one workspace for each such table, or it does not run; and a
transaction that has named one names no other. PostgreSQL is told which one, and its row-level security hides the rest,
also from statements that were written by hand. What has to look at every workspace says so with EVERY_WORKSPACE and
stands in `storage/queries/crossing.py`.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Alias, Column, Connection, Delete, Insert, Join, Select, Table, Update, event, text
from sqlalchemy.orm import ORMExecuteState, SessionTransaction
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList, ClauseElement, Grouping
from sqlalchemy.sql.selectable import SelectBase
from sqlmodel import Session

log = logging.getLogger(__name__)

EVERY_WORKSPACE = {"every_workspace": True}  # execution options of a job that looks at all of them
EVERY = "*"
BOUND = "workspace"
UNPROTECTED = """
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND NOT c.relforcerowsecurity
"""
PROTECTION = (
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE {table} FORCE ROW LEVEL SECURITY",  # for the owner too, who is the one that connects
    "CREATE POLICY one_workspace ON {table} USING ("
    "current_setting('app.workspace', true) IN (workspace_id::text, '*'))",
)


class TenancyError(Exception):
    """A statement could have shown or changed another workspace's rows, so it did not run. A programmer's mistake."""


class ScopedSession(Session):
    """A session whose statements are held against the rules above."""


def enter(session: Session, workspace_id: int) -> None:
    """Bind the transaction to a workspace. Raises TenancyError when it is bound to another."""
    bound = session.info.get(BOUND, EVERY)
    if bound not in (EVERY, workspace_id):
        raise TenancyError(f"This transaction belongs to workspace {bound}; open another for workspace {workspace_id}.")
    _bind(session, workspace_id)


def _enter_every(session: Session) -> None:
    bound = session.info.get(BOUND, EVERY)
    if bound != EVERY:
        raise TenancyError(f"This transaction belongs to workspace {bound}; open another to look at every workspace.")
    _bind(session, EVERY)


def _bind(session: Session, bound: int | str) -> None:
    connection = session.connection()
    if session.info.get(BOUND) == bound:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT set_config('app.workspace', :bound, true)"), {"bound": str(bound)})
    session.info[BOUND] = bound


def unbind(connection: Connection) -> None:
    """Let a migration see the rows of every workspace."""
    connection.execute(text("SELECT set_config('app.workspace', '*', true)"))


def protect(connection: Connection) -> None:
    """Row-level security for every table of workspaces in PostgreSQL that has none yet."""
    for table in connection.scalars(text(UNPROTECTED)).all():
        for statement in PROTECTION:
            connection.execute(text(statement.format(table=table)))
    if connection.scalar(text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")):
        log.warning("Row-level security does not bind this database user. Connect as one that is no superuser.")


# What sessions are held against ---------------------------------------------------------------------------------------


@event.listens_for(ScopedSession, "after_begin")
def _forget(session: Session, transaction: SessionTransaction, _connection: Connection) -> None:
    if not transaction.nested:
        session.info.pop(BOUND, None)


@event.listens_for(ScopedSession, "before_flush")
def _check_rows(session: Session, _context: Any, _instances: Any) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if (workspace_id := getattr(row, "workspace_id", None)) is not None:
            enter(session, workspace_id)


@event.listens_for(ScopedSession, "do_orm_execute")
def _check_statement(state: ORMExecuteState) -> None:
    session: Any = state.session
    if state.is_column_load:  # of a row that this transaction was let in to
        return
    if state.execution_options.get("every_workspace"):
        _enter_every(session)
    elif isinstance(state.statement, Insert):
        if _scoped(state.statement.table) and BOUND not in session.info:
            raise TenancyError(
                f"INSERT into {state.statement.table.name} without `insert_into`, which names the workspace."
            )
    elif isinstance(state.statement, SelectBase | Update | Delete):
        for workspace_id in named(state.statement):
            enter(session, workspace_id)


def named(statement: ClauseElement) -> set[int]:
    """The workspaces that a statement is about. Raises TenancyError for a table of which it does not say whose rows."""
    return _named(statement, {})


def _named(statement: ClauseElement, outer: dict[str, int]) -> set[int]:
    level = _Level()
    level.read(statement, certain=True)
    known = level.known(outer)
    if missing := sorted(level.touched - known.keys()):
        raise TenancyError(
            f"A statement on {', '.join(missing)} names no workspace. Compare `workspace_id` of each table;"
            " a job that looks at every workspace belongs in storage/queries/crossing.py."
        )
    inner = (_named(each, known) for each in level.inner)
    return {known[table] for table in level.touched}.union(*inner)


@dataclass
class _Level:
    """One SELECT, UPDATE or DELETE without those within it."""

    touched: set[str] = field(default_factory=set)
    given: dict[str, int] = field(default_factory=dict)  # table → workspace that its rows must belong to
    linked: list[tuple[str, str]] = field(default_factory=list)  # tables whose workspaces must be the same
    inner: list[ClauseElement] = field(default_factory=list)

    def read(self, element: Any, *, certain: bool) -> None:
        """Note what an element touches, and what must hold for every row: nothing that stands in an OR or a NOT."""
        if isinstance(element, Table | Alias):
            self._touch(element)
        elif isinstance(element, Column):
            self._touch(element.table)
        else:
            if certain and isinstance(element, BinaryExpression) and element.operator is operators.eq:
                self._compare(element)
            holds = certain and _holds_for_every_row(element)
            for child in element.get_children():
                if isinstance(child, SelectBase) and not isinstance(element, SelectBase):
                    self.inner.append(child)
                else:
                    self.read(child, certain=holds)

    def known(self, outer: dict[str, int]) -> dict[str, int]:
        """Table → workspace, also by way of another table, which may be one of the statement around this one."""
        around = {table: outer[table] for pair in self.linked for table in pair if table in outer}
        known = {**around, **self.given}
        for _ in self.linked:
            for one, other in self.linked:
                for table, same in ((one, other), (other, one)):
                    if same in known:
                        known.setdefault(table, known[same])
        return known

    def _touch(self, table: Any) -> None:
        if _scoped(table):
            self.touched.add(table.name)

    def _compare(self, equation: BinaryExpression[Any]) -> None:
        tables = [_plain(side).table.name for side in _sides(equation) if _is_workspace(side)]
        values = [side.effective_value for side in _sides(equation) if isinstance(side, BindParameter)]
        if len(tables) == 2:
            self.linked.append((tables[0], tables[1]))
        elif tables and isinstance(values[0], int):
            self.given[tables[0]] = values[0]


def _sides(equation: BinaryExpression[Any]) -> Iterator[Any]:
    """The workspace columns and the values of a comparison of workspaces; nothing of any other."""
    sides = (equation.left, equation.right)
    if all(isinstance(side, BindParameter) or _is_workspace(side) for side in sides):
        yield from sides


def _is_workspace(side: Any) -> bool:
    return isinstance(_plain(side), Column) and _plain(side).name == "workspace_id"


def _plain(side: Any) -> Any:
    """A column, also where `+ 0` keeps SQLite from choosing its index."""
    if isinstance(side, BinaryExpression) and side.operator is operators.add:
        nothing = isinstance(side.right, BindParameter) and side.right.effective_value == 0
        return side.left if nothing else side
    return side


def _holds_for_every_row(element: Any) -> bool:
    """Whether what stands below an element restricts its rows as it is."""
    if isinstance(element, BooleanClauseList):
        return element.operator is operators.and_
    return isinstance(element, Select | Update | Delete | Join | Grouping)


def _scoped(table: Any) -> bool:
    return "workspace_id" in getattr(table, "c", ())
