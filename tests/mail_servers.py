"""Real mail servers on loopback: Dovecot for IMAP where it is installed, aiosmtpd for SMTP."""

import imaplib
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from bot.mail.server import Server
from tests.running import free_port, until

USER, PASSWORD = "rep@mendwell.example", "correct-horse"

CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{folder}/mail/%u
mailbox_list_index = no
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  {mailboxes}
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""
SPECIAL = """
  mailbox Entwürfe {
    auto = create
    special_use = \\Drafts
  }
  mailbox Sent {
    auto = create
    special_use = \\Sent
  }
"""
PLAIN = """
  mailbox Drafts {
    auto = create
  }
"""


@dataclass
class Mailbox:
    """Somebody's mailbox on a running Dovecot, as their mail program sees it."""

    port: int
    folder: str = '"Entw&APw-rfe"'

    def server(self, password: str = PASSWORD) -> Server:
        return Server("imap", "127.0.0.1", self.port, False, USER, password)

    @contextmanager
    def opened(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=10) as mailbox:
            mailbox.login(USER, PASSWORD)
            yield mailbox

    def drafts(self, folder: str | None = None) -> list[tuple[EmailMessage, set[bytes]]]:
        """Every message of the drafts folder with its flags."""
        with self.opened() as mailbox:
            assert mailbox.select(folder or self.folder, readonly=True)[0] == "OK"
            numbers = mailbox.search(None, "ALL")[1][0].split()
            if not numbers:
                return []
            rows = mailbox.fetch(b",".join(numbers).decode(), "(FLAGS BODY.PEEK[])")[1]
        found = [row for row in rows if isinstance(row, tuple)]
        flags = {number: set(imaplib.ParseFlags(head)) for number, (head, _) in enumerate(found)}
        return [(message_from_bytes(raw, policy=default), flags[number]) for number, (_, raw) in enumerate(found)]


def why_no_dovecot() -> str:
    """One sentence where Dovecot cannot be had; empty where it can."""
    if shutil.which("dovecot") is None:
        return "Dovecot is not installed; `apt-get install dovecot-imapd` brings it."
    if os.geteuid() != 0:
        return "Dovecot switches users for itself, so only root can start it."
    return ""


@contextmanager
def dovecot(*, mailboxes: str = SPECIAL) -> Iterator[Mailbox]:
    """A Dovecot of our own, with one password for every user. Mail belongs to a user who is not root."""
    port = free_port()
    with TemporaryDirectory(prefix="afterword-dovecot-") as name:
        folder, owner = Path(name), pwd.getpwnam("mail")
        folder.chmod(0o755)
        (folder / "mail").mkdir()
        shutil.chown(folder / "mail", "mail", "mail")
        known = {"uid": owner.pw_uid, "gid": owner.pw_gid, "password": PASSWORD}
        path = folder / "dovecot.conf"
        path.write_text(CONFIGURATION.format(folder=folder, port=port, mailboxes=mailboxes, **known))
        server = subprocess.Popen(["dovecot", "-F", "-c", str(path)])
        mailbox = Mailbox(port)
        try:
            until(lambda: _answers(mailbox) or server.poll() is not None, 15)
            assert server.poll() is None, f"Dovecot ended; its log: {(folder / 'dovecot.log').read_text()}"
            yield mailbox
        finally:
            server.terminate()
            with suppress(subprocess.TimeoutExpired):
                server.wait(10)
            server.kill()


def _answers(mailbox: Mailbox) -> bool:
    try:
        with mailbox.opened():
            return True
    except (OSError, imaplib.IMAP4.error):
        return False


@dataclass
class Sink:
    """Takes every email, unless `answers` says otherwise: replies by command, each used once."""

    received: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    break_off: int = 0  # so many times the connection is lost after the text, which is kept
    port: int = 0

    def server(self, *, user: str | None = None, password: str | None = None) -> Server:
        return Server("smtp", "127.0.0.1", self.port, False, user, password)

    def ids(self) -> list[str]:
        return [message["Message-ID"] for _, message in self.received]

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.mail_from = address
        return self._answer("MAIL")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if (answer := self._answer("RCPT")).startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if not (answer := self._answer("DATA")).startswith("2"):
            return answer
        self.received.append((list(envelope.rcpt_tos), message_from_bytes(envelope.content, policy=default)))
        if self.break_off:
            self.break_off -= 1
            server.transport.close()
        return answer

    def _answer(self, command: str) -> str:
        waiting = self.answers.get(command)
        return waiting.pop(0) if waiting else "250 OK"


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
    assert isinstance(given, LoginPassword)
    return AuthResult(success=given.password.decode() == PASSWORD, handled=False)


@contextmanager
def smtp_sink(*, login: bool = False) -> Iterator[Sink]:
    """An SMTP server on loopback; with `login` it checks the password."""
    sink = Sink()
    sink.port = free_port()
    how = {"authenticator": _authenticate, "auth_require_tls": False} if login else {}
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port, **how)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
