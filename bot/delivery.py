"""An approved email leaves here: handed over by one way, and marked. At most once.

Right before the step that cannot be taken back, consent is looked at once more, and the way is noted in the row. Who
takes the row over from a dead worker knows by that whether the email may have gone out.
"""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot import cards, checking, logs
from bot.mail import NotNow, Refused, Unclear, Way
from bot.mail.gmail import Gmail, google_token
from bot.mail.graph import Graph, microsoft_token
from bot.mail.imap import Imap
from bot.mail.message import NOWHERE, Letter, parts, written
from bot.mail.outbox import Outbox
from bot.mail.smtp import Smtp
from bot.outgoing import Outgoing
from bot.settings import Settings
from storage import queries
from storage.database import Database
from storage.tables import Contact, Delivery, DeliveryStatus, Draft, Status

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=40)
FIRST_PAUSE = timedelta(seconds=5)  # it doubles with every attempt
LONGEST_PAUSE = timedelta(minutes=15)
LONGEST_TRY = timedelta(hours=24)  # an email that says "yesterday" must not leave next week
LEAVING = (Status.approved, Status.edited)


@dataclass(frozen=True)
class Mailing:
    """What delivering needs besides the row."""

    database: Database
    way: Way
    clock: Callable[[], datetime]
    zone: ZoneInfo
    sender: str = ""  # name and address that all emails come from; without a name, who the draft was written for
    unsubscribe: str | None = None


def mailing(settings: Settings, database: Database, clock: Callable[[], datetime]) -> Mailing:
    """Deliver as the settings say."""
    return Mailing(database, way_of(settings), clock, settings.timezone, settings.sender, settings.mail_unsubscribe)


def way_of(settings: Settings) -> Way:
    """The way that the settings choose."""
    server = settings.mail_server
    if server is None:
        return Outbox(settings.home / "outbox")
    user, app = server.user or "", settings.mail_app or ""
    if server.kind == "gmail":
        return Gmail(user, google_token(Path(app), user))
    if server.kind == "graph":
        tenant, _, client_id = app.partition("/")
        return Graph(user, microsoft_token(tenant, client_id, server.password or ""))
    return Imap(server) if server.kind == "imap" else Smtp(server)


def leaving(settings: Settings) -> Outgoing:
    """How long the settings let a decision be undone, and whose domain emails carry in their Message-ID."""
    found = parts(parseaddr(settings.sender)[1])
    return Outgoing(timedelta(seconds=settings.undo_seconds), found[1] if found else NOWHERE)


class _Withheld(Exception):
    """The contact's no came before the email left; the sentence says so."""


class _Lost(Exception):
    """Another worker has taken the delivery over."""


@dataclass(frozen=True)
class _End:
    """How an attempt ended. `via` stays noted where the email may have gone out."""

    target: DeliveryStatus
    via: str | None
    error: str | None = None
    place: str | None = None


