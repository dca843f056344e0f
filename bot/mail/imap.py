"""IMAP: the email is put among the drafts of the mailbox that it is sent from. Works with any mailbox."""

import imaplib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from bot.mail import NotNow, Refused, Unclear
from bot.mail.server import SECONDS, Server

LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"[^"]*"|NIL) (?P<name>.+)')
NAMES = ("drafts", "draft", "[gmail]/drafts", "[google mail]/drafts", "inbox.drafts", "inbox/drafts")
KEPT = (rb"\drafts", rb"\sent", rb"\trash")  # where a draft of ours may be by now, if somebody was quick
WRONG_PASSWORD = ("AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "LOGINDISABLED")


class Imap:
    """At most once because a draft that may be there is looked for, by its Message-ID, before one is added."""

    name = "imap"
    looks_first = True

    def __init__(self, server: Server) -> None:
        self._server = server

    def deliver(self, message: EmailMessage, *, again: bool, begin: Callable[[], None]) -> str:
        with self._logged_in() as mailbox:
            folders = _folders(mailbox)
            drafts = self._drafts(folders)
            if not (again and self._is_there(mailbox, folders, message["Message-ID"])):
                begin()
                self._append(mailbox, drafts, message)
        return f"Saved as a draft in {readable(drafts)} of {self._server.user}"

    @contextmanager
    def _logged_in(self) -> Iterator[imaplib.IMAP4]:
        """The mailbox. Whatever goes wrong in here before `begin` has left nothing behind."""
        try:
            mailbox = self._open()
        except (OSError, imaplib.IMAP4.error) as error:
            raise NotNow(f"{self._server.host} does not answer as it should ({_named(error)}).") from None
        try:
            self._log_in(mailbox)
            yield mailbox
        except (imaplib.IMAP4.error, OSError) as error:
            raise NotNow(f"{self._server.host} broke off ({_named(error)}).") from None
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                mailbox.logout()

    def _open(self) -> imaplib.IMAP4:
        server = self._server
        if server.encrypted:
            return imaplib.IMAP4_SSL(server.host, server.port, timeout=SECONDS, ssl_context=server.context())
        mailbox = imaplib.IMAP4(server.host, server.port, timeout=SECONDS)
        if server.starttls:
            mailbox.starttls(server.context())
        return mailbox

    def _log_in(self, mailbox: imaplib.IMAP4) -> None:
        server = self._server
        try:
            mailbox.login(server.user or "", server.password or "")
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            if "UNAVAILABLE" in str(error):
                raise
            remedy = "Set AFTERWORD_MAIL_PASSWORD and start again; many providers want an app password here."
            raise Refused(f"{server.host} does not accept the password of {server.user}. {remedy}") from None

    def _drafts(self, folders: dict[bytes, bytes]) -> bytes:
        """The drafts folder: the one that the server calls so, otherwise the one that people do."""
        if special := folders.get(rb"\drafts"):
            return special
        named = {name.lower(): folder for name, folder in folders.items() if not name.startswith(b"\\")}
        for name in NAMES:
            if folder := named.get(name.encode()):
                return folder
        raise Refused(f"The mailbox of {self._server.user} has no folder for drafts. Create one called Drafts there.")

    def _is_there(self, mailbox: imaplib.IMAP4, folders: dict[bytes, bytes], message_id: str) -> bool:
        wanted = {self._drafts(folders), *(folders[kept] for kept in KEPT if kept in folders)}
        return any(_found(mailbox, folder, message_id) for folder in wanted)

    def _append(self, mailbox: imaplib.IMAP4, folder: bytes, message: EmailMessage) -> None:
        try:
            done, said = mailbox.append(_quoted(folder), r"(\Draft \Seen)", "", message.as_bytes())
        except (imaplib.IMAP4.abort, OSError) as error:
            raise Unclear(f"{self._server.host} took the draft and did not answer ({_named(error)}).") from None
        answer = b" ".join(part for part in said if part).decode("utf-8", "replace")
        if done == "OK":
            return
        if "TRYCREATE" in answer:
            raise Refused(f"The folder {readable(folder)} of {self._server.user} is gone. Create it there.")
        raise NotNow(f"{self._server.host} does not take the draft ({answer[:200]}).")


def _folders(mailbox: imaplib.IMAP4) -> dict[bytes, bytes]:
    """Folder by name, and by special use (RFC 6154), as the server spells it."""
    special = b"SPECIAL-USE" in b" ".join(mailbox.capability()[1])  # what it says after the login
    questions = ['""', '(SPECIAL-USE) ""'] if special else ['""']
    found: dict[bytes, bytes] = {}
    for question in questions:
        for row in mailbox.list(question, "*")[1]:
            if listed := LISTED.fullmatch(_joined(row)):
                name = _unquoted(listed["name"])
                found[name] = name
                found |= {use.lower(): name for use in listed["flags"].split() if use.lower() in KEPT}
    return found


def _joined(row: object) -> bytes:
    """A name with unusual characters comes as a literal, apart from its line."""
    if isinstance(row, tuple):
        head, name = row[0], row[1]
        return bytes(head[: head.rindex(b"{")] + b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"')
    return row if isinstance(row, bytes) else b""


def _unquoted(name: bytes) -> bytes:
    return re.sub(rb"\\(.)", rb"\1", name[1:-1]) if name.startswith(b'"') else name


def _quoted(name: bytes) -> str:
    return '"' + name.decode("ascii", "replace").replace("\\", "\\\\").replace('"', '\\"') + '"'


def _found(mailbox: imaplib.IMAP4, folder: bytes, message_id: str) -> bool:
    if mailbox.select(_quoted(folder), readonly=True)[0] != "OK":
        return False
    done, numbers = mailbox.search(None, "HEADER", "Message-ID", f'"{message_id}"')
    return done == "OK" and any(numbers)


def readable(folder: bytes) -> str:
    """A folder's name as people know it: IMAP spells it in a UTF-7 of its own."""

    def letters(coded: re.Match[str]) -> str:
        return f"+{coded[1].replace(',', '/')}-".encode().decode("utf-7") if coded[1] else "&"

    return re.sub("&([^-]*)-", letters, folder.decode("ascii", "replace"))


def _named(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or type(error).__name__)
