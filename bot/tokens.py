"""The bot token of each workspace, and the Slack client that goes with it.

Where the app's tokens are rotated, one is valid for twelve hours and the refresh token that fetches the next works
once. So whoever uses it claims it first, in the database, since another process may be about to; the others go on with
the old token, or wait for the new one when the old has expired.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slack_sdk import WebClient

from bot.refusals import LockedOut, NotNow, Refused, call
from bot.vault import Vault
from storage import queries
from storage.database import Database
from storage.tables import Installation

log = logging.getLogger(__name__)

AHEAD = timedelta(hours=2)  # before it expires the next token is fetched
CLAIM = timedelta(seconds=20)  # longer than Slack may take to answer; a dead process holds nobody up for more
WAIT_SECONDS = 2.0  # for a token that another is fetching; an acknowledgement may stand behind it
POLL_SECONDS = 0.1

Token = Callable[[int], str]  # of a workspace, by its row id


@dataclass(frozen=True)
class Fetched:
    """What Slack gives for a refresh token."""

    token: str
    refresh_token: str
    seconds: int


Fetch = Callable[[str], Fetched]


class Clients:
    """The Slack client of each workspace, with its token of the moment. `how` is what a WebClient is made with."""

    def __init__(self, token: Token, **how: object) -> None:
        self._token = token
        self._how = how
        self._made: dict[int, WebClient] = {}

    def __call__(self, workspace_id: int) -> WebClient:
        token = self._token(workspace_id)
        made = self._made.get(workspace_id)
        if made is None or made.token != token:
            made = self._made[workspace_id] = WebClient(token=token, **self._how)  # type: ignore[arg-type]
        return made


class Tokens:
    """The token of a workspace that the app was installed in by OAuth. Raises LockedOut where there is none."""

    def __init__(self, database: Database, vault: Vault, fetch: Fetch, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._vault = vault
        self._fetch = fetch
        self._clock = clock

    def __call__(self, workspace_id: int) -> str:
        row = self._installed(workspace_id)
        if row.expires_at is None or self._clock() < row.expires_at - AHEAD:
            return self._opened(row)
        if (fetched := self._refresh(row)) or self._clock() < row.expires_at:
            return fetched or self._opened(row)
        return self._awaited(row)

    def _installed(self, workspace_id: int) -> Installation:
        with self._database.reading() as session:
            row = queries.installation(session, workspace_id=workspace_id)
            workspace = queries.workspace_by_id(session, workspace_id=workspace_id)
        if row is None or workspace is None or workspace.removed_at:
            raise LockedOut("the app is not installed there")
        return row

    def _opened(self, row: Installation) -> str:
        return self._vault.open(row.token, place=place(row.workspace_id, "token"))

    def _refresh(self, row: Installation) -> str | None:
        """Fetch the next token; None where somebody else does, or where Slack did not answer."""
        now, sealed = self._clock(), row.refresh_token
        if sealed is None:
            return None
        until = now + CLAIM
        with self._database.writing() as session:
            ours = queries.claim_refresh(
                session, workspace_id=row.workspace_id, refresh_token=sealed, now=now, until=until
            )
        if not ours:
            return None
        try:
            fetched = self._fetch(self._vault.open(sealed, place=place(row.workspace_id, "refresh_token")))
        except (NotNow, Refused) as trouble:  # the claim runs out by itself, so that nobody tries again at once
            log.error(
                "no new token for workspace %s: %s. If this goes on, install it again.", row.workspace_id, trouble
            )
            return None
        self._keep(row.workspace_id, fetched, until)
        return fetched.token

    def _keep(self, workspace_id: int, fetched: Fetched, until: datetime) -> None:
        changes = {
            **sealed(self._vault, workspace_id, fetched.token, fetched.refresh_token),
            "expires_at": self._clock() + timedelta(seconds=fetched.seconds),
        }
        with self._database.writing() as session:
            queries.finish_refresh(session, workspace_id=workspace_id, claimed_until=until, changes=changes)

    def _awaited(self, old: Installation) -> str:
        end = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < end:
            row = self._installed(old.workspace_id)
            if row.token != old.token:
                return self._opened(row)
            time.sleep(POLL_SECONDS)
        raise LockedOut("its token has expired and Slack gives no new one")


def fetching(client: WebClient, client_id: str, client_secret: str) -> Fetch:
    """Exchanges a refresh token at Slack. Raises NotNow, and Refused where only a new install helps."""

    def fetch(refresh_token: str) -> Fetched:
        answer = call(
            client.oauth_v2_access,
            client_id=client_id,
            client_secret=client_secret,
            grant_type="refresh_token",
            refresh_token=refresh_token,
        )
        return Fetched(answer["access_token"], answer["refresh_token"], int(answer["expires_in"]))

    return fetch


def place(workspace_id: int, name: str) -> str:
    """What a sealed token is bound to."""
    return f"workspace {workspace_id} {name}"


def sealed(vault: Vault, workspace_id: int, token: str, refresh_token: str | None) -> dict[str, Any]:
    """The columns that hold a pair of tokens."""
    next_one = vault.seal(refresh_token, place=place(workspace_id, "refresh_token")) if refresh_token else None
    return {"token": vault.seal(token, place=place(workspace_id, "token")), "refresh_token": next_one}
