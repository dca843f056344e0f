"""Makes Slack show what the rows say.

A row whose `posted_version` is behind its `version` is a card to post or to update. The sweep finds such rows, so a
crash anywhere between a commit and a post heals by itself. A post cannot be made idempotent, therefore the message's
`ts` is stored at once and everything after it is an update.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk import WebClient

from bot import cards
from bot.cards import Block
from bot.refusals import CLOSED, GONE, LockedOut, NotNow, Refused, Unclear, call
from model.edit_rate import changed_words, words
from storage import queries
from storage.database import Database
from storage.tables import Contact, Draft, Review, Status, Verdict

log = logging.getLogger(__name__)

SWEEP_SECONDS = 2.0
SWEEP_ROWS = 200
LONGEST_PAUSE = 60.0


@dataclass
class Pause:
    """How long a row that could not be posted is left alone; it doubles with every failure."""

    seconds: float
    until: float


class Poster:
    """Posts and updates the cards, away from Slack's threads. `bot` is the bot's name, for the invitation."""

    def __init__(
        self,
        database: Database,
        client: WebClient,
        *,
        zone: ZoneInfo,
        bot: str,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._client = client
        self._zone = zone
        self._bot = bot
        self._tick = tick
        self._changed = threading.Event()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._in_hand: set[int] = set()  # one thread per draft at a time, or two placeholders could be posted
        self._paused: dict[int, Pause] = {}
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="post")
        self._thread = threading.Thread(target=self._run, name="poster", daemon=True)

    def start(self) -> None:
        self._changed.set()  # what an earlier run left behind
        self._thread.start()

    def wake(self) -> None:
        """A row has changed. Without this it is noticed at the next sweep."""
        self._changed.set()

    def stop(self) -> None:
        """Finish what is in hand; the rest is posted after the next start."""
        self._stopping.set()
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join()
        self._pool.shutdown(wait=True)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._changed.wait(SWEEP_SECONDS)
            self._changed.clear()
            try:
                self.sweep()
            except Exception:
                log.exception("the poster goes on after an error")
                self._stopping.wait(SWEEP_SECONDS)

    def sweep(self) -> None:
        """Hand every card that is behind its row to a thread."""
        with self._database.reading() as session:
            rows = queries.drafts_to_post(session, limit=SWEEP_ROWS)
        for row in rows:
            assert row.id is not None
            if not self._stopping.is_set() and self._take(row.id):
                self._pool.submit(self._show, row.workspace_id, row.id)

    def _take(self, draft_id: int) -> bool:
        with self._lock:
            pause = self._paused.get(draft_id)
            if draft_id in self._in_hand or (pause and self._tick() < pause.until):
                return False
            self._in_hand.add(draft_id)
            return True

    def _show(self, workspace_id: int, draft_id: int) -> None:
        try:
            self.publish(workspace_id, draft_id)
            self._paused.pop(draft_id, None)
        except LockedOut as trouble:
            log.error("Slack does not accept SLACK_BOT_TOKEN (%s). Reinstall the app and set the new token.", trouble)
            self._pause(draft_id, NotNow(str(trouble), LONGEST_PAUSE))
        except NotNow as trouble:
            self._pause(draft_id, trouble)
        except Exception:
            log.exception("draft %s could not be shown", draft_id)
            self._pause(draft_id, NotNow("an error of our own", LONGEST_PAUSE))
        finally:
            with self._lock:
                self._in_hand.discard(draft_id)
            self._changed.set()  # the row may have moved on while it was being shown

    def _pause(self, draft_id: int, trouble: NotNow) -> None:
        last = self._paused.get(draft_id)
        seconds = trouble.seconds or min(LONGEST_PAUSE, 2 * last.seconds if last else SWEEP_SECONDS)
        self._paused[draft_id] = Pause(seconds, self._tick() + seconds)
        log.warning("draft %s is shown later, in %.0f s: %s", draft_id, seconds, trouble)

    # One card -------------------------------------------------------------------------------------------------

    def publish(self, workspace_id: int, draft_id: int) -> None:
        """Show one draft as its row stands now. Raises NotNow when it should be tried again."""
        with self._database.reading() as session:
            draft = queries.draft(session, workspace_id=workspace_id, draft_id=draft_id)
            if draft is None or draft.channel is None or draft.posted_version >= draft.version:
                return
            contact = queries.contact(session, workspace_id=workspace_id, contact_id=draft.contact_id)
            review = queries.review_of(session, workspace_id=workspace_id, draft_id=draft_id)
            adapter = None
            if draft.adapter_id is not None:
                adapter = queries.adapter(session, workspace_id=workspace_id, adapter_id=draft.adapter_id)
        assert contact is not None, "a draft goes with its contact"
        shown = render(draft, contact, review, adapter=adapter.version if adapter else None, zone=self._zone)
        self._put(draft, shown)

    def announce(self, channel: str, shown: Block, *, once: bool = False) -> bool:
        """Post something that is no card; whether nobody needs to try again. `once`: not where it may have arrived."""
        try:
            self._say(channel, shown)
        except Refused as refusal:
            log.error("nothing can be posted in %s: %s. Invite the bot there or set another channel.", channel, refusal)
        except NotNow as trouble:
            log.warning("a message for %s has to wait: %s", channel, trouble)
            return once and isinstance(trouble, Unclear)
        return True

    def picture(self, channel: str, path: Path, *, title: str) -> None:
        """Post a picture. It is an extra: if Slack does not take it, the log says so and that is all."""
        try:
            call(self._client.files_upload_v2, channel=channel, file=str(path), title=title)
        except (Refused, NotNow) as trouble:
            remedy = "The app needs the scope files:write; install it again." if isinstance(trouble, Refused) else ""
            log.error("no picture in %s: %s. %s", channel, trouble, remedy)

    def _put(self, draft: Draft, shown: Block) -> None:
        """Update the message where there is one, post it where there is none or it is gone."""
        if draft.message_ts is None:
            self._post(draft, shown)
            return
        try:
            call(self._client.chat_update, channel=draft.channel, ts=draft.message_ts, **shown)
        except Refused as refusal:
            if refusal.reason not in GONE | CLOSED:
                self._apologise(draft, refusal)
            elif draft.status in (Status.drafted, Status.failed):
                self._post(draft, shown)  # somebody still has to decide, so a card is needed
                return
            log.warning("the card of draft %s cannot be updated: %s", draft.id, refusal)
        self._mark(draft)

    def _post(self, draft: Draft, shown: Block) -> None:
        """Post where the draft was asked for, otherwise to the person who asked."""
        try:
            answer = self._say(draft.channel, shown)
        except Refused as refusal:
            if refusal.reason not in CLOSED:
                self._apologise(draft, refusal)
                self._mark(draft)
                return
            answer = self._say_directly(draft, shown)
        if answer is None:
            self._mark(draft)
        else:
            self._mark(draft, channel=answer["channel"], message_ts=answer["ts"])

    def _say_directly(self, draft: Draft, shown: Block) -> Any:
        """A direct message, with how to invite the bot; None when even that is refused."""
        try:
            answer = self._say(draft.requested_by, shown)
            if draft.channel and draft.channel[:1] in "CG":
                self._say(draft.requested_by, cards.invite(draft.channel, self._bot))
        except Refused as refusal:
            log.error("draft %s reaches nobody: %s", draft.id, refusal)
            return None
        return answer

    def _apologise(self, draft: Draft, refusal: Refused) -> None:
        """Slack refused what we built. That is our fault, and nobody should wait for the card in vain."""
        reference = secrets.token_hex(4)
        log.error("draft %s: Slack refused its card (%s), reference %s", draft.id, refusal, reference)
        try:
            self._say(draft.requested_by, cards.unshowable(draft, reference))
        except Refused as second:
            log.error("draft %s reaches nobody: %s", draft.id, second)

    def _say(self, channel: str | None, shown: Block) -> Any:
        """Post once. After a lost connection nobody knows whether it arrived; it is then tried again later.

        A second card would be harmless, since the version in its buttons allows one decision; no card would be a
        lost command.
        """
        post = self._client.chat_postMessage
        return call(post, channel=channel, unfurl_links=False, unfurl_media=False, **shown)

    def _mark(self, draft: Draft, *, channel: str | None = None, message_ts: str | None = None) -> None:
        assert draft.id is not None
        row = {"workspace_id": draft.workspace_id, "draft_id": draft.id}
        with self._database.writing() as session:
            if channel and message_ts:
                queries.mark_placeholder(session, **row, channel=channel, message_ts=message_ts)
            queries.mark_posted(session, **row, version=draft.version)


def render(draft: Draft, contact: Contact, review: Review | None, *, adapter: int | None, zone: ZoneInfo) -> Block:
    """The message that says what the row says."""
    if review is not None:
        return cards.decided(draft, contact, review, changed=changed(draft, review), zone=zone)
    if draft.status == Status.failed:
        return cards.failed(draft, contact)
    if draft.status == Status.drafted:
        return cards.card(draft, contact, adapter=adapter)
    return cards.waiting(draft, contact)


def changed(draft: Draft, review: Review) -> tuple[int, int] | None:
    """How many of how many words of the body an edit changed; None when it was no edit."""
    if review.verdict != Verdict.edited:
        return None
    before, after = draft.body or "", review.body or ""
    return changed_words(before, after), max(len(words(before)), len(words(after)))
