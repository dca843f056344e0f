"""Names, dates and numbers as people read them."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.cards.blocks import inline
from storage.tables import Contact


def contact_name(contact: Contact) -> str:
    """First and last name, or the address where the CRM has neither."""
    return " ".join(part for part in (contact.first_name, contact.last_name) if part) or contact.email


def role(title: str | None, company: str | None) -> str:
    """“VP Marketing at Northbeam”, or as much of it as is known; escaped."""
    return " at ".join(inline(part) for part in (title, company) if part)


def day(value: str | date) -> str:
    """An ISO date or time as people write it: 5 November 2026."""
    try:
        at = value if isinstance(value, date) else datetime.fromisoformat(value)
    except ValueError:
        return inline(value if isinstance(value, str) else None, 40)
    return f"{at.day} {at:%B %Y}"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A time in the workspace's zone."""
    local = at.astimezone(zone)
    return f"{day(local)} at {local:%H:%M}"


def reader_time(at: datetime, zone: ZoneInfo) -> str:
    """A time that Slack shows in the zone of whoever reads it; in the workspace's where it cannot."""
    return f"<!date^{int(at.timestamp())}^{{date_long_pretty}} at {{time}}|{moment(at, zone)}>"


def amount(value: Any) -> str:
    """12000.00 as 12,000; what is no number is shown as it came."""
    try:
        return f"{float(value):,.2f}".removesuffix(".00")
    except (TypeError, ValueError):
        return inline(str(value), 40)


def link(address: str | None, channel: str | None, message_ts: str | None, text: str) -> str:
    """A link to a message; `address` is the workspace's own, with a slash at the end. Empty where there is none."""
    if not (address and channel and message_ts):
        return ""
    return f"<{address}archives/{channel}/p{message_ts.replace('.', '')}|{text}>"


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
