"""Salesforce by simple-salesforce: a server on loopback, over TLS as the client insists, answers in its shapes."""

import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import requests
from sqlmodel import col, select

from bot.syncing import Report, Syncing, sync
from bot.tokens import place
from bot.vault import Vault, new_key
from storage import queries
from storage.crm.live import AccessError, Busy, Sent
from storage.crm.live.salesforce import Salesforce
from storage.database import Database
from storage.tables import Connection, Deal, Event
from tests.crm_servers import Refusal, SalesforceServer, certificate, serving
from tests.fakes import MONDAY, Clock

DAY = "2026-11-22T09:00:00.000+0000"
LATER = "2026-11-23T10:00:00.000+0000"


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def org(trust: tuple[ssl.SSLContext, str]) -> Iterator[SalesforceServer]:
    org = SalesforceServer()
    with serving(org, trust[0]):
        yield org


@pytest.fixture
def session(trust: tuple[ssl.SSLContext, str]) -> requests.Session:
    trusting = requests.Session()
    trusting.verify, trusting.trust_env = trust[1], False
    return trusting


@pytest.fixture
def job(fresh: Database, org: SalesforceServer, session: requests.Session) -> Syncing:
    key = new_key()
    vault = Vault(lambda: [key])
    secret = vault.seal("right", place=place(1, "salesforce"))
    with fresh.writing() as s:
        times = {"connected_at": MONDAY, "due_at": MONDAY}
        row = Connection(workspace_id=1, crm="salesforce", address=org.url, account="key", secret=secret, **times)
        queries.save_connection(s, row=row)

    def connect(_crm: str, *, address: str, account: str, secret: str) -> Salesforce:
        return Salesforce(address, account, secret, session=session)

    return Syncing(fresh, vault, ZoneInfo("UTC"), Clock(), timedelta(minutes=15), lambda _: None, connect)


def read(job: Syncing) -> Report:
    report = sync(job, workspace_id=1, crm="salesforce")
    assert report is not None
    return report


def northwind(org: SalesforceServer) -> None:
    """An account with Dana, her opportunity, and what happened; and a lead."""
    maya = {"Owner": {"Name": "Maya Lindqvist"}}
    org.put("Account", "001A", DAY, Name="Northwind Foods", Website="https://www.northwind.example/", Industry="Food")
    dana = {"Email": "dana@northwind.example", "FirstName": "Dana", "LastName": "O'Neil", "AccountId": "001A"}
    org.put("Contact", "003A", DAY, **dana, **maya, HasOptedOutOfEmail=False, DoNotCall=True, HasOptedOutOfFax=True)
    org.put("Contact", "003B", DAY, LastName="Nobody", Email=None)
    org.put("Lead", "00QA", DAY, Email="li@newco.example", LastName="Li", Company="NewCo", HasOptedOutOfEmail=True)
    deal = {"Name": "Rollout", "StageName": "Proposal", "Amount": 12000.5, "CloseDate": "2026-12-18", "IsClosed": False}
    roles = {"OpportunityContactRoles": {"records": [{"ContactId": "003A"}]}}
    org.put("Opportunity", "006A", DAY, **deal, **roles, **maya, AccountId="001A")
    done = {"CompletedDateTime": "2026-11-20T10:00:00.000+0000", "ActivityDate": "2026-11-19", "TaskSubtype": "Email"}
    org.put("Task", "00T1", DAY, **done, WhoId="003A", WhatId="006A", Subject="Prices", Description="See attached")
    org.put("Task", "00T2", DAY, ActivityDate="2026-11-21", TaskSubtype="Call", WhoId="00QA", Subject="Intro")
    org.put("Task", "00T3", DAY, ActivityDate="2026-11-21", TaskSubtype="Task", WhoId=None, Subject="Tidy up")
    org.put("Event", "00U1", DAY, StartDateTime="2026-11-21T09:00:00.000+0000", WhoId="003A", Subject="Demo")


