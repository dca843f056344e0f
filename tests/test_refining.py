"""When a night is worth its luck: what is refused before any training, and in which words."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import refining
from bot.settings import Settings
from model.brief import Company
from model.prompt import PROMPT_VERSION
from storage import queries
from storage.database import Database
from storage.tables import Adapter, Pair, Run, RunStatus, Verdict
from tests.fakes import Clock
from tests.rows import brief
from tests.test_prompt import VOICE

pytestmark = pytest.mark.both_databases


def add_pairs(database: Database, count: int, *, start: int = 0, clock: Clock) -> None:
    with database.writing() as session:
        for number in range(start, start + count):
            facts = brief(company=Company(name=f"Account {number}"))
            queries.add_pair(
                session,
                row=Pair(
                    workspace_id=1,
                    source="review",
                    source_id=str(number),
                    account=facts.account,
                    verdict=Verdict.edited,
                    brief=facts.model_dump(mode="json"),
                    drafted="Subject: x\n\nDear Dana",
                    final="Subject: y\n\nHi Dana",
                    prompt_version=PROMPT_VERSION,
                    at=clock(),
                    written_at=clock(),
                ),
            )


def add_run(database: Database, clock: Clock, **changes: Any) -> None:
    with database.writing() as session:
        adapter = queries.add_adapter(session, row=Adapter(workspace_id=1, version=0, folder="one"))
        known = {"status": RunStatus.finished, "pairs": 20, "tested": True, "candidate_id": adapter.id}
        session.add(Run(workspace_id=1, started_at=clock(), **{**known, **changes}))


def reasons(database: Database, clock: Clock, tmp_path: Path) -> list[str]:
    settings = Settings(_env_file=None, home=tmp_path, base_model=str(tmp_path / "missing.gguf"))  # type: ignore[call-arg]
    job = refining.Refining(settings, database, VOICE, clock, lambda *_: None)
    with database.writing() as session:
        run = queries.claim_run(session, workspace_id=1, date=None, now=clock(), lease=timedelta(minutes=5))
    assert run
    return refining.refine(job, run=run, minutes=1, force=False).reasons


def test_nothing_to_learn_from_says_where_to_begin(database: Database, tmp_path: Path) -> None:
    assert "afterword import emails" in reasons(database, Clock(), tmp_path)[0]


def test_too_few_pairs_say_how_many_are_missing(database: Database, tmp_path: Path) -> None:
    clock = Clock()
    add_pairs(database, 6, clock=clock)
    (said,) = reasons(database, clock, tmp_path)
    assert "3 pairs to learn from; 5 more are needed" in said


def test_without_a_new_review_there_is_no_night(database: Database, tmp_path: Path) -> None:
    clock = Clock()
    add_pairs(database, 40, clock=clock)
    clock.move(hours=1)
    add_run(database, clock)
    assert "nothing new to learn" in reasons(database, clock, tmp_path)[0]


@pytest.mark.parametrize(
    ("last", "new", "waits"),
    [
        ({"promoted": False}, 9, "9 new reviews since the last test; with 1 more"),
        ({"promoted": False}, 10, None),
        ({"promoted": True}, 9, "9 new reviews since the last test; with 1 more"),
        ({"promoted": True}, 10, None),
        ({"tested": False}, 1, None),
    ],
)
def test_a_look_waits_until_there_is_more_to_see(
    database: Database, tmp_path: Path, last: dict[str, Any], new: int, waits: str | None
) -> None:
    clock = Clock()
    add_pairs(database, 40, clock=clock)
    clock.move(hours=1)
    add_run(database, clock, **last)
    clock.move(hours=1)
    add_pairs(database, new, start=40, clock=clock)
    said = " ".join(reasons(database, clock, tmp_path))
    # Where it goes on to train, this test has no base model for it and the run says so.
    assert (waits in said) if waits else ("missing.gguf" in said)


def test_the_period_of_looks_ends_with_a_promotion_or_a_month(database: Database) -> None:
    clock = Clock()

    def looks() -> int:
        with database.reading() as session:
            return queries.tests_run(session, workspace_id=1, now=clock())

    add_run(database, clock)
    add_run(database, clock, tested=False)
    add_run(database, clock)
    assert looks() == 2
    add_run(database, clock, promoted=True)
    assert looks() == 0
    add_run(database, clock)
    assert looks() == 1
    clock.move(days=30)
    assert looks() == 0
