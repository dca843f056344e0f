"""The calls of Slack's Web API that Afterword makes, answered by Teams. So poster, people and listeners know one kind
of client, and what Teams refuses has the names that they know."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.cards import DECISION_BLOCK, Block
from bot.person_ids import ENTRA
from bot.teams import adaptive
from bot.teams.payloads import conversation, ours
from storage import queries
from storage.database import Database
from storage.tables import TeamsConversation

WATCHERS = 60  # Teams refreshes no more people's cards by itself
PASSING = frozenset({408, 412})  # Teams asks to try these again


@dataclass(frozen=True)
class Member:
    """Somebody in a conversation, as Teams knows them."""

    user_id: str
    name: str
    tenant: str
    guest: bool


class Undelivered(Exception):
    """Teams answered with an error."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.headers = dict(headers)


class Line(Protocol):
    """The connection to Teams. Raises Undelivered, and OSError where nobody knows what became of it."""

    def post(self, service_url: str, conversation: str, text: str, card: adaptive.Card) -> str: ...
    def update(self, service_url: str, conversation: str, message: str, text: str, card: adaptive.Card) -> None: ...
    def delete(self, service_url: str, conversation: str, message: str) -> None: ...
    def member(self, service_url: str, conversation: str, mri: str) -> Member: ...
    def members(self, service_url: str, conversation: str) -> Sequence[Member]: ...


class Client:
    """`home` is the team id that people of `tenant` belong to."""

    def __init__(self, database: Database, line: Line, workspace_id: int, *, tenant: str, home: str) -> None:
        self._database = database
        self._line = line
        self._workspace_id = workspace_id
        self._tenant = tenant
        self._home = home

    def chat_postMessage(self, *, channel: str, text: str, blocks: Sequence[Block], **_: Any) -> dict[str, str]:
        place = self._place(channel)
        made = self._card(place, blocks)
        try:
            message = self._line.post(place.service_url, conversation(place.channel), text, made)
        except Undelivered as error:
            _refuse(error, gone="channel_not_found")
        return {"channel": place.channel, "ts": message}

    def chat_update(self, *, channel: str, ts: str, text: str, blocks: Sequence[Block], **_: Any) -> None:
        place = self._place(channel)
        made = self._card(place, blocks)
        try:
            self._line.update(place.service_url, conversation(channel), ts, text, made)
        except Undelivered as error:
            _refuse(error, gone="message_not_found")

    def chat_delete(self, *, channel: str, ts: str) -> None:
        place = self._place(channel)
        try:
            self._line.delete(place.service_url, conversation(channel), ts)
        except Undelivered as error:
            _refuse(error, gone="message_not_found")

    def conversations_info(self, *, channel: str) -> dict[str, Any]:
        return {"channel": {"is_ext_shared": self._place(channel).shared}}

    def conversations_members(self, *, channel: str, **_: Any) -> dict[str, Any]:
        place = self._place(channel)
        try:
            found = self._line.members(place.service_url, conversation(channel))
        except Undelivered as error:
            _refuse(error, gone="channel_not_found")
        return {"members": [each.user_id for each in found]}

    def users_info(self, *, user: str) -> dict[str, Any]:
        """Asked about where they were heard last; nobody can be asked about who never spoke."""
        with self._database.reading() as session:
            known = queries.teams_member(session, workspace_id=self._workspace_id, user_id=user)
        if known is None:
            raise _error("user_not_found", 404)
        place = self._place(known.channel)
        try:
            found = self._line.member(place.service_url, conversation(known.channel), known.mri)
        except Undelivered as error:
            _refuse(error, gone="user_not_found")
        home = self._home if found.tenant.lower() == self._tenant else found.tenant or "unknown"
        return {"user": {"team_id": home, "is_restricted": found.guest, "real_name": found.name or known.name}}

    def files_upload_v2(self, **_: Any) -> NoReturn:
        raise _error("method_not_supported", 200)

    def _place(self, channel: str) -> TeamsConversation:
        """A conversation, or somebody's own with the bot."""
        scope = {"workspace_id": self._workspace_id}
        with self._database.reading() as session:
            if re.fullmatch(ENTRA, channel):
                member = queries.teams_member(session, **scope, user_id=channel)
                channel = (member.direct if member else None) or channel
            place = queries.teams_conversation(session, **scope, channel=channel)
        if place is None:
            raise _error("channel_not_found", 404)
        return place

    def _card(self, place: TeamsConversation, blocks: Sequence[Block]) -> adaptive.Card:
        scope = {"workspace_id": self._workspace_id}
        with self._database.reading() as session:
            names = queries.teams_names(session, **scope)
            decidable = any(block.get("block_id") == DECISION_BLOCK for block in blocks)
            watchers = queries.teams_watchers(session, **scope, channel=place.channel) if decidable else []
        return adaptive.card(blocks, names, watchers=watchers[:WATCHERS])


class Both:
    """One workspace in Slack and in Teams: where something is said decides who is called."""

    def __init__(self, slack: Callable[[], WebClient], teams: Client) -> None:
        self._slack = slack
        self._teams = teams

    def __getattr__(self, method: str) -> Callable[..., Any]:
        """The call of that name, by the `channel` or the `user` that it is about."""

        def called(**about: Any) -> Any:
            where = about.get("channel") or about.get("user") or ""
            return getattr(self._teams if ours(where) else self._slack(), method)(**about)

        return called


@dataclass(frozen=True)
class _Answer:
    """An answer that is not ok, in the form of Slack's."""

    reason: str
    status_code: int
    headers: Mapping[str, str]

    def get(self, key: str, default: Any = None) -> Any:
        return {"ok": False, "error": self.reason}.get(key, default)

    __getitem__ = get


def _error(reason: str, status: int, headers: Mapping[str, str] | None = None) -> SlackApiError:
    return SlackApiError(reason, _Answer(reason, status, headers or {}))


def _refuse(error: Undelivered, *, gone: str) -> NoReturn:
    """An error of Teams' under the name that `bot/refusals.py` knows it by."""
    names = {401: "invalid_auth", 403: "not_in_channel", 404: gone, 413: "msg_too_long", 429: "ratelimited"}
    reason = "internal_error" if error.status in PASSING or error.status >= 500 else names.get(error.status, str(error))
    raise _error(reason, error.status, error.headers) from None
