"""How Slack is reached: with the one token of the settings, or with the token of each installation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from slack_bolt import BoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot import installing, vault
from bot.front import Page
from bot.refusals import LockedOut
from bot.settings import Settings
from bot.tokens import Token, Tokens, fetching
from storage import queries
from storage.database import Database

NAME = "afterword"  # the bot's, by the manifest

Authorize = Callable[..., AuthorizeResult | None]


@dataclass(frozen=True)
class Access:
    """`authorize` is what Bolt asks for every payload; None refuses it before any listener."""

    token: Token
    authorize: Authorize
    bot: str = NAME
    address: str = ""  # the workspace's own, for links to messages; empty where there are several workspaces
    pages: Mapping[str, Page] = field(default_factory=dict)  # for browsers, where the app can be installed


def of_token(database: Database, client: WebClient) -> Access:
    """One workspace, whose token the settings hold. Asks Slack whose it is: raises SlackApiError or OSError."""
    token = str(client.token)
    tested = client.auth_test()
    ours = {tested.get("team_id"), tested.get("enterprise_id")} - {None, ""}
    with database.writing() as session:  # a token that Slack accepts means that the app is installed
        if workspace := queries.workspace_of_team(session, team_id=str(tested.get("team_id"))):
            queries.put_back(session, workspace_id=workspace.id or 0)

    def authorize(context: BoltContext, enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        """A shared channel brings payloads of other organisations, which are none of ours."""
        if (enterprise_id if context.is_enterprise_install else team_id) not in ours:
            return None
        return AuthorizeResult(
            enterprise_id=tested.get("enterprise_id"),
            team_id=tested.get("team_id"),
            bot_id=tested.get("bot_id"),
            bot_user_id=tested.get("user_id"),
            bot_token=token,
        )

    return Access(lambda _workspace_id: token, authorize, str(tested["user"]), str(tested.get("url") or ""))


def nowhere() -> Access:
    """No Slack at all: nobody comes in by it, and nothing is said there."""

    def token(_workspace_id: int) -> str:
        raise LockedOut("there is no SLACK_BOT_TOKEN")

    return Access(token, lambda **_: None)


def of_installations(
    settings: Settings, database: Database, clock: Callable[[], datetime], client_id: str, client_secret: str
) -> Access:
    """As many workspaces as install the app."""
    box = vault.Vault(vault.keys_of(settings.secret_key, settings.key_file))
    box.seal("", place="the start")  # a key that cannot be used is said now, and not to the first who installs
    client = WebClient(base_url=settings.slack_api_url, timeout=10, retry_handlers=[])
    brief = WebClient(base_url=settings.slack_api_url, timeout=2, retry_handlers=[])
    tokens = Tokens(database, box, fetching(brief, client_id, client_secret), clock)
    pages = installing.pages(
        client,
        installing.Installations(database, box, clock, ask_to_learn=settings.learning == "ask"),
        installing.States(database, clock),
        clock,
        client_id=client_id,
        client_secret=client_secret,
    )
    return Access(tokens, installing.authorizing(database, tokens), pages=pages)
