"""Past emails from a CSV, a JSON Lines or an mbox file, by the file's ending."""

import json
import re
from collections.abc import Iterator
from datetime import tzinfo
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses, parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

from storage.crm import layouts
from storage.crm.columns import Layout
from storage.crm.csv_files import RAW_LIMIT, open_email_csv, parsed
from storage.crm.csv_text import CrmFileError, utf8_lines
from storage.crm.email_text import html_to_text
from storage.crm.records import EmailRow, Reject, Table

HEADERS = ("To", "From", "Subject", "Date", "Message-ID")
CALENDAR = "text/calendar"
BODY_LIMIT = 50_000  # characters; what stands further down is an old thread
MESSAGE_LIMIT = 20_000_000  # bytes; a mailbox may hold attachments larger than memory


def open_emails(path: Path, *, zone: tzinfo) -> Table[EmailRow]:
    """Open past emails; a time without an offset is the clock on the wall in `zone`."""
    suffix = path.suffix.lower()
    if suffix == ".jsonl":
        return _open_jsonl(path, zone)
    if suffix == ".mbox":
        return _open_mbox(path, zone)
    if suffix in (".csv", ".tsv", ".txt"):
        return open_email_csv(path, zone=zone)
    raise CrmFileError(path, "past emails are read from .csv, .jsonl or .mbox; rename or convert the file")


def _open_jsonl(path: Path, zone: tzinfo) -> Table[EmailRow]:
    lines = utf8_lines(path)
    layout = layouts.emails(zone)
    first = next((values for _, _, values in _objects(path) if isinstance(values, dict)), None)
    if first is None:
        raise CrmFileError(path, "no line holds a JSON object; write one email as one object on each line")
    known = {name: layout.column(name) for name in first}
    fields = tuple(dict.fromkeys(column.field for column in known.values() if column))
    unknown = tuple(name for name, column in known.items() if column is None)
    return Table(path, lines, fields, unknown, (), partial(_jsonl_rows, path, layout))


def _objects(path: Path) -> Iterator[tuple[int, str, Any]]:
    """Line number, text and value of each line; a line that is no JSON gives None."""
    with path.open(encoding="utf-8-sig", newline="\n") as file:
        for number, text in enumerate(file, start=1):
            if not text.strip():
                continue
            try:
                yield number, text, json.loads(text)
            except (ValueError, RecursionError):
                yield number, text, None


def _jsonl_rows(path: Path, layout: Layout[EmailRow]) -> Iterator[EmailRow | Reject]:
    for number, text, value in _objects(path):
        try:
            yield _built(layout, number, _json_cells(value))
        except ValueError as error:
            yield Reject(number, str(error), text.rstrip("\r\n")[:RAW_LIMIT])


def _json_cells(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError("is not a JSON object; write one email as one object on each line")
    return {name: _json_cell(name, cell) for name, cell in value.items() if cell is not None}


def _json_cell(name: str, cell: Any) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str | int):
        return str(cell)
    raise ValueError(f'column "{name}" holds a {type(cell).__name__}; write text, true or false')


def _built(layout: Layout[EmailRow], line: int, given: dict[str, str]) -> EmailRow:
    values: dict[str, Any] = {}
    for name, cell in given.items():
        column = layout.column(name)
        if column and values.get(column.field) is None:
            values[column.field] = parsed(column, cell, name)
    return layout.row(line, {field: value for field, value in values.items() if value is not None})


def _open_mbox(path: Path, zone: tzinfo) -> Table[EmailRow]:
    try:
        with path.open("rb") as file:
            if not file.readline().startswith(b"From "):
                raise CrmFileError(path, 'not an mbox file: its first line does not start with "From "')
            lines = 1 + sum(1 for _ in file)
    except OSError as error:
        raise CrmFileError(path, f"cannot be read ({error.strerror}); check the path") from error
    fields = ("to_email", "subject", "body", "sent_at", "source_id", "from_email")
    return Table(path, lines, fields, (), (), partial(_mbox_rows, path, layouts.emails(zone)))


def _mbox_rows(path: Path, layout: Layout[EmailRow]) -> Iterator[EmailRow | Reject]:
    for line, content in _messages(path):
        try:
            yield _built(layout, line, _mail_cells(content))
        except ValueError as error:
            yield Reject(line, str(error), content[:RAW_LIMIT].decode("utf-8", "replace"))


def _messages(path: Path) -> Iterator[tuple[int, bytes]]:
    """Each message with the line of its "From ".

    `mailbox.mbox` would index the whole file first, know no line numbers, and split inside a paragraph.
    """
    start, content, size, blank = 1, list[bytes](), 0, False
    with path.open("rb") as file:
        for number, text in enumerate(file, start=1):
            if blank and text.startswith(b"From "):
                yield start, b"".join(content)
                start, content, size = number, [], 0
            elif number > 1:
                size += len(text)
                if size <= MESSAGE_LIMIT:
                    content.append(re.sub(rb"^>(>*From )", rb"\1", text))
            blank = not text.strip()
    yield start, b"".join(content)


def _mail_cells(content: bytes) -> dict[str, str]:
    try:
        message = cast(EmailMessage, message_from_bytes(content, policy=default))
        headers = {name: str(message.get(name, "")) for name in HEADERS}
        problem = _not_written_by_hand(message)
        body = "" if problem else _body(message)
    except Exception as error:  # the stdlib parser raises half a dozen kinds on malformed mail
        raise ValueError(f"cannot be read as an email ({type(error).__name__}); leave it out") from error
    if problem:
        raise ValueError(problem)
    if not body:
        raise ValueError("has no text, neither plain nor HTML; leave it out")
    return {
        "to_email": _address(headers["To"]),
        "from_email": _address(headers["From"]),
        "subject": headers["Subject"],
        "sent_at": _date(headers["Date"]),
        "source_id": headers["Message-ID"].strip().strip("<>"),
        "body": body,
    }


def _not_written_by_hand(message: EmailMessage) -> str | None:
    """Why the headers say that no person wrote this email to the recipient."""
    automatic = str(message.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    if message.get_content_type() == "multipart/report" or str(message.get("Return-Path", "")).strip() == "<>":
        return "is a delivery report and not an email that somebody wrote; leave it out"
    if automatic != "no" or message.get("X-Autoreply") or message.get("X-Autorespond"):
        return "is an automatic reply and not an email that somebody wrote; leave it out"
    if any(part.get_content_type() == CALENDAR and not part.is_attachment() for part in message.walk()):
        return "is a calendar invitation and not an email that somebody wrote; leave it out"
    return None


def _body(message: EmailMessage) -> str:
    """The plain text; without one, what the HTML says."""
    part = message.get_body(preferencelist=("plain", "html"))
    text = part.get_content() if part else ""
    if part is None or not isinstance(text, str):
        return ""
    if part.get_content_subtype() == "html":
        return html_to_text(text)[:BODY_LIMIT]
    if part.get_param("format") == "flowed":  # RFC 3676: a space at the end joins a line to the next
        text = re.sub(r"(?<!^--) \r?\n(?=\S)(?!>)", " ", text, flags=re.MULTILINE)
    return text.strip()[:BODY_LIMIT]


def _address(header: str) -> str:
    return next((address for _, address in getaddresses([header]) if address), "")


def _date(header: str) -> str:
    if not header:
        raise ValueError('the header "Date" is missing; an email without a time cannot be placed')
    try:
        return parsedate_to_datetime(header).isoformat()
    except ValueError:
        raise ValueError(f'the header "Date": "{header[:80]}" is not a time; correct it') from None
