"""Sequences: each step is drafted once, on its day, for a person to review; a reply or the goal ends it."""

import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import sequences
from bot.sequences import SequenceError, Sequences, Sequencing, advance, begin, described, drafts_of, end
from model.brief import Event
from model.playbook import Playbook, Playbooks, Step
from model.sequence import Stopped, due, moment_of, over, wording
from storage import queries, tables
from storage.database import Database
from storage.tables import Draft, Status
from tests.fakes import MONDAY, Clock
from tests.rows import contact, workspace

pytestmark = pytest.mark.both_databases

STEPS = Playbooks()["saas_onboarding"].steps
DAYS = [step.day for step in STEPS]
GOAL = "Inspection Rounds"


def event(kind: str, days: float, subject: str | None = None) -> Event:
    return Event(kind=kind, at=MONDAY + timedelta(days=days), subject=subject)


def on(days: float, *events: Event, **more: Any) -> Any:
    found = due(STEPS, MONDAY, MONDAY + timedelta(days=days), events, goal=GOAL, **more)
    return found.day if isinstance(found, Step) else found


def test_the_packaged_sequence_has_its_four_days() -> None:
    assert DAYS == [0, 3, 7, 14]
    assert all(GOAL in wording(step, GOAL) and "{" not in wording(step, GOAL) for step in STEPS)


@pytest.mark.parametrize(
    ("days", "drafted", "step"),
    [(0, [], 0), (0, [0], None), (2.99, [0], None), (3, [0], 3), (6.9, [0, 3], None), (7, [0, 3], 7), (14, [0, 7], 14)],
)
def test_a_step_is_due_on_its_day_and_not_before(days: float, drafted: list[int], step: int | None) -> None:
    assert on(days, drafted=drafted) == step


def test_after_a_pause_of_ours_only_the_latest_step_is_drafted() -> None:
    assert on(9, drafted=[0]) == 7
    assert on(9, drafted=[0, 7]) is None, "the one that was passed over is not caught up with"


def test_a_draft_that_nobody_decided_holds_up_the_next() -> None:
    assert on(3, drafted=[0], waiting=True) is None


def test_after_the_last_step_it_is_over() -> None:
    assert on(14, drafted=DAYS) == Stopped("Every step was drafted.")


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ({"events": [event("email_received", 1)]}, "A person takes over: they wrote back on 24 November."),
        ({"events": [event("meeting", 2)]}, "A person takes over: they met with us on 25 November."),
        (
            {"events": [event("product_usage", -9, "inspection  rounds finished")]},
            "they used inspection  rounds finish",
        ),
        ({"stage": "inspection rounds"}, "The goal is reached: the deal stands at inspection rounds."),
        ({"blocked": "Dana opted out of email, so there is no draft."}, "Dana opted out of email"),
    ],
)
def test_what_ends_a_sequence_ends_it_with_a_sentence(what: dict[str, Any], reason: str) -> None:
    found = over(**{"goal": GOAL, "started_at": MONDAY, "events": [], "stage": None, "blocked": None, **what})
    assert found and reason in found.reason and found.reason.endswith(".")


@pytest.mark.parametrize(
    "events",
    [
        [event("email_received", -1)],
        [event("product_usage", 1, "Inspection Roundsman")],
        [event("product_usage", 1, None)],
        [event("email_open", 1, GOAL)],
    ],
)
def test_what_came_before_the_start_or_is_about_something_else_does_not(events: list[Event]) -> None:
    assert over(goal=GOAL, started_at=MONDAY, events=events, stage="Trial", blocked=None) is None


@given(st.lists(st.floats(0, 20), max_size=60))
def test_whenever_the_clock_ticks_no_step_comes_twice_or_early_and_they_come_in_order(ticks: list[float]) -> None:
    drafted: list[int] = []
    for days in sorted(ticks):
        step = on(days, drafted=drafted)
        if isinstance(step, int):
            assert step <= days and step not in drafted
            drafted.append(step)
    assert drafted == sorted(drafted)


def test_a_step_keeps_the_time_of_day_when_the_clocks_change() -> None:
    zone = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 10, 23, 9, 30, tzinfo=zone)  # two days before summer time ends
    assert moment_of(STEPS[1], start).astimezone(UTC) == datetime(2026, 10, 26, 8, 30, tzinfo=UTC)


