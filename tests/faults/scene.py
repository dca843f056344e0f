"""A workspace whose people ask and approve while its bot dies: what was promised to them, and what became of it."""

import contextlib
import multiprocessing
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from http.client import HTTPException
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy.exc import OperationalError
from sqlmodel import select

from storage.database import Database
from storage.tables import Delivery, DeliveryStatus, Draft, Review, Status
from tests.faults.lives import Fate, Life
from tests.replicas import messages
from tests.rows import contact, workspace
from tests.slack import FakeSlack, click, command, form, post
from tests.slack_limits import elements

PEACEFUL = Fate()
FILE = "scene.sqlite3"
PATIENCE = 61.0  # seconds after which whatever a dead process held is free again
QUIET = 0.4  # real seconds without a change, after which only the clock can help
PATIENT = 3.0  # the same where waiting for the clock counts as a fault
FINAL = (Status.delivered, Status.discarded, Status.failed)


@dataclass
class Judged:
    """What a scene came to; a detector each."""

    accepted: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    second_cards: int = 0  # messages too many that people see
    told: int = 0  # deliveries that ended with a sentence for a person
    late: int = 0  # last lives that had to wait for longer than a minute of the bot's clock


class Scene:
    """Lives on one database, one outbox and one Slack. Slack's side of everything is real HTTP."""

    def __init__(self, folder: Path, slack: FakeSlack) -> None:
        self.folder, self.slack = folder, slack
        self.url = f"sqlite:///{folder / FILE}"
        self.ahead = multiprocessing.get_context("forkserver").Value("d", 0.0)
        self._struck = multiprocessing.get_context("forkserver").Value("i", 0, lock=False)  # who dies leaves no lock
        self.accepted: dict[str, str] = {}  # trigger → channel of what was answered with 200
        self.commands = 0
        self._late, self._hurried = 0, False
        self._clicked: set[tuple[str, str]] = set()  # channel and value of an Approve that counted
        with contextlib.closing(Database(self.url)) as database:
            database.migrate()
            with database.writing() as session:
                workspace(session)
                contact(session, 1)
        with mock.patch("storage.database.LOCK_SECONDS", 1):
            self._reading = Database(self.url)

    def close(self) -> None:
        self._reading.close()

    def live(self, fate: Fate = PEACEFUL) -> Life:
        return Life(self.url, self.folder, self.slack.url, self.ahead, self._struck, fate)

    @property
    def struck(self) -> int:
        """How many lives reached the point of their fate."""
        return int(self._struck.value)

    def later(self, seconds: float = PATIENCE) -> None:
        """Move every life's clock."""
        self.ahead.value += seconds

    # What people do -------------------------------------------------------------------------------------------------

    def ask(self, life: Life) -> None:
        self.commands += 1
        trigger, channel = f"{self.commands}.{id(self)}", f"C{self.commands}"
        asked = command("Dana Whitfield book a demo", trigger_id=trigger, channel_id=channel)
        if self._send(life, asked):
            self.accepted[trigger] = channel

    def approve(self, life: Life) -> None:
        """Click on every Approve that is to be seen."""
        for channel, card in self._cards().items():
            found = [each for each in elements(card["blocks"]) if each.get("text", {}).get("text") == "Approve"]
            for button in found:
                one = (channel, button["value"])
                if one not in self._clicked and self._send(life, click(button)):
                    self._clicked.add(one)

    def _cards(self) -> dict[str, dict[str, Any]]:
        """The newest message in each channel."""
        shown = {}
        for method, arguments, _ in list(self.slack.accepted):
            if method in ("chat.postMessage", "chat.update"):
                shown[arguments["channel"]] = arguments
        return shown

    @staticmethod
    def _send(life: Life, body: dict[str, Any]) -> bool:
        """Whether it was acknowledged without a word; a sentence back says that nothing was done."""
        try:
            return life.port is not None and post(life.port, form(body)) == (200, "")
        except (OSError, HTTPException):
            return False

    def play(self, life: Life, *, ask: bool = True, quiet: float = QUIET, hurries: int = 20) -> bool:
        """Ask once, then approve until all is done; False where the life ended or stood still before that.

        Where nothing happens for `quiet` seconds the clock is moved on, so many times in a row.
        """
        if ask:
            self.ask(life)
        self._hurried, left = False, hurries
        changed, before = time.monotonic(), -1
        while life.alive and not life.stands_still and left:
            self.approve(life)
            try:
                done, now = self.done(), self._pulse()
            except OperationalError:  # who stands still may hold SQLite's lock
                continue
            if done:
                return True
            if now != before:
                changed, before, left = time.monotonic(), now, hurries
            elif time.monotonic() - changed > quiet:
                self.later()
                changed, left = time.monotonic(), left - 1
                self._hurried = True
            time.sleep(0.02)
        return False

    def settle(self) -> None:
        """A last life in peace, a minute after the others: by then nothing may be held by the dead."""
        self.later()
        life = self.live()
        try:
            self.play(life, ask=False, quiet=PATIENT, hurries=2)
        finally:
            life.kill()
        self._late += self._hurried

    def unlocked(self) -> bool:
        """Whether the database can be written to: who stands still within a transaction holds all others up."""
        try:
            with contextlib.closing(sqlite3.connect(self.folder / FILE, timeout=1)) as connection:
                connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            return False
        return True

    # What became of it ----------------------------------------------------------------------------------------------

    def rows(self, table: Any) -> list[Any]:
        with self._reading.reading() as session:
            return list(session.exec(select(table).where(table.workspace_id == 1)).all())

    def _pulse(self) -> int:
        return len(self.slack.calls) + sum(row.version + row.attempt for row in self.rows(Draft))

    def done(self) -> bool:
        drafts, ended = self.rows(Draft), {row.draft_id for row in self.rows(Delivery) if closed(row)}
        known = {row.request_key for row in drafts}
        return all(key(trigger) in known for trigger in self.accepted) and all(
            (row.status in FINAL or row.id in ended) and row.posted_version >= row.version for row in drafts
        )

    def judged(self) -> Judged:
        drafts, reviews = self.rows(Draft), Counter(row.draft_id for row in self.rows(Review))
        deliveries = {row.draft_id: row for row in self.rows(Delivery)}
        mails = [message_from_bytes(path.read_bytes(), policy=default) for path in self._outbox()]
        arrived = Counter(str(mail["Message-ID"]) for mail in mails)
        shown = messages(self.slack)
        result = Judged(accepted=len(self.accepted), late=self._late)
        known = Counter(row.request_key for row in drafts)
        for trigger, channel in self.accepted.items():
            if not known[key(trigger)]:
                result.lost.append(f"the command in {channel} was acknowledged and has no draft")
        for row in drafts:
            here = deliveries.get(row.id)
            if here is not None and closed(here) and here.status != DeliveryStatus.sent:
                result.told += 1
                continue
            if row.status != Status.delivered or here is None or not arrived[here.message_id]:
                result.lost.append(f"draft {row.id} ended {row.status} without its email")
            if not shown.get(row.channel or ""):
                result.lost.append(f"draft {row.id} stands nowhere")
            if reviews[row.id] > 1:
                result.doubled.append(f"draft {row.id} was decided {reviews[row.id]} times")
        result.doubled += [f"command {name} has {count} drafts" for name, count in known.items() if count > 1]
        result.doubled += [f"email {name} left {count} times" for name, count in arrived.items() if count > 1]
        approved = {row.message_id for row in deliveries.values()}
        result.doubled += [f"email {name} was approved by nobody" for name in arrived.keys() - approved]
        result.second_cards = sum(max(0, len(cards) - 1) for channel, cards in shown.items() if channel[:1] == "C")
        return result

    def _outbox(self) -> Iterator[Path]:
        return (self.folder / "outbox").glob("*.eml")


def closed(row: Delivery) -> bool:
    return row.status not in (DeliveryStatus.waiting, DeliveryStatus.sending)


def key(trigger: str) -> str:
    return f"command:T1:{trigger}"


@contextmanager
def scene(folder: Path, slack: FakeSlack) -> Iterator[Scene]:
    made = Scene(folder, slack)
    try:
        yield made
    finally:
        made.close()
