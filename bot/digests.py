"""The morning's digest: which channels want it, what there is to say, once per channel and date."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler
from sqlmodel import Session

from bot import cards
from bot.cards import Block, Open
from bot.nightly import moment_of
from model.sequence import ANSWERS
from storage import queries
from storage.database import Database
from storage.tables import Run, RunStatus

log = logging.getLogger(__name__)

TICK_SECONDS = 60
LATEST = timedelta(hours=4)  # after its time nobody needs this morning's digest any more
SATURDAY = 5


class Announce(Protocol):
    def __call__(self, workspace_id: int, channel: str, shown: Block, *, once: bool) -> bool: ...


def begin(session: Session, *, workspace_id: int, channel: str, who: str, now: datetime) -> bool:
    """Have the digest come to a channel; False where it comes already."""
    changed = queries.digest_on(session, workspace_id=workspace_id, channel=channel, asked_by=who, now=now)
    return _noted(session, changed, workspace_id, channel, who, "digest on")


def end(session: Session, *, workspace_id: int, channel: str, who: str) -> bool:
    """Have it come no more; False where it did not come."""
    changed = queries.digest_off(session, workspace_id=workspace_id, channel=channel)
    return _noted(session, changed, workspace_id, channel, who, "digest off")


def _noted(session: Session, changed: bool, workspace_id: int, channel: str, who: str, action: str) -> bool:
    if changed:
        subject = f"channel {channel}"
        queries.audit(session, workspace_id=workspace_id, actor=who, action=action, subject=subject, detail={})
    return changed


def due(now: datetime, zone: ZoneInfo, at: time) -> date | None:
    """The working day whose digest should come now. Late is fine while it is still that morning; later it is noise."""
    today = now.astimezone(zone).date()
    start = moment_of(today, zone, at)
    return today if today.weekday() < SATURDAY and start <= now < start + LATEST else None


def since(day: date, zone: ZoneInfo, at: time) -> datetime:
    """The moment of the digest before: what is news on a Monday may be from Friday."""
    before = day - timedelta(days=1)
    while before.weekday() >= SATURDAY:
        before -= timedelta(days=1)
    return moment_of(before, zone, at)


@dataclass(frozen=True)
class Digesting:
    """What digests need: where rows are, whose mornings, how to post, and the workspace's own address for links."""

    database: Database
    zone: ZoneInfo
    at: time
    clock: Callable[[], datetime]
    announce: Announce
    address: str | None = None


class Digests:
    """Looks every minute whether it is time. Started and stopped with the bot."""

    def __init__(self, job: Digesting) -> None:
        self._job = job
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._scheduler.add_job(self.tick, "interval", seconds=TICK_SECONDS, id="digests")

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=True)

    def tick(self) -> None:
        """Say in every channel what its morning brings; trouble in one holds up no other."""
        day = due(self._job.clock(), self._job.zone, self._job.at)
        if day is None:
            return
        start = moment_of(day, self._job.zone, self._job.at)
        with self._job.database.reading() as session:
            known = [row.id for row in queries.workspaces_in_service(session) if row.id is not None]
            wanted = [row for each in known for row in queries.digest_channels(session, workspace_id=each)]
        for row in wanted:
            if row.asked_at > start:
                continue  # it was asked for later this morning, and begins tomorrow
            try:
                self.morning(row.workspace_id, row.channel, day)
            except Exception as error:  # its message may quote an email
                log.error("the digest for %s could not be made: %s", row.channel, type(error).__name__)

    def morning(self, workspace_id: int, channel: str, day: date) -> None:
        """Take care of a channel's morning, once. The claim is first: a digest that is lost does less harm than two."""
        claim: dict[str, Any] = {"workspace_id": workspace_id, "channel": channel, "date": day.isoformat()}
        with self._job.database.writing() as session:
            if not queries.claim_digest(session, **claim, now=self._job.clock()):
                return
        shown = self._said(workspace_id, channel, day)
        if shown and not self._job.announce(workspace_id, channel, shown, once=True):
            with self._job.database.writing() as session:
                queries.release_digest(session, **claim)

    def _said(self, workspace_id: int, channel: str, day: date) -> Block | None:
        scope = {"workspace_id": workspace_id}
        before = since(day, self._job.zone, self._job.at)
        with self._job.database.reading() as session:
            waiting = [
                Open(
                    name=cards.contact_name(contact),
                    asked_by=draft.requested_by,
                    since=draft.drafted_at or draft.requested_at,
                    link=cards.link(self._job.address, draft.channel, draft.message_ts, "Open its card"),
                )
                for draft, contact in queries.waiting_in(session, **scope, channel=channel)
            ]
            replies = queries.answered_in(
                session, **scope, channel=channel, kinds=ANSWERS, since=before, until=self._job.clock()
            )
            night = queries.last_night(session, **scope)
            verdict = self._verdict(session, night, before, day) if night else None
        names = [cards.contact_name(contact) for contact in replies]
        return cards.digest(waiting, verdict, names, zone=self._job.zone, at=self._job.at)

    def _verdict(self, session: Session, night: Run, before: datetime, day: date) -> str | None:
        """The night in one sentence; None for an old one and for one that had nothing to do."""
        worth_it = night.scorecards or night.status == RunStatus.failed
        if not worth_it or night.finished_at is None or night.finished_at <= before:
            return None
        candidate = None
        if night.candidate_id is not None:
            candidate = queries.adapter(session, workspace_id=night.workspace_id, adapter_id=night.candidate_id)
        return cards.one_sentence(night, adapter=candidate.version if candidate else None, today=day)
