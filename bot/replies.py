"""Answers are read out of the mailbox that emails leave from, matched to the email they answer, classed and kept.

Only what answers an email of ours is fetched whole and kept. How far a folder is read is written after each batch, and
the same message is one outcome: after a crash anywhere, reading goes on and nothing counts twice.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr

from apscheduler.schedulers.background import BackgroundScheduler
from sqlmodel import Session

from bot.answered import as_reply, own_text
from bot.mail import NotNow, Refused
from bot.mail.arrived import Arrived
from bot.mail.inbox import AT_ONCE, Folder, Inbox
from bot.settings import Settings
from model.replies import Answer, Kind, bare, classed, stops
from storage import queries
from storage.database import Database
from storage.tables import Delivery, Draft, Event, Mailbox, Outcome, OutcomeKind, OutcomeSource

log = logging.getLogger(__name__)

TICK_SECONDS = 120
TURN = timedelta(minutes=2)  # for a batch; whoever dies at it is followed by another replica
BACK = timedelta(days=30)  # that a folder is read back the first time
BY_SUBJECT = timedelta(days=60)  # after an email, in which its subject alone says what is answered
EVENT_TEXT = 4000  # characters of an answer that a later brief may quote
EARNED = (Kind.positive, Kind.question)  # what an email was written for


@dataclass(frozen=True)
class Reading:
    """What reading needs. `own` are the addresses that emails of ours come from."""

    database: Database
    inbox: Inbox
    clock: Callable[[], datetime]
    own: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Match:
    """The email of ours that is answered; `certain` where the answer names it."""

    delivery: Delivery
    certain: bool


def reading(settings: Settings, database: Database, clock: Callable[[], datetime]) -> Reading | None:
    """Read the mailbox of the settings; None where there is none, or nobody wants that."""
    server = settings.mail_server
    if server is None or server.kind != "imap" or not settings.mail_replies:
        return None
    own = {(server.user or "").lower(), parseaddr(settings.sender)[1].lower()}
    return Reading(database, Inbox(server), clock, frozenset(own - {""}))


def read(job: Reading) -> int:
    """Read what is new; how many answers were found. What was sent comes first, since it says what is answered."""
    with job.inbox.opened() as mailbox:
        if sent := mailbox.sent():
            _catch_up(job, "sent", sent, _note_sent)
        return _catch_up(job, "received", mailbox.received(), _keep_answers)


Take = Callable[[Reading, Folder, dict[int, Arrived]], int]


def _catch_up(job: Reading, name: str, folder: Folder, take: Take) -> int:
    now = job.clock()
    with job.database.writing() as session:
        row = queries.claim_mailbox(session, name=f"{job.inbox.name}/{name}", now=now, until=now + TURN)
    if row is None:
        return 0
    known = row.uidvalidity == folder.uidvalidity
    uids = folder.after(row.uid) if known else folder.since(now - BACK)
    found, last = 0, max(row.uid if known else 0, folder.last, *uids[-1:])
    for batch in _batches(uids):
        found += take(job, folder, folder.heads(batch))
        turn = _read_to(job, row, folder, batch[-1], until=job.clock() + TURN)
        if turn is None:
            return found
        row = turn
    _read_to(job, row, folder, last, until=None)
    return found


def _batches(uids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(uids), AT_ONCE):
        yield list(uids[start : start + AT_ONCE])


def _read_to(job: Reading, row: Mailbox, folder: Folder, uid: int, *, until: datetime | None) -> Mailbox | None:
    """Write how far it is read; None where somebody else has gone on meanwhile."""
    with job.database.writing() as session:
        mine = queries.mark_read(session, row=row, uidvalidity=folder.uidvalidity, uid=uid, until=until)
    return Mailbox(name=row.name, uidvalidity=folder.uidvalidity, uid=uid, read_after=until) if mine else None


def _note_sent(job: Reading, _folder: Folder, heads: dict[int, Arrived]) -> int:
    """A mail program gives a draft that a person sends an id of its own, which answers then name."""
    for head in heads.values():
        if head.token:
            with job.database.writing() as session:
                queries.note_sent_as(session, token=head.token, message_id=head.message_id)
    return 0


def _keep_answers(job: Reading, folder: Folder, heads: dict[int, Arrived]) -> int:
    wanted = [uid for uid, head in heads.items() if head.by_mailer or match(job, head)]
    found = 0
    for uid in wanted:
        mail = folder.whole(uid)
        found += mail is not None and keep(job, mail)
    return found


def match(job: Reading, mail: Arrived) -> Match | None:
    """Which email of ours it answers: one that it names, else the newest to its sender that has the same subject."""
    if mail.sender in job.own:
        return None
    with job.database.reading() as session:
        named = queries.deliveries_named(session, message_ids=mail.names) if mail.names else {}
    for name in mail.names:
        if name in named:
            return Match(named[name], certain=True)
    if mail.by_mailer or not mail.sender:
        return None
    with job.database.reading() as session:
        sent = queries.deliveries_to(session, recipients=[mail.sender], since=job.clock() - BY_SUBJECT)
    return _by_subject(mail.subject, sent)


def _by_subject(subject: str, sent: Iterable[Delivery]) -> Match | None:
    """A program that unsubscribes by mail, as our own header offers it, writes that one word and names nothing."""
    shown, stopping = bare(subject), stops(subject)
    fits = (each for each in sent if stopping or (shown and bare(each.subject) == shown))
    found = next(fits, None)
    return Match(found, certain=False) if found else None


def keep(job: Reading, mail: Arrived) -> bool:
    """Keep an answer and do at once what follows from it; False where it is none, or is kept already."""
    matched = match(job, mail)
    if matched is None:
        return False
    sent, now = matched.delivery, job.clock()
    answer = classed(as_reply(mail, sent.body))
    row = Outcome(
        workspace_id=sent.workspace_id,
        draft_id=sent.draft_id,
        kind=OutcomeKind(answer.kind),
        source=OutcomeSource.mailbox,
        message_id=mail.message_id,
        reason=answer.reason,
        automatic=answer.automatic,
        certain=matched.certain,
        at=min(mail.at or now, now),
    )
    with job.database.writing() as session:
        draft = queries.draft(session, workspace_id=sent.workspace_id, draft_id=sent.draft_id)
        if draft is None or not queries.add_outcome(session, row=row):
            return False
        _follow(session, draft, answer, now)
        if not answer.automatic:
            _as_event(session, draft, row, mail.subject, own_text(mail, sent.body))
    return True


def _follow(session: Session, draft: Draft, answer: Answer, now: datetime) -> None:
    """What an answer changes. Sequences end by themselves once somebody wrote back or may not be written to."""
    scope = {"workspace_id": draft.workspace_id}
    if answer.kind in EARNED:
        queries.note_earned(session, **scope, draft_id=draft.id or 0)
    if answer.kind == Kind.unsubscribe:
        queries.block_contact(
            session, **scope, contact_id=draft.contact_id, flag="email_opt_out", origin="asked by email", now=now
        )
    elif answer.permanent:
        queries.block_contact(
            session, **scope, contact_id=draft.contact_id, flag="bounced", origin="an email came back", now=now
        )
    else:
        return
    subject, detail = f"contact {draft.contact_id}", {"draft": draft.id}
    queries.audit(session, **scope, actor="mailbox", action=str(answer.kind), subject=subject, detail=detail)


def _as_event(session: Session, draft: Draft, row: Outcome, subject: str, text: str) -> None:
    """What a person wrote is history for the next brief, as if the CRM had reported it."""
    event = {
        "workspace_id": draft.workspace_id,
        "source": "mailbox",
        "source_id": row.message_id,
        "contact_id": draft.contact_id,
        "at": row.at,
        "kind": "email_received",
        "direction": "in",
        "subject": subject,
        "body": text[:EVENT_TEXT],
    }
    queries.upsert(session, table=Event, rows=[event])


class Replies:
    """Reads the mailbox every two minutes. Started and stopped with the bot."""

    def __init__(self, job: Reading) -> None:
        self._job = job
        self._said: str | None = None
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._scheduler.add_job(self.tick, "interval", seconds=TICK_SECONDS, id="replies")

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=True)

    def tick(self) -> None:
        """Read; trouble is said once, and a refused password is not tried again: that would lock the mailbox."""
        said = None
        try:
            read(self._job)
        except NotNow as trouble:
            said = f"{trouble} Answers are read when it is back."
        except Refused as refusal:
            said = f"{refusal} No answers are read until then."
            self._scheduler.pause()
        if said and said != self._said:
            log.warning("%s", said)
        self._said = said
