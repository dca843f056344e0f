"""Two workspaces with the same emails, ids and names, and every query of `storage/queries` called at random.

After each step nothing that came back belongs to the other workspace, and the other workspace's rows, and what it
reads, are as they were. A new query is called too, its arguments made by their types. For many steps:

    python -m tests.tenancy --steps 10000 [--postgres] [--json]
"""

import argparse
import itertools
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from storage import queries, tables
from storage.database import Database
from tests.alike import SPACES, Query, arguments, mark, only_reads, plain, scoped_queries, seed
from tests.fakes import MONDAY
from tests.postgres import serving

TABLES: list[Any] = [each for each in vars(tables).values() if "workspace_id" in getattr(each, "model_fields", ())]
EXAMPLES, STEPS_PER_EXAMPLE = 20, 50


# The machine --------------------------------------------------------------------------------------------------------


def machine(
    make: Callable[[], Database], called: Counter[str], more: Sequence[Query] = ()
) -> type[RuleBasedStateMachine]:
    """A machine on fresh databases; `called` counts its steps by query. `more` are called beside all others."""
    every = [*scoped_queries(), *more]
    reads = [query for query in scoped_queries() if only_reads(query)]

    class Tenants(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.database = make()

        @initialize()
        def two_workspaces_alike(self) -> None:
            seed(self.database)

        @rule(data=st.data(), workspace_id=st.sampled_from(SPACES), query=st.sampled_from(every))
        def one_workspace_calls(self, data: st.DataObject, workspace_id: int, query: Query) -> None:
            other = 3 - workspace_id
            look = data.draw(st.sampled_from(reads))
            asked = data.draw(arguments(look, other))
            before = self._rows(other), self._call(look, asked)
            found = self._call(query, data.draw(arguments(query, workspace_id)))
            called[query.__name__] += 1
            assert not foreign(found, other), f"{query.__name__} shows workspace {workspace_id} rows of {other}"
            assert before == (self._rows(other), self._call(look, asked)), f"{query.__name__} changed workspace {other}"

        @rule(draft_id=st.integers(1, 6))
        def a_worker_takes_one(self, draft_id: int) -> None:
            with self.database.writing() as session:
                queries.claim_draft(session, now=MONDAY, lease=timedelta(minutes=1), draft_id=draft_id)

        def _call(self, query: Query, given: dict[str, Any]) -> Any:
            """The result as plain values; the name of the error for what the rows do not allow."""
            try:
                with self.database.writing() as session:
                    return plain(query(session, **given))
            except (AssertionError, DBAPIError, ValueError) as error:
                return type(error).__name__

        def _rows(self, workspace_id: int) -> list[Any]:
            with self.database.reading() as session:
                queried = [select(table).where(table.workspace_id == workspace_id) for table in TABLES]
                return [sorted(map(repr, plain(session.exec(query)))) for query in queried]

        def teardown(self) -> None:
            self.database.close()

    return Tenants


def foreign(found: Any, other: int) -> bool:
    """Whether anything in plain values belongs to the other workspace."""
    if isinstance(found, dict):
        return found.get("workspace_id") == other or any(foreign(each, other) for each in found.values())
    if isinstance(found, list):
        return any(foreign(each, other) for each in found)
    return isinstance(found, str) and mark(other) in found


def run(
    make: Callable[[], Database], *, examples: int, steps: int, more: Sequence[Query] = (), same: bool = True
) -> Counter[str]:
    """Run the machine, the `same` way each time or another. Raises what it finds, made short unless it was planted."""
    called: Counter[str] = Counter()
    how = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=same,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        phases=[Phase.generate, *([] if more else [Phase.shrink])],
    )
    run_state_machine_as_test(machine(make, called, more), settings=how)
    return called


# Databases ----------------------------------------------------------------------------------------------------------


def sqlite_databases(folder: Path) -> Callable[[], Database]:
    """Copies of one migrated file."""
    template = Database(f"sqlite:///{folder / 'template.sqlite3'}")
    template.migrate()
    template.close()
    numbers = itertools.count()

    def make() -> Database:
        path = folder / f"{next(numbers)}.sqlite3"
        path.write_bytes((folder / "template.sqlite3").read_bytes())
        return Database(f"sqlite:///{path}")

    return make


def _databases(started: ExitStack, postgres: bool) -> Callable[[], Database]:
    if not postgres:
        return sqlite_databases(Path(started.enter_context(tempfile.TemporaryDirectory())))
    server = started.enter_context(serving())
    return lambda: Database(server.migrated())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    begun = time.perf_counter()
    with ExitStack() as started:
        make = _databases(started, asked.postgres)
        called: Counter[str] = Counter()
        while called.total() < asked.steps:
            called += run(make, examples=EXAMPLES, steps=STEPS_PER_EXAMPLE, same=False)
    seconds = time.perf_counter() - begun
    figures = {"steps": called.total(), "queries": len(called), "cross_reads": 0, "seconds": round(seconds)}
    print(json.dumps(figures) if asked.json else "; ".join(f"{name} {value}" for name, value in figures.items()))  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
