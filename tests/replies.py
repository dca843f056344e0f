"""Answers as emails: what people wrote, wrapped as different mail programs send it, above, below or beside a quote."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from html import escape
from pathlib import Path
from typing import Any

import yaml

from bot.answered import as_reply
from bot.mail.arrived import arrived
from model.replies import Answer, Kind, classed

NOT_UNSUBSCRIBE = "not_unsubscribe"  # sounds like it, and may be of any other kind
FOLDER = Path(__file__).parent / "payloads" / "replies"
SENT_ID = "<0123abcd@mendwell.example>"
FROM, TO = "Dana Whitfield <dana@northwind.example>", "Maya Lindqvist <maya@mendwell.example>"
SENT = """Hi Dana,

thanks for joining the webinar on Thursday. Would a short call next week be of interest? I can show you the prices too.

Best,
Maya

Mendwell GmbH, Hafenstr. 1, 20457 Hamburg
If you do not want to hear from us any more, reply with "unsubscribe" and we take you off the list."""
GREETINGS = ("", "", "Hi Maya,\n\n", "Hello Maya,\n\n", "Maya,\n", "Hi,\n\n")
SIGN_OFFS = ("", "", "\n\nBest,\nDana", "\n\nRegards\nDana Whitfield", "\n\nDana\n\nSent from my iPhone")


@dataclass(frozen=True)
class Case:
    """An answer and how a person reads it."""

    kind: str
    raw: bytes
    automatic: bool
    permanent: bool


def cases(name: str, *, seed: int, rounds: int = 1) -> list[Case]:
    """Every answer of a file, so often, each time sent by another mail program."""
    rng = random.Random(seed)
    known = yaml.safe_load((FOLDER / f"{name}.yml").read_text("utf-8"))
    return [_case(rng, kind, entry) for _ in range(rounds) for kind, entries in known.items() for entry in entries]


def read(case: Case, sent: str = SENT) -> Answer:
    """What the bot makes of it, on the way that it goes when it is fetched from a mailbox."""
    return classed(as_reply(arrived(case.raw), sent))


def _case(rng: random.Random, kind: str, entry: Any) -> Case:
    known = entry if isinstance(entry, dict) else {"text": entry}
    automatic = known.get("automatic", kind in ("out_of_office", "bounce"))
    raw = _report(known) if "status" in known else _email(rng, known, by_hand=isinstance(entry, str))
    return Case(kind, raw, automatic, known.get("permanent", False))


def _email(rng: random.Random, known: dict[str, Any], *, by_hand: bool) -> bytes:
    message = EmailMessage()
    headers = {"From": FROM, "To": TO, "Subject": "Re: Quick follow-up", "In-Reply-To": SENT_ID, "References": SENT_ID}
    given = {"Subject": known["subject"]} if "subject" in known else {}
    for name, value in {**headers, **given, **known.get("headers", {})}.items():
        message[name] = value
    message["Message-ID"] = f"<{rng.getrandbits(64):x}@northwind.example>"
    text = known["text"].strip()
    if by_hand:
        one_line = "\n" not in text and len(text.split()) > 2
        text = f"{rng.choice(GREETINGS)}{text}{rng.choice(SIGN_OFFS)}" if one_line else text
        text = rng.choice((_plain, _above, _above, _below, _outlook, _german))(text)
    message.set_content(text)
    if by_hand and rng.random() < 0.3:
        _as_html(message, text, rng)
    return message.as_bytes()


def _plain(text: str) -> str:
    return text


def _quoted() -> str:
    return "\n".join(f"> {line}".rstrip() for line in SENT.splitlines())


def _above(text: str) -> str:
    return f"{text}\n\nOn Mon, Nov 23, 2026 at 10:00 AM Maya Lindqvist <maya@mendwell.example> wrote:\n\n{_quoted()}\n"


def _below(text: str) -> str:
    return f"On Mon, 23 Nov 2026, Maya Lindqvist <maya@mendwell.example> wrote:\n{_quoted()}\n\n{text}\n"


def _outlook(text: str) -> str:
    head = "From: Maya Lindqvist <maya@mendwell.example>\nSent: Monday, November 23, 2026 10:00 AM\n"
    return f"{text}\n\n{head}To: Dana Whitfield <dana@northwind.example>\nSubject: Quick follow-up\n\n{SENT}\n"


def _german(text: str) -> str:
    return f"{text}\n\nAm Mo., 23. Nov. 2026 um 10:00 schrieb Maya Lindqvist <maya@mendwell.example>:\n\n{_quoted()}\n"


def _as_html(message: EmailMessage, text: str, rng: random.Random) -> None:
    """Beside the plain text, or alone, as some programs send it."""
    html = "".join(f"<div>{escape(line) or '<br>'}</div>" for line in text.splitlines())
    if rng.random() < 0.5:
        message.add_alternative(html, subtype="html")
    else:
        message.set_content(html, subtype="html")


def _report(known: dict[str, Any]) -> bytes:
    """A report after RFC 3464, with the headers of what it gives back."""
    message = MIMEMultipart("report", report_type="delivery-status")
    message["From"] = "Mail Delivery Subsystem <mailer-daemon@mx.example>"
    message["To"], message["Subject"] = TO, known["subject"]
    message["Message-ID"] = f"<report-{known['status']}@mx.example>"
    message.attach(MIMEText(known["text"]))
    status = MIMEBase("message", "delivery-status")
    about = MIMEBase("text", "plain")
    about["Reporting-MTA"] = "dns; mx.example"
    fields = MIMEBase("text", "plain")
    for name in ("action", "status"):
        fields[name.title()] = known[name]
    fields["Final-Recipient"] = "rfc822; dana@northwind.example"
    fields["Diagnostic-Code"] = known["diagnostic"]
    for each in (about, fields):
        del each["Content-Type"], each["MIME-Version"]
        status.attach(each)
    message.attach(status)
    original = EmailMessage()
    original["Message-ID"], original["Subject"] = SENT_ID, "Quick follow-up"
    original.set_content(SENT)
    message.attach(MIMEMessage(original))
    return message.as_bytes()


def wrong(some: list[Case]) -> Iterator[tuple[Case, Answer]]:
    """The cases that are read otherwise than a person reads them."""
    for case in some:
        answer = read(case)
        if case.kind == NOT_UNSUBSCRIBE:
            right = answer.kind != Kind.unsubscribe
        else:
            right = (str(answer.kind), answer.automatic, answer.permanent) == (
                case.kind,
                case.automatic,
                case.permanent,
            )
        if not right:
            yield case, answer
