"""SMTP: the email is sent. The one way that cannot look whether it did, so an unheard answer is never asked twice."""

import smtplib
from collections.abc import Callable
from email.message import EmailMessage

from bot.mail import NotNow, Refused, Unclear
from bot.mail.server import SECONDS, Server

LAST_ANSWER_SECONDS = 120.0  # a server may scan an email before it says that it has it


class Smtp:
    """At most once because a message whose DATA was begun and never answered is not sent again, by anybody."""

    name = "smtp"
    looks_first = False

    def __init__(self, server: Server) -> None:
        self._server = server

    def deliver(self, message: EmailMessage, *, again: bool, begin: Callable[[], None]) -> str:
        assert not again, "an SMTP delivery that may have gone out is not repeated"
        connection = self._reached(message)
        try:
            begin()
            self._hand_over(connection, message)
        finally:
            connection.close()
        return f"Sent through {self._server.host}"

    def _reached(self, message: EmailMessage) -> smtplib.SMTP:
        """A connection on which the server has taken sender and recipient. Nothing has gone out by then."""
        try:
            connection = self._open()
        except (OSError, smtplib.SMTPException) as error:
            raise self._trouble(error) from None
        try:
            self._log_in(connection)
            self._address(connection, message)
        except (OSError, smtplib.SMTPException) as error:
            connection.close()
            raise self._trouble(error) from None
        except BaseException:
            connection.close()
            raise
        return connection

    def _open(self) -> smtplib.SMTP:
        server = self._server
        if server.encrypted:
            return smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=server.context())
        return smtplib.SMTP(server.host, server.port, timeout=SECONDS)

    def _log_in(self, connection: smtplib.SMTP) -> None:
        if self._server.starttls:
            connection.starttls(context=self._server.context())
        if self._server.user:
            connection.login(self._server.user, self._server.password or "")
        else:
            connection.ehlo_or_helo_if_needed()

    def _address(self, connection: smtplib.SMTP, message: EmailMessage) -> None:
        (sender,), (recipient,) = message["From"].addresses, message["To"].addresses
        self._taken(f"sender {sender.addr_spec}", *connection.mail(sender.addr_spec))
        self._taken(f"recipient {recipient.addr_spec}", *connection.rcpt(recipient.addr_spec))

    def _taken(self, what: str, code: int, said: bytes) -> None:
        """What an answer means. Raises Refused or NotNow unless it is a yes."""
        answer = f"{code} {said.decode('utf-8', 'replace')[:200]}".strip()
        if code >= 500:
            raise Refused(f"{self._server.host} refuses the {what} ({answer}).")
        if code >= 400:
            raise NotNow(f"{self._server.host} asks to come back later with the {what} ({answer}).")

    def _hand_over(self, connection: smtplib.SMTP, message: EmailMessage) -> None:
        assert connection.sock is not None
        connection.sock.settimeout(LAST_ANSWER_SECONDS)
        try:
            code, said = connection.data(message.as_bytes())
        except smtplib.SMTPDataError as error:  # its answer to DATA itself; the text never left
            code, said = error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b""
        except (OSError, smtplib.SMTPException) as error:
            silent = f"{self._server.host} got the email and did not say that it has it ({_named(error)})."
            raise Unclear(silent) from None
        self._taken("email", code, said)

    def _trouble(self, error: Exception) -> Refused | NotNow:
        server = self._server
        if isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= 500:
            remedy = "Set AFTERWORD_MAIL_PASSWORD and start again."
            return Refused(f"{server.host} does not accept the password of {server.user}. {remedy}")
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return Refused(f"{server.host} offers no encryption or no login. Check AFTERWORD_MAIL_URL.")
        return NotNow(f"{server.host} does not answer as it should ({_named(error)}).")


def _named(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or type(error).__name__)
