"""Where a mail server is and who logs in there, read from an address such as imaps://rep@example.com@mail.example.com."""

import re
import ssl
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

PORTS = {"imaps": 993, "imap": 143, "smtps": 465, "smtp": 587}
CLOUDS = ("gmail", "graph")  # reached over HTTPS; the address of the mailbox is all that is needed
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SECONDS = 20.0  # that a server may take for one answer


@dataclass(frozen=True)
class Server:
    """A server and an account on it. The connection is encrypted unless the server is on this machine."""

    kind: str  # imap, smtp, gmail or graph
    host: str
    port: int
    encrypted: bool  # from the first byte; otherwise by STARTTLS
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def starttls(self) -> bool:
        return not self.encrypted and self.host not in LOOPBACK

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context()


def read(url: str, password: str | None = None) -> Server:
    """The server at an address. Raises ValueError with value and remedy, never with a password."""
    parts = urlsplit(url)
    if parts.scheme in CLOUDS:
        return _cloud(url, password)
    if parts.scheme not in PORTS:
        raise ValueError(f"{_shown(url)} has to begin with imaps://, smtps://, smtp://, gmail:// or graph://")
    if parts.password is not None:
        raise ValueError(f"{_shown(url)} holds a password; put that into AFTERWORD_MAIL_PASSWORD and leave it out here")
    try:
        port = parts.port or PORTS[parts.scheme]
    except ValueError:
        raise ValueError(f"{_shown(url)} has a port that is no number; leave it out for the usual one") from None
    if not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(f"{_shown(url)} has to be {parts.scheme}://USER@HOST, with :PORT where it is an unusual one")
    user = unquote(parts.username) if parts.username else None
    kind, encrypted = parts.scheme.removesuffix("s"), parts.scheme.endswith("s")
    if kind == "imap" and not user:
        raise ValueError(f"{_shown(url)} names no user; write {parts.scheme}://USER@HOST")
    return Server(kind, parts.hostname, port, encrypted, user, password)


def _cloud(url: str, password: str | None) -> Server:
    kind, _, user = url.partition("://")
    local, _, domain = user.rstrip("/").rpartition("@")
    if not local or not domain or any(mark in user for mark in ":/?# "):
        raise ValueError(f"{_shown(url)} has to be {kind}://rep@example.com, the address of the mailbox")
    return Server(kind, domain, 443, True, f"{local}@{domain}", password)


def _shown(url: str) -> str:
    """The address without what may be a password."""
    return repr(re.sub(r":(?!//).*@", ":***@", url))
