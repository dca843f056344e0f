"""Tryton over JSON-RPC: parties with an email address are contacts, notes on them are events.

The worked example of another CRM: docs/importing.md goes through it step by step.
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import requests

from storage.crm.live import AccessError, Busy, LiveError, Page, Sent, Stream, Window
from storage.crm.live.rows import texts

LIMIT = 200
SECONDS = 30.0
CONTACT = ("source_id", "email", "first_name", "last_name", "phone", "locale")
STREAMS = (
    Stream("party.party", "contacts", CONTACT),
    # An address can change while its party does not, so both are looked at.
    Stream("party.contact_mechanism", "contacts", CONTACT),
    Stream("ir.note", "events", ("source_id", "contact_id", "at", "kind", "body")),
)
PARTY = "party.party,"  # how a note says whose it is
SENT = "Email sent"  # the first line of our own notes
NOTE = ["message", "resource", "create_date"]
EVERYBODY = {"active_test": False}  # the inactive too: nobody writes to them any more
READ = ["name", "email", "phone", "lang.code", "active"]


class Tryton:
    """One database on one server. Logs in when it is made."""

    streams: Sequence[Stream] = STREAMS

    def __init__(self, address: str, user: str, password: str) -> None:
        self._url = f"{address.rstrip('/')}/rpc/"
        self._http = requests.Session()
        given = self._call("common.db.login", user, {"password": password}, "en")
        session = base64.b64encode(f"{user}:{given[0]}:{given[1]}".encode()).decode()
        self._http.headers["Authorization"] = f"Session {session}"

    def check(self) -> None:
        self._call("model.party.party.search", [], 0, 1, None, {})

    def page(self, stream: Stream, window: Window) -> Page:
        if stream.name == "ir.note":
            records = self._search(stream.name, [["resource", "like", f"{PARTY}%"]], window, NOTE)
            return Page([_note(each) for each in records], _after(records))
        if stream.name == "party.party":
            records = self._search(stream.name, [["contact_mechanisms.type", "=", "email"]], window, READ)
            return Page([_contact(each) for each in records], _after(records))
        changed = self._search(stream.name, [["type", "=", "email"]], window, ["party"])
        parties = self._call("model.party.party.read", sorted({each["party"] for each in changed}), READ, EVERYBODY)
        return Page([_contact(each) for each in parties], _after(changed))

    def log(self, sent: Sent) -> str:
        resource = f"{PARTY}{sent.contact_id}"
        same = [["resource", "=", resource], ["message", "like", f"%{_literal(sent.mark)}%"]]
        found = self._call("model.ir.note.search", same, 0, 1, None, {})
        if not found:
            text = f"{SENT}\nTo: {sent.recipient}\nSubject: {sent.subject}\n\n{sent.body}\n\n{sent.mark}"
            found = self._call("model.ir.note.create", [{"resource": resource, "message": text}], {})
        return str(found[0])

    def _search(self, model: str, domain: list[Any], window: Window, fields: list[str]) -> list[dict[str, Any]]:
        never_written = [["write_date", "=", None], *_between("create_date", window)]
        between = [["OR", _between("write_date", window), never_written]]
        after = [["id", ">", int(window.after)]] if window.after else []
        asked = [*domain, *between, *after]
        return list(self._call(f"model.{model}.search_read", asked, 0, LIMIT, [["id", "ASC"]], fields, EVERYBODY))

    def _call(self, method: str, *params: Any) -> Any:
        body = {"id": 1, "method": method, "params": list(params)}
        try:
            answer = self._http.post(self._url, json=body, timeout=SECONDS)
        except requests.RequestException as error:
            raise Busy(f"Tryton does not answer at {self._url} ({type(error).__name__}).") from None
        if answer.status_code != 200:
            raise _trouble(answer.status_code, answer.headers.get("Retry-After"))
        given = answer.json()
        if "error" in given:  # its text may quote a record
            raise LiveError(f"Tryton does not understand a question of ours ({method}).")
        return given["result"]


def _between(field: str, window: Window) -> list[list[Any]]:
    return [[field, ">=", _moment(window.since)], [field, "<=", _moment(window.until)]]


def _moment(at: datetime) -> dict[str, Any]:
    """A time as Tryton writes it: in UTC, by its parts."""
    names = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return {"__class__": "datetime", **{name: getattr(at.astimezone(UTC), name) for name in names}}


def _read_moment(given: Mapping[str, Any]) -> str:
    parts = {name: value for name, value in given.items() if name != "__class__"}
    return datetime(**parts, tzinfo=UTC).isoformat()


def _literal(text: str) -> str:
    """A text in which no letter stands for others."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _after(records: Sequence[Mapping[str, Any]]) -> str | None:
    return str(records[-1]["id"]) if len(records) == LIMIT else None


def _contact(party: Mapping[str, Any]) -> dict[str, str]:
    language = (party.get("lang.") or {}).get("code")
    known = {"full_name": party["name"], "email": party["email"], "phone": party["phone"], "locale": language}
    return texts({"id": party["id"], **known, "do_not_contact": not party["active"]})


def _note(note: Mapping[str, Any]) -> dict[str, str]:
    kind = "email_sent" if note["message"].startswith(SENT) else "note"
    known = {"contact_id": note["resource"].removeprefix(PARTY), "at": _read_moment(note["create_date"])}
    return texts({"id": f"note:{note['id']}", "kind": kind, "body": note["message"], **known})


def _trouble(status: int, wait: str | None) -> LiveError:
    if status == 429:
        return Busy("Tryton asks to slow down.", float(wait) if wait and wait.isdigit() else None)
    if status in (401, 403):
        return AccessError("Tryton does not let this user in, or not there. Run `afterword connect tryton` again.")
    if status == 404:
        return AccessError("Tryton has no such database. Look at the address: it ends in the database's name.")
    return Busy(f"Tryton has trouble of its own ({status}).")
