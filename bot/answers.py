"""Where the people who asked for drafts can be told something, each alone: Slack's response addresses.

They work where the bot is no member, for half an hour. They are kept in memory only: after a restart a courtesy is
lost, and the card comes all the same.
"""

import logging
import threading
import time
from collections.abc import Callable

from slack_sdk.webhook import WebhookClient

from bot.cards import Block

log = logging.getLogger(__name__)

LIFE_SECONDS = 30 * 60


class Answers:
    """By draft, where its asker can be told something."""

    def __init__(self, tick: Callable[[], float] = time.monotonic) -> None:
        self._tick = tick
        self._lock = threading.Lock()
        self._known: dict[int, tuple[float, str]] = {}

    def keep(self, draft_id: int | None, url: str | None) -> None:
        if draft_id is None or not url:
            return
        now = self._tick()
        with self._lock:
            self._known = {each: (end, at) for each, (end, at) in self._known.items() if end > now}
            self._known[draft_id] = (now + LIFE_SECONDS, url)

    def tell(self, draft_id: int | None, said: Block) -> bool:
        """Tell it to who asked for the draft, once; whether Slack took it."""
        with self._lock:
            end, url = self._known.pop(draft_id or 0, (0.0, ""))
        if end <= self._tick():
            return False
        try:
            answer = WebhookClient(url, timeout=5).send(**said, response_type="ephemeral", replace_original=False)
        except (OSError, ValueError) as error:
            log.warning("an answer did not reach Slack: %s", type(error).__name__)
            return False
        return answer.status_code == 200
