"""One run per workspace and date: never missed, never doubled, whatever the clocks do."""

import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot import steering
from bot.nightly import CLAIM, Nightly, due_date, next_night
from storage import queries
from storage.database import Database
from storage.tables import Run, RunStatus, Workspace
from tests.fakes import MONDAY, Clock
from tests.rows import workspace
from tests.running import until

pytestmark = pytest.mark.both_databases

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Pacific/Apia"]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", [time(0, 0), time(0, 30), time(2, 30), time(23, 59)])
def test_over_two_years_every_date_is_due_exactly_once(zone: str, at: time) -> None:
    start = datetime(2026, 1, 1, 12, tzinfo=UTC)
    ticks = (start + timedelta(minutes=20 * n) for n in range(2 * 365 * 72))
    days = [due_date(tick, ZoneInfo(zone), at) for tick in ticks]
    seen = list(dict.fromkeys(days))
    assert seen == [seen[0] + timedelta(days=n) for n in range(len(seen))]
    assert days == sorted(days)


class World:
    """A database, a clock, and what was reported."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = Clock()
        self.told: list[Run] = []
        with self.database.writing() as session:
            self.workspace = workspace(session)
            self.workspace.created_at = MONDAY - timedelta(days=30)

    def nightly(self, *command: str, tell: bool = True) -> Nightly:
        def report(_: Workspace, run: Run) -> bool:
            if tell:
                self.told.append(run)
            return tell

        return Nightly(
            self.database,
            zone=ZoneInfo("UTC"),
            at=time(2, 0),
            clock=self.clock,
            command=lambda run: command or (sys.executable, "-c", "raise SystemExit(3)"),
            environment={},
            report=report,
        )

    def runs(self) -> list[Run]:
        with self.database.reading() as session:
            run = queries.latest_run(session, workspace_id=self.workspace.id or 0)
            return [run] if run else []


@pytest.fixture
def world(fresh: Database) -> World:
    return World(fresh)


def test_a_date_is_claimed_once(world: World) -> None:
    first = world.nightly().claim(world.workspace)
    assert first and first.date == "2026-11-23"
    assert world.nightly().claim(world.workspace) is None


def test_a_claim_whose_process_died_is_taken_over_with_a_new_fencing_number(world: World) -> None:
    first = world.nightly().claim(world.workspace)
    world.clock.move(seconds=CLAIM.total_seconds() + 1)
    second = world.nightly().claim(world.workspace)
    assert first and second and second.id == first.id
    assert second.attempt == first.attempt + 1
    with world.database.writing() as session:
        late = {"status": RunStatus.finished, "promoted": True}
        assert not queries.finish_run(
            session, workspace_id=1, run_id=first.id or 0, attempt=first.attempt, changes=late
        )


def test_a_training_that_died_while_the_clock_was_years_ahead_holds_no_night_back(world: World) -> None:
    world.clock.move(days=3650)
    assert world.nightly().claim(world.workspace), "and its process died"
    world.clock.move(days=-3650)
    first = world.nightly().claim(world.workspace)
    assert first and first.date == "2026-11-23"
    assert world.nightly().claim(world.workspace) is None, "this one is alive"


def test_downtime_is_caught_up_with_the_latest_date_only(world: World) -> None:
    world.nightly().claim(world.workspace)
    world.clock.move(days=4)
    run = world.nightly().claim(world.workspace)
    assert run and run.date == date(2026, 11, 27).isoformat()


def test_a_workspace_made_today_waits_for_its_first_night(world: World) -> None:
    world.workspace.created_at = MONDAY
    assert world.nightly().claim(world.workspace) is None
    world.clock.move(days=1)
    assert world.nightly().claim(world.workspace) is not None


def test_a_crash_of_the_child_is_a_failure_with_a_sentence_and_never_a_verdict(world: World) -> None:
    world.nightly().tick()
    (run,) = world.runs()
    assert run.status == RunStatus.failed
    assert not run.promoted
    assert "ended early" in run.reasons[0]
    assert [told.id for told in world.told] == [run.id]


def test_people_are_told_once_and_again_only_if_it_did_not_work(world: World) -> None:
    world.nightly(tell=False).tick()
    world.nightly().tick()
    world.nightly().tick()
    assert len(world.told) == 1


# What people decide about it --------------------------------------------------------------------------------------


def test_the_next_night_is_the_one_that_has_not_come(world: World) -> None:
    zone, at = ZoneInfo("Europe/Berlin"), time(2, 0)
    assert next_night(MONDAY, zone, at) == datetime(2026, 11, 24, 2, 0, tzinfo=zone)
    assert next_night(datetime(2026, 11, 24, 0, 30, tzinfo=UTC), zone, at) == datetime(2026, 11, 24, 2, 0, tzinfo=zone)


def test_a_paused_workspace_is_not_trained_and_makes_up_for_it_afterwards(world: World) -> None:
    who = {"workspace_id": world.workspace.id or 0, "who": "U0ALEX"}
    with world.database.writing() as session:
        assert steering.pause(session, **who, now=world.clock())  # type: ignore[arg-type]
    stale = world.workspace  # as a tick read it before somebody paused
    assert world.nightly().claim(stale) is None and world.runs() == []
    with world.database.writing() as session:
        assert steering.resume(session, **who)  # type: ignore[arg-type]
    assert world.nightly().claim(stale) is not None


def asked(world: World) -> Run | None:
    with world.database.writing() as session:
        return steering.refine_now(session, workspace_id=world.workspace.id or 0, who="U0ALEX", now=world.clock())


def test_the_night_waits_for_a_training_that_somebody_asked_for(world: World) -> None:
    run = asked(world)
    assert run and asked(world) is None, "one at a time"
    assert world.nightly().claim(world.workspace) is None
    world.clock.move(seconds=CLAIM.total_seconds() + 1)  # whose process never came up
    assert world.nightly().claim(world.workspace) is not None


def test_a_training_asked_for_is_worked_on_and_told(world: World) -> None:
    run, nightly = asked(world), world.nightly(sys.executable, "-c", "raise SystemExit(3)")
    assert run
    nightly.start()
    nightly.begin(run)
    until(lambda: world.told)
    nightly.stop()
    assert [told.id for told in world.told] == [run.id] and world.told[0].status == RunStatus.failed
