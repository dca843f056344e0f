"""From a typed command to a draft: understanding who is meant, and a worker that loses nothing."""

import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot import drafting, reviewing
from bot.checking import Standards
from bot.drafting import LEASE, Desk, Worker, draft_one, request
from bot.recipients import Ambiguous, Empty, Found, Unknown, resolve
from model.engine import EngineError
from storage import queries
from storage.database import Database
from storage.tables import Adapter, Draft, Status
from tests.fakes import Clock, FakeEngines
from tests.rows import contact, workspace
from tests.test_prompt import VOICE

pytestmark = pytest.mark.both_databases


@pytest.fixture
def people(database: Database) -> Database:
    with database.writing() as session:
        contact(session, 1, first="Zoë", last="Ørsted")
        contact(session, 1, first="Sam", last="Lee")
        contact(session, 1, first="Sam", last="Lee", email="sam@other.example")
        contact(session, 1, first="María José", last="Núñez")
    return database


def desk(database: Database, engines: FakeEngines, clock: Clock | None = None) -> Desk:
    return Desk(
        database=database,
        engines=engines,  # type: ignore[arg-type]
        standards=lambda _: Standards(VOICE, ZoneInfo("UTC")),
        adapters=Path("nowhere"),
        clock=clock or Clock(),
    )


def ask(database: Database, key: str = "key", **changes: object) -> Draft:
    asked = {
        "workspace_id": 1,
        "contact_id": 1,
        "goal": "book a demo",
        "requested_by": "U1",
        "sender": "Maya Lindqvist",
        "channel": "C1",
        "request_key": key,
        "now": Clock()(),
    }
    with database.writing() as session:
        return request(session, **{**asked, **changes})  # type: ignore[arg-type]


def current(database: Database, draft_id: int | None) -> Draft:
    with database.reading() as session:
        row = queries.draft(session, workspace_id=1, draft_id=draft_id or 0)
    assert row
    return row


@pytest.mark.parametrize(
    ("text", "name", "goal"),
    [
        ("Dana Whitfield", "Dana", ""),
        ("dana whitfield book a demo", "Dana", "book a demo"),
        ("Whitfield book a demo", "Dana", "book a demo"),
        ("Dana: book a demo", "Dana", "book a demo"),
        ('"Dana Whitfield" book a demo', "Dana", "book a demo"),
        ("“Dana Whitfield” book a demo", "Dana", "book a demo"),
        ("dana.whitfield@northwind.example book a demo", "Dana", "book a demo"),
        ("DANA.WHITFIELD@northwind.example", "Dana", ""),
        ("<mailto:dana.whitfield@northwind.example|dana.whitfield@northwind.example> hello", "Dana", "hello"),
        ("zoe orsted say hello", "Zoë", "say hello"),
        ("Zoë Ørsted", "Zoë", ""),
        ("Maria Jose Nunez payload capacity", "María José", "payload capacity"),
    ],
)
def test_a_contact_is_found_however_it_is_written(people: Database, text: str, name: str, goal: str) -> None:
    with people.reading() as session:
        found = resolve(session, workspace_id=1, text=text)
    assert isinstance(found, Found), found
    assert (found.contact.first_name, found.goal) == (name, goal)


def test_two_people_of_one_name_are_a_question(people: Database) -> None:
    with people.reading() as session:
        found = resolve(session, workspace_id=1, text="Sam Lee recap the call")
    assert isinstance(found, Ambiguous)
    assert {c.email for c in found.contacts} == {"sam.lee@northwind.example", "sam@other.example"}
    assert found.goal == "recap the call"


@pytest.mark.parametrize("text", ["Dana Whitfeld book a demo", "dana.whitfeld@northwind.example", "Danna Whitfield"])
def test_a_misspelt_name_gets_the_closest(people: Database, text: str) -> None:
    with people.reading() as session:
        found = resolve(session, workspace_id=1, text=text)
    if isinstance(found, Unknown):
        assert found.closest[0].first_name == "Dana"
    else:
        assert isinstance(found, Found) and found.contact.first_name == "Dana"


