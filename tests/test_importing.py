"""CRM exports come in streamed and idempotent; a bad row is kept aside with its reason."""

import csv
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot import sample_company
from bot.importing import Importer
from model.brief import Brief
from storage import queries
from storage.crm.csv_files import CrmFileError
from storage.database import Database
from storage.tables import Contact, Event, Pair, Verdict
from tests.rows import workspace


@contextmanager
def no_bar(title: str, total: int):
    yield lambda position: None


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    database.migrate()
    with database.writing() as session:
        workspace(session)
    return database


@pytest.fixture
def importer(database: Database) -> Importer:
    return Importer(database, 1, ZoneInfo("Europe/Berlin"), "csv", no_bar)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


CONTACTS = """id,email,first_name,last_name,company_id,owner,do_not_contact
1,dana@northwind.example,Dana,Whitfield,c1,Maya Lindqvist,false
2,not-an-address,Broken,Row,c1,,
3,ZOE@northwind.example,Zoë,Ørsted,,,true
"""
EVENTS = """id,contact_id,at,kind,subject
e1,1,2026-11-19T14:00:00Z,page_view,Pricing
e2,9,2026-11-19T14:00:00Z,page_view,Pricing
e3,1,2026-11-20 10:00,email_received,Question
"""


def run(importer: Importer, folder: Path, contacts: str = CONTACTS, events: str | None = EVENTS):
    return importer.crm(
        contacts=write(folder / "contacts.csv", contacts),
        companies=write(folder / "companies.csv", "id,name,industry\nc1,Northwind Foods,Food\n"),
        deals=None,
        events=write(folder / "events.csv", events) if events else None,
        rejects=folder / "rejects.csv",
    )


def test_good_rows_arrive_and_bad_ones_are_kept_with_line_and_reason(
    importer: Importer, database: Database, tmp_path: Path
) -> None:
    summary = run(importer, tmp_path)
    assert [(f.imported, f.rejected) for f in summary.files] == [(1, 0), (2, 1), (2, 1)]
    with (tmp_path / "rejects.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [(row["file"], row["line"]) for row in rows] == [("contacts.csv", "3"), ("events.csv", "3")]
    assert "not-an-address" in rows[0]["reason"]
    with database.reading() as session:
        zoe = queries.contacts_named(session, workspace_id=1, name="zoe orsted")[0]
        dana = queries.contact_by_email(session, workspace_id=1, email="dana@northwind.example")
        assert zoe.email == "zoe@northwind.example"
        assert dana and dana.company_id
        events = session.exec(select(Event).order_by(Event.at)).all()
    assert events[1].at == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # a naive time is the workspace's


def test_importing_again_changes_nothing_and_doubles_nothing(
    importer: Importer, database: Database, tmp_path: Path
) -> None:
    run(importer, tmp_path)
    with database.reading() as session:
        before = queries.crm_counts(session, workspace_id=1)
    run(importer, tmp_path)
    with database.reading() as session:
        assert queries.crm_counts(session, workspace_id=1) == before


def test_a_later_file_updates_what_it_names_and_never_lifts_a_block(
    importer: Importer, database: Database, tmp_path: Path
) -> None:
    run(importer, tmp_path)
    run(importer, tmp_path, "id,email,first_name\n3,zoe@northwind.example,Zoey\n", None)
    with database.reading() as session:
        zoe = session.exec(select(Contact).where(Contact.source_id == "3")).one()
    assert (zoe.first_name, zoe.last_name, zoe.do_not_contact) == ("Zoey", "Ørsted", True)
    assert zoe.search_name == "zoey orsted"


def test_a_wrong_file_stops_before_the_first_row_is_written(
    importer: Importer, database: Database, tmp_path: Path
) -> None:
    with pytest.raises(CrmFileError, match="email"):
        run(importer, tmp_path, "id,first_name\n1,Dana\n")
    with database.reading() as session:
        assert queries.crm_counts(session, workspace_id=1)["companies"] == 0


EMAILS = """to_email,subject,body,sent_at,opened,replied,from_email,goal
dana@northwind.example,After the demo,Morning Dana,2026-11-20T09:30:00Z,true,true,maya.lindqvist@us.example,recap
nobody@elsewhere.example,Hello,Hi,2026-11-20T08:00:00Z,false,false,maya.lindqvist@us.example,
"""


def test_past_emails_become_pairs_with_the_record_as_it_stood(
    importer: Importer, database: Database, tmp_path: Path
) -> None:
    run(importer, tmp_path)
    importer.emails(write(tmp_path / "emails.csv", EMAILS), rejects=tmp_path / "r.csv")
    importer.emails(write(tmp_path / "emails.csv", EMAILS), rejects=tmp_path / "r.csv")
    with database.reading() as session:
        known, thin = session.exec(select(Pair).order_by(Pair.at.desc())).all()  # type: ignore[attr-defined]
    brief = Brief.model_validate(known.brief)
    assert known.verdict == Verdict.imported
    assert known.final == "Subject: After the demo\n\nMorning Dana"
    assert [event.subject for event in brief.events] == ["Question", "Pricing"]
    assert brief.sender.first_name == "Maya"
    assert brief.goal == "recap"
    assert Brief.model_validate(thin.brief).goal == "Hello"  # without a goal the subject stands for it
    assert thin.contact_id is None


def test_the_sample_company_comes_in_whole_and_recent(database: Database, tmp_path: Path) -> None:
    now = datetime(2027, 3, 10, 12, tzinfo=UTC)
    summaries = sample_company.seed(
        database, home=tmp_path / "home", workspace_id=1, zone=ZoneInfo("UTC"), now=now, bar=no_bar
    )
    assert not any(file.rejected for summary in summaries for file in summary.files)
    with database.reading() as session:
        counts = queries.crm_counts(session, workspace_id=1)
        newest = max(session.exec(select(Event.at)).all())
        pairs = queries.pair_counts(session, workspace_id=1)
    assert counts["contacts"] >= 60 and counts["companies"] >= 15 and counts["events"] >= 600
    assert pairs["imported"] >= 80
    assert 0 <= (now - newest).days < 7
    assert (tmp_path / "home" / "voice.yml").exists()
