"""Salesforce through simple-salesforce, by the client-credentials flow of an app that the customer's admin made.

The key of the app stays; a session is fetched with it when needed and kept in memory alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import requests

from storage.crm.live import AccessError, Busy, LiveError, Page, Sent, Stream, Window
from storage.crm.live.rows import amount, consent_column, texts

LIMIT = 200  # a query gives at least so many at once, however wide its records are
VERSION = "62.0"
SECONDS = 30.0
HOUR = 3600.0
Answer = TypeVar("Answer")

PERSON = ("source_id", "email", "first_name", "last_name", "title", "phone", "company_id", "owner", "consent_basis")
EVENT = ("source_id", "contact_id", "deal_id", "at", "kind", "subject", "body")
STREAMS = (
    Stream("Account", "companies", ("source_id", "name", "domain", "industry", "size", "country")),
    Stream("Contact", "contacts", PERSON),
    Stream("Lead", "contacts", PERSON),
    Stream(
        "Opportunity",
        "deals",
        (
            *("source_id", "name", "stage", "amount", "currency", "close_date", "is_open", "contact_id"),
            *("company_id", "owner"),
        ),
    ),
    Stream("Task", "events", EVENT),
    Stream("Event", "events", EVENT),
)
OWNER = "Owner.Name"  # of another record, so it is among no fields
FAX = "HasOptedOutOfFax"  # the one opt-out that says nothing about email
# Their field → the column that the layouts of exports know it by. What the app's user may not see is left out.
FIELDS = {
    "Account": {
        **{"Id": "id", "Name": "name", "Website": "domain", "Industry": "industry"},
        **{"NumberOfEmployees": "size", "BillingCountry": "country"},
    },
    "Contact": {
        **{"Id": "id", "Email": "email", "FirstName": "first_name", "LastName": "last_name", "Title": "title"},
        **{"Phone": "phone", "AccountId": "company_id", OWNER: "owner"},
    },
    "Lead": {
        **{"Id": "id", "Email": "email", "FirstName": "first_name", "LastName": "last_name", "Title": "title"},
        **{"Phone": "phone", "Company": "company", OWNER: "owner"},
    },
    "Opportunity": {
        **{"Id": "id", "Name": "name", "StageName": "stage", "Amount": "amount", "CurrencyIsoCode": "currency"},
        **{"CloseDate": "close_date", "IsClosed": "is_closed", "AccountId": "company_id", OWNER: "owner"},
    },
    "Task": {
        **{"Id": "id", "WhoId": "contact_id", "WhatId": "deal_id", "CompletedDateTime": "completed"},
        **{"ActivityDate": "day", "CreatedDate": "created", "TaskSubtype": "kind", "Subject": "subject"},
        **{"Description": "body"},
    },
    "Event": {
        **{"Id": "id", "WhoId": "contact_id", "WhatId": "deal_id", "StartDateTime": "at", "Subject": "subject"},
        **{"Description": "body"},
    },
}
KINDS = {"Email": "email_sent", "ListEmail": "email_sent", "Call": "call"}
WORTH_READING = {
    "Contact": ["Email != null"],
    "Lead": ["Email != null", "IsConverted = false"],
    "Task": ["WhoId != null"],
    "Event": ["WhoId != null"],
}
ROLES = "(SELECT ContactId FROM OpportunityContactRoles ORDER BY IsPrimary DESC LIMIT 1)"


class Salesforce:
    """An organisation at its own address. `session` is what asks over HTTP."""

    def __init__(self, address: str, key: str, secret: str, *, session: requests.Session | None = None) -> None:
        self._address = address.rstrip("/")
        self._login = {"grant_type": "client_credentials", "client_id": key, "client_secret": secret}
        self._http = session or requests.Session()
        self._columns: dict[str, dict[str, str]] = {}
        self._client = self._logged_in()
        there = {each["name"] for each in self._asked(lambda client: client.describe())["sobjects"]}
        self.streams: Sequence[Stream] = [stream for stream in STREAMS if stream.name in there]

    def check(self) -> None:
        self._readable("Contact")

    def page(self, stream: Stream, window: Window) -> Page:
        columns = self._readable(stream.name)
        asked = [*columns, *([ROLES] if stream.name == "Opportunity" else [])]
        records = self._query(f"SELECT {', '.join(asked)} FROM {stream.name} WHERE {_changed(stream.name, window)}")
        after = records[-1]["Id"] if len(records) == LIMIT else None
        return Page([_texts_of(stream.name, columns, record) for record in records], after)

    def log(self, sent: Sent) -> str:
        """As a completed task, found again by the Message-ID in its text, which no query can compare."""
        since = f"CreatedDate >= {_literal(sent.at)}"
        query = f"SELECT Id, Description FROM Task WHERE WhoId = '{_quoted(sent.contact_id)}' AND {since}"
        for task in self._query(f"{query} ORDER BY Id LIMIT {LIMIT}"):
            if sent.mark in (task["Description"] or ""):
                return str(task["Id"])
        task = {
            "WhoId": sent.contact_id,
            "WhatId": sent.deal_id,
            "Subject": f"Email: {sent.subject}"[:255],
            "Description": f"To: {sent.recipient}\n\n{sent.body}\n\n{sent.mark}",
            "ActivityDate": sent.at.date().isoformat(),
            "Status": "Completed",
            "TaskSubtype": "Email",
        }
        given = {name: value for name, value in task.items() if value}
        return str(self._asked(lambda client: client.Task.create(given))["id"])

    def _readable(self, name: str) -> dict[str, str]:
        """The fields that this user may read, all that say something about consent among them, and their columns."""
        if name not in self._columns:
            known = self._asked(lambda client: getattr(client, name).describe())["fields"]
            labels = {each["name"]: each["label"] for each in known}
            wanted = {field: column for field, column in FIELDS[name].items() if field in labels or field == OWNER}
            if name in ("Contact", "Lead"):
                said = {field: consent_column(field, label) for field, label in labels.items() if field != FAX}
                wanted = {field: column for field, column in said.items() if column} | wanted
            self._columns[name] = wanted
        return self._columns[name]

    def _query(self, soql: str) -> list[dict[str, Any]]:
        return list(self._asked(lambda client: client.query(soql, timeout=SECONDS))["records"])

    def _asked(self, question: Callable[[Any], Answer]) -> Answer:
        """An answer; where the session has run out, with a new one."""
        from simple_salesforce.exceptions import SalesforceExpiredSession

        with _asking():
            try:
                return question(self._client)
            except SalesforceExpiredSession:
                self._client = self._logged_in()
                return question(self._client)

    def _logged_in(self) -> Any:
        from simple_salesforce.api import Salesforce as Client  # SOAP and XML, for those who use it

        with _asking():
            url = f"{self._address}/services/oauth2/token"
            answer = self._http.post(url, data=self._login, timeout=SECONDS)
            given = answer.json() if "json" in answer.headers.get("Content-Type", "") else {}
        if answer.status_code >= 500 or answer.status_code == 429:
            raise Busy(f"Salesforce has trouble of its own ({answer.status_code}).")
        if answer.status_code != 200 or "access_token" not in given:
            raise AccessError(
                f"Salesforce does not accept the key of the app ({given.get('error', answer.status_code)})."
                " Look at its client-credentials flow and run `afterword connect salesforce` again."
            )
        where = given.get("instance_url") or self._address
        return Client(instance_url=where, session_id=given["access_token"], version=VERSION, session=self._http)


def _changed(name: str, window: Window) -> str:
    parts = [f"SystemModstamp >= {_literal(window.since)}", f"SystemModstamp <= {_literal(window.until)}"]
    parts += WORTH_READING.get(name, [])
    parts += [f"Id > '{_quoted(window.after)}'"] if window.after else []
    return f"{' AND '.join(parts)} ORDER BY Id LIMIT {LIMIT}"


def _literal(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _texts_of(name: str, columns: Mapping[str, str], record: Mapping[str, Any]) -> dict[str, str]:
    """A record by the names of our columns."""
    named = {column: _value(record, field) for field, column in columns.items()}
    if name == "Opportunity":
        roles = (record.get("OpportunityContactRoles") or {}).get("records") or [{}]
        named |= {"contact_id": roles[0].get("ContactId"), "amount": amount(named.get("amount"))}
    if name == "Task":
        moments = [named.pop(each, None) for each in ("completed", "day", "created")]
        named["at"] = next((each for each in moments if each), None)
        named["kind"] = KINDS.get(named.get("kind") or "", "task")
    if name == "Event":
        named["kind"] = "meeting"
    return texts(named)


def _value(record: Mapping[str, Any], column: str) -> Any:
    value: Any = record
    for part in column.split("."):
        value = (value or {}).get(part)
    return value


@contextmanager
def _asking() -> Iterator[None]:
    """Turns the client's errors into ours. Their texts quote whole answers, so only Salesforce's code is passed on."""
    from simple_salesforce.exceptions import SalesforceError

    try:
        yield
    except SalesforceError as error:
        raise _trouble(error.status, _code(error.content)) from None
    except requests.RequestException as error:
        raise Busy(f"Salesforce does not answer ({type(error).__name__}).") from None


def _code(content: Any) -> str:
    first = content[0] if isinstance(content, list) and content else {}
    return str(first.get("errorCode", "")) if isinstance(first, dict) else ""


def _trouble(status: int, code: str) -> LiveError:
    if code == "REQUEST_LIMIT_EXCEEDED":
        return Busy("Salesforce's questions for today are used up.", HOUR)
    if status in (429, 503) or status >= 500:
        return Busy(f"Salesforce asks to come back later ({code or status}).")
    if status in (401, 403):
        return AccessError(
            f"Salesforce refuses that ({code or status}). Give the app's user the right to it by a permission set."
        )
    return LiveError(f"Salesforce does not understand a question of ours ({code or status}).")
