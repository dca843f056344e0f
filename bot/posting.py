"""Makes Slack show what the rows say.

A row whose `posted_version` is behind its `version` is a card to post or to update. The sweep finds such rows, so a
crash anywhere between a commit and a post heals by itself. A post cannot be made idempotent, therefore the message's
`ts` is stored at once and everything after it is an update. Of several replicas one has a card in hand: it takes the
row until `post_after`, and what it stores names that moment.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from slack_sdk import WebClient
from sqlmodel import Session

from bot import cards, logs
from bot.answers import Answers
from bot.cards import Block
from bot.places import Places
from bot.refusals import CLOSED, GONE, LockedOut, NotNow, Refused, Unclear, call
from bot.watching import Progress
from model.edit_rate import changed_words, words
from storage import queries
from storage.database import Database
from storage.queries.leases import LONGEST
from storage.tables import Contact, Delivery, Draft, Review, Status, Verdict, utc_now

log = logging.getLogger(__name__)

SWEEP_SECONDS = 2.0
SWEEP_ROWS = 200
LONGEST_PAUSE = 60.0
IN_HAND = timedelta(seconds=60)  # longer than the few calls that one card can take

Where = tuple[str, str]  # channel and ts of a message


class Poster:
    """Posts and updates the cards, away from Slack's threads.

    `client` gives the client of a workspace; `bot` is the bot's name, for the invitation.
    """

    def __init__(
        self,
        database: Database,
        client: Callable[[int], WebClient],
        *,
        zone: ZoneInfo,
        bot: str,
        clock: Callable[[], datetime] = utc_now,
        answers: Answers | None = None,
    ) -> None:
        self._database = database
        self._client = client
        self._zone = zone
        self._places = Places(client, bot=bot, answers=answers or Answers())
        self._clock = clock
        self._changed = threading.Event()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._in_hand: set[int] = set()  # given to a thread of this process already
        self._pauses: dict[int, float] = {}  # draft → seconds, which double with every failure
        self._quiet_until = clock()  # no progress before; it would take Slack's patience away from the cards
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
            rows = queries.drafts_to_post(session, now=self._clock(), limit=SWEEP_ROWS)
        for workspace_id, draft_id in rows:
            if not self._stopping.is_set() and self._take(draft_id):
                self._pool.submit(self._show, workspace_id, draft_id)

    def _take(self, draft_id: int) -> bool:
        with self._lock:
            if draft_id in self._in_hand:
                return False
            self._in_hand.add(draft_id)
            return True

    def _show(self, workspace_id: int, draft_id: int) -> None:
        try:
            now = self._clock()
            one = {"workspace_id": workspace_id, "draft_id": draft_id}
            with self._database.writing() as session:
                draft = queries.claim_post(session, **one, now=now, until=now + IN_HAND)
            if draft is not None:
                with logs.referring():
                    self._try(draft_id, draft)
        except Exception:
            log.exception("draft %s is left to the next sweep", draft_id)
        finally:
            with self._lock:
                self._in_hand.discard(draft_id)
            self._changed.set()  # the row may have moved on while it was being shown

    def _try(self, draft_id: int, draft: Draft) -> None:
        try:
            self._publish(draft_id, draft)
            self._pauses.pop(draft_id, None)
        except LockedOut as trouble:
            workspace = draft.workspace_id
            log.error(
                "Slack does not accept the token of workspace %s (%s). Install the app again.", workspace, trouble
            )
            self._pause(draft_id, draft, NotNow(str(trouble), LONGEST_PAUSE))
        except NotNow as trouble:
            self._pause(draft_id, draft, trouble)
        except Exception:
            log.exception("draft %s could not be shown", draft_id)
            self._pause(draft_id, draft, NotNow("an error of our own", LONGEST_PAUSE))

    def _pause(self, draft_id: int, draft: Draft, trouble: NotNow) -> None:
        """Leave the row alone for a while, in every replica."""
        last = self._pauses.get(draft_id)
        seconds = trouble.seconds or min(LONGEST_PAUSE, 2 * last if last else SWEEP_SECONDS)
        self._pauses[draft_id] = seconds
        log.warning("draft %s is shown later, in %.0f s: %s", draft_id, seconds, trouble)
        with self._database.writing() as session:
            queries.put_off_post(session, row=draft, until=self._clock() + min(timedelta(seconds=seconds), LONGEST))

    # One card -------------------------------------------------------------------------------------------------

    def _publish(self, draft_id: int, draft: Draft) -> None:
        """Show one draft as its row stood when it was taken. Raises NotNow when it should be tried again."""
        with self._database.reading() as session:
            contact, review, shown = standing(session, draft, self._zone)
        where = self._put(draft, shown)
        anew = where is not None and where != (draft.channel, draft.message_ts)
        if anew:  # at once: what comes next may fail, and a second card would be posted
            self._mark(draft, where, anew=True)
        if where and review and review.verdict == Verdict.edited and review.redline_ts is None:
            self._add_redline(draft, contact, review, where)
        if not anew:
            self._mark(draft, where, anew=False)

    def progress(self, claimed: Draft, so_far: Progress) -> None:
        """Say on the placeholder how far a draft has come. An extra: what Slack does not take is left out."""
        where = {"workspace_id": claimed.workspace_id}
        with self._database.reading() as session:
            draft = queries.draft(session, **where, draft_id=claimed.id or 0)
            contact = queries.contact(session, **where, contact_id=claimed.contact_id)
        ours = draft is not None and (draft.status, draft.attempt) == (Status.drafting, claimed.attempt)
        if draft is None or contact is None or not ours or draft.posted_version < draft.version:
            return  # another worker has it, or not even the placeholder is there
        if draft.message_ts and self._clock() >= self._quiet_until:
            shown, update = cards.waiting(draft, contact, so_far), self._client(draft.workspace_id).chat_update
            try:
                call(update, channel=draft.channel, ts=draft.message_ts, **shown)
            except (Refused, NotNow) as trouble:
                quiet = getattr(trouble, "seconds", None) or LONGEST_PAUSE
                self._quiet_until = self._clock() + timedelta(seconds=quiet)
                log.info("how far draft %s has come is not shown: %s", draft.id, trouble)

    def announce(self, workspace_id: int, channel: str, shown: Block, *, once: bool = False) -> bool:
        """Post something that is no card; whether nobody needs to try again. `once`: not where it may have arrived."""
        try:
            self._places.say(workspace_id, channel, shown)
        except Refused as refusal:
            log.error("nothing can be posted in %s: %s. Invite the bot there or set another channel.", channel, refusal)
        except NotNow as trouble:
            log.warning("a message for %s has to wait: %s", channel, trouble)
            return once and isinstance(trouble, Unclear)
        return True

    def picture(self, workspace_id: int, channel: str, path: Path, *, title: str, told: str) -> None:
        """Post a picture, `told` to who cannot see it. It is an extra: where Slack refuses, the log says so."""
        upload = self._client(workspace_id).files_upload_v2
        try:
            call(upload, channel=channel, file=str(path), title=title, alt_txt=told)
        except (Refused, NotNow) as trouble:
            remedy = "The app needs the scope files:write; install it again." if isinstance(trouble, Refused) else ""
            log.error("no picture in %s: %s. %s", channel, trouble, remedy)

    def _put(self, draft: Draft, shown: Block) -> Where | None:
        """Update the message where there is one, post it where there is none or it is gone; where it stands then."""
        if draft.channel is None or draft.message_ts is None:
            return self._post(draft, shown)
        try:
            call(self._client(draft.workspace_id).chat_update, channel=draft.channel, ts=draft.message_ts, **shown)
        except Refused as refusal:
            if refusal.reason not in GONE | CLOSED:
                self._apologise(draft, refusal)
            elif draft.status in (Status.drafted, Status.failed):
                return self._post(draft, shown)  # somebody still has to decide, so a card is needed
            log.warning("the card of draft %s cannot be updated: %s", draft.id, refusal)
            return None
        return draft.channel, draft.message_ts

    def _post(self, draft: Draft, shown: Block) -> Where | None:
        try:
            answer = self._places.post(draft, shown)
        except Refused as refusal:
            self._apologise(draft, refusal)
            answer = None
        if answer is None:
            return None
        return answer["channel"], answer["ts"]

    def _add_redline(self, draft: Draft, contact: Contact, review: Review, card: Where) -> None:
        """Show in the card's thread what an edit changed.

        Marked after it was posted: a process that dies between the two posts it twice, which says the same thing
        twice, while one that was marked and never posted would keep from the team what was taken out.
        """
        shown = cards.redline(draft, contact, review)
        if shown is None:
            return
        channel, thread = card
        try:
            answer = self._places.say(draft.workspace_id, channel, shown, thread_ts=thread)
        except Refused as refusal:
            log.warning("what the edit of draft %s changed cannot be shown: %s", draft.id, refusal)
            return
        with self._database.writing() as session:
            row = {"workspace_id": draft.workspace_id, "review_id": review.id or 0}
            queries.mark_redline(session, **row, message_ts=answer["ts"])

    def _apologise(self, draft: Draft, refusal: Refused) -> None:
        """Slack refused what we built. That is our fault, and nobody should wait for the card in vain."""
        reference = logs.reference()
        log.error("draft %s: Slack refused its card (%s), reference %s", draft.id, refusal, reference)
        try:
            self._places.say(draft.workspace_id, draft.requested_by, cards.unshowable(draft, reference))
        except Refused as second:
            log.error("draft %s reaches nobody: %s", draft.id, second)

    def _mark(self, draft: Draft, where: Where | None, *, anew: bool) -> None:
        """Slack shows the row in this message, `anew` one that was posted just now; None: nowhere new."""
        channel, message_ts = where or (draft.channel, draft.message_ts)
        with self._database.writing() as session:
            held = queries.mark_posted(session, row=draft, channel=channel, message_ts=message_ts)
        if not held:
            self._step_back(draft, where if anew else None)

    def _step_back(self, draft: Draft, posted: Where | None) -> None:
        """This replica stood still for so long that another took the card: one message is enough, the newest counts."""
        assert draft.id is not None
        log.warning("draft %s was shown by another replica meanwhile", draft.id)
        if posted:
            channel, message_ts = posted
            try:
                call(self._client(draft.workspace_id).chat_delete, channel=channel, ts=message_ts)
            except (Refused, NotNow) as trouble:
                log.error("a second card of draft %s stays in %s: %s", draft.id, channel, trouble)
        else:
            with self._database.writing() as session:
                queries.show_again(session, workspace_id=draft.workspace_id, draft_id=draft.id)


def standing(session: Session, draft: Draft, zone: ZoneInfo) -> tuple[Contact, Review | None, Block]:
    """Whom a draft is for, what was decided, and its card as the rows stand."""
    assert draft.id is not None
    scope, one = {"workspace_id": draft.workspace_id}, {"draft_id": draft.id}
    contact = queries.contact(session, **scope, contact_id=draft.contact_id)
    review = queries.review_of(session, **scope, **one)
    delivery = queries.delivery_of(session, **scope, **one)
    adapter = queries.adapter(session, **scope, adapter_id=draft.adapter_id) if draft.adapter_id else None
    assert contact is not None, "a draft goes with its contact"
    version = adapter.version if adapter else None
    return contact, review, render(draft, contact, review, adapter=version, zone=zone, delivery=delivery)


def render(
    draft: Draft,
    contact: Contact,
    review: Review | None,
    *,
    adapter: int | None,
    zone: ZoneInfo,
    delivery: Delivery | None = None,
) -> Block:
    """The message that says what the row says."""
    if review is not None:
        words_changed = changed(draft, review)
        return cards.decided(draft, contact, review, changed=words_changed, zone=zone, delivery=delivery)
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
