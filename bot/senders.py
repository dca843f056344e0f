"""Who a draft is written for: the name under the email."""

import logging
import threading

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

log = logging.getLogger(__name__)


class Senders:
    """Real names of Slack users, each asked for once. Without an answer the handle has to do.

    The question stands before the acknowledgement, so `client` needs a timeout well below Slack's three seconds.
    """

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._names: dict[str, str] = {}
        self._lock = threading.Lock()

    def name(self, user_id: str, handle: str) -> str:
        """The real name of a user; `handle` is what the payload calls them."""
        if known := self._names.get(user_id):
            return known
        try:
            user = self._client.users_info(user=user_id)["user"]
        except (SlackClientError, OSError) as error:
            log.warning("no name for %s, signing with the handle instead: %s", user_id, type(error).__name__)
            return from_handle(handle)
        name = (user.get("profile") or {}).get("real_name") or user.get("real_name") or from_handle(handle)
        with self._lock:
            self._names[user_id] = name
        return str(name)


def from_handle(handle: str) -> str:
    """robin.ames or robin_ames as Robin Ames."""
    words = handle.replace(".", " ").replace("_", " ").split()
    return " ".join(word[:1].upper() + word[1:] for word in words)
