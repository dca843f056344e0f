"""A person who asks to be forgotten is forgotten: rows, cards, files, and what was learned from them."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from bot import drafting, erasing, refining, reviewing
from bot.importing import Importer
from bot.settings import Settings
from model.prompt import PROMPT_VERSION
from storage import queries
from storage.database import Database
from storage.tables import Adapter, Audit, Contact, Pair, Run, RunStatus, Verdict
from tests.fakes import Clock, FakeEngines
from tests.rows import brief, contact
from tests.running import desk
from tests.test_importing import no_bar
from tests.test_prompt import VOICE

DANA, OTTO = "dana.whitfield@northwind.example", "otto.berg@northwind.example"
IDS = {"workspace_id": 1}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, home=tmp_path)  # type: ignore[call-arg]


@pytest.fixture(autouse=True)
def otto(database: Database) -> None:
    with database.writing() as session:
        contact(session, 1, first="Otto", last="Berg")


def reviewed(database: Database, tmp_path: Path, clock: Clock, contact_id: int = 1) -> int:
    """A draft that was shown in Slack and edited there."""
    with database.writing() as session:
        row = drafting.request(
            session,
            **IDS,
            contact_id=contact_id,
            goal="book a demo",
            requested_by="U1",
            sender="Maya",
            channel="C1",
            request_key=f"k{contact_id}",
            now=clock(),
        )
        assert row.id is not None
        row.channel, row.message_ts = "C1", f"17.{contact_id}"
    with database.writing() as session:
        claimed = queries.claim_draft(session, now=clock(), lease=drafting.LEASE, draft_id=row.id)
    assert claimed
    at_work = desk(database, FakeEngines(), tmp_path, clock)
    assert drafting.draft_one(at_work, claimed)
    with database.writing() as session:
        drafted = queries.draft(session, **IDS, draft_id=row.id)
        assert drafted
        reviewing.discard(
            session, **IDS, draft_id=row.id, version=drafted.version, reviewer="U1", reason="other", now=clock()
        )
        session.flush()
        for pair in session.exec(select(Pair).where(Pair.workspace_id == 1)):
            pair.written_at = clock()
    return row.id


def adapter(database: Database, settings: Settings, clock: Clock, *, serve: bool) -> int:
    """An adapter made now, with its folder and its run."""
    with database.writing() as session:
        row = queries.add_adapter(session, row=Adapter(**IDS, version=0, folder="", created_at=clock()))
        row.folder = f"a{row.version}"
        session.add(
            Run(**IDS, status=RunStatus.finished, candidate_id=row.id, tested=True, pairs=9, started_at=clock())
        )
        if serve:
            queries.move_pointer(session, **IDS, adapter_id=row.id, reason="test", now=clock())
        (settings.adapters / row.folder).mkdir(parents=True)
        return row.version


def forget(
    settings: Settings, database: Database, clock: Clock, email: str = DANA, remove: erasing.RemoveCard | None = None
) -> erasing.Erasure:
    gone = remove or (lambda _channel, _ts: True)
    return erasing.forget(settings, database, **IDS, email=email, who="U0", now=clock(), remove=gone)


def holding(database: Database, email: str) -> set[str]:
    with database.reading() as session:
        return set(queries.held(session, **IDS, email=email))


def test_everything_that_is_kept_can_be_handed_over(database: Database, tmp_path: Path, clock: Clock) -> None:
    reviewed(database, tmp_path, clock)
    assert holding(database, DANA) == {"contact", "deal", "event", "draft", "review", "pair"}
    with database.reading() as session:
        rows = queries.held(session, **IDS, email=DANA.upper())
    assert [row["email"] for row in rows["contact"]] == [DANA]


def test_nothing_of_the_person_is_left_and_nobody_else_is_touched(
    database: Database, settings: Settings, tmp_path: Path, clock: Clock
) -> None:
    reviewed(database, tmp_path, clock)
    reviewed(database, tmp_path, clock, contact_id=2)
    others = holding(database, OTTO)
    done = forget(settings, database, clock)
    assert holding(database, DANA) == set()
    assert holding(database, OTTO) == others
    assert done.rows["pair"] == done.rows["draft"] == done.rows["contact"] == 1
    file = Path(database.url.removeprefix("sqlite:///")).read_bytes()
    assert b"Berg" in file and b"Whitfield" not in file and b" dana whitfield" not in file, "the bytes are overwritten"


def test_past_emails_to_somebody_outside_the_crm_go_too(database: Database, settings: Settings, clock: Clock) -> None:
    facts = brief().model_dump(mode="json")
    with database.writing() as session:
        queries.add_pair(
            session,
            row=Pair(
                **IDS,
                source="emails:csv",
                source_id="1",
                account="x",
                verdict=Verdict.imported,
                brief=facts,
                final="Subject: y\n\nHi",
                prompt_version=PROMPT_VERSION,
            ),
        )
    assert forget(settings, database, clock, email="dana@northwind.example").rows == {"pair": 1}
    assert holding(database, "dana@northwind.example") == set()


def test_adapters_that_may_have_learned_from_the_person_are_withdrawn(
    database: Database, settings: Settings, tmp_path: Path, clock: Clock
) -> None:
    before = adapter(database, settings, clock, serve=True)
    clock.move(minutes=1)
    reviewed(database, tmp_path, clock)
    clock.move(minutes=1)
    after = adapter(database, settings, clock, serve=True)
    done = forget(settings, database, clock)
    assert (done.adapters, done.serving) == ([after], before)
    assert not (settings.adapters / f"a{after}").exists() and (settings.adapters / f"a{before}").exists()
    with database.reading() as session:
        pointer = queries.pointer(session, **IDS)
        assert [row.version for row in queries.adapters(session, **IDS)] == [before]
    assert pointer and pointer.previous_id is None, "a rollback does not bring it back"


def test_the_next_night_trains_anew_although_nobody_reviewed_anything(
    database: Database, settings: Settings, tmp_path: Path, clock: Clock
) -> None:
    reviewed(database, tmp_path, clock)
    adapter(database, settings, clock, serve=True)
    clock.move(minutes=1)

    def why_not() -> str | None:
        with database.writing() as session:
            run = queries.claim_run(session, **IDS, date=None, now=clock(), lease=timedelta(minutes=5))
        assert run
        job = refining.Refining(settings, database, VOICE, clock, lambda *_: None)
        return refining._nothing_new(job, run, force=False)

    assert why_not() is not None
    forget(settings, database, clock)
    assert why_not() is None


def test_cards_are_deleted_and_those_that_cannot_be_are_counted(
    database: Database, settings: Settings, tmp_path: Path, clock: Clock
) -> None:
    reviewed(database, tmp_path, clock)
    asked: list[tuple[str, str]] = []
    done = forget(settings, database, clock, remove=lambda channel, ts: bool(asked.append((channel, ts))))
    assert asked == [("C1", "17.1")]
    assert (done.cards_removed, done.cards_left) == (0, 1)


def test_no_import_brings_the_person_back(database: Database, settings: Settings, tmp_path: Path, clock: Clock) -> None:
    forget(settings, database, clock)
    export = tmp_path / "contacts.csv"
    export.write_text(f"id,email,first_name\n1,{DANA.upper()},Dana\n2,{OTTO},Otto\n", "utf-8")
    importer = Importer(database, 1, settings.timezone, "csv", no_bar)
    summary = importer.crm(contacts=export, companies=None, deals=None, events=None, rejects=tmp_path / "rejects.csv")
    assert (summary.files[0].imported, summary.files[0].rejected) == (1, 1)
    assert "erased with `afterword forget`" in (tmp_path / "rejects.csv").read_text("utf-8")
    with database.reading() as session:
        assert DANA not in session.exec(select(Contact.email).where(Contact.workspace_id == 1)).all()


def test_the_erasure_is_on_record_without_the_address(database: Database, settings: Settings, clock: Clock) -> None:
    forget(settings, database, clock)
    with database.reading() as session:
        audit = session.exec(select(Audit).where(Audit.workspace_id == 1, Audit.action == "forget")).one()
    assert audit.actor == "U0" and audit.detail["rows"]["contact"] == 1
    assert "dana" not in str(audit.model_dump()).lower()


def test_asking_twice_is_harmless(database: Database, settings: Settings, clock: Clock) -> None:
    forget(settings, database, clock)
    assert forget(settings, database, clock).rows == {}
