"""HubSpot by its own client: a server on loopback answers in its shapes, and refuses as it does."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from bot.syncing import Report, Syncing, sync
from bot.tokens import place
from bot.vault import Vault, new_key
from storage import queries
from storage.crm.live import AccessError, Busy, Sent
from storage.crm.live.hubspot import HubSpot
from storage.database import Database
from storage.tables import Connection, Deal, Event
from tests.crm_servers import TOKEN, HubSpotServer, Refusal, serving
from tests.fakes import MONDAY, Clock

DAY = MONDAY - timedelta(days=1)


@pytest.fixture
def portal() -> Iterator[HubSpotServer]:
    portal = HubSpotServer()
    with serving(portal):
        yield portal


def connected(database: Database, portal: HubSpotServer, clock: Clock, waited: list[float]) -> Syncing:
    key = new_key()
    vault = Vault(lambda: [key])
    secret = vault.seal(TOKEN, place=place(1, "hubspot"))
    with database.writing() as session:
        times = {"connected_at": clock(), "due_at": clock()}
        queries.save_connection(
            session, row=Connection(workspace_id=1, crm="hubspot", address=portal.url, secret=secret, **times)
        )
    every = timedelta(minutes=15)
    return Syncing(database, vault, ZoneInfo("UTC"), clock, every, lambda s: waited.append(s) if s else None)


@pytest.fixture
def waited() -> list[float]:
    return []


@pytest.fixture
def job(fresh: Database, portal: HubSpotServer, waited: list[float]) -> Syncing:
    return connected(fresh, portal, Clock(), waited)


def read(job: Syncing) -> Report:
    report = sync(job, workspace_id=1, crm="hubspot")
    assert report is not None
    return report


def northwind(portal: HubSpotServer) -> None:
    """A company with Dana, her deal, and what happened."""
    portal.put("companies", 11, DAY, domain="northwind.example", industry="FOOD")
    dana = {"email": "Dana@Northwind.example", "firstname": "Dana", "lastname": "Whitfield", "jobtitle": "COO"}
    portal.put("contacts", 21, DAY, **dana, hubspot_owner_id="7", associatedcompanyid="11", hs_email_optout="false")
    deal = {
        "dealname": "Rollout",
        "dealstage": "9001",
        "pipeline": "default",
        "amount": "12000",
        "hs_is_closed": "false",
    }
    portal.put("deals", 31, DAY, **deal, deal_currency_code="EUR", closedate="2026-12-18T00:00:00Z")
    portal.link("deals", 31, "contacts", 21)
    portal.link("deals", 31, "companies", 11)
    sent = {"hs_timestamp": "2026-11-20T10:00:00.123Z", "hs_email_direction": "EMAIL", "hs_email_subject": "Prices"}
    portal.put("emails", 41, DAY, **sent, hs_email_text="See attached", hs_email_open_count="3")
    portal.put("notes", 51, DAY, hs_timestamp="2026-11-21T10:00:00Z", hs_note_body="<p>Likes&nbsp;tea</p>")
    portal.put(
        "calls", 61, DAY, hs_timestamp="2026-11-21T11:00:00Z", hs_call_title="Intro", hs_call_direction="INBOUND"
    )
    for kind, id in (("emails", 41), ("notes", 51)):
        portal.link(kind, id, "contacts", 21)


def test_the_record_arrives_with_names_for_ids_and_figures_without_dates(job: Syncing, portal: HubSpotServer) -> None:
    northwind(portal)
    report = read(job)
    assert report.error is None and report.left_out == 0
    with job.database.reading() as session:
        dana = queries.contact_by_email(session, workspace_id=1, email="dana@northwind.example")
        assert dana and (dana.owner, dana.title, dana.email_opt_out) == ("Maya Lindqvist", "COO", False)
        company = queries.company(session, workspace_id=1, company_id=dana.company_id or 0)
        assert company and company.name == "northwind.example"
        deal = session.exec(select(Deal).where(Deal.workspace_id == 1)).one()
        assert (deal.stage, deal.pipeline, deal.amount) == ("Offer sent", "Sales", Decimal(12000))
        assert (deal.currency, deal.contact_id, deal.is_open) == ("EUR", dana.id, True)
        query = select(Event).where(Event.workspace_id == 1).order_by(col(Event.source_id))
        events = [(row.kind, row.subject, row.body, row.count) for row in session.exec(query)]
    assert events == [
        ("email_open", "Prices", None, 3),
        ("email_sent", "Prices", "See attached", None),
        ("note", None, "Likes tea", None),
    ]  # the call is nobody's


@pytest.mark.parametrize(
    ("property", "value", "block"),
    [
        ("hs_email_optout", "true", "email_opt_out"),
        ("hs_email_hard_bounce_reason_enum", "UNKNOWN_USER", "bounced"),
        ("hs_email_bad_address", "true", "bounced"),
        ("gdpr_x", "2026-11-01", "email_opt_out"),  # a property of the house, told by its label
    ],
)
def test_whatever_says_something_about_consent_is_asked_for(
    job: Syncing, portal: HubSpotServer, property: str, value: str, block: str
) -> None:
    portal.put("contacts", 21, DAY, email="dana@northwind.example", **{property: value})
    read(job)
    with job.database.reading() as session:
        dana = queries.contact_by_email(session, workspace_id=1, email="dana@northwind.example")
    assert dana and getattr(dana, block) is True


def test_more_records_than_a_search_gives_arrive_even_if_all_share_a_moment(
    job: Syncing, portal: HubSpotServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.crm_servers.MOST", 250)
    for id in range(1, 702):
        portal.put("contacts", id, DAY, email=f"p{id}@northwind.example")
    report = read(job)
    assert report.error is None and report.read["contacts"] == 701
    with job.database.reading() as session:
        assert queries.crm_counts(session, workspace_id=1)["contacts"] == 701


def test_only_what_changed_is_asked_for_again(job: Syncing, portal: HubSpotServer) -> None:
    northwind(portal)
    read(job)
    job.clock.move(hours=1)  # type: ignore[attr-defined]
    portal.put("contacts", 21, job.clock(), email="dana@northwind.example", firstname="Daniela")
    report = read(job)
    assert {name: count for name, count in report.read.items() if count} == {"contacts": 1}


def test_too_many_questions_are_asked_again_after_the_time_it_names(
    job: Syncing, portal: HubSpotServer, waited: list[float]
) -> None:
    northwind(portal)
    portal.faults = [None, Refusal(429, {"policyName": "TEN_SECONDLY_ROLLING"}, {"Retry-After": "4"}), Refusal(502)]
    report = read(job)
    assert report.error is None and waited == [4.0, 2.0] and report.read["contacts"] == 1


def test_a_used_up_day_ends_the_run_for_an_hour(job: Syncing, portal: HubSpotServer, waited: list[float]) -> None:
    portal.faults = [Refusal(429, {"policyName": "DAILY", "message": "limit"})]
    report = read(job)
    with job.database.reading() as session:
        row = queries.connection(session, workspace_id=1, crm="hubspot")
    assert report.error and "today" in report.error and waited == []
    assert row and row.due_at == MONDAY + timedelta(hours=1)


@pytest.mark.parametrize(("status", "said"), [(401, "Make a new one"), (403, "lacks a scope")])
def test_a_refusal_says_what_to_do_and_quotes_nothing(
    job: Syncing, portal: HubSpotServer, status: int, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    portal.faults = [Refusal(status, {"message": "Dana's secret"})]
    report = read(job)
    assert report.error and said in report.error and "Dana" not in report.error + caplog.text


def test_what_the_token_may_not_read_is_told_and_the_rest_arrives(job: Syncing, portal: HubSpotServer) -> None:
    northwind(portal)
    original = portal.answer

    def without_deals(method: str, path: str, *rest: Any) -> tuple[int, Any]:
        return (403, {"category": "MISSING_SCOPES"}) if "/deals/search" in path else original(method, path, *rest)

    portal.answer = without_deals  # type: ignore[method-assign]
    report = read(job)
    assert report.error and report.error.startswith("deals: ") and "scope" in report.error
    assert report.read["contacts"] == 1 and report.read["notes"] == 1


def email(**more: object) -> Sent:
    at = datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)
    known = {
        "mark": "<m@us.example>",
        "at": at,
        "contact_id": "21",
        "deal_id": "31",
        "recipient": "dana@northwind.example",
    }
    return Sent(**{**known, "subject": "Hello", "body": "Hi Dana", **more})  # type: ignore[arg-type]


def test_an_email_is_logged_once_for_contact_and_deal_though_an_answer_got_lost(portal: HubSpotServer) -> None:
    northwind(portal)
    crm = HubSpot(TOKEN, address=portal.url)
    portal.faults = [None, Refusal(504, after=True)]
    with pytest.raises(Busy):
        crm.log(email())
    logged = crm.log(email())
    created = [id for id in portal.objects["emails"] if id > 1000]
    assert logged == str(created[0]) and len(created) == 1
    assert portal.links["emails", "deals"][logged] == "31"
    assert portal.objects["emails"][created[0]]["hs_email_direction"] == "EMAIL"
    assert crm.log(email(subject="Another")) != logged


def test_a_wrong_token_is_told_when_connecting(portal: HubSpotServer) -> None:
    HubSpot(TOKEN, address=portal.url).check()
    with pytest.raises(AccessError, match="afterword connect hubspot"):
        HubSpot("pat-wrong", address=portal.url).check()
