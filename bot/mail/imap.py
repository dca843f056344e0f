"""IMAP: the email is put among the drafts of the mailbox that it is sent from. Works with any mailbox."""

import imaplib
from collections.abc import Callable
from email.message import EmailMessage

from bot.mail import NotNow, Refused, Unclear
from bot.mail.folders import folders_of, quoted, readable
from bot.mail.login import logged_in, named
from bot.mail.server import Server

NAMES = ("drafts", "draft", "[gmail]/drafts", "[google mail]/drafts", "inbox.drafts", "inbox/drafts")
KEPT = (rb"\drafts", rb"\sent", rb"\trash")  # where a draft of ours may be by now, if somebody was quick


class Imap:
    """At most once because a draft that may be there is looked for, by its Message-ID, before one is added."""

    name = "imap"
    looks_first = True

    def __init__(self, server: Server) -> None:
        self._server = server

    def deliver(self, message: EmailMessage, *, again: bool, begin: Callable[[], None]) -> str:
        with logged_in(self._server) as mailbox:
            folders = folders_of(mailbox)
            drafts = self._drafts(folders)
            if not (again and self._is_there(mailbox, folders, message["Message-ID"])):
                begin()
                self._append(mailbox, drafts, message)
        return f"Saved as a draft in {readable(drafts)} of {self._server.user}"

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
            done, said = mailbox.append(quoted(folder), r"(\Draft \Seen)", "", message.as_bytes())
        except (imaplib.IMAP4.abort, OSError) as error:
            raise Unclear(f"{self._server.host} took the draft and did not answer ({named(error)}).") from None
        answer = b" ".join(part for part in said if part).decode("utf-8", "replace")
        if done == "OK":
            return
        if "TRYCREATE" in answer:
            raise Refused(f"The folder {readable(folder)} of {self._server.user} is gone. Create it there.")
        raise NotNow(f"{self._server.host} does not take the draft ({answer[:200]}).")


def _found(mailbox: imaplib.IMAP4, folder: bytes, message_id: str) -> bool:
    if mailbox.select(quoted(folder), readonly=True)[0] != "OK":
        return False
    done, numbers = mailbox.search(None, "HEADER", "Message-ID", f'"{message_id}"')
    return done == "OK" and any(numbers)
