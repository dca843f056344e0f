"""Two replicas on one database, as two `serve` or a `serve` and a command line: everything happens once."""

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from slack_sdk import WebClient
from sqlalchemy.exc import OperationalError

from bot import sequences
from bot.drafting import LEASE, Worker, draft_one
from bot.house import House
from bot.house_rules import Learner, accept, accepted, learn
from bot.leaks import Leaks
from bot.nightly import Nightly
from bot.posting import IN_HAND, Poster
from bot.sequences import Sequences, Sequencing
from bot.voices import Voices
from model.playbook import Playbooks
from storage import queries
from storage.database import Database
from storage.tables import Adapter, Run, Status, Workspace
from tests.fakes import MONDAY, Clock, FakeEngines
from tests.postgres import Postgres
from tests.rows import contact, workspace
from tests.running import desk as desk_at
from tests.running import until
from tests.slack import FakeSlack, fake_slack
from tests.test_drafting import ask, current
from tests.test_drafting import desk as plain_desk
from tests.test_house_rules import DRAFTED, Channel, edited, rows

pytestmark = pytest.mark.both_databases

DRAFTS = 200
UTC = ZoneInfo("UTC")


@pytest.fixture
def replicas(database: Database) -> Iterator[list[Database]]:
    """The same database twice, each with connections of its own."""
    other = Database(database.url)
    yield [database, other]
    other.close()


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with fake_slack() as double:
        yield double
        assert double.faults == []


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """What the jobs return, all begun at the same moment. Raises the first of their errors."""
    gate = threading.Barrier(len(jobs))
    found: list[Any] = [None] * len(jobs)

    def run(number: int) -> None:
        gate.wait()
        try:
            found[number] = jobs[number]()
        except Exception as error:
            found[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in found:
        if isinstance(each, Exception):
            raise each
    return found


def poster(database: Database, slack: FakeSlack, clock: Callable[[], Any]) -> Poster:
    client = WebClient(token="xoxb-test", base_url=slack.url, timeout=15, retry_handlers=[])
    return Poster(database, lambda _: client, zone=UTC, bot="afterword", clock=clock)


# Drafts and cards -------------------------------------------------------------------------------------------------


def test_several_hundred_drafts_on_two_replicas_are_each_drafted_once_and_posted_once(
    postgres: Postgres, slack: FakeSlack
) -> None:
    databases = [Database(url) for url in [postgres.migrated()] * 2]
    with databases[0].writing() as session:
        workspace(session)
        contact(session, 1)
    for number in range(DRAFTS):
        ask(databases[number % 2], f"key {number}", channel=f"C{number}")
    engines, clock = FakeEngines("Subject: Hello\n\nMorning Dana.\n\nMaya"), Clock()
    posters = [poster(database, slack, clock) for database in databases]
    workers = [
        Worker(plain_desk(database, engines, clock), lambda *_, one=one: one.wake(), parallel=3)
        for database, one in zip(databases, posters, strict=True)
    ]
    for part in (*posters, *workers):
        part.start()
    until(lambda: _all_shown(databases[0]), seconds=60)
    for part in (*workers, *posters):
        part.stop()

    assert len(engines.asked) == DRAFTS
    assert {current(databases[0], number).attempt for number in range(1, DRAFTS + 1)} == {1}
    posted = Counter(post["channel"] for post in slack.of("chat.postMessage"))
    assert set(posted.values()) == {1} and len(posted) == DRAFTS
    assert not slack.of("chat.delete")
    for database in databases:
        database.close()


def _all_shown(database: Database) -> bool:
    with database.reading() as session:
        counts = queries.draft_counts(session, workspace_id=1)
    with database.reading() as session:
        behind = queries.drafts_to_post(session, now=MONDAY + 2 * IN_HAND, limit=1)
    return counts == {Status.drafted: DRAFTS} and not behind


def test_a_card_in_the_hands_of_one_replica_is_left_alone_by_the_other(replicas: list[Database], clock: Clock) -> None:
    ask(replicas[0])
    for number, hers in enumerate((True, False, True)):
        with replicas[number % 2].writing() as session:
            taken = queries.claim_post(session, workspace_id=1, draft_id=1, now=clock(), until=clock() + IN_HAND)
        assert (taken is not None) == hers
        clock.move(seconds=IN_HAND.total_seconds() if number else 1)


def test_what_slack_asked_one_replica_to_wait_for_the_other_waits_for_too(
    replicas: list[Database], slack: FakeSlack, clock: Clock, posters: list[Poster]
) -> None:
    ask(replicas[0])
    slack.replies["chat.postMessage"] = [429]
    slack.retry_after = "7"
    for seconds, posts in ((0, 1), (6, 1), (2, 2)):
        clock.move(seconds=seconds)
        for each in posters:
            swept(each)
        assert len(slack.of("chat.postMessage")) == posts


def stopped_in(method: str, slack: FakeSlack, clock: Clock, meanwhile: Callable[[], None]) -> None:
    """Let whoever calls a method next stand still before the call, for longer than it has the card in hand."""
    answer = slack.answer

    def later(name: str, arguments: dict[str, Any]) -> Any:
        if name == method:
            slack.answer = answer  # type: ignore[method-assign]
            clock.move(seconds=IN_HAND.total_seconds() + 1)
            meanwhile()
        return answer(name, arguments)

    slack.answer = later  # type: ignore[method-assign]


def swept(one: Poster) -> None:
    one.sweep()
    until(lambda: not one._in_hand)


@pytest.fixture
def posters(replicas: list[Database], slack: FakeSlack, clock: Clock) -> Iterator[list[Poster]]:
    both = [poster(database, slack, clock) for database in replicas]
    yield both
    for one in both:
        one.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_replica_that_stood_still_while_it_posted_takes_its_second_card_back(
    replicas: list[Database], slack: FakeSlack, clock: Clock, posters: list[Poster]
) -> None:
    ask(replicas[0])
    still, other = posters
    stopped_in("chat.postMessage", slack, clock, lambda: swept(other))
    swept(still)
    first, second = ("1795420800.000003", "1795420800.000004")  # every call counts one, also who reads the channel
    assert [call["ts"] for call in slack.of("chat.delete")] == [second]
    row = current(replicas[0], 1)
    assert (row.message_ts, row.posted_version) == (first, row.version)


def test_an_update_that_comes_late_does_not_stay_over_a_newer_one(
    replicas: list[Database], slack: FakeSlack, clock: Clock, posters: list[Poster]
) -> None:
    ask(replicas[0])
    still, other = posters
    swept(still)
    with replicas[0].writing() as session:
        queries.show_again(session, workspace_id=1, draft_id=1)

    def drafted_and_shown() -> None:
        with replicas[1].writing() as session:
            claimed = queries.claim_draft(session, now=clock(), lease=LEASE)
        assert claimed and draft_one(plain_desk(replicas[1], FakeEngines(), clock), claimed)
        swept(other)

    stopped_in("chat.update", slack, clock, drafted_and_shown)
    swept(still)
    late = slack.of("chat.update")[-1]["text"]
    assert not late.startswith("Draft for")
    swept(other)
    assert slack.of("chat.update")[-1]["text"].startswith("Draft for")


def test_connections_that_break_lose_no_draft(postgres: Postgres, slack: FakeSlack) -> None:
    database = Database(postgres.migrated())
    with database.writing() as session:
        workspace(session)
        contact(session, 1)
    one = poster(database, slack, Clock())
    worker = Worker(plain_desk(database, FakeEngines(), Clock()), lambda *_: one.wake())
    one.start()
    worker.start()
    for number in range(1, 6):
        postgres.break_connections()
        until(lambda number=number: asked(database, number))
        until(lambda number=number: shown(database, number))
    worker.stop()
    one.stop()
    database.close()
    assert len(slack.of("chat.postMessage")) == 5


def asked(database: Database, number: int) -> bool:
    """Whether it could be asked for; somebody in Slack would type it again."""
    try:
        return ask(database, f"key {number}", channel=f"C{number}").id is not None
    except OperationalError:
        return False


def shown(database: Database, number: int) -> bool:
    with database.reading() as session:
        row = queries.draft_by_key(session, workspace_id=1, request_key=f"key {number}")
    return row is not None and row.status == Status.drafted and row.posted_version == row.version


def test_a_worker_does_not_wait_for_a_draft_that_another_is_taking(postgres: Postgres) -> None:
    one, other = (Database(url) for url in [postgres.migrated()] * 2)
    with one.writing() as session:
        workspace(session)
        contact(session, 1)
    for number in range(2):
        ask(one, f"key {number}")
    with one.writing() as first, other.writing() as second:
        claimed = [queries.claim_draft(session, now=MONDAY, lease=LEASE) for session in (first, second)]
    assert [row.id for row in claimed if row] == [1, 2]
    one.close()
    other.close()


def test_one_command_that_reaches_two_replicas_is_one_draft(replicas: list[Database]) -> None:
    for number in range(10):
        one, other = at_once(*(lambda d=d, n=number: ask(d, f"key {n}") for d in replicas))
        assert one.id == other.id


def test_one_click_on_approve_wins(replicas: list[Database]) -> None:
    ask(replicas[0])

    def move(database: Database) -> bool:
        with database.writing() as session:
            one = {"workspace_id": 1, "draft_id": 1, "source": Status.requested, "target": Status.failed}
            return queries.move_draft(session, **one, version=1, changes={})  # type: ignore[arg-type]

    assert sorted(at_once(*(lambda d=d: move(d) for d in replicas))) == [False, True]


# The clock --------------------------------------------------------------------------------------------------------


def nightly(database: Database, report: Callable[[Workspace, Run], bool]) -> Nightly:
    command = (sys.executable, "-c", "raise SystemExit(3)")
    how: dict[str, Any] = {"clock": Clock(), "command": lambda _: command, "environment": {}, "report": report}
    return Nightly(database, zone=UTC, at=time(2, 0), **how)


@pytest.fixture
def month_old(database: Database) -> None:
    with database.writing() as session:
        queries.workspaces(session)[0].created_at = MONDAY - timedelta(days=30)


@pytest.mark.usefixtures("month_old")
def test_a_night_is_run_once(replicas: list[Database]) -> None:
    told: list[Run] = []
    for _ in range(3):
        at_once(*(nightly(each, lambda _, run: not told.append(run)).tick for each in replicas))
    assert [(run.id, run.attempt) for run in told] == [(1, 1)]


@pytest.mark.usefixtures("month_old")
def test_a_night_is_told_by_one_replica_also_while_it_tells(replicas: list[Database]) -> None:
    told: list[str] = []

    def slowly(_: Workspace, run: Run) -> bool:
        told.append("one")
        nightly(replicas[1], lambda *_: not told.append("other")).tell()
        return len(told) > 1

    one = nightly(replicas[0], slowly)
    one.tick()
    assert told == ["one"]
    nightly(replicas[1], lambda *_: not told.append("other")).tell()
    assert told == ["one", "other"], "the first could not, so the second does"


def test_a_step_of_a_sequence_is_asked_for_once(replicas: list[Database], tmp_path: Path) -> None:
    clock = Clock()
    jobs = [Sequencing(each, Playbooks([tmp_path]), UTC, clock) for each in replicas]
    with replicas[0].reading() as session:
        (home,) = queries.workspaces(session)

    def start(job: Sequencing) -> int | None:
        asked = {"email": "dana.whitfield@northwind.example", "goal": "Boards", "started_by": "U1"}
        try:
            return sequences.begin(job, workspace=home, playbook="saas_onboarding", **asked).id
        except sequences.SequenceError as error:
            assert "runs already" in str(error)
            return None

    started = at_once(*(lambda job=job: start(job) for job in jobs))
    assert sorted(each is None for each in started) == [False, True]
    at_once(*(Sequences(job).tick for job in jobs))
    with replicas[0].reading() as session:
        assert queries.draft_counts(session, workspace_id=1) == {Status.requested: 1}


# What is learned --------------------------------------------------------------------------------------------------


def test_a_rule_is_proposed_once_and_asked_about_once(replicas: list[Database], tmp_path: Path) -> None:
    edited(desk_at(replicas[0], FakeEngines(DRAFTED), tmp_path, Clock()), 3)
    channel = Channel()
    at_once(*(Learner(each, channel, Clock()).look for each in replicas))
    assert len(rows(replicas[0])) == 1 == len(channel.said)


def test_a_voice_file_that_two_replicas_read_is_one_version(replicas: list[Database], tmp_path: Path) -> None:
    (tmp_path / "voice.yml").write_text("company: Acme\nwhat_we_do: planning\n", "utf-8")
    voices = [Voices(tmp_path, each) for each in replicas]
    assert [voice.company for voice in at_once(*(lambda v=v: v(1) for v in voices))] == ["Acme", "Acme"]
    with replicas[0].reading() as session:
        assert [row.number for row in queries.voice_versions(session, workspace_id=1)] == [1]


def test_what_one_replica_writes_the_other_goes_by(replicas: list[Database], tmp_path: Path) -> None:
    one, other = replicas
    leaks, voices, house = Leaks(other), Voices(tmp_path, other), House(other)
    assert (voices(1).rules, house(1)) == ((), frozenset())
    guard, pairs = leaks(1), house._known[1]
    edited(desk_at(one, FakeEngines(DRAFTED), tmp_path, Clock()), 3)
    learn(one, 1, MONDAY)
    with one.writing() as session:
        accept(session, workspace_id=1, rule_id=1, who="U1", now=MONDAY)
        contact(session, 1, first="Tjark", last="Möllendorff", email="t@pellworm.example")
    assert leaks(1) is not guard
    assert voices(1).rules == accepted(one, 1) != ()
    house(1)
    assert house._known[1] != pairs, "it was built from the pairs that there were then"


def test_adapters_that_are_finished_together_get_versions_of_their_own(replicas: list[Database]) -> None:
    def add(database: Database) -> int:
        with database.writing() as session:
            return queries.add_adapter(session, row=Adapter(workspace_id=1, version=0, folder="x")).version

    assert sorted(at_once(*(lambda d=d: add(d) for d in replicas * 2))) == [1, 2, 3, 4]


def test_two_first_sights_of_a_team_make_one_workspace(replicas: list[Database]) -> None:
    def see(database: Database, team: str) -> int | None:
        with database.writing() as session:
            return workspace(session, team).id

    for number in range(10):
        one, other = at_once(*(lambda d=d, n=number: see(d, f"NEW{n}") for d in replicas))
        assert one == other
