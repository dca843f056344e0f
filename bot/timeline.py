"""An email that left is copied into the contact's timeline in the CRM, once.

A row says that it is about to be done before it is done, and the CRM is asked whether the copy is there before one is
made. After a lost answer nobody asks again until the lease has run out: by then the CRM's search knows of it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from storage import queries
from storage.crm.live import AccessError, Busy, Connector, LiveError, Sent
from storage.database import Database
from storage.tables import Connection, EntryStatus, TimelineEntry

LEASE = timedelta(minutes=5)
AT_ONCE = 500
FOOTER = "Approved in Slack and written with Afterword."


def log_back(database: Database, row: Connection, connector: Connector, clock: Callable[[], datetime]) -> int:
    """Log what left since the CRM was connected; returns how many. Raises AccessError, Busy."""
    scope: dict[str, Any] = {"workspace_id": row.workspace_id, "crm": row.crm}
    with database.writing() as session:
        queries.note_entries(session, **scope, since=row.connected_at, limit=AT_ONCE)
    tried: list[int] = []
    logged = 0
    while True:
        with database.writing() as session:
            entry = queries.claim_entry(session, **scope, now=clock(), lease=LEASE, without=tried)
        if entry is None or entry.id is None:
            return logged
        tried.append(entry.id)
        logged += _log(database, entry, connector, clock)


def _log(database: Database, entry: TimelineEntry, connector: Connector, clock: Callable[[], datetime]) -> bool:
    sent = _sent(database, entry)
    if sent is None:
        return False
    try:
        theirs = connector.log(sent)
    except Busy:
        raise  # it may be there; the lease says for how long not to ask
    except AccessError as error:
        _finish(database, entry, {"status": EntryStatus.waiting, "error": str(error)})
        raise
    except LiveError as error:
        _finish(database, entry, {"status": EntryStatus.failed, "error": str(error)})
        return False
    done = {"status": EntryStatus.logged, "their_id": theirs, "error": None, "logged_at": clock()}
    return _finish(database, entry, done)


def _sent(database: Database, entry: TimelineEntry) -> Sent | None:
    with database.reading() as session:
        left = queries.left(session, workspace_id=entry.workspace_id, draft_id=entry.draft_id, crm=entry.crm)
    if left is None:
        return None
    delivery = left.delivery
    return Sent(
        mark=delivery.message_id,
        at=delivery.sent_at or delivery.decided_at,
        contact_id=left.contact_id,
        deal_id=left.deal_id,
        recipient=delivery.recipient,
        subject=delivery.subject,
        body=f"{delivery.body}\n\n{FOOTER} {delivery.place or ''}".strip(),
    )


def _finish(database: Database, entry: TimelineEntry, changes: dict[str, Any]) -> bool:
    assert entry.id is not None
    with database.writing() as session:
        held = {"workspace_id": entry.workspace_id, "entry_id": entry.id, "attempt": entry.attempt}
        return queries.finish_entry(session, **held, changes=changes)
