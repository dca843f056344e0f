"""Gmail: the email is put among the drafts of a mailbox at Google, with a key file that the house keeps."""

import base64
import json
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import requests

from bot.mail import NotNow, Refused
from bot.mail.cloud import Cloud, Token, named

ADDRESS = "https://gmail.googleapis.com"
TOKENS = "https://oauth2.googleapis.com/token"
SCOPES = ("https://www.googleapis.com/auth/gmail.compose", "https://www.googleapis.com/auth/gmail.readonly")
DRAFTS, MESSAGES = "/gmail/v1/users/me/drafts", "/gmail/v1/users/me/messages"


class Gmail:
    """At most once because a draft that may be there is looked for, by its Message-ID, before one is added."""

    name = "gmail"
    looks_first = True

    def __init__(
        self, user: str, token: Token, *, address: str = ADDRESS, session: requests.Session | None = None
    ) -> None:
        self._user = user
        self._cloud = Cloud("Gmail", address, token, session)

    def deliver(self, message: EmailMessage, *, again: bool, begin: Callable[[], None]) -> str:
        if not (again and self._is_there(message["Message-ID"])):
            raw = base64.urlsafe_b64encode(message.as_bytes()).decode("ascii")
            self._cloud.create(DRAFTS, begin=begin, json={"message": {"raw": raw}})
        return f"Saved as a draft in Gmail of {self._user}"

    def _is_there(self, message_id: str) -> bool:
        """Among drafts, sent mail and trash, if somebody was quick."""
        wanted = f"rfc822msgid:{message_id.strip('<>')}"
        return bool(self._cloud.look(MESSAGES, q=wanted, includeSpamTrash="true").get("messages"))


def google_token(file: Path, user: str) -> Token:
    """Tokens from a key file: of a service account that may act for the mailbox, or of one user who agreed."""
    held: list[object] = []  # made at the first use, since the library is an extra

    def token() -> str:
        try:
            from google.auth.exceptions import GoogleAuthError, TransportError
            from google.auth.transport.requests import Request
        except ImportError:
            raise Refused("Google's library is missing. Run: pip install 'afterword[mail]'") from None
        try:
            if not held:
                held.append(_credentials(file, user))
            known = held[0]
            if not known.valid:  # type: ignore[attr-defined]
                known.refresh(Request())  # type: ignore[attr-defined]
            return str(known.token)  # type: ignore[attr-defined]
        except (OSError, TransportError) as error:
            raise NotNow(f"Google does not answer as it should ({named(error)}).") from None
        except (GoogleAuthError, ValueError, KeyError) as error:
            said = f"Google does not accept the key in {file.name} ({named(error)})."
            raise Refused(f"{said} Make a new one; docs/mail.md has the steps.") from None

    return token


def _credentials(file: Path, user: str) -> object:
    from google.oauth2 import credentials, service_account

    known = json.loads(file.read_text("utf-8"))
    if known.get("type") == "service_account":
        return service_account.Credentials.from_service_account_info(known, scopes=SCOPES, subject=user)
    parts = {name: known[name] for name in ("refresh_token", "client_id", "client_secret")}
    return credentials.Credentials(None, token_uri=known.get("token_uri", TOKENS), scopes=SCOPES, **parts)
