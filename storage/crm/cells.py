"""One cell's text to one typed value. A bad cell raises ValueError with what is wrong and the remedy."""

import re
import unicodedata
from datetime import UTC, date, datetime, tzinfo
from functools import cache, lru_cache
from zoneinfo import available_timezones

from anyascii import anyascii

from storage.crm.local import local_time


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Control characters, bidirectional overrides and lone surrogates: invisible, and a way to disguise text.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
BREAKS = re.compile("\r\n?|[\u2028\u2029\x85]")
ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"]{1,64}@(?:[\w](?:[\w-]*\w)?\.)+[\w-]*\w{2}")
COUNT = re.compile(r"[1-9][0-9]{0,8}")
NOTHING = frozenset({"-", "--", "–", "—", "(No value)", "Select"})  # how tools write that nobody answered
TRUE = _set("true yes y t 1 on x ja j oui o si sim wahr vrai vero verdadero 1.0")
FALSE = _set("false no n f 0 off nein non nao falsch faux falso 0.0")
LEFT = re.compile("unsub|abgemeldet|desabonn|desinscri|opted.?out|no.suscri|cancelad")
OPEN = _set("open offen ouvert ouverte abierto abierta aperto")
CLOSED = _set("won lost deleted gewonnen verloren geloscht gagne perdu supprime ganado perdido vinto perso")
IN = frozenset({"in", "inbound", "incoming", "incoming_email", "received"})
OUT = frozenset({"out", "outbound", "outgoing", "sent", "email"})
YEARS = range(1970, 2101)


def cleaned(text: str) -> str:
    """Text without what cannot be seen, composed (NFC), with plain line ends; paragraphs stay."""
    if text.isascii() and text.isprintable():
        return text.strip()
    text = BREAKS.sub("\n", text)
    return unicodedata.normalize("NFC", UNSEEN.sub("", text)).strip()


def within(text: str, limit: int) -> str:
    if len(text) > limit:
        raise ValueError(f"is {len(text)} characters long; shorten it to {limit}")
    return text


def line(text: str) -> str:
    """A name, a title, a subject: one line."""
    return within(" ".join(text.split()), 500)


def prose(text: str) -> str:
    return within(text, 50_000)


def identifier(text: str) -> str:
    return within(text, 200)


def first_id(text: str) -> str:
    """The first of several ids in one cell, which is how tools write the main one."""
    return identifier(text.split(";")[0].strip())


def email(text: str) -> str:
    if len(text) > 254 or not ADDRESS.fullmatch(text):
        raise ValueError("is not an email address; write it as name@company.com")
    return text.lower()


def domain(text: str) -> str:
    """A bare host name, also from a pasted web address."""
    host = re.sub(r"^[a-z]+://", "", text.lower()).split("/")[0].removeprefix("www.")
    if " " in host or "." not in host:
        raise ValueError("is not a domain; write it as company.com")
    return within(host, 253)


def link(text: str) -> str:
    if not text.lower().startswith(("https://", "http://", "/")) or any(letter.isspace() for letter in text):
        raise ValueError("is not a web address; start it with https:// or /")
    return within(text, 2000)


def boolean(text: str) -> bool:
    word = _word(text)
    if word not in TRUE | FALSE:
        raise ValueError("is neither yes nor no; write true or false")
    return word in TRUE


def happened(text: str) -> bool:
    """A reason, a date or a count says that it happened; only a no says that it did not."""
    return _word(text) not in FALSE


def unsubscribed(text: str) -> bool:
    """A status such as "Subscribed", "Unsubscribed" or "No consent"."""
    return bool(LEFT.search(_word(text)))


def still_open(text: str) -> bool:
    word = _word(text)
    if word not in OPEN | CLOSED:
        raise ValueError("is not a deal's status; write open, won or lost")
    return word in OPEN


def not_closed(text: str) -> bool:
    return not boolean(text)


def _word(text: str) -> str:
    return (text if text.isascii() else anyascii(text)).lower()


def direction(text: str) -> str:
    word = text.lower()
    if word not in IN | OUT:
        raise ValueError("is not a direction; write in or out")
    return "in" if word in IN else "out"


@lru_cache(maxsize=1000)
def kind(text: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", _word(text)).strip("_")
    if not name:
        raise ValueError("is not an event kind; write a word such as meeting")
    return within(name, 60)


def currency(text: str) -> str:
    if not re.fullmatch("[A-Za-z]{3}", text):
        raise ValueError("is not a currency; write its three letters, such as EUR")
    return text.upper()


def count(text: str) -> int:
    if not COUNT.fullmatch(text):
        raise ValueError("is not a count; write a whole number from 1 up")
    return int(text)


def day(text: str, order: str | None = None) -> date:
    return _moment(text, order).date()


def moment(text: str, order: str | None = None, *, zone: tzinfo) -> datetime:
    """An aware UTC time; a time without an offset is the clock on the wall in `zone`."""
    value = _moment(text, order)
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def _moment(text: str, order: str | None) -> datetime:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        value = local_time(text, order)
    if value.year not in YEARS:
        raise ValueError(f"lies outside the years {YEARS[0]} to {YEARS[-1]}; correct the year")
    return value


def time_zone(text: str) -> str:
    if text not in _zones():
        raise ValueError("is not a time zone; write a name such as Europe/Paris")
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