def test_the_record_arrives_with_contacts_leads_deals_and_activities(job: Syncing, org: SalesforceServer) -> None:
    northwind(org)
    report = read(job)
    assert (report.error, report.left_out) == (None, 0)
    with job.database.reading() as session:
        dana = queries.contact_by_email(session, workspace_id=1, email="dana@northwind.example")
        li = queries.contact_by_email(session, workspace_id=1, email="li@newco.example")
        assert dana and (dana.last_name, dana.owner, dana.email_opt_out) == ("O'Neil", "Maya Lindqvist", False)
        assert dana.consent_basis == "DoNotCall: true"
        assert li and li.email_opt_out and li.company_id
        deal = session.exec(select(Deal).where(Deal.workspace_id == 1)).one()
        assert (deal.contact_id, deal.amount, deal.stage) == (dana.id, Decimal("12000.50"), "Proposal")
        query = select(Event).where(Event.workspace_id == 1).order_by(col(Event.source_id))
        events = [(row.kind, row.subject, row.at.isoformat(), row.deal_id) for row in session.exec(query)]
    assert events == [
        ("email_sent", "Prices", "2026-11-20T10:00:00+00:00", deal.id),
        ("call", "Intro", "2026-11-21T00:00:00+00:00", None),
        ("meeting", "Demo", "2026-11-21T09:00:00+00:00", None),
    ]


def test_what_the_organisation_has_not_got_is_not_asked_for(job: Syncing, org: SalesforceServer) -> None:
    northwind(org)
    del org.records["Lead"], org.records["Opportunity"]
    report = read(job)
    assert report.error is None and list(report.read) == ["Account", "Contact", "Task", "Event"]


def test_pages_go_by_ids_and_only_what_changed_is_asked_for_again(
    job: Syncing, org: SalesforceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.crm.live.salesforce.LIMIT", 2)
    for number in range(5):
        org.put("Contact", f"003{number}", DAY, Email=f"p{number}@northwind.example", EmailBouncedReason="")
    assert read(job).read["Contact"] == 5
    job.clock.move(hours=2)  # type: ignore[attr-defined]
    org.put("Contact", "0033", LATER, Email="p3@northwind.example", EmailBouncedReason="550 no such user")
    assert read(job).read["Contact"] == 1
    with job.database.reading() as session:
        bounced = queries.contact_by_email(session, workspace_id=1, email="p3@northwind.example")
    assert bounced and bounced.bounced


def test_a_session_that_runs_out_is_renewed_within_a_run(job: Syncing, org: SalesforceServer) -> None:
    northwind(org)
    original = org.answer

    def expiring(method: str, path: str, query: dict, body: object, token: str) -> tuple[int, object]:  # type: ignore[type-arg]
        if "Contact" in path:
            org.session = 2
        return original(method, path, query, body, token)

    org.answer = expiring  # type: ignore[method-assign, assignment]
    assert read(job).error is None
    logins = [path for path, _ in org.asked if path.endswith("/token")]
    assert len(logins) == 2


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (Refusal(403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "Dana"}]), "today"),
        (Refusal(403, [{"errorCode": "INSUFFICIENT_ACCESS", "message": "Dana"}]), "permission set"),
        (Refusal(400, [{"errorCode": "MALFORMED_QUERY", "message": "Dana"}]), "MALFORMED_QUERY"),
    ],
)
def test_a_refusal_says_what_to_do_and_quotes_no_record(
    job: Syncing, org: SalesforceServer, refusal: Refusal, said: str
) -> None:
    org.faults = [None, None, refusal]
    report = read(job)
    assert report.error and said in report.error and "Dana" not in report.error


def test_a_wrong_key_and_a_server_that_is_away_are_told_apart(org: SalesforceServer, session: requests.Session) -> None:
    with pytest.raises(AccessError, match="invalid_client"):
        Salesforce(org.url, "key", "wrong", session=session)
    with pytest.raises(Busy, match="does not answer"):
        Salesforce("https://127.0.0.1:9", "key", "right", session=session)


def test_an_email_is_logged_once_though_an_answer_got_lost(org: SalesforceServer, session: requests.Session) -> None:
    at = datetime.now(UTC) - timedelta(minutes=1)
    known = {"contact_id": "003A", "deal_id": None, "recipient": "dana@northwind.example", "subject": "Hello"}
    sent = Sent(mark="<m1@us.example>", at=at, body="Hi Dana", **known)  # type: ignore[arg-type]
    crm = Salesforce(org.url, "key", "right", session=session)
    org.faults = [None, Refusal(504, after=True)]  # the tasks are looked through, then one is made
    with pytest.raises(Busy):
        crm.log(sent)
    crm.log(sent)
    crm.log(replace(sent, mark="<m2@us.example>"))
    tasks = org.records["Task"]
    assert [task["Subject"] for task in tasks] == ["Email: Hello", "Email: Hello"]
    assert (tasks[0]["WhoId"], tasks[0]["TaskSubtype"], tasks[0]["Status"]) == ("003A", "Email", "Completed")
