"""HubSpot's call makes a CRM be read soon, and nobody else's does."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hubspot.utils.signature import Signature

from bot.front import Answer, Front
from bot.hooks import HUBSPOT, hooks
from storage import queries
from storage.database import Database
from storage.tables import Connection
from tests.slack import SECRET, post

OURS = "hubspot-client-secret"
BODY = b'[{"subscriptionType":"contact.propertyChange","objectId":21,"note":"Gr\xc3\xbc\xc3\x9fe"}]'


@pytest.fixture
def door(fresh: Database) -> Iterator[Front]:
    later = datetime.now(UTC) + timedelta(minutes=15)
    with fresh.writing() as session:
        for crm in ("hubspot", "tryton"):
            row = Connection(workspace_id=1, crm=crm, address="a", secret="s", due_at=later)
            queries.save_connection(session, row=row)
    called = hooks(fresh, OURS, lambda: datetime.now(UTC))
    front = Front(
        host="127.0.0.1", port=0, signing_secret=SECRET, answering=lambda *_: Answer(200, {}, "slack"), hooks=called
    )
    front.start()
    yield front
    front.stop()


def call(door: Front, *, secret: str = OURS, body: bytes = BODY, sent: bytes | None = None, age: float = 0) -> int:
    """As HubSpot does it: its own library signs."""
    address, stamp = f"https://127.0.0.1:{door.port}{HUBSPOT}", str(int((time.time() - age) * 1000))
    signature = Signature.get_signature(secret, body.decode(), "v3", address, "POST", stamp)
    headers = {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": stamp}
    return post(door.port, body if sent is None else sent, {"Content-Type": "application/json", **headers}, HUBSPOT)[0]


def due(database: Database) -> list[str]:
    with database.reading() as session:
        return [crm for _, crm in queries.connections_due(session, now=datetime.now(UTC))]


def test_a_call_of_hubspot_makes_it_due_and_nothing_else(door: Front, fresh: Database) -> None:
    assert due(fresh) == []
    assert (call(door), call(door)) == (200, 200)
    assert due(fresh) == ["hubspot"]


@pytest.mark.parametrize(
    "wrong",
    [{"secret": "another"}, {"age": 301}, {"age": -301}, {"sent": BODY.replace(b"21", b"22")}],
    ids=["another secret", "too old", "from the future", "changed on the way"],
)
def test_any_other_call_is_refused(door: Front, fresh: Database, wrong: dict[str, object]) -> None:
    assert call(door, **wrong) == 401  # type: ignore[arg-type]
    assert due(fresh) == []


def test_a_call_without_any_signature_and_one_signed_for_slack_are_refused(door: Front, fresh: Database) -> None:
    assert post(door.port, BODY, {"X-HubSpot-Request-Timestamp": "x"}, HUBSPOT)[0] == 401
    assert post(door.port, BODY, path=HUBSPOT)[0] == 401
    assert due(fresh) == []


def test_a_crm_in_trouble_is_left_until_its_time(door: Front, fresh: Database) -> None:
    with fresh.writing() as session:
        row = queries.connection(session, workspace_id=1, crm="hubspot")
        assert row
        row.error = "Used up for today."
        session.add(row)
    assert call(door) == 200 and due(fresh) == []


def test_without_a_secret_there_is_no_such_address(fresh: Database) -> None:
    assert hooks(fresh, "", lambda: datetime.now(UTC)) == {}
