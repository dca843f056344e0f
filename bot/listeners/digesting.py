"""The morning's digest, switched on and off in a channel: `/draft-followup digest on|off`."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from bot import cards, digests
from bot.listeners.services import Services, actor, tell
from bot.refusals import NotNow, Refused, call
from bot.rights import Action

DIGEST = re.compile(r"digest(?:\s+(on|off))?", re.IGNORECASE)


def register(app: App, services: Services) -> None:
    listeners = Digesting(services)
    app.command(cards.COMMAND, matchers=[lambda command: _asked(command) is not None])(listeners.command)


class Digesting:
    def __init__(self, services: Services) -> None:
        self._services = services

    def command(
        self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient, respond: Respond
    ) -> None:
        asked, channel, who = _asked(body), body["channel_id"], actor(body)
        assert asked is not None
        if said := self._services.refusal(Action.draft, body, context):
            ack(**cards.notice(said), response_type="ephemeral")
        elif asked[1] is None:
            ack(**cards.notice(cards.DIGEST_USAGE), response_type="ephemeral")
        elif asked[1].lower() == "on":
            tell(respond, cards.notice(switch_on(self._services, context, client, channel, who, ack)))
        else:
            with self._services.database.writing() as session:
                done = digests.end(session, workspace_id=self._services.workspace(context), channel=channel, who=who)
            said = cards.digest_off(channel) if done else cards.digest_same(channel, comes=False)
            ack(**cards.notice(said), response_type="ephemeral")


def switch_on(
    services: Services, context: BoltContext, client: WebClient, channel: str, who: str, ack: Callable[..., Any]
) -> str:
    """Have the digest come and tell the channel; what to tell the person. Taken back where the bot may not post."""
    scope: dict[str, Any] = {"workspace_id": services.workspace(context), "channel": channel}
    at = services.homes.digest_at
    with services.database.writing() as session:
        begun = digests.begin(session, **scope, who=who, now=services.clock())
    ack()
    if not begun:
        return cards.digest_same(channel, comes=True)
    try:
        quiet = {"unfurl_links": False, "unfurl_media": False}
        call(client.chat_postMessage, channel=channel, **quiet, **cards.digest_begins(who, at))
    except Refused:
        with services.database.writing() as session:
            digests.end(session, **scope, who=who)
        return cards.digest_closed(channel, services.bot)
    except NotNow:
        pass  # the row stands; only the courtesy to the channel is lost
    return cards.digest_on(channel, at)


def _asked(command: Mapping[str, Any]) -> re.Match[str] | None:
    return DIGEST.fullmatch((command.get("text") or "").strip())
