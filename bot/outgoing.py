"""A decision to what leaves: the row of the outbox, written in the decision's own transaction."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.mail.message import NOWHERE, message_id
from storage import queries
from storage.tables import Delivery, Draft

ANSWERED = "email_received"


@dataclass(frozen=True)
class Outgoing:
    """How long a decision can be undone, and the domain that emails carry in their Message-ID."""

    undo: timedelta = timedelta(seconds=10)
    domain: str = NOWHERE


def put(
    session: Session, draft: Draft, final: tuple[str, str], *, bulk: bool, leaving: Outgoing, now: datetime
) -> None:
    """Put an approved text into the outbox; it leaves when it can no longer be undone.

    The recipient is who the CRM names at this moment, and the text is the one that was shown.
    """
    assert draft.id is not None
    contact = queries.contact(session, workspace_id=draft.workspace_id, contact_id=draft.contact_id)
    assert contact is not None, "a draft goes with its contact"
    row = Delivery(
        workspace_id=draft.workspace_id,
        draft_id=draft.id,
        decided_at=now,
        due_at=now + leaving.undo,
        message_id=f"<{secrets.token_hex(16)}@{leaving.domain}>",
        recipient=contact.email,
        subject=final[0],
        body=final[1],
        bulk=bulk,
        thread=_answered(session, draft),
    )
    queries.add_delivery(session, row=row)


def _answered(session: Session, draft: Draft) -> list[str]:
    """The email that this one answers, if the newest event was one and the CRM kept its Message-ID."""
    newest = queries.events_for(
        session,
        workspace_id=draft.workspace_id,
        contact_id=draft.contact_id,
        before=draft.requested_at,
        limit=1,
    )
    return [event.source_id for event in newest if event.kind == ANSWERED and message_id(event.source_id)]
