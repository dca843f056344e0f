"""HubSpot and Salesforce on loopback, as far as the connectors ask them; what they answer has the real ones' shape.

They hold records, understand the filters, orders and limits of a question, and refuse when told to.
"""

import datetime as clock
import ipaddress
import json
import re
import ssl
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

TOKEN = "pat-eu1-right"
MOST = 10_000  # records that a HubSpot search gives, however it is paged


@dataclass
class Refusal:
    """An answer in place of the next one that is asked for."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False  # once the question was carried out: its answer gets lost


class Played(ABC):
    """A server on loopback. Faults are used up in turn, one by each question."""

    url: str
    faults: list[Refusal | None]
    asked: list[tuple[str, Any]]

    def __init__(self) -> None:
        self.faults, self.asked = [], []

    @abstractmethod
    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any, token: str) -> tuple[int, Any]: ...


@contextmanager
def serving(played: Played, tls: ssl.SSLContext | None = None) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._handle("GET")

        def do_POST(self) -> None:
            self._handle("POST")

        def _handle(self, method: str) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            parts = urlsplit(self.path)
            body = _body(self.headers.get("Content-Type", ""), text)
            played.asked.append((parts.path, body))
            fault = played.faults.pop(0) if played.faults else None
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            if fault is None or fault.after:
                status, given = played.answer(method, parts.path, parse_qs(parts.query), body, token)
            if fault is not None:
                status, given = fault.status, fault.body
            raw = json.dumps(given).encode()
            self.send_response(status)
            more = fault.headers if fault else {}
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(raw)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    played.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _body(kind: str, text: str) -> Any:
    if "form" in kind:
        return {name: values[0] for name, values in parse_qs(text).items()}
    return text if "plain" in kind else json.loads(text) if text else None


# HubSpot ----------------------------------------------------------------------------------------------------------


class HubSpotServer(Played):
    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[str, dict[int, dict[str, str]]] = {}
        self.links: dict[tuple[str, str], dict[str, str]] = {}  # kinds → id → id
        self.next_id = 1000

    def put(self, kind: str, id: int, changed: clock.datetime, **properties: str) -> None:
        name = "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"
        own = {"hs_object_id": str(id), name: str(int(changed.timestamp() * 1000))}
        self.objects.setdefault(kind, {})[id] = {**own, **properties}

    def link(self, kind: str, id: int, other: str, theirs: int) -> None:
        self.links.setdefault((kind, other), {})[str(id)] = str(theirs)

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any, token: str) -> tuple[int, Any]:
        if token != TOKEN:
            return 401, {"status": "error", "category": "INVALID_AUTHENTICATION", "message": "token of Dana"}
        if match := re.fullmatch(r"/crm/v3/objects/(\w+)/search", path):
            return self._search(match[1], body)
        if match := re.fullmatch(r"/crm/v4/associations/(\w+)/(\w+)/batch/read", path):
            return self._associations(match[1], match[2], body)
        if path == "/crm/v3/objects/emails":
            return self._create(body)
        if path == "/crm/v3/properties/contacts":
            names = ("email", "hs_email_optout", "hs_email_hard_bounce_reason_enum", "marketing_consent_date")
            known = [{"name": name, "label": name, **PROPERTY} for name in names]
            return 200, {"results": [*known, {"name": "gdpr_x", "label": "Widerspruch", **PROPERTY}]}
        if path == "/crm/v3/owners/":
            owner = {"id": "7", "email": "maya@us.example", "firstName": "Maya", "lastName": "Lindqvist"}
            return 200, {"results": [{**owner, "type": "PERSON", "archived": False, **STAMPS}]}
        if path == "/crm/v3/pipelines/deals":
            stage = {"id": "9001", "label": "Offer sent", "displayOrder": 0, "metadata": {}, "archived": False}
            pipeline = {"id": "default", "label": "Sales", "displayOrder": 0, "archived": False}
            return 200, {"results": [{**pipeline, **STAMPS, "stages": [{**stage, **STAMPS}]}]}
        return 404, {"status": "error", "message": path}

    def _search(self, kind: str, body: Any) -> tuple[int, Any]:
        found = [
            (id, record)
            for id, record in self.objects.get(kind, {}).items()
            if all(self._fits(kind, id, record, one) for one in body["filterGroups"][0]["filters"])
        ]
        for sort in reversed(body.get("sorts", [])):
            found.sort(key=lambda each, name=sort["propertyName"]: int(each[1][name]))  # type: ignore[misc]
        start, limit = int(body.get("after") or 0), body["limit"]
        if start + limit > MOST or limit > 200:
            return 400, {"status": "error", "category": "VALIDATION_ERROR", "message": "beyond 10000"}
        rows = [
            {"id": str(id), "properties": {name: record.get(name) for name in body["properties"]}, **STAMPS}
            for id, record in found[start : start + limit]
        ]
        return 200, {"total": len(found), "results": rows}

    def _fits(self, kind: str, id: int, record: dict[str, str], one: dict[str, str]) -> bool:
        name, value = one["propertyName"], one.get("value", "")
        if name == "associations.contact":
            return self.links.get((kind, "contacts"), {}).get(str(id)) == value
        have = record.get(name)
        if one["operator"] == "HAS_PROPERTY" or have is None:
            return have is not None
        if one["operator"] == "BETWEEN":
            return int(value) <= int(have) <= int(one["highValue"])
        return int(have) > int(value) if one["operator"] == "GT" else have == value

    def _associations(self, kind: str, other: str, body: Any) -> tuple[int, Any]:
        links, results, errors = self.links.get((kind, other), {}), [], []
        for each in body["inputs"]:
            if theirs := links.get(each["id"]):
                types = [{"category": "HUBSPOT_DEFINED", "typeId": 1, "label": None}]
                results.append(
                    {"from": {"id": each["id"]}, "to": [{"toObjectId": int(theirs), "associationTypes": types}]}
                )
            else:
                errors.append({"status": "error", "category": "OBJECT_NOT_FOUND", "message": "No associations"})
        stamps = {"status": "COMPLETE", "startedAt": STAMPS["createdAt"], "completedAt": STAMPS["createdAt"]}
        more = {"numErrors": len(errors), "errors": errors} if errors else {}
        return (207 if errors else 200), {"results": results, **stamps, **more}

    def _create(self, body: Any) -> tuple[int, Any]:
        self.next_id += 1
        self.put("emails", self.next_id, clock.datetime.now(clock.UTC), **body["properties"])
        for link in body["associations"]:
            other = {198: "contacts", 210: "deals"}[link["types"][0]["associationTypeId"]]
            self.link("emails", self.next_id, other, int(link["to"]["id"]))
        return 201, {"id": str(self.next_id), "properties": body["properties"], **STAMPS}


STAMPS = {"createdAt": "2026-11-20T10:00:00.000Z", "updatedAt": "2026-11-20T10:00:00.000Z"}
PROPERTY = {"type": "string", "fieldType": "text", "groupName": "g", "description": "", "options": []}


# Salesforce -------------------------------------------------------------------------------------------------------

FIELDS = {
    "Account": ["Id", "Name", "Website", "Industry", "NumberOfEmployees"],
    "Contact": [
        *("Id", "Email", "FirstName", "LastName", "Title", "Phone", "AccountId", "HasOptedOutOfEmail", "DoNotCall"),
        *("HasOptedOutOfFax", "EmailBouncedReason", "GDPR_Consent__c"),
    ],
    "Lead": ["Id", "Email", "FirstName", "LastName", "Company", "HasOptedOutOfEmail"],
    "Opportunity": ["Id", "Name", "StageName", "Amount", "CloseDate", "IsClosed", "AccountId"],
    "Task": [
        "Id",
        "WhoId",
        "WhatId",
        "CompletedDateTime",
        "ActivityDate",
        "CreatedDate",
        "TaskSubtype",
        "Subject",
        "Description",
    ],
    "Event": ["Id", "WhoId", "WhatId", "StartDateTime", "Subject", "Description"],
}
QUERY = re.compile(r"SELECT (?P<fields>.+) FROM (?P<name>\w+) WHERE (?P<where>.+) ORDER BY Id LIMIT (?P<limit>\d+)")
CONDITION = re.compile(r"(\w+) (>=|<=|>|=|!=) (?:'([^']*)'|(\S+))")


class SalesforceServer(Played):
    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, list[dict[str, Any]]] = {name: [] for name in FIELDS}
        self.session = 1  # the one that is valid

    def put(self, name: str, id: str, changed: str, **fields: Any) -> None:
        self.records[name] = [each for each in self.records[name] if each["Id"] != id]
        self.records[name].append({"Id": id, "SystemModstamp": changed, "IsConverted": False, **fields})

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any, token: str) -> tuple[int, Any]:
        if path == "/services/oauth2/token":
            right = body == {"grant_type": "client_credentials", "client_id": "key", "client_secret": "right"}
            given = {"access_token": f"session {self.session}", "instance_url": self.url}
            return (200, given) if right else (400, {"error": "invalid_client"})
        if token != f"session {self.session}":
            return 401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
        if path.endswith("/sobjects"):
            return 200, {"sobjects": [{"name": name} for name in self.records]}
        if match := re.search(r"/sobjects/(\w+)/describe$", path):
            return 200, {"fields": [{"name": name, "label": name} for name in FIELDS[match[1]]]}
        if path.endswith("/query/"):
            return self._query(query["q"][0])
        if path.endswith("/sobjects/Task/") and method == "POST":
            now = clock.datetime.now(clock.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            self.put("Task", f"00T{len(self.records['Task']):04}", now, CreatedDate=now, **body)
            return 201, {"id": self.records["Task"][-1]["Id"], "success": True, "errors": []}
        return 404, [{"errorCode": "NOT_FOUND", "message": path}]

    def _query(self, soql: str) -> tuple[int, Any]:
        match = QUERY.fullmatch(soql)
        if match is None:
            return 400, [{"errorCode": "MALFORMED_QUERY", "message": soql}]
        conditions = [CONDITION.fullmatch(each) for each in match["where"].split(" AND ")]
        found = [each for each in self.records[match["name"]] if all(c and _holds(each, c) for c in conditions)]
        found.sort(key=lambda each: each["Id"])
        plain = re.sub(r"\(.*?\)", "", match["fields"])
        names = [name for name in (part.strip() for part in plain.split(",")) if name]
        if unknown := [name for name in names if name not in (*FIELDS[match["name"]], "Owner.Name")]:
            return 400, [{"errorCode": "INVALID_FIELD", "message": str(unknown)}]
        rows = [{**{name.partition(".")[0]: each.get(name.partition(".")[0]) for name in names}} for each in found]
        for row, each in zip(rows, found, strict=True):
            row |= {"OpportunityContactRoles": each.get("OpportunityContactRoles")} if "(" in match["fields"] else {}
        limited = rows[: int(match["limit"])]
        return 200, {"totalSize": len(limited), "done": True, "records": limited}


def _holds(record: dict[str, Any], condition: re.Match[str]) -> bool:
    name, operator, quoted, plain = condition.groups()
    have = record.get(name)
    if plain in ("null", "true", "false"):
        wanted = {"null": None, "true": True, "false": False}[plain]
        return (have != wanted) if operator == "!=" else (have == wanted)
    value, have = (quoted if quoted is not None else plain), str(have)
    return {">=": have >= value, "<=": have <= value, ">": have > value, "=": have == value}[operator]


def certificate(folder: Path) -> tuple[ssl.SSLContext, str]:
    """A certificate for loopback: the context of a server, and the file that a client trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = clock.datetime.now(clock.UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - clock.timedelta(days=1))
        .not_valid_after(now + clock.timedelta(days=1))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(*plain))
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, str(folder / "cert.pem")
