"""Installing the app into further workspaces by OAuth: the two pages, and what is kept of an install.

Bolt's flow does the steps. The stores are ours: a state works once and for ten minutes, in whichever process the
browser comes back to, and tokens are sealed before they reach the database.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from slack_bolt import BoltContext, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth import InstallationStore, OAuthStateStore
from slack_sdk.oauth.installation_store import Installation as Installed

from bot import steering
from bot.front import Answer, Page
from bot.refusals import LockedOut
from bot.tokens import Token, sealed
from bot.vault import Vault
from storage import queries
from storage.database import Database
from storage.tables import Installation

log = logging.getLogger(__name__)

# Those of manifest.yml.
SCOPES = ("commands", "channels:read", "groups:read", "chat:write", "files:write", "users:read")
INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"
STATE_LASTS = timedelta(minutes=10)


class States(OAuthStateStore):
    """Which installs are under way. Only a digest is kept, so that the database begins none."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def issue(self, *_: object, **__: object) -> str:
        state, now = secrets.token_urlsafe(32), self._clock()
        with self._database.writing() as session:
            queries.begin_install(session, state=_digest(state), now=now, expires_at=now + STATE_LASTS)
        return state

    def consume(self, state: str) -> bool:
        with self._database.writing() as session:
            return queries.take_install(session, state=_digest(state), now=self._clock())


class Installations(InstallationStore):
    """Keeps what an install gave. Installing again puts a workspace that was left back into service."""

    def __init__(
        self, database: Database, vault: Vault, clock: Callable[[], datetime], *, ask_to_learn: bool = False
    ) -> None:
        """`ask_to_learn`: a new workspace learns nothing before one of its admins resumes learning."""
        self._database = database
        self._vault = vault
        self._clock = clock
        self._ask_to_learn = ask_to_learn

    def save(self, installation: Installed) -> None:
        tenant = installation.enterprise_id if installation.is_enterprise_install else installation.team_id
        name = installation.enterprise_name if installation.is_enterprise_install else installation.team_name
        assert tenant and installation.bot_token, "Slack gave no tenant or no bot token"
        now, expires = self._clock(), installation.bot_token_expires_at
        with self._database.writing() as session:
            known = queries.workspace_of_team(session, team_id=tenant)
            workspace = queries.workspace_for_team(session, team_id=tenant, name=name or "")
            assert workspace.id is not None
            if known is None and self._ask_to_learn:
                steering.pause(session, workspace_id=workspace.id, who="the app, until an admin agrees", now=now)
            row = Installation(
                workspace_id=workspace.id,
                enterprise_id=installation.enterprise_id,
                team_id=installation.team_id,
                bot_id=installation.bot_id,
                bot_user_id=installation.bot_user_id,
                scopes=list(installation.bot_scopes or ()),
                installed_by=installation.user_id or "",
                installed_at=now,
                expires_at=datetime.fromtimestamp(expires, now.tzinfo) if expires else None,
                **sealed(self._vault, workspace.id, installation.bot_token, installation.bot_refresh_token),
            )
            queries.save_installation(session, row=row)
            queries.audit(
                session,
                workspace_id=workspace.id,
                actor=row.installed_by,
                action="install",
                subject="app",
                detail={"scopes": row.scopes},
            )
        log.info("the app is installed in workspace %s", workspace.id)


class _Flow(OAuthFlow):
    """Bolt's, but by our clock, and a refused code is not written to the log."""

    def __init__(self, clock: Callable[[], datetime], **how: Any) -> None:
        super().__init__(**how)
        self._clock = clock

    def run_installation(self, code: str) -> Installed | None:
        try:
            return self._exchanged(code)
        except SlackApiError as error:
            log.warning("Slack refuses an install: %s", error.response["error"])
            return None

    def _exchanged(self, code: str) -> Installed:
        settings = self.settings
        answer = self.client.oauth_v2_access(
            code=code,
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            redirect_uri=settings.redirect_uri,
        )
        tested = self.client.auth_test(token=answer["access_token"])
        team, enterprise = answer.get("team") or {}, answer.get("enterprise") or {}
        lasts = answer.get("expires_in")  # where the app's tokens are rotated
        expires = self._clock() + timedelta(seconds=int(lasts)) if lasts else None
        return Installed(
            app_id=answer.get("app_id"),
            enterprise_id=enterprise.get("id"),
            enterprise_name=enterprise.get("name"),
            enterprise_url=tested.get("url"),
            team_id=team.get("id"),
            team_name=team.get("name"),
            bot_token=answer["access_token"],
            bot_id=tested.get("bot_id"),
            bot_user_id=answer.get("bot_user_id"),
            bot_scopes=answer.get("scope") or "",
            bot_refresh_token=answer.get("refresh_token"),
            bot_token_expires_at=int(expires.timestamp()) if expires else None,
            user_id=(answer.get("authed_user") or {}).get("id") or "",
            is_enterprise_install=bool(answer.get("is_enterprise_install")),
            token_type=answer.get("token_type"),
        )


def pages(
    client: WebClient,
    store: Installations,
    states: States,
    clock: Callable[[], datetime],
    *,
    client_id: str,
    client_secret: str,
) -> dict[str, Page]:
    """The two addresses of an install, for the front."""
    flow = _Flow(
        clock,
        client=client,
        logger=logging.getLogger("slack_bolt.oauth"),
        settings=OAuthSettings(
            client_id=client_id,
            client_secret=client_secret,
            scopes=SCOPES,
            user_scopes=(),
            installation_store=store,
            state_store=states,
            state_expiration_seconds=int(STATE_LASTS.total_seconds()),
        ),
    )

    def page(step: Callable[[BoltRequest], object]) -> Page:
        def answering(query: str, headers: dict[str, str]) -> Answer:
            request = BoltRequest(mode="http", body="", query=query, headers=dict(headers))
            answer = step(request)
            flat = {name: str(values[0]) for name, values in answer.headers.items() if values}  # type: ignore[attr-defined]
            return Answer(answer.status, flat, answer.body)  # type: ignore[attr-defined]

        return answering

    return {INSTALL: page(flow.handle_installation), REDIRECT: page(flow.handle_callback)}


def authorizing(database: Database, token: Token) -> Callable[..., AuthorizeResult | None]:
    """What Bolt asks for every payload: the installation that it comes from and its token; None where none is."""

    def authorize(context: BoltContext, enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        tenant = enterprise_id if context.is_enterprise_install else team_id
        with database.reading() as session:
            workspace = queries.workspace_of_team(session, team_id=tenant) if tenant else None
            row = queries.installation(session, workspace_id=workspace.id) if workspace and workspace.id else None
        if row is None:
            return None
        try:
            found = token(row.workspace_id)
        except LockedOut as trouble:
            log.warning("a payload for workspace %s is refused: %s", row.workspace_id, trouble)
            return None
        return AuthorizeResult(
            enterprise_id=row.enterprise_id,
            team_id=row.team_id,
            bot_id=row.bot_id,
            bot_user_id=row.bot_user_id,
            bot_token=found,
        )

    return authorize


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
