"""`afterword forget` and `afterword held`: what is kept about one person, and how it goes."""

from argparse import Namespace
from dataclasses import asdict
from typing import Any

from bot import erasing
from bot.commands import CommandError, now, opened, workspace_of
from bot.settings import Settings
from storage import queries

__all__ = ["forget", "held"]


def held(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    with opened(settings) as database:
        workspace = workspace_of(database, arguments)
        assert workspace.id is not None
        with database.reading() as session:
            rows = queries.held(session, workspace_id=workspace.id, email=arguments.contact)
    return {"contact": arguments.contact, "rows": rows}


def forget(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    with opened(settings) as database:
        workspace = workspace_of(database, arguments)
        assert workspace.id is not None
        with database.reading() as session:
            known = queries.held(session, workspace_id=workspace.id, email=arguments.contact)
        if not known and "@" not in arguments.contact:
            raise CommandError(f"{arguments.contact!r} is no email address; a person is found by theirs.")
        done = erasing.forget(
            settings,
            database,
            workspace_id=workspace.id,
            email=arguments.contact,
            who="command line",
            now=now(),
            remove=_remover(settings),
        )
    return {"contact": arguments.contact, **asdict(done)}


def _remover(settings: Settings) -> erasing.RemoveCard:
    """Deletes a card in Slack where a token is set; a card that cannot be deleted is counted, and people do it."""
    if not settings.slack_bot_token:
        return lambda _channel, _ts: False
    from slack_sdk import WebClient
    from slack_sdk.errors import SlackApiError

    client = WebClient(token=settings.slack_bot_token, base_url=settings.slack_api_url, timeout=10)

    def remove(channel: str, ts: str) -> bool:
        try:
            client.chat_delete(channel=channel, ts=ts)
        except SlackApiError as error:
            return bool(error.response["error"] == "message_not_found")
        except OSError:
            return False
        return True

    return remove
