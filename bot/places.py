"""Where a card is shown first: where it was asked for, or where that cannot be, in a direct message with the reason."""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from slack_sdk import WebClient

from bot import cards
from bot.answers import Answers
from bot.cards import Block, Place
from bot.refusals import CLOSED, LockedOut, NotNow, Refused, call
from storage.tables import Draft

log = logging.getLogger(__name__)


class Places:
    """Posts the first message of a draft. `bot` is the bot's name, for the invitation."""

    def __init__(self, client: Callable[[int], WebClient], *, bot: str, answers: Answers) -> None:
        self._client = client
        self._bot = bot
        self._answers = answers

    def post(self, draft: Draft, shown: Block) -> Any:
        """Slack's answer; None when the card reaches nobody. Raises Refused for a card that Slack does not take."""
        place = Place.parse(draft.channel or draft.requested_by)
        outsiders = self._outsiders(draft.workspace_id, place.channel)
        if not outsiders:
            try:
                return self._there(draft.workspace_id, place, shown)
            except Refused as refusal:
                if refusal.reason not in CLOSED:
                    raise
        return self._directly(draft, place, shown, outsiders=outsiders)

    def say(self, workspace_id: int, channel: str, shown: Block, **more: Any) -> Any:
        """Post once. After a lost connection nobody knows whether it arrived; it is then tried again later.

        A second card would be harmless, since the version in its buttons allows one decision; no card would be a
        lost command.
        """
        post = self._client(workspace_id).chat_postMessage
        return call(post, channel=channel, unfurl_links=False, unfurl_media=False, **shown, **more)

    def _there(self, workspace_id: int, place: Place, shown: Block) -> Any:
        """In the thread, or beside it where the message is gone or takes no replies."""
        if place.thread:
            with suppress(Refused):
                return self.say(workspace_id, place.channel, shown, thread_ts=place.thread)
        return self.say(workspace_id, place.channel, shown)

    def _directly(self, draft: Draft, place: Place, shown: Block, *, outsiders: bool) -> Any:
        try:
            answer = self.say(draft.workspace_id, draft.requested_by, shown)
        except Refused as refusal:
            log.error("draft %s reaches nobody: %s", draft.id, refusal)
            assert draft.id is not None
            self._answers.tell(draft.id, cards.nowhere(draft.id, self._bot))
            return None
        self._explain(draft, place, outsiders=outsiders)
        return answer

    def _explain(self, draft: Draft, place: Place, *, outsiders: bool) -> None:
        """Why the card is where it is, here and there. A courtesy: the card stands, whatever becomes of this."""
        channel = place.channel[:1] in "CG"
        self._answers.tell(draft.id, cards.elsewhere(self._bot, invitable=channel, outsiders=outsiders))
        if not channel:
            return
        why = cards.shared(place.channel) if outsiders else cards.invite(place.channel, self._bot)
        try:
            self.say(draft.workspace_id, draft.requested_by, why)
        except (Refused, NotNow) as trouble:
            log.warning("draft %s stands in a direct message without the reason: %s", draft.id, trouble)

    def _outsiders(self, workspace_id: int, channel: str) -> bool:
        """Whether another organisation reads a channel. Asked for each card, as it may change at any time."""
        if channel[:1] not in "CG":
            return False
        try:
            known = call(self._client(workspace_id).conversations_info, channel=channel)["channel"]
        except (Refused, LockedOut) as refusal:  # whether the bot may speak there, posting will show
            if str(refusal) == "missing_scope":
                log.error("nobody knows who reads %s: the app needs channels:read and groups:read.", channel)
            return False
        return bool(known.get("is_ext_shared"))
