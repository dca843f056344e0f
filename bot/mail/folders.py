"""The folders of a mailbox, whatever the server calls them."""

import imaplib
import re

LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"[^"]*"|NIL) (?P<name>.+)')
USES = (rb"\drafts", rb"\sent", rb"\trash")


def folders_of(mailbox: imaplib.IMAP4) -> dict[bytes, bytes]:
    """Folder by name, and by special use (RFC 6154), as the server spells it."""
    special = b"SPECIAL-USE" in b" ".join(mailbox.capability()[1])  # what it says after the login
    questions = ['""', '(SPECIAL-USE) ""'] if special else ['""']
    found: dict[bytes, bytes] = {}
    for question in questions:
        for row in mailbox.list(question, "*")[1]:
            if listed := LISTED.fullmatch(_joined(row)):
                name = _unquoted(listed["name"])
                found[name] = name
                found |= {use.lower(): name for use in listed["flags"].split() if use.lower() in USES}
    return found


def quoted(name: bytes) -> str:
    return '"' + name.decode("ascii", "replace").replace("\\", "\\\\").replace('"', '\\"') + '"'


def readable(folder: bytes) -> str:
    """A folder's name as people know it: IMAP spells it in a UTF-7 of its own."""

    def letters(coded: re.Match[str]) -> str:
        return f"+{coded[1].replace(',', '/')}-".encode().decode("utf-7") if coded[1] else "&"

    return re.sub("&([^-]*)-", letters, folder.decode("ascii", "replace"))


def _joined(row: object) -> bytes:
    """A name with unusual characters comes as a literal, apart from its line."""
    if isinstance(row, tuple):
        head, name = row[0], row[1]
        return bytes(head[: head.rindex(b"{")] + b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"')
    return row if isinstance(row, bytes) else b""


def _unquoted(name: bytes) -> bytes:
    return re.sub(rb"\\(.)", rb"\1", name[1:-1]) if name.startswith(b'"') else name