def test_a_workspace_never_finds_anothers_contact(people: Database) -> None:
    with people.writing() as session:
        other = workspace(session, "T2")
        contact(session, other.id or 0, first="Olga", last="Petrova")
        found = resolve(session, workspace_id=other.id or 0, text="Dana Whitfield")
    assert isinstance(found, Unknown) and not found.closest


def test_an_empty_workspace_says_so(fresh: Database) -> None:
    with fresh.reading() as session:
        assert resolve(session, workspace_id=1, text="Dana") == Empty()


def test_the_same_request_delivered_twice_is_one_draft(people: Database) -> None:
    assert ask(people).id == ask(people).id
    assert ask(people, "another").id != ask(people).id


def test_a_draft_carries_its_facts_and_its_versions(people: Database) -> None:
    row = ask(people)
    engines = FakeEngines("Subject: Hello {{x}}\n\nMorning Dana.")
    with people.writing() as session:
        claimed = queries.claim_draft(session, now=Clock()(), lease=LEASE)
    assert claimed and draft_one(desk(people, engines), claimed)
    done = current(people, row.id)
    assert done.status == Status.drafted
    assert done.body == "Morning Dana."
    assert done.brief and done.brief["events"][0]["subject"] == "Planning without panic"
    assert done.messages and done.prompt_version
    assert done.findings[0]["rule"] == "placeholder"
    assert done.version == 2


@pytest.mark.parametrize("flag", ["do_not_contact", "email_opt_out", "bounced"])
def test_nobody_is_written_to_who_must_not_be(people: Database, flag: str) -> None:
    with people.writing() as session:
        row = queries.contact(session, workspace_id=1, contact_id=1)
        assert row
        setattr(row, flag, True)
    asked = ask(people)
    engines = FakeEngines()
    with people.writing() as session:
        claimed = queries.claim_draft(session, now=Clock()(), lease=LEASE)
    assert claimed
    draft_one(desk(people, engines), claimed)
    assert current(people, asked.id).status == Status.failed
    assert not engines.asked


def test_a_broken_engine_is_a_failed_draft_with_a_reference_and_no_private_text(people: Database) -> None:
    row = ask(people)
    with people.writing() as session:
        claimed = queries.claim_draft(session, now=Clock()(), lease=LEASE)
    assert claimed
    draft_one(desk(people, FakeEngines(EngineError("secret"))), claimed)
    failed = current(people, row.id)
    assert failed.status == Status.failed
    assert failed.error and "secret" not in failed.error


def test_a_dead_workers_draft_is_taken_up_and_its_late_result_is_refused(people: Database) -> None:
    clock = Clock()
    row = ask(people)
    with people.writing() as session:
        dead = queries.claim_draft(session, now=clock(), lease=LEASE)
    clock.move(seconds=LEASE.total_seconds() + 1)
    with people.writing() as session:
        assert queries.release_expired(session, now=clock()) == 1
        alive = queries.claim_draft(session, now=clock(), lease=LEASE)
    assert dead and alive and dead.id == alive.id == row.id
    assert not draft_one(desk(people, FakeEngines("Subject: late\n\nlate")), dead)
    assert draft_one(desk(people, FakeEngines("Subject: x\n\nin time")), alive)
    assert current(people, row.id).body == "in time"
    assert timedelta(seconds=60) > LEASE


def test_a_clock_that_was_years_ahead_holds_no_draft_back_once_it_is_right(people: Database) -> None:
    row, right = ask(people), Clock()
    with people.writing() as session:
        queries.claim_draft(session, now=right() + timedelta(days=3653), lease=LEASE)  # and its process died
    with people.writing() as session:
        assert queries.release_expired(session, now=right()) == 1
        again = queries.claim_draft(session, now=right(), lease=LEASE)
    assert again and again.id == row.id
    with people.writing() as session:
        assert queries.release_expired(session, now=right()) == 0


