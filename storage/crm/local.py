"""Dates and amounts as countries write them. One value may mean two things; its column often says which.

`order` is "day" or "month", whichever comes first, and `mark` the decimal mark, where a column's other values or a
person have said so. Without that a value that could mean two things raises ValueError: nothing is guessed.
"""

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import NamedTuple

from anyascii import anyascii

CLOCK = r"(?:,?[ T]+(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?::(?P<second>\d{2}))?(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?)?"
NUMERIC = re.compile(r"(?P<a>\d{1,2})(?P<by>[./-])(?P<b>\d{1,2})(?P=by)(?P<year>\d{4})" + CLOCK)
YEAR_FIRST = re.compile(r"(?P<year>\d{4})(?P<by>[./-])(?P<month>\d{1,2})(?P=by)(?P<day>\d{1,2})" + CLOCK)
DAY_NAMED = re.compile(r"(?P<day>\d{1,2})\.?[ -](?P<month>[a-z]{3,})\.?[ -](?P<year>\d{4})" + CLOCK)
MONTH_NAMED = re.compile(r"(?P<month>[a-z]{3,})\.? (?P<day>\d{1,2}),? (?P<year>\d{4})" + CLOCK)
MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "jan ene gen",
            "feb fev",
            "mar mrz",
            "apr avr abr",
            "may mai mag",
            "jun juin giu",
            "jul juil lug",
            "aug aou ago",
            "sep set",
            "oct okt ott",
            "nov",
            "dec dez dic",
        ],
        start=1,
    )
    for name in names.split()
}
SIGNS = {"€": "EUR", "£": "GBP", "¥": "JPY", "$": None}  # which dollar, the sign does not say
MONEY = re.compile(r"(?P<before>[A-Za-z]{3}|[€£¥$])? ?(?P<digits>[0-9][0-9.,' ]*?) ?(?P<after>[A-Za-z]{3}|[€£¥$])?")
PLAIN = re.compile(r"[0-9]{1,12}")
GROUPS = {",": re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){1,3}"), ".": re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){1,3}")}
NOT_A_DATE = "is not a date; write it as 2026-11-20"
NOT_AN_AMOUNT = "is not an amount; write digits with a decimal point, such as 12500.00"


class Money(NamedTuple):
    amount: Decimal
    currency: str | None


def date_order(text: str) -> str | None:
    """ "day" or "month" where this one value can only be read so; None where it says nothing."""
    match = NUMERIC.fullmatch(text)
    if match and match["by"] != ".":
        if int(match["a"]) > 12:
            return "day"
        if int(match["b"]) > 12:
            return "month"
    return None


def local_time(text: str, order: str | None) -> datetime:
    """A date with or without a time of day, as people write it; raises ValueError."""
    plain = anyascii(text).lower() if any(letter.isalpha() for letter in text) else text
    for pattern in (YEAR_FIRST, DAY_NAMED, MONTH_NAMED):
        if match := pattern.fullmatch(plain):
            month = match["month"] if match["month"].isdigit() else _month(match["month"])
            return _made(match, month, match["day"])
    match = NUMERIC.fullmatch(plain)
    if not match:
        raise ValueError(NOT_A_DATE)
    # Where dots part a date the day comes first; elsewhere the column has to say.
    first = "day" if match["by"] == "." or match["a"] == match["b"] else date_order(plain) or order
    if first is None:
        raise ValueError(_either(match))
    return _made(match, match["b"], match["a"]) if first == "day" else _made(match, match["a"], match["b"])


def _either(match: re.Match[str]) -> str:
    readings = sorted(
        f"{match['year']}-{m:0>2}-{d:0>2}" for m, d in ((match["a"], match["b"]), (match["b"], match["a"]))
    )
    said = f"could be {readings[0]} or {readings[1]}, and its column does not say which"
    return f"{said}; write it one of these ways, or put `dates: day first` or `dates: month first` into a mapping file"


def _month(name: str) -> int:
    number = MONTHS.get(name[:4]) or MONTHS.get(name[:3])
    if number is None:
        raise ValueError(NOT_A_DATE)
    return number


def _made(match: re.Match[str], month: int | str, day: str) -> datetime:
    hour, half = int(match["hour"] or 0), (match["half"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        at = time(hour, int(match["minute"] or 0), int(match["second"] or 0))
        return datetime.combine(date(int(match["year"]), int(month), int(day)), at)
    except ValueError:
        raise ValueError(NOT_A_DATE) from None


def decimal_mark(text: str) -> str | None:
    """The decimal mark where this one amount can only be read so; None where it says nothing."""
    match = MONEY.fullmatch(text.replace("\u00a0", " ").replace("\u202f", " "))
    digits = match["digits"] if match else ""
    marks = [letter for letter in digits if letter in ".,"]
    if len(set(marks)) == 2:
        return marks[-1]
    if len(marks) > 1:
        return {",": ".", ".": ","}[marks[0]]  # several of one kind part thousands
    tail = re.split("[.,]", digits)[-1]
    return marks[0] if marks and len(tail) != 3 else None


def money(text: str, mark: str | None = None) -> Money:
    """An amount and the currency written beside it.

    `12.500` is twelve thousand in one country and twelve and a half in another, so its column has to say; `12,500`
    is refused only where the column writes decimal commas.
    """
    match = MONEY.fullmatch(text.replace("\u00a0", " ").replace("\u202f", " "))
    if not match or (match["before"] and match["after"]):
        raise ValueError(NOT_AN_AMOUNT)
    digits = re.sub("(?<=[0-9])[' ](?=[0-9]{3})", "", match["digits"])
    own = decimal_mark(digits)
    if own is None and "." in digits and mark != ",":
        raise ValueError(f"{NOT_AN_AMOUNT}; another country would read it otherwise, and its column does not say")
    sign = match["before"] or match["after"]
    currency = SIGNS[sign] if sign in SIGNS else sign.upper() if sign else None
    return Money(_number(digits, own or mark or "."), currency)


def _number(digits: str, mark: str) -> Decimal:
    whole, _, part = digits.partition(mark)
    thousands = GROUPS["," if mark == "." else "."]
    if not (PLAIN.fullmatch(whole) or thousands.fullmatch(whole)) or not re.fullmatch("[0-9]{0,2}", part):
        raise ValueError(NOT_AN_AMOUNT)
    return Decimal(f"{re.sub('[.,]', '', whole)}.{part or 0}")
