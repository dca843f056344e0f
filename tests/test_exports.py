"""Twelve exports as four tools write them in three countries, with dirt: each row arrives, or its reason is told."""

import csv
import json
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot import cli
from bot.importing import FileSummary, Importer
from storage.database import Database
from storage.tables import Company, Contact, Deal, Event
from tests.rows import workspace
from tests.test_importing import no_bar

EXPORTS = Path(__file__).parent / "payloads" / "exports"

# File: whose, how it is encoded, the rows that arrive, and for each line that does not a part of its reason.
Told = tuple[str, str, int, dict[int, str]]
CONTACTS: dict[str, Told] = {
    "hubspot-en-contacts": (
        *("HubSpot", "utf-8", 5),
        {4: "is empty", 7: "neither yes nor no", 9: "quotes are not balanced"},
    ),
    "hubspot-de-contacts": ("HubSpot", "cp1252", 3, {4: "is not an email", 5: "neither yes nor no"}),
    "hubspot-fr-contacts": ("HubSpot", "utf-8", 2, {4: "is empty", 5: "12 cells under 11 columns"}),
    "salesforce-en-contacts": ("Salesforce", "cp1252", 3, {5: "is not an email", 7: "is empty", 8: "is empty"}),
    "salesforce-de-contacts": ("Salesforce", "utf-16", 2, {4: "is not an email"}),
    "salesforce-fr-contacts": ("Salesforce", "cp1252", 3, {5: "neither yes nor no"}),
    "pipedrive-en-contacts": ("Pipedrive", "utf-8", 4, {5: "is empty"}),
    "pipedrive-de-contacts": ("Pipedrive", "cp1252", 2, {4: "is not an email"}),
    "pipedrive-fr-contacts": ("Pipedrive", "utf-8", 3, {4: "quotes are not balanced"}),
    "mailchimp-en-subscribed": ("Mailchimp", "utf-8", 2, {4: "is not an email", 5: "is not a time zone"}),
    "mailchimp-de-unsubscribed": ("Mailchimp", "utf-8", 2, {5: "is empty"}),
    "mailchimp-fr-cleaned": ("Mailchimp", "cp1252", 2, {3: "could be 2025-03-04 or 2025-04-03"}),
}
DEALS: dict[str, tuple[int, dict[int, str]]] = {
    "hubspot-fr-deals": (3, {4: "is not an amount", 5: "is not a date"}),
    "salesforce-de-deals": (3, {5: "is not an amount"}),
    "pipedrive-en-deals": (2, {4: "is not a deal's status"}),
}
# Whoever may not be written to, of those that arrive.
BLOCKED = {
    "hubspot-en-contacts": {"zoe@harbour.example", "luca@sail.example", "noah@sail.example"},
    "hubspot-de-contacts": {"anke@werft.example"},
    "hubspot-fr-contacts": {"chloe@fenetres.example"},
    "salesforce-en-contacts": {"ken@sail.example", "maya.park@sail.example"},
    "salesforce-de-contacts": {"lisa@fracht.example"},
    "salesforce-fr-contacts": {"noah@energie.example", "anna@energie.example"},
    "pipedrive-en-contacts": {"ravi.novak@sail.example", "olga@clinic.example"},
    "pipedrive-de-contacts": {"anke@werft.example"},
    "pipedrive-fr-contacts": {"chloe@fenetres.example"},
    "mailchimp-en-subscribed": set(),
    "mailchimp-de-unsubscribed": {"anke@werft.example", "juergen.mueller@werft.example"},
    "mailchimp-fr-cleaned": {"chloe@fenetres.example", "anna@energie.example"},
}


@pytest.fixture
def database(tmp_path: Path):
    with closing(Database(f"sqlite:///{tmp_path / 'test.sqlite3'}")) as database:
        database.migrate()
        with database.writing() as session:
            workspace(session)
        yield database


def imported(
    database: Database, folder: Path, contacts: str, **others: str
) -> tuple[list[FileSummary], dict[int, str]]:
    """What became of the last file: the summaries, and line → reason of its rejects."""
    paths = {
        kind: EXPORTS / f"{others[kind]}.csv" if kind in others else None for kind in ("companies", "deals", "events")
    }
    summary = Importer(database, 1, ZoneInfo("Europe/Berlin"), contacts, no_bar).crm(
        contacts=EXPORTS / f"{contacts}.csv", rejects=folder / "rejects.csv", **paths
    )
    last, rejects = summary.files[-1], {}
    if summary.rejects:
        with summary.rejects.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["file"] == last.file]
        rejects = {int(row["line"]): row["reason"] for row in rows}
        assert len(rows) == len(rejects) == last.rejected
    return summary.files, rejects


def expect(rejects: dict[int, str], reasons: dict[int, str]) -> None:
    assert rejects.keys() == reasons.keys()
    for line, part in reasons.items():
        assert part in rejects[line], (line, rejects[line])