class _Attempt:
    """One try to deliver a claimed row."""

    def __init__(self, job: Mailing, row: Delivery) -> None:
        self._job = job
        self._row = row
        self._begun = False

    def end(self) -> _End:
        """Try, and say how it ended. Raises _Lost."""
        way, earlier = self._job.way, self._row.via
        if earlier and not (way.looks_first and earlier == way.name):
            return self._unclear("Afterword stopped while it was handing the email over.")
        if self._job.clock() - self._row.decided_at >= LONGEST_TRY:
            target = DeliveryStatus.unknown if earlier else DeliveryStatus.failed
            said = f"It was approved more than a day ago and could not leave since. {self._row.error or ''}"
            return _End(target, earlier, said.strip())
        try:
            place = way.deliver(self._message(), again=earlier is not None, begin=self._begin)
        except _Lost:
            raise
        except _Withheld as no:
            return _End(DeliveryStatus.withdrawn, None, str(no))
        except Refused as refusal:
            return _End(DeliveryStatus.failed, self._via(), str(refusal))
        except NotNow as trouble:
            return _End(DeliveryStatus.waiting, self._via(), str(trouble))
        except Unclear as trouble:
            return self._unclear(str(trouble))
        except Exception as error:
            return self._broken(error)
        return _End(DeliveryStatus.sent, way.name, place=place)

    def _via(self) -> str | None:
        """After a clear answer to this attempt nothing has gone out; before it began, an earlier one may have."""
        return None if self._begun else self._row.via

    def _unclear(self, error: str) -> _End:
        """Look again later where the way can; otherwise a person has to."""
        target = DeliveryStatus.waiting if self._job.way.looks_first and self._begun else DeliveryStatus.unknown
        return _End(target, self._row.via or self._job.way.name, error)

    def _broken(self, error: Exception) -> _End:
        """A fault of our own. Its message may quote the email, so the log gets its type and place."""
        reference = logs.reference()
        place = "".join(traceback.format_tb(error.__traceback__))
        log.error("delivery %s failed, reference %s: %s\n%s", self._row.id, reference, type(error).__name__, place)
        said = f"Something went wrong on my side ({reference})."
        return self._unclear(said) if self._begun else _End(DeliveryStatus.failed, self._row.via, said)

    def _message(self) -> EmailMessage:
        with self._job.database.reading() as session:
            draft, contact = self._read(session)
        return compose(self._job, self._row, draft, contact)

    def _begin(self) -> None:
        """Consent and lease, at the last possible moment."""
        row, job = self._row, self._job
        assert row.id is not None
        with job.database.writing() as session:
            _, contact = self._read(session)
            if reason := checking.barred(contact, "so this did not go out."):
                raise _Withheld(reason)
            if contact.email != row.recipient:
                raise Refused(
                    f"The CRM has another address by now than {row.recipient}. Press Undo and approve it again."
                )
            until = job.clock() + LEASE
            if not queries.hold_delivery(session, row=row, until=until, via=job.way.name):
                raise _Lost
        self._begun = True

    def _read(self, session: Any) -> tuple[Draft, Contact]:
        scope = {"workspace_id": self._row.workspace_id}
        draft = queries.draft(session, **scope, draft_id=self._row.draft_id)
        contact = queries.contact(session, **scope, contact_id=draft.contact_id) if draft else None
        if draft is None or contact is None:
            raise _Lost  # erased, and this row with it
        return draft, contact


def compose(job: Mailing, row: Delivery, draft: Draft, contact: Contact) -> EmailMessage:
    """The approved text as a message, the same one in every attempt. Raises Refused for an impossible address."""
    name, address = parseaddr(job.sender)
    signed = ((draft.brief or {}).get("sender") or {}).get("name") or draft.sender
    letter = Letter(
        message_id=row.message_id,
        at=row.decided_at.astimezone(job.zone),
        sender=name or signed,
        sender_address=address,
        to=cards.contact_name(contact) if contact.first_name or contact.last_name else "",
        to_address=row.recipient,
        subject=row.subject,
        body=row.body,
        thread=tuple(row.thread),
        bulk=row.bulk,
        unsubscribe=job.unsubscribe,
    )
    return written(letter)


def deliver_one(job: Mailing, row: Delivery) -> bool:
    """Deliver a claimed row and write how it ended; False when another worker has taken it over meanwhile."""
    assert row.id is not None
    try:
        end = _Attempt(job, row).end()
    except _Lost:
        return False
    now = job.clock()
    changes: dict[str, Any] = {"via": end.via, "error": end.error, "place": end.place}
    if end.target == DeliveryStatus.waiting:
        changes["due_at"] = now + pause(row.attempt)
    if end.target == DeliveryStatus.sent:
        changes["sent_at"] = now
    with job.database.writing() as session:
        if not queries.finish_delivery(session, row=row, target=end.target, changes=changes):
            return False
        if end.target != DeliveryStatus.waiting or end.error != row.error:
            _tell(session, row, end.target)
    return True


def _tell(session: Any, row: Delivery, target: DeliveryStatus) -> None:
    """Let the card say it, in the same transaction."""
    scope = {"workspace_id": row.workspace_id, "draft_id": row.draft_id}
    draft = queries.draft(session, **scope)
    if target == DeliveryStatus.sent and draft and draft.status in LEAVING:
        queries.move_draft(session, **scope, source=Status(draft.status), target=Status.delivered, changes={})
    else:
        queries.raise_version(session, **scope)


def pause(attempt: int) -> timedelta:
    """How long to wait after so many attempts."""
    return min(FIRST_PAUSE * 2 ** min(attempt - 1, 16), LONGEST_PAUSE)


def deliver_now(job: Mailing, *, draft_id: int) -> None:
    """Deliver what is due of one draft here, unless somebody else has it."""
    with job.database.writing() as session:
        row = queries.claim_delivery(session, now=job.clock(), lease=LEASE, draft_id=draft_id)
    if row is not None:
        deliver_one(job, row)
