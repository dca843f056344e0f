"""`afterword connect`, `sync` and `disconnect`: a secret is tried, sealed and never shown."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot import cli
from bot.cli import main
from bot.settings import load
from bot.syncer import Syncer
from storage import queries
from storage.crm.live.known import CRMS
from storage.database import Database
from tests.crm_servers import TOKEN, HubSpotServer, Refusal, serving
from tests.fakes import MONDAY, Clock
from tests.test_rights_commands import home

__all__ = ["home"]  # a fixture


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubSpotServer]:
    portal = HubSpotServer()
    monkeypatch.setenv("AFTERWORD_CRM_SECRET", TOKEN)
    portal.put("contacts", 21, MONDAY.replace(year=2025), email="dana@northwind.example", firstname="Dana")
    with serving(portal):
        yield portal


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_connect_sync_status_disconnect(
    home: Path, portal: HubSpotServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(capsys, "connect", "hubspot", "--address", portal.url)
    monkeypatch.delenv("AFTERWORD_CRM_SECRET")
    assert run(capsys, "sync")["hubspot"]["read"]["contacts"] == 1
    (shown,) = run(capsys, "status")["connected"]
    assert (shown["crm"], shown["error"]) == ("hubspot", None) and shown["read_at"]
    assert main(["status"]) == 0 and "Connected: hubspot, read 20" in capsys.readouterr().out
    run(capsys, "secrets", "rotate")
    assert run(capsys, "sync", "hubspot", "--full")["hubspot"]["read"]["contacts"] == 1
    run(capsys, "disconnect", "hubspot")
    assert main(["sync"]) == 1 and "afterword connect" in capsys.readouterr().err
    assert run(capsys, "status")["crm"]["contacts"] == 1


def test_the_secret_is_in_the_database_as_a_seal_alone(
    home: Path, portal: HubSpotServer, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "connect", "hubspot", "--address", portal.url)
    with closing(Database(f"sqlite:///{home / 'afterword.sqlite3'}")) as database, database.reading() as session:
        row = queries.connection(session, workspace_id=1, crm="hubspot")
    assert row and TOKEN not in str(row) and TOKEN.encode() not in (home / "afterword.sqlite3").read_bytes()


def test_a_wrong_token_is_not_kept(
    home: Path, portal: HubSpotServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERWORD_CRM_SECRET", "pat-wrong")
    assert main(["connect", "hubspot", "--address", portal.url]) == 1
    assert "does not accept the token" in capsys.readouterr().err
    assert run(capsys, "status")["connected"] == []


def test_a_failed_sync_exits_with_1_and_still_gives_its_json(
    home: Path, portal: HubSpotServer, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "connect", "hubspot", "--address", portal.url)
    portal.faults = [Refusal(401)]
    assert main(["sync", "--json"]) == 1
    told = capsys.readouterr()
    assert "Make a new one" in told.err and "Make a new one" in json.loads(told.out)["hubspot"]["error"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["salesforce"], "--address"),
        (["salesforce", "--address", "acme.my.salesforce.com"], "--account, the consumer key"),
        (["tryton", "--address", "http://erp.example.com/db", "--account", "maya"], "no address to send a secret to"),
        (["hubspot", "--address", "https://u:p@api.example.com"], "no address to send a secret to"),
    ],
)
def test_what_is_missing_or_unsafe_is_said_before_a_secret_leaves(
    home: Path, portal: HubSpotServer, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["connect", *arguments]) == 1
    assert said in capsys.readouterr().err and portal.asked == []


def test_serve_reads_what_is_due_and_then_waits(
    home: Path, portal: HubSpotServer, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "connect", "hubspot", "--address", portal.url)
    clock = Clock(datetime.now(UTC))
    with closing(Database(f"sqlite:///{home / 'afterword.sqlite3'}")) as database:
        syncer = Syncer(load(), database, clock)
        syncer.start()
        syncer.look()
        asked = len(portal.asked)
        syncer.look()
        assert len(portal.asked) == asked > 0
        clock.move(minutes=16)
        syncer.look()
        syncer.stop()
        assert len(portal.asked) > asked
        clock.move(minutes=16)
        asked = len(portal.asked)
        syncer.look()
        assert len(portal.asked) == asked, "a stopped bot begins nothing"


def test_the_commands_know_every_connector() -> None:
    assert set(cli.CRMS) == set(CRMS)
