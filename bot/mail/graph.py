"""Microsoft Graph: the email is put among the drafts of a mailbox at Microsoft 365, by an app of the house."""

import base64
from collections.abc import Callable
from email.message import EmailMessage
from urllib.parse import quote

import requests

from bot.mail import NotNow, Refused
from bot.mail.cloud import Cloud, Token, named

ADDRESS = "https://graph.microsoft.com/v1.0"
AUTHORITY = "https://login.microsoftonline.com"
SCOPES = ["https://graph.microsoft.com/.default"]
# Exchange may give a draft another Message-ID, but keeps a header of ours as a property by this name.
OWN_HEADER = "String {00020386-0000-0000-C000-000000000046} Name X-Afterword-Id"


class Graph:
    """At most once because a draft that may be there is looked for, by our own header, before one is added."""

    name = "graph"
    looks_first = True

    def __init__(
        self, user: str, token: Token, *, address: str = ADDRESS, session: requests.Session | None = None
    ) -> None:
        self._user = user
        self._messages = f"/users/{quote(user)}/messages"
        self._cloud = Cloud("Microsoft 365", address, token, session)

    def deliver(self, message: EmailMessage, *, again: bool, begin: Callable[[], None]) -> str:
        if not (again and self._is_there(message)):
            mime = base64.b64encode(message.as_bytes())
            self._cloud.create(self._messages, begin=begin, data=mime, headers={"Content-Type": "text/plain"})
        return f"Saved as a draft in Outlook of {self._user}"

    def _is_there(self, message: EmailMessage) -> bool:
        """In any folder, if somebody was quick."""
        same = f"ep/id eq '{OWN_HEADER}' and ep/value eq '{message['X-Afterword-Id']}'"
        wanted = (
            f"internetMessageId eq '{message['Message-ID']}'",
            f"singleValueExtendedProperties/any(ep: {same})",
        )
        ask = {"$select": "id", "$top": "1"}
        return any(self._cloud.look(self._messages, **{"$filter": each, **ask}).get("value") for each in wanted)


def microsoft_token(
    tenant: str, client_id: str, secret: str, *, authority: str = AUTHORITY, session: requests.Session | None = None
) -> Token:
    """Tokens of an app that the tenant's admin let into the mailbox. The library keeps one until it runs out."""
    held: list[object] = []  # made at the first use: it asks Microsoft for its addresses

    def token() -> str:
        try:
            import msal
        except ImportError:
            raise Refused("Microsoft's library is missing. Run: pip install 'afterword[mail]'") from None
        try:
            if not held:
                known = {"authority": f"{authority}/{tenant}", "client_credential": secret, "http_client": session}
                held.append(msal.ConfidentialClientApplication(client_id, instance_discovery=False, **known))
            answer = held[0].acquire_token_for_client(scopes=SCOPES)  # type: ignore[attr-defined]
        except (OSError, requests.RequestException) as error:
            raise NotNow(f"Microsoft does not answer as it should ({named(error)}).") from None
        except ValueError:
            raise Refused(f"Microsoft knows no tenant {tenant}. Check AFTERWORD_MAIL_APP.") from None
        if "access_token" not in answer:
            said = f"Microsoft does not accept the app's secret ({answer.get('error')})."
            raise Refused(f"{said} Set AFTERWORD_MAIL_PASSWORD and start again.")
        return str(answer["access_token"])

    return token