@pytest.mark.parametrize("name", CONTACTS)
def test_every_contact_arrives_or_is_rejected_with_its_reason(name: str, database: Database, tmp_path: Path) -> None:
    tool, encoding, arrived, reasons = CONTACTS[name]
    [file], rejects = imported(database, tmp_path, name)
    assert (file.tool, file.encoding, file.imported) == (tool, encoding, arrived)
    expect(rejects, reasons)
    with database.reading() as session:
        rows = session.exec(select(Contact).where(Contact.workspace_id == 1)).all()
        assert {row.email for row in rows if row.do_not_contact or row.email_opt_out or row.bounced} == BLOCKED[name]
        assert all(row.first_name and row.last_name for row in rows)
        ids = {row.company_id for row in rows} - {None}
        assert len(session.exec(select(Company).where(Company.workspace_id == 1)).all()) == len(ids)
    assert len(rows) == len({row.source_id for row in rows}) == arrived


@pytest.mark.parametrize("name", CONTACTS)
def test_every_column_is_mapped_or_listed(name: str, database: Database, tmp_path: Path) -> None:
    [file], _ = imported(database, tmp_path, name)
    text = (EXPORTS / f"{name}.csv").read_bytes().decode(file.encoding).lstrip("\ufeff")
    [header] = csv.reader([text.splitlines()[0]], delimiter=max(",;\t", key=text.splitlines()[0].count))
    assert sorted([theirs for theirs, _ in file.mapping] + file.ignored_columns) == sorted(header)


@pytest.mark.parametrize("name", DEALS)
def test_every_deal_arrives_or_is_rejected_with_its_reason(name: str, database: Database, tmp_path: Path) -> None:
    arrived, reasons = DEALS[name]
    files, rejects = imported(database, tmp_path, name.replace("deals", "contacts"), deals=name)
    assert files[-1].imported == arrived
    expect(rejects, reasons)


def test_amounts_and_dates_are_those_that_were_written(database: Database, tmp_path: Path) -> None:
    for name in DEALS:
        imported(database, tmp_path, name.replace("deals", "contacts"), deals=name)
    with database.reading() as session:
        deals = session.exec(select(Deal).where(Deal.workspace_id == 1)).all()
    assert {row.name: (str(row.amount), row.currency, str(row.close_date), row.is_open) for row in deals} == {
        "Fenêtres du siège": ("12500.00", "EUR", "2026-12-31", True),
        "Vitrines": ("1250.00", "EUR", "2026-03-04", True),
        "Toit": ("700.00", "USD", "2026-03-06", True),
        "Neue Kräne": ("125000.00", "EUR", "2026-12-31", True),
        "Wartung": ("9500.00", "EUR", "2026-03-04", True),
        "Taue": ("980.50", "EUR", "2026-03-05", False),
        "Rollout": ("12500.00", "USD", "2026-12-18", True),
        "Pilot": ("1250.50", "USD", "2026-03-04", False),
    }


def test_activities_arrive_under_our_words_for_them(database: Database, tmp_path: Path) -> None:
    files, rejects = imported(database, tmp_path, "salesforce-fr-contacts", events="salesforce-fr-events")
    assert (files[-1].imported, files[-1].read_as) == (2, {"ActivityDate": "day first"})
    expect(rejects, {4: "no contact '003F9'", 5: "is not a date"})
    with database.reading() as session:
        events = session.exec(select(Event).where(Event.workspace_id == 1).order_by(Event.source_id)).all()
    assert [(row.kind, row.subject) for row in events] == [("call", "Devis"), ("meeting", "Visite du site")]


def test_whoever_is_blocked_in_one_tool_is_blocked_in_all(database: Database, tmp_path: Path) -> None:
    for name in ("mailchimp-de-unsubscribed", "hubspot-de-contacts", "salesforce-de-contacts", "pipedrive-de-contacts"):
        imported(database, tmp_path, name)
    with database.reading() as session:
        rows = session.exec(
            select(Contact).where(Contact.workspace_id == 1, Contact.email == "juergen.mueller@werft.example")
        ).all()
    assert len(rows) == 4
    assert all(row.email_opt_out for row in rows)
    assert not any(row.bounced or row.do_not_contact for row in rows)


def test_the_command_shows_what_it_read_and_takes_a_mapping_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AFTERWORD_HOME", str(tmp_path / "home"))
    command = ["import", "crm", "--contacts", str(EXPORTS / "mailchimp-fr-cleaned.csv")]
    assert cli.main(command) == 0
    shown = capsys.readouterr().out
    assert "mailchimp-fr-cleaned.csv: 2 rows imported, 1 rejected." in shown
    assert "Read as an export of Mailchimp in cp1252: Adresse e-mail → email, Prénom → first_name" in shown
    assert "Columns not used: MEMBER_RATING, CONFIRM_IP, LAST_CHANGED, LEID." in shown
    mapping = tmp_path / "mapping.yml"
    mapping.write_text("contacts:\n  lifecycle: LEID\ndates: day first\n")
    assert cli.main([*command, "--mapping", str(mapping), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["imported"], told["rejected"], told["rejects"]) == (3, 0, None)
    assert ["LEID", "lifecycle"] in told["files"][0]["mapping"]
    mapping.write_text("contact:\n  lifecycle: LEID\n")
    assert cli.main([*command, "--mapping", str(mapping)]) == 1
    assert f"{mapping}, line 1, column 1" in capsys.readouterr().err
