"""Who somebody is, as Slack says: the name under an email, and what the rights are decided by.

One look-up per person serves both. All of it stands before an acknowledgement, so the clients need a timeout well below
Slack's three seconds, and answers are kept for some minutes.
"""

import logging
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.refusals import LockedOut
from bot.rights import CHANNEL, Person, Standing, person

log = logging.getLogger(__name__)

KEPT_SECONDS = 300.0  # who is made a guest or leaves a group may still act for that long
STALE_SECONDS = 3600.0  # where Slack does not answer, an older answer is better than none for that long
PAGES, PAGE = 3, 1000  # of the members of a channel; more would not be read in time
REMEDY = "If a scope is missing: docs/rights.md says which one the app needs, and the app has to be installed again."
Found = TypeVar("Found")


@dataclass(frozen=True)
class Kept:
    """An answer of Slack's, and when it was given."""

    value: Any
    at: float


class People:
    """Asks Slack who somebody is and which lists they are on. `client` gives the client of a workspace."""

    def __init__(self, client: Callable[[int], WebClient], tick: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._tick = tick
        self._kept: dict[Hashable, Kept] = {}
        self._lock = threading.Lock()

    def name(self, workspace_id: int, user_id: str, handle: str) -> str:
        """The real name of a user; `handle` is what the payload calls them, and has to do without an answer."""
        user = self._user(workspace_id, user_id) or {}
        return (user.get("profile") or {}).get("real_name") or user.get("real_name") or from_handle(handle)

    def person(self, workspace_id: int, user_id: str, home: str) -> Person:
        """Who a user is in the team or organisation `home`; unknown where Slack does not say."""
        user = self._user(workspace_id, user_id)
        return person(user, home) if user else Person(user_id, Standing.unknown)

    def listed(
        self, workspace_id: int, user_id: str, audience: str, *, channel: str | None, team: str | None
    ) -> bool | None:
        """Whether a user is in a user group or, for the audience `channel`, in that channel; None if Slack is silent.

        `team` is asked for by Slack where the token is an organisation's.
        """
        if audience != CHANNEL:
            users = self._ask(
                workspace_id, "usergroups.users.list", audience, lambda client: _group(client, audience, team)
            )
        elif channel is None:
            return False
        else:
            users = self._ask(workspace_id, "conversations.members", channel, lambda client: _members(client, channel))
        return None if users is None else user_id in users

    def _user(self, workspace_id: int, user_id: str) -> dict[str, Any] | None:
        return self._ask(
            workspace_id,
            "users.info",
            user_id,
            lambda client: {"id": user_id, **client.users_info(user=user_id)["user"]},
        )

    def _ask(self, workspace_id: int, method: str, about: str, ask: Callable[[WebClient], Found]) -> Found | None:
        """A fresh answer, an older one where Slack does not give one, otherwise None."""
        key, now = (workspace_id, method, about), self._tick()
        known = self._kept.get(key)
        if known and now < known.at + KEPT_SECONDS:
            return known.value
        try:
            found = ask(self._client(workspace_id))
        except (SlackClientError, OSError, LockedOut, _TooMany) as error:
            log.warning("%s gives no answer about %s: %s. %s", method, about, _reason(error), REMEDY)
            return known.value if known and now < known.at + STALE_SECONDS else None
        with self._lock:
            self._kept[key] = Kept(found, now)
        return found


class _TooMany(Exception):
    """A channel with more members than can be read before the acknowledgement."""


def _group(client: WebClient, group: str, team: str | None) -> frozenset[str]:
    return frozenset(client.usergroups_users_list(usergroup=group, team_id=team)["users"])


def _members(client: WebClient, channel: str) -> frozenset[str]:
    found: set[str] = set()
    cursor = ""
    for _ in range(PAGES):
        answer = client.conversations_members(channel=channel, limit=PAGE, cursor=cursor)
        found.update(answer["members"])
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return frozenset(found)
    raise _TooMany(f"more than {PAGES * PAGE} members")


def _reason(error: Exception) -> str:
    answer = getattr(error, "response", None)
    return str(answer.get("error")) if answer is not None and answer.get("error") else type(error).__name__


def from_handle(handle: str) -> str:
    """robin.ames or robin_ames as Robin Ames."""
    words = handle.replace(".", " ").replace("_", " ").split()
    return " ".join(word[:1].upper() + word[1:] for word in words)
