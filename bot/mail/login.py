"""A mailbox, opened by IMAP."""

import imaplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bot.mail import NotNow, Refused
from bot.mail.server import SECONDS, Server


@contextmanager
def logged_in(server: Server) -> Iterator[imaplib.IMAP4]:
    """The mailbox. What the server says or does wrong meanwhile becomes NotNow, and a password it refuses Refused."""
    try:
        mailbox = _open(server)
    except (OSError, imaplib.IMAP4.error) as error:
        raise NotNow(f"{server.host} does not answer as it should ({named(error)}).") from None
    try:
        _log_in(mailbox, server)
        yield mailbox
    except (imaplib.IMAP4.error, OSError) as error:
        raise NotNow(f"{server.host} broke off ({named(error)}).") from None
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            mailbox.logout()


def _open(server: Server) -> imaplib.IMAP4:
    if server.encrypted:
        return imaplib.IMAP4_SSL(server.host, server.port, timeout=SECONDS, ssl_context=server.context())
    mailbox = imaplib.IMAP4(server.host, server.port, timeout=SECONDS)
    if server.starttls:
        mailbox.starttls(server.context())
    return mailbox


def _log_in(mailbox: imaplib.IMAP4, server: Server) -> None:
    try:
        mailbox.login(server.user or "", server.password or "")
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        if "UNAVAILABLE" in str(error):
            raise
        remedy = "Set AFTERWORD_MAIL_PASSWORD and start again; many providers want an app password here."
        raise Refused(f"{server.host} does not accept the password of {server.user}. {remedy}") from None


def named(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or type(error).__name__)
