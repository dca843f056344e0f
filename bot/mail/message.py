"""An approved text as a standards-correct message. Nothing that stands in a CRM can add a header or a recipient."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import quote

from bot.mail import Refused

NOWHERE = "afterword.invalid"  # a domain that nobody can own (RFC 2606), where no sender is configured
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+"
)  # ends a line, or turns its direction
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_WORD}(?:\.{_WORD})*")
_DOMAIN = re.compile(r"(?=.{1,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9-]{2,63}")
_MESSAGE_ID = re.compile(r"<[^\s<>@]+@[^\s<>@]+>")


@dataclass(frozen=True)
class Letter:
    """What an approval sends."""

    message_id: str
    at: datetime  # when it was decided, in the sender's zone
    sender: str  # name and address, either may be missing
    sender_address: str
    to: str
    to_address: str
    subject: str
    body: str
    thread: tuple[str, ...] = ()  # Message-IDs that it answers, the newest last
    bulk: bool = False  # marketing mail
    unsubscribe: str | None = None  # its https address, {email} standing for the recipient's


def written(letter: Letter) -> EmailMessage:
    """The message. Raises Refused where the recipient's address is none that mail can be sent to."""
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = letter.message_id
    message["Date"] = letter.at
    message["From"] = address(letter.sender, letter.sender_address or f"sender@{NOWHERE}")
    message["To"] = address(letter.to, letter.to_address)
    message["Subject"] = line(letter.subject)
    if known := [each for each in letter.thread if message_id(each)]:
        message["In-Reply-To"] = known[-1]
        message["References"] = " ".join(known)
    if letter.bulk:
        _offer_to_unsubscribe(message, letter)
    # A mail program gives a draft that a person sends an id of its own; this one stays.
    message["X-Afterword-Id"] = letter.message_id.strip("<>").partition("@")[0]
    message.set_content(_lines(letter.body), cte="quoted-printable")
    return message


def _offer_to_unsubscribe(message: EmailMessage, letter: Letter) -> None:
    """An address that answers a POST (RFC 8058) and knows from itself alone who it is; where there is none, by mail."""
    if letter.unsubscribe:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe.replace('{email}', quote(letter.to_address, safe=''))}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    elif letter.sender_address:
        message["List-Unsubscribe"] = f"<mailto:{quote(letter.sender_address, safe='@')}?subject=unsubscribe>"


def address(name: str, spec: str) -> Address:
    """A name and an address for a header. Raises Refused for what is no single plain address."""
    found = parts(spec)
    if found is None:
        raise Refused(f"“{line(spec)}” is no address for mail. Correct it in the CRM and import it again.")
    return Address(line(name), *found)


def parts(spec: str) -> tuple[str, str] | None:
    """The two sides of an address, the second as DNS knows it; None for what is no single plain address."""
    local, _, domain = spec.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return (local, domain) if _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) else None


def line(text: str) -> str:
    """One line for a header. What would be read as an encoded word, and so as something else, is broken up."""
    shown = " ".join(_UNSEEN.sub(" ", _whole(text)).split())
    return shown.replace("=?", "= ?")


def message_id(text: str) -> bool:
    """Whether this is one Message-ID."""
    return len(text) < 900 and text.isascii() and text.isprintable() and bool(_MESSAGE_ID.fullmatch(text))


def _lines(body: str) -> str:
    text = _whole(body).replace("\r\n", "\n").replace("\r", "\n")
    return _UNFIT.sub("", text).strip("\n") + "\n"


def _whole(text: str) -> str:
    """Without halves of surrogate pairs, which no encoding can carry."""
    return text.encode("utf-8", "replace").decode("utf-8")
