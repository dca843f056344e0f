"""HubSpot through its own client, with the token of a private app.

A search gives at most 10,000 records however it is paged, and shows a change some seconds late. Windows by id never
come near the first (see `Window`), and their overlap covers the second.
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from storage.crm.email_text import html_to_text
from storage.crm.live import AccessError, Busy, LiveError, Page, Sent, Stream, Window
from storage.crm.live.rows import amount, consent_column

ADDRESS = "https://api.hubapi.com"
LIMIT = 200  # records that a search gives at once
SECONDS = 30.0
EMAIL_TO_CONTACT, EMAIL_TO_DEAL = 198, 210  # HubSpot's own numbers for these associations
DAY = 24 * 3600.0

EVENT = ("source_id", "contact_id", "deal_id", "at", "kind", "direction", "subject", "body", "count")
STREAMS = (
    Stream("companies", "companies", ("source_id", "name", "domain", "industry", "size", "country")),
    Stream(
        "contacts",
        "contacts",
        (
            *("source_id", "email", "first_name", "last_name", "title", "phone", "company_id", "owner", "lifecycle"),
            *("locale", "consent_basis"),
        ),
    ),
    Stream(
        "deals",
        "deals",
        (
            *("source_id", "name", "stage", "pipeline", "amount", "currency", "close_date", "is_open", "contact_id"),
            *("company_id", "owner"),
        ),
    ),
    *(Stream(name, "events", EVENT) for name in ("emails", "calls", "meetings", "notes")),
)
PROPERTIES = {
    "companies": "name domain industry numberofemployees country",
    "contacts": (
        "email firstname lastname jobtitle phone associatedcompanyid hubspot_owner_id lifecyclestage hs_language"
        " hs_email_bad_address hs_legal_basis"
    ),
    "deals": "dealname dealstage pipeline amount deal_currency_code closedate hubspot_owner_id hs_is_closed",
    "emails": (
        "hs_timestamp hs_email_direction hs_email_subject hs_email_text hs_email_html hs_email_open_count"
        " hs_email_click_count"
    ),
    "calls": "hs_timestamp hs_call_direction hs_call_title hs_call_body",
    "meetings": "hs_timestamp hs_meeting_title hs_meeting_body",
    "notes": "hs_timestamp hs_note_body",
}
RENAMED = {  # where the layouts of exports do not know a property
    "numberofemployees": "size",
    "hs_language": "locale",
    "hs_email_bad_address": "bounced",
    "hs_is_closed": "is_closed",
    "hs_timestamp": "at",
    **dict.fromkeys(("hs_email_subject", "hs_call_title", "hs_meeting_title"), "subject"),
}
REFERS = {"contact_id": "contacts", "deal_id": "deals", "company_id": "companies"}
LINKED = ("deals", "events")  # a contact names its company itself
BODIES = ("hs_email_text", "hs_email_html", "hs_call_body", "hs_meeting_body", "hs_note_body")
DIRECTIONS = {"EMAIL": "out", "INCOMING_EMAIL": "in", "INBOUND": "in", "OUTBOUND": "out"}
KINDS = {"emails": "email", "calls": "call", "meetings": "meeting", "notes": "note"}
ROLL_UPS = {"hs_email_open_count": "email_open", "hs_email_click_count": "email_click"}


class HubSpot:
    """A portal. What names stand for, such as owners and stages, is asked once and kept while the object lives."""

    streams: Sequence[Stream] = STREAMS

    def __init__(self, token: str, *, address: str = ADDRESS) -> None:
        from hubspot import HubSpot as Client  # fifty megabytes of generated code, for those who use it

        logging.getLogger("hubspot").setLevel(logging.INFO)  # below that it logs whole answers
        self._client = Client(access_token=token, retry=Retry(0, respect_retry_after_header=False))
        self._client.config["host"] = address

    def check(self) -> None:
        self._search("contacts", ["email"], [{"propertyName": "email", "operator": "HAS_PROPERTY"}])

    def page(self, stream: Stream, window: Window) -> Page:
        records = self._search(stream.name, self._properties(stream.name), _filters(stream.name, window))
        after = records[-1].id if len(records) == LIMIT else None
        links = self._links(stream, records)
        return Page([each for record in records for each in self._columns(stream, record, links[record.id])], after)

    def log(self, sent: Sent) -> str:
        at = str(int(sent.at.timestamp() * 1000))
        there = [
            {"propertyName": "associations.contact", "operator": "EQ", "value": sent.contact_id},
            {"propertyName": "hs_timestamp", "operator": "EQ", "value": at},
        ]
        for found in self._search("emails", ["hs_email_subject"], there):
            if found.properties.get("hs_email_subject") == sent.subject:
                return str(found.id)
        return self._create_email(sent, at)

    def _create_email(self, sent: Sent, at: str) -> str:
        properties = {
            "hs_timestamp": at,
            "hs_email_direction": "EMAIL",
            "hs_email_status": "SENT",
            "hs_email_subject": sent.subject,
            "hs_email_text": sent.body,
            "hs_email_headers": json.dumps({"to": [{"email": sent.recipient}]}),
        }
        links = [(sent.contact_id, EMAIL_TO_CONTACT), *([(sent.deal_id, EMAIL_TO_DEAL)] if sent.deal_id else [])]
        associations = [
            {"to": {"id": id}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}]}
            for id, number in links
        ]
        body = {"properties": properties, "associations": associations}
        with _asking():
            return str(self._client.crm.objects.basic_api.create("emails", body, _request_timeout=SECONDS).id)

    def _search(self, kind: str, properties: list[str], filters: list[dict[str, str]]) -> list[Any]:
        asked = {
            "filterGroups": [{"filters": filters}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": properties,
            "limit": LIMIT,
        }
        with _asking():
            return list(self._client.crm.objects.search_api.do_search(kind, asked, _request_timeout=SECONDS).results)

    def _properties(self, name: str) -> list[str]:
        wanted = PROPERTIES[name].split()
        return [*dict.fromkeys((*wanted, *self._consent))] if name == "contacts" else wanted

    def _links(self, stream: Stream, records: list[Any]) -> dict[str, dict[str, str]]:
        """What each record refers to, which a search does not say: its id → our field → their id."""
        fields = {name: other for name, other in REFERS.items() if name in stream.fields and stream.table in LINKED}
        found: dict[str, dict[str, str]] = {record.id: {} for record in records}
        for field, other in fields.items():
            for id, theirs in self._associated(stream.name, other, list(found)).items():
                found[id][field] = theirs
        return found

    def _columns(self, stream: Stream, record: Any, links: dict[str, str]) -> list[dict[str, str]]:
        given = {name: value for name, value in record.properties.items() if value not in (None, "")}
        if stream.table == "events":
            both = (_event(stream.name, record.id, given), *_roll_ups(record.id, given))
            return [{**each, **links} for each in both] if "contact_id" in links else []
        if stream.name == "companies":
            given.setdefault("name", given.get("domain", ""))
        if stream.name == "deals":
            given |= self._deal(given)
        given["owner"] = self._owners.get(given.get("hubspot_owner_id", ""), "")
        called = RENAMED | (self._consent if stream.name == "contacts" else {})
        return [{"id": record.id, **{called.get(name, name): value for name, value in given.items()}, **links}]

    def _deal(self, given: Mapping[str, str]) -> dict[str, str]:
        """Stages and pipelines by the names that people know."""
        pipeline, stage = given.get("pipeline", ""), given.get("dealstage", "")
        label, stages = self._pipelines.get(pipeline, (pipeline, {}))
        return {"pipeline": label, "dealstage": stages.get(stage, stage), "amount": amount(given.get("amount"))}

    def _associated(self, kind: str, other: str, ids: list[str]) -> dict[str, str]:
        """The first that each of them goes with."""
        if not ids:
            return {}
        body = {"inputs": [{"id": id} for id in ids]}
        with _asking():
            pairs = self._client.crm.associations.v4.batch_api.get_page(kind, other, body, _request_timeout=SECONDS)
        return {str(pair._from.id): str(pair.to[0].to_object_id) for pair in pairs.results if pair.to}

    @cached_property
    def _consent(self) -> dict[str, str]:
        """Every property of contacts that says something about consent, those of the house too, and its column."""
        with _asking():
            known = self._client.crm.properties.core_api.get_all("contacts", _request_timeout=SECONDS).results
        named = {each.name: consent_column(each.name, each.label or "") for each in known}
        return {name: column for name, column in named.items() if column and name not in RENAMED}

    @cached_property
    def _owners(self) -> dict[str, str]:
        found: dict[str, str] = {}
        more: dict[str, str] = {}
        while True:
            with _asking():
                page = self._client.crm.owners.owners_api.get_page(limit=500, _request_timeout=SECONDS, **more)
            for each in page.results:
                name = f"{each.first_name or ''} {each.last_name or ''}".strip()
                found[str(each.id)] = name or each.email or ""
            if not (page.paging and page.paging.next):
                return found
            more = {"after": page.paging.next.after}

    @cached_property
    def _pipelines(self) -> dict[str, tuple[str, dict[str, str]]]:
        """Pipeline → its label and those of its stages."""
        with _asking():
            known = self._client.crm.pipelines.pipelines_api.get_all("deals", _request_timeout=SECONDS).results
        return {each.id: (each.label, {stage.id: stage.label for stage in each.stages}) for each in known}


def _filters(kind: str, window: Window) -> list[dict[str, str]]:
    changed = "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"
    since, until = (str(int(moment.timestamp() * 1000)) for moment in (window.since, window.until))
    between = {"propertyName": changed, "operator": "BETWEEN", "value": since, "highValue": until}
    after = {"propertyName": "hs_object_id", "operator": "GT", "value": window.after or "0"}
    reachable = {"propertyName": "email", "operator": "HAS_PROPERTY"}
    return [between, after, *([reachable] if kind == "contacts" else [])]


def _event(name: str, id: str, given: dict[str, str]) -> dict[str, str]:
    text = next((given[body] for body in BODIES if body in given), "")
    plain = text if "hs_email_text" in given else html_to_text(text)
    direction = DIRECTIONS.get(given.get("hs_email_direction") or given.get("hs_call_direction") or "", "")
    kind = "email_forwarded" if name == "emails" and not direction else KINDS[name]
    known = {RENAMED[each]: value for each, value in given.items() if each in RENAMED}
    return {"id": f"{name}:{id}", "kind": kind, "direction": direction, **known, "body": plain}


def _roll_ups(id: str, given: dict[str, str]) -> list[dict[str, str]]:
    """How often an email was opened and clicked, as HubSpot counts it: figures without dates of their own."""
    about = {"at": given.get("hs_timestamp", ""), "subject": given.get("hs_email_subject", "")}
    return [
        {"id": f"{kind}:{id}", "kind": kind, "count": given[name], **about}
        for name, kind in ROLL_UPS.items()
        if given.get(name, "0") != "0"
    ]


@contextmanager
def _asking() -> Iterator[None]:
    """Turns the client's errors into ours. Their texts quote whole answers, so nothing of them is passed on."""
    try:
        yield
    except HTTPError as error:
        raise Busy(f"HubSpot does not answer ({type(error).__name__}).") from None
    except Exception as error:
        status = getattr(error, "status", None)
        if not isinstance(status, int):
            raise
        raise _trouble(status, getattr(error, "headers", None) or {}, getattr(error, "body", None) or "") from None


def _trouble(status: int, headers: Mapping[str, str], body: str | bytes) -> LiveError:
    answer = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    if status == 429:
        if '"DAILY"' in answer:
            return Busy("HubSpot's questions for today are used up.", DAY / 24)
        return Busy("HubSpot asks to slow down.", _seconds(headers.get("Retry-After")))
    if status == 401:
        return AccessError("HubSpot does not accept the token. Make a new one and run `afterword connect hubspot`.")
    if status == 403:
        return AccessError("HubSpot's token lacks a scope. docs/importing.md lists them; add it to the private app.")
    if status == 404:
        return LiveError("HubSpot knows no such record.")
    if status >= 500 or status == 0:
        return Busy(f"HubSpot has trouble of its own ({status}).")
    return LiveError(f"HubSpot does not understand a question of ours ({status}).")


def _seconds(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