class World:
    """A database with Dana in it, a clock, and one running sequence."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.clock = Clock()
        with self.database.writing() as session:
            self.workspace = workspace(session)
            self.email = contact(session, 1).email
        self.job = Sequencing(self.database, Playbooks([folder / "playbooks"]), ZoneInfo("UTC"), self.clock)
        self.id = self.begin().id or 0

    def begin(self, **changes: Any) -> tables.Sequence:
        given = {"email": self.email, "playbook": "saas_onboarding", "goal": GOAL, "started_by": "U1"}
        return begin(self.job, workspace=self.workspace, **{**given, **changes})

    def tick(self) -> None:
        Sequences(self.job).tick()

    def drafts(self) -> list[Draft]:
        with self.database.reading() as session:
            row = self.row(session)
            return [draft for _, draft in sorted(drafts_of(session, row).items())]

    def row(self, session: Any) -> tables.Sequence:
        found = queries.sequence(session, workspace_id=1, sequence_id=self.id)
        assert found
        return found

    def state(self) -> dict[str, Any]:
        with self.database.reading() as session:
            return described(self.job, session, self.row(session))

    def decide(self) -> None:
        with self.database.writing() as session:
            for _, draft in sorted(drafts_of(session, self.row(session)).items()):
                draft.status = Status.approved

    def happened(self, kind: str, subject: str | None = None) -> None:
        with self.database.writing() as session:
            session.add(
                tables.Event(
                    workspace_id=1,
                    source="test",
                    source_id=f"{kind} {subject} {self.clock.now}",
                    contact_id=1,
                    at=self.clock.now,
                    kind=kind,
                    subject=subject,
                )
            )


@pytest.fixture
def world(fresh: Database, tmp_path: Path) -> World:
    return World(fresh, tmp_path)


def test_four_weeks_of_ticks_make_four_drafts_to_review_and_nothing_is_sent(world: World) -> None:
    for _ in range(4 * 28):
        world.tick()
        assert all(draft.status in (Status.requested, Status.approved) for draft in world.drafts())
        world.decide()
        world.clock.move(hours=6)
    assert [draft.request_key for draft in world.drafts()] == [f"sequence:{world.id}:{day}" for day in DAYS]
    assert [draft.requested_at for draft in world.drafts()] == [MONDAY + timedelta(days=day) for day in DAYS]
    assert {draft.playbook for draft in world.drafts()} == {"saas_onboarding"}
    assert world.drafts()[1].goal == f"ask whether anything is in the way of starting with {GOAL}"
    assert world.state()["status"] == "stopped" and world.state()["reason"] == "Every step was drafted."


@pytest.mark.parametrize("kind", ["email_received", "meeting"])
def test_a_reply_ends_it_however_busy_the_product_is(world: World, kind: str) -> None:
    world.tick()
    world.decide()
    world.clock.move(days=1)
    world.happened(kind, "Re: Hello")
    for _ in range(30):
        world.clock.move(minutes=1)
        world.happened("product_usage", "Another Feature")
    world.clock.move(days=2)
    world.tick()
    assert len(world.drafts()) == 1 and "A person takes over" in world.state()["reason"]


def test_the_goal_or_an_opt_out_ends_it(world: World) -> None:
    world.happened("product_usage", GOAL)
    world.tick()
    assert not world.drafts() and "The goal is reached" in world.state()["reason"]
    world.job = Sequencing(world.database, world.job.playbooks, ZoneInfo("UTC"), world.clock)
    world.id = world.begin(goal="closed won").id or 0
    with world.database.writing() as session:
        person = queries.contact(session, workspace_id=1, contact_id=1)
        assert person
        person.email_opt_out = True
    world.tick()
    assert not world.drafts() and "opted out" in world.state()["reason"]


def test_a_stage_that_is_the_goal_ends_it(world: World) -> None:
    world.id = (end(world.job, workspace_id=1, sequence_id=world.id, by="U1"), world.begin(goal="Closed won"))[
        1
    ].id or 0
    with world.database.writing() as session:
        deal = queries.deal_for(session, workspace_id=1, contact_id=1)
        assert deal
        deal.stage = "closed won"
    world.tick()
    assert world.state()["reason"] == "The goal is reached: the deal stands at closed won."


def test_a_person_ends_it_once(world: World) -> None:
    assert end(world.job, workspace_id=1, sequence_id=world.id, by="U1").reason == "Stopped by U1."
    world.tick()
    assert not world.drafts()
    with pytest.raises(SequenceError, match=r"over already: Stopped by U1\."):
        end(world.job, workspace_id=1, sequence_id=world.id, by="U2")
    with pytest.raises(SequenceError, match="There is no sequence 99"):
        end(world.job, workspace_id=1, sequence_id=99, by="U2")


def test_another_workspaces_sequence_cannot_be_stopped(world: World) -> None:
    with pytest.raises(SequenceError, match="There is no sequence"):
        end(world.job, workspace_id=2, sequence_id=world.id, by="U2")
    assert world.state()["status"] == "running"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "runs already for"),
        ({"playbook": "re_engage"}, "has no steps, so it is no sequence. Choose one that has: saas_onboarding."),
        ({"playbook": "weather"}, "There is no playbook 'weather'"),
        ({"email": "x@y.example"}, "No contact has the address x@y.example"),
        ({"goal": "  "}, "The goal is empty"),
    ],
)
def test_what_cannot_start_says_why(world: World, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(SequenceError, match=said):
        world.begin(**changes)


def test_nothing_starts_for_somebody_who_uses_the_feature_or_of_whom_too_little_is_known(world: World) -> None:
    end(world.job, workspace_id=1, sequence_id=world.id, by="U1")
    with world.database.writing() as session:
        person = queries.contact(session, workspace_id=1, contact_id=1)
        assert person
        person.first_name = None
    with pytest.raises(SequenceError, match="missing their first name"):
        world.begin()
    world.happened("product_usage", GOAL)
    with pytest.raises(SequenceError, match=r"There is nothing to start\. The goal is reached"):
        world.begin()


def test_a_broken_playbook_holds_a_sequence_up_and_does_not_end_it(world: World) -> None:
    world.job = Sequencing(world.database, {}, ZoneInfo("UTC"), world.clock)
    world.tick()
    assert world.state()["status"] == "running" and not world.drafts()


def test_an_edited_playbook_drafts_no_day_again(world: World) -> None:
    world.tick()
    world.decide()
    fewer = Playbook(name="saas_onboarding", title="T", steps=(Step(day=0, goal="hi"), Step(day=5, goal="ho")))
    world.job = Sequencing(world.database, {"saas_onboarding": fewer}, ZoneInfo("UTC"), world.clock)
    world.clock.move(days=3)
    world.tick()
    assert len(world.drafts()) == 1
    world.clock.move(days=2)
    world.tick()
    assert [draft.goal for draft in world.drafts()][1:] == ["ho"]


def test_trouble_with_one_sequence_holds_up_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with world.database.writing() as session:
        other = contact(session, 1, first="Sam").email
    first, world.id = world.id, world.begin(email=other).id or 0

    def troubled(job: Sequencing, *, workspace_id: int, sequence_id: int) -> Draft | None:
        if sequence_id == first:
            raise RuntimeError("trouble")
        return advance(job, workspace_id=workspace_id, sequence_id=sequence_id)

    monkeypatch.setattr(sequences, "advance", troubled)
    world.tick()
    assert len(world.drafts()) == 1


WATCHED = ("bot/sequences.py", "bot/drafting.py", "storage/queries/sequences.py", "storage/queries/drafts.py")


class Crash(BaseException):
    """The process dies here."""


def crash_at(line: int) -> Any:
    """A trace function that dies at the given line of ours, counted from the start; it also counts them all."""
    seen = [0]

    def trace(frame: FrameType, what: str, _: object) -> Any:
        if not frame.f_code.co_filename.endswith(WATCHED):
            return None
        if what == "line":
            seen[0] += 1
            if seen[0] == line:
                raise Crash
        return trace

    return trace, seen


def ticking_until(world: World, line: int) -> int:
    """Tick with a crash at a line; how many lines ran."""
    trace, seen = crash_at(line)
    sys.settrace(trace)
    try:
        Sequences(world.job).tick()
    except Crash:
        pass
    finally:
        sys.settrace(None)
    return seen[0]


def test_a_crash_between_any_two_lines_drafts_no_step_twice_and_loses_none(world: World, tmp_path: Path) -> None:
    counted = Database(f"sqlite:///{tmp_path / 'counted.sqlite3'}")
    counted.migrate()
    with counted.writing() as session:
        workspace(session)
    lines = ticking_until(World(counted, tmp_path), 0)
    counted.close()
    assert lines > 40
    for number, day in enumerate(DAYS):
        world.clock.now = MONDAY + timedelta(days=day)
        for line in range(1, lines + 30, len(DAYS)):  # each day tries another quarter of them
            ticking_until(world, line + number)
            assert len(world.drafts()) <= number + 1
        world.tick()
        assert [draft.request_key for draft in world.drafts()] == [
            f"sequence:{world.id}:{d}" for d in DAYS[: number + 1]
        ]
        world.decide()


def test_ticks_at_the_same_moment_draft_a_step_once(world: World) -> None:
    threads = [threading.Thread(target=world.tick) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(world.drafts()) == 1


def test_its_drafts_are_shown_where_it_was_said_or_where_people_review(world: World) -> None:
    with world.database.writing() as session:
        other = contact(session, 1, first="Sam").email
    world.tick()
    assert world.drafts()[0].channel is None, "nobody reviews in Slack yet: `afterword status` shows it"
    world.id = world.begin(email=other, channel="C7").id or 0
    world.tick()
    assert world.drafts()[0].channel == "C7"
