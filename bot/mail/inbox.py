"""A folder of a mailbox, read from where reading ended. Nothing in it is changed, and no email becomes a read one."""

import imaplib
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from bot.mail import NotNow
from bot.mail.arrived import Arrived, arrived
from bot.mail.folders import folders_of, quoted
from bot.mail.login import logged_in
from bot.mail.server import Server

log = logging.getLogger(__name__)

AT_ONCE = 100  # headers that are fetched together
WHOLE = 512_000  # bytes of an email; attachments come after what is read
HEAD = (
    "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID IN-REPLY-TO REFERENCES FROM SUBJECT DATE CONTENT-TYPE X-AFTERWORD-ID"
    " X-FAILED-RECIPIENTS)])"
)
UID = re.compile(rb"UID (\d+)")
SENT = ("sent", "sent items", "sent messages", "[gmail]/sent mail", "inbox.sent", "inbox/sent", "gesendet")


class Folder:
    """An opened folder. UIDs are the same as before while `uidvalidity` is."""

    def __init__(self, mailbox: imaplib.IMAP4, name: bytes) -> None:
        self._mailbox = mailbox
        done, _ = mailbox.select(quoted(name), readonly=True)
        if done != "OK":
            raise NotNow("The folder cannot be opened.")
        self.uidvalidity = _number(mailbox, "UIDVALIDITY")
        self.last = _number(mailbox, "UIDNEXT") - 1  # no email that is there now has a higher UID

    def after(self, uid: int) -> list[int]:
        """The UIDs beyond one, ascending."""
        return [found for found in self._search(f"UID {uid + 1}:*") if found > uid]  # the * is always found

    def since(self, moment: datetime) -> list[int]:
        """The UIDs of what came from that day on, ascending."""
        return self._search(f"SINCE {imaplib.Time2Internaldate(moment)[1:12].strip()}")

    def heads(self, uids: list[int]) -> dict[int, Arrived]:
        """What the headers say, by UID; no text is fetched."""
        fetched = self._fetch(",".join(map(str, uids)), HEAD)
        return {uid: mail for uid, raw in fetched if (mail := _arrived(uid, raw))}

    def whole(self, uid: int) -> Arrived | None:
        """An email with its text; None where it has gone meanwhile."""
        return next((_arrived(uid, raw) for _, raw in self._fetch(str(uid), f"(BODY.PEEK[]<0.{WHOLE}>)")), None)

    def _search(self, wanted: str) -> list[int]:
        done, found = self._mailbox.uid("SEARCH", wanted)
        if done != "OK":
            raise NotNow("The folder cannot be searched.")
        return sorted(int(uid) for row in found if row for uid in row.split())

    def _fetch(self, uids: str, what: str) -> Iterator[tuple[int, bytes]]:
        done, rows = self._mailbox.uid("FETCH", uids, what)
        if done != "OK":
            raise NotNow("The server does not give what is in the folder.")
        for row, rest in zip(rows, [*rows[1:], None], strict=True):
            after = rest if isinstance(rest, bytes) else b""  # some servers say the UID behind what they give
            if isinstance(row, tuple) and (number := UID.search(row[0]) or UID.search(after)):
                yield int(number[1]), row[1]


def _arrived(uid: int, raw: bytes) -> Arrived | None:
    """None for what cannot be read, so that one email holds up no other. The log never quotes one."""
    try:
        return arrived(raw)
    except Exception as error:  # the stdlib parser raises half a dozen kinds on malformed mail
        log.warning("the email with UID %s cannot be read: %s", uid, type(error).__name__)
        return None


def _number(mailbox: imaplib.IMAP4, name: str) -> int:
    said = mailbox.response(name)[1]
    return int(said[0]) if said and said[0] else 0


class Inbox:
    """The mailbox that emails leave from, with the two folders that say what became of them."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.name = f"{server.user}@{server.host}"

    @contextmanager
    def opened(self) -> Iterator["Opened"]:
        """Raises NotNow where it cannot be read now, and Refused where it will not without somebody's help."""
        with logged_in(self._server) as mailbox:
            yield Opened(mailbox)


class Opened:
    """A mailbox that somebody is logged in to."""

    def __init__(self, mailbox: imaplib.IMAP4) -> None:
        self._mailbox = mailbox

    def received(self) -> Folder:
        return Folder(self._mailbox, b"INBOX")

    def sent(self) -> Folder | None:
        """What people sent from it; None where no folder is known to hold that."""
        known = folders_of(self._mailbox)
        by_name = {name.decode("ascii", "replace").lower(): name for name in known.values()}
        found = known.get(rb"\sent") or next((by_name[name] for name in SENT if name in by_name), None)
        return Folder(self._mailbox, found) if found else None
