"""The CRMs that can be connected. Another one is a file beside this and a line here."""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from storage.crm.live import Connector, LiveError
from storage.crm.live.hubspot import ADDRESS as HUBSPOT
from storage.crm.live.hubspot import HubSpot
from storage.crm.live.salesforce import Salesforce
from storage.crm.live.tryton import Tryton

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Crm(NamedTuple):
    """How one is reached: by its address, an account where there is one, and a secret."""

    title: str
    address: str | None  # the same for everybody, or None
    account: str | None  # what the account is called over there
    secret: str  # and what the secret is
    connected: Callable[[str, str, str], Connector]


CRMS = {
    "hubspot": Crm(
        "HubSpot",
        HUBSPOT,
        None,
        "access token of a private app",
        lambda address, _account, secret: HubSpot(secret, address=address),
    ),
    "salesforce": Crm("Salesforce", None, "consumer key", "consumer secret", Salesforce),
    "tryton": Crm("Tryton", None, "user", "password", Tryton),
}


def connected(crm: str, *, address: str, account: str, secret: str) -> Connector:
    """Log in. Raises LiveError."""
    try:
        return CRMS[crm].connected(address, account, secret)
    except ImportError:
        raise LiveError(f"The client of {CRMS[crm].title} is missing. Run: pip install 'afterword[crm]'") from None


def checked_address(text: str) -> str:
    """An address that a secret may be sent to. Raises LiveError."""
    parts = urlsplit(text if "://" in text else f"https://{text}")
    allowed = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not allowed or not parts.hostname or parts.username or parts.query:
        raise LiveError(f"{text!r} is no address to send a secret to; use one such as https://acme.my.salesforce.com.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