def test_a_worker_drafts_everything_that_was_asked_and_reports_each_once(people: Database) -> None:
    changed: list[tuple[int, int]] = []
    worker = Worker(desk(people, FakeEngines()), lambda *ids: changed.append(ids), parallel=3)
    rows = [ask(people, f"key {n}") for n in range(12)]
    worker.start()
    until = time.monotonic() + 20
    while len(changed) < len(rows) and time.monotonic() < until:
        worker.wake()
        time.sleep(0.05)
    worker.stop()
    assert sorted(changed) == sorted((1, row.id or 0) for row in rows)
    assert {current(people, row.id).status for row in rows} == {Status.drafted}
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("draft-")]


def test_a_draft_that_comes_back_to_its_own_worker_after_a_stop_is_finished_once(people: Database) -> None:
    clock, changed = Clock(), []

    class Stopped(FakeEngines):
        """Stands still in its first draft until the lease is over and the same worker has it again."""

        def complete(self, *given: Any, **how: Any) -> Any:
            made = super().complete(*given, **how)
            if len(self.asked) == 1:
                clock.move(seconds=LEASE.total_seconds() + 1)
                with people.writing() as session:
                    queries.release_expired(session, now=clock())
                assert worker._draft_next()
            return made

    row = ask(people)
    worker = Worker(desk(people, Stopped("Subject: Hello\n\nMorning Dana."), clock), lambda *ids: changed.append(ids))
    assert worker._draft_next()
    assert changed == [(1, row.id)] and current(people, row.id).attempt == 2


def test_blocked_names_the_person_and_the_reason() -> None:
    from storage.tables import Contact

    row = Contact(
        workspace_id=1, source="x", source_id="x", email="a@b.example", first_name="Dana", do_not_contact=True
    )
    assert drafting.blocked(row) == "Dana asked not to be contacted, so there is no draft."


def test_a_lot_leaves_some_drafts_to_the_base_once_an_adapter_serves(people: Database) -> None:
    before = [ask(people, f"early {n}", control_share=0.3) for n in range(20)]
    with people.writing() as session:
        row = queries.add_adapter(session, row=Adapter(workspace_id=1, version=0, folder="one"))
        queries.move_pointer(session, workspace_id=1, adapter_id=row.id, reason="test", now=Clock()())
    after = [ask(people, f"late {n}", control_share=0.3) for n in range(200)]
    assert not any(row.baseline or row.control for row in before)
    assert sum(row.control for row in after) / 200 == pytest.approx(0.3, abs=0.1)
    assert all(row.baseline == row.control for row in after)
    by_request = ask(people, "wanted", control_share=1.0, baseline=True)
    assert by_request.baseline and not by_request.control, "a draft of the base by request is no control"
    assert not ask(people, "sampled", control_share=1.0, seed=3).control


def test_the_lot_falls_the_same_way_for_the_same_request() -> None:
    drawn = [[drafting._lot(space, f"key {n}") for n in range(500)] for space in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert all(0 <= lot < 1 for lot in drawn[0]), "a share of 0 leaves nothing to the base"


def test_another_version_of_a_control_draft_is_the_adapters(people: Database) -> None:
    with people.writing() as session:
        queries.add_adapter(session, row=Adapter(workspace_id=1, version=0, folder="one"))
        queries.move_pointer(session, workspace_id=1, adapter_id=1, reason="test", now=Clock()())
    asked = ask(people, control_share=1.0)
    written = []
    for _ in range(2):
        with people.writing() as session:
            claimed = queries.claim_draft(session, now=Clock()(), lease=LEASE)
        assert claimed and draft_one(desk(people, FakeEngines()), claimed)
        shown = current(people, asked.id)
        written.append((shown.control, shown.adapter_id))
        with people.writing() as session:
            reviewing.regenerate(
                session,
                workspace_id=1,
                draft_id=asked.id or 0,
                version=shown.version,
                reviewer="U1",
                now=Clock()(),
            )
    assert written == [(True, None), (True, 1)]
