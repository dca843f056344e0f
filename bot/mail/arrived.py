"""An email that came in, as plain values. Whatever is wrong with it, it can be read."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime

IDS = re.compile(r"<[^\s<>]+@[^\s<>]+>")
IDS_READ = 50  # the newest; a long thread names all of its emails
KEPT = ("auto-submitted", "precedence", "x-autoreply", "x-autorespond", "x-autoresponder", "x-failed-recipients")
TEXT_LIMIT = 50_000  # characters
MAILER = re.compile(r"mailer-?daemon|postmaster|mail delivery|microsoftexchange", re.IGNORECASE)


@dataclass(frozen=True)
class Delivered:
    """What a mail system says about one recipient (RFC 3464); all empty for a receipt of another kind."""

    action: str = ""
    status: str = ""
    diagnostic: str = ""


@dataclass(frozen=True)
class Arrived:
    """`names` holds the Message-IDs that it refers to, the nearest first; of a bounce also the returned email's."""

    message_id: str
    names: tuple[str, ...]
    token: str  # its X-Afterword-Id: it is a draft of ours that somebody sent
    at: datetime | None
    sender: str  # the address, in lower case
    sender_name: str
    subject: str
    headers: dict[str, str]  # those of KEPT that it has
    text: str
    html: str
    report: Delivered | None
    by_mailer: bool  # from a mail system and not from a person


def arrived(raw: bytes) -> Arrived:
    """An email, or only its headers, as plain values."""
    message = message_from_bytes(raw)
    returned = list(_returned(message))
    parts = [part for part in message.walk() if part.get_content_maintype() == "text" and not part.get_filename()]
    own = [part for part in parts if part.get_content_type() != "text/rfc822-headers"]
    headers = {name: _header(message, name) for name in KEPT if message[name] is not None}
    sender = _header(message, "From")
    report = _report(message)
    return Arrived(
        message_id=_own_id(message, raw),
        names=tuple(dict.fromkeys(_names(message, returned)))[:IDS_READ],
        token=_header(message, "X-Afterword-Id"),
        at=_date(message),
        sender=parseaddr(sender)[1].lower(),
        sender_name=parseaddr(sender)[0],
        subject=_header(message, "Subject"),
        headers=headers,
        text=_first(own, "text/plain"),
        html=_first(own, "text/html"),
        report=report,
        by_mailer=report is not None or bool(MAILER.search(sender)) or "x-failed-recipients" in headers,
    )


def _names(message: Message, returned: list[Message]) -> Iterator[str]:
    yield from IDS.findall(_header(message, "In-Reply-To"))
    yield from reversed(IDS.findall(_header(message, "References")))
    yield from IDS.findall(_header(message, "Original-Message-ID"))
    for each in returned:
        yield from IDS.findall(_header(each, "Message-ID"))


def _returned(message: Message) -> Iterator[Message]:
    """The headers of the email that a mail system gives back, also where they stand in the text."""
    if not (message.get_content_type() == "multipart/report" or MAILER.search(_header(message, "From"))):
        return
    for part in message.walk():
        if part.get_content_type() == "message/rfc822" and part.is_multipart():
            yield part.get_payload(0)  # type: ignore[misc]
        elif part.get_content_type() == "text/rfc822-headers" or not message.is_multipart():
            text = _text(part)
            start = re.search(r"^(?:Return-Path|Received|Message-ID|X-Afterword-Id|From|Date): ", text, re.M | re.I)
            yield message_from_bytes(text[start.start() if start else 0 :].encode())


def _report(message: Message) -> Delivered | None:
    if message.get_content_type() != "multipart/report":
        return None
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            for fields in part.get_payload():
                if isinstance(fields, Message) and (fields["Action"] or fields["Status"]):
                    action, status = _header(fields, "Action").lower(), _header(fields, "Status")
                    return Delivered(action, status.split(" ")[0], _header(fields, "Diagnostic-Code"))
    return Delivered()


def _own_id(message: Message, raw: bytes) -> str:
    """Its Message-ID; what has none is known by its content."""
    found = IDS.search(_header(message, "Message-ID"))
    return found[0] if found else f"<{hashlib.sha256(raw).hexdigest()}@no-id.invalid>"


def _first(parts: list[Message], kind: str) -> str:
    return next((_text(part) for part in parts if part.get_content_type() == kind), "")


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        text = content.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        text = content.decode("utf-8", "replace")
    if part.get_param("format") == "flowed":  # RFC 3676: a space at the end joins a line to the next
        text = re.sub(r"(?<!^--) \r?\n(?=\S)(?!>)", " ", text, flags=re.MULTILINE)
    return text.replace("\r\n", "\n")[:TEXT_LIMIT]


def _header(message: Message, name: str) -> str:
    value = message[name]
    if value is None:
        return ""
    try:
        return " ".join(str(make_header(decode_header(value))).split())
    except (LookupError, ValueError):
        return " ".join(str(value).split())


def _date(message: Message) -> datetime | None:
    try:
        found = parsedate_to_datetime(_header(message, "Date"))
    except (TypeError, ValueError):
        return None
    return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
