"""Dates, weekdays and relative dates of a text, each as the days it can mean."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
FEW = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30,
}  # fmt: skip
YEAR = 366  # days; how far away an undated month or weekday is looked for


@dataclass(frozen=True)
class When:
    """A date expression. `holds(day)` tells whether it can mean that day."""

    start: int
    end: int
    holds: Callable[[date], bool]
    past: bool = False  # can only lie behind: ago, last, yesterday
    ahead: bool = False  # can only lie ahead: next, tomorrow
    loose: bool = False  # "today", "this week": says a date only beside something that happened


_DAY = r"(?P<wd>(?:Mon|Tues?|Wednes|Thurs?|Fri|Satur|Sun)day|Mon|Tues?|Wed|Thu(?:rs)?|Fri)"
_MONTH = (
    r"(?P<m>January|February|March|April|May|June|July|August|September|October|November|December|"
    r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?)"
)
_D = r"(?P<d>[0-3]?\d)(?:st|nd|rd|th)?"
_Y = r"(?:,? (?P<y>(?:19|20)\d\d))?"
_FEW = rf"(?P<n>\d{{1,3}}|{'|'.join(sorted(FEW, key=len, reverse=True))}|a few|several|a couple of|couple of)"

CALENDAR = re.compile(
    rf"(?:\b{_DAY},? (?:the )?)?\b(?:{_D}(?: of)? {_MONTH}\b{_Y}|{_MONTH.replace('<m>', '<m2>')} "
    rf"{_D.replace('<d>', '<d2>')}\b{_Y.replace('<y>', '<y2>')})"
)
NUMERIC = re.compile(
    r"(?<![\w/.-])(?:(?P<iso>\d{4}-\d\d-\d\d)|(?P<a>[0-3]?\d)(?P<sep>[/.])(?P<b>[0-3]?\d)(?P=sep)(?P<y>(?:20)?\d\d)"
    r"|(?P<a2>[0-3]?\d)/(?P<b2>[0-3]?\d))(?![\w/])"
)
MONTH = re.compile(
    rf"(?:(?<=\bin )|(?<=\bof )|(?<=\bsince )|(?<=\bby )|(?<=\buntil )|(?<=\bfor )|(?<=\bearly )|(?<=\blate )"
    rf"|(?<=[mM]id-)|(?<=\bfrom )|(?<=\byour )|(?<=\bour )|(?P<last>\b[lL]ast |\b[tT]his past )|(?P<next>\bnext ))"
    rf"{_MONTH}\b{_Y}"
    rf"|\b{_MONTH.replace('<m>', '<m3>')} (?P<y3>(?:19|20)\d\d)\b"
)
WEEKDAY = re.compile(
    rf"(?:(?P<last>\b(?:last|this past|past) )|(?P<next>\b(?:next|this coming|coming) ))?\b{_DAY}\b"
    r"(?P<week>(?: (?:of )?last week))?",
    re.IGNORECASE,
)
AGO = re.compile(rf"(?<!half )\b{_FEW} (?P<unit>day|week|month|year)s? (?:ago|back|earlier)\b", re.IGNORECASE)
RELATIVE = re.compile(
    r"\b(?:(?P<loose>today|earlier today|(?:earlier )?this (?:morning|afternoon|week|month|year))"
    r"|(?P<past>(?:the day before )?yesterday|last night|last (?:week|month|year|quarter|spring|summer|autumn|fall"
    r"|winter)|over the weekend|(?:last|past) weekend)"
    r"|(?P<ahead>tomorrow|tonight|(?:early |later |the )?next (?:week|month|year)|the week after next))\b",
    re.IGNORECASE,
)
YEAR_ALONE = re.compile(r"(?<=\b[iI]n )(?P<y>(?:19|20)\d\d)\b|(?<=\b[sS]ince )(?P<y2>(?:19|20)\d\d)\b")
NO_DAY = re.compile(r"\b(?:happy|great|good|nice|lovely|a|any|every|each)\s*$", re.IGNORECASE)  # "on a Monday"


def whens(text: str, today: date) -> list[When]:
    """Every date expression of a text, in the order in which it stands; `today` settles what relative ones mean."""
    found: list[When] = []
    for reader in (_calendar, _numeric, _ago, _relative, _months, _weekdays, _years):
        for when in reader(text, today):
            if not any(when.start < other.end and other.start < when.end for other in found):
                found.append(when)
    return sorted(found, key=lambda when: when.start)


def _calendar(text: str, today: date) -> Iterator[When]:
    for match in CALENDAR.finditer(text):
        number, month = int(match["d"] or match["d2"]), month_of(match["m"] or match["m2"])
        year, weekday = match["y"] or match["y2"], day_of(match["wd"]) if match["wd"] else None
        yield When(match.start(), match.end(), _on(number, month, int(year) if year else None, weekday, today))


def _on(number: int, month: int, year: int | None, weekday: int | None, today: date) -> Callable[[date], bool]:
    def holds(day: date) -> bool:
        near = day.year == year if year else abs((day - today).days) <= YEAR
        return near and (day.day, day.month) == (number, month) and weekday in (None, day.weekday())

    return holds


def _numeric(text: str, today: date) -> Iterator[When]:
    for match in NUMERIC.finditer(text):
        if match["iso"]:
            yield When(match.start(), match.end(), lambda day, iso=match["iso"]: day.isoformat() == iso)  # type: ignore[misc]
            continue
        one, two = int(match["a"] or match["a2"]), int(match["b"] or match["b2"])
        if not (0 < min(one, two) <= 12 and 0 < max(one, two) <= 31) or (match["a2"] and (one, two) == (24, 7)):
            continue
        year = int(match["y"]) % 100 if match["y"] else None
        yield When(
            match.start(),
            match.end(),
            lambda day, pair={one, two}, year=year: {day.day, day.month} == pair and year in (None, day.year % 100),  # type: ignore[misc]
        )


def _ago(text: str, today: date) -> Iterator[When]:
    for match in AGO.finditer(text):
        number = match["n"].lower()
        count = int(number) if number.isdecimal() else FEW.get(number)
        first, last = _ages(count, number, match["unit"].lower())
        yield When(match.start(), match.end(), _between(today, first, last), past=True)


def _ages(count: int | None, word: str, unit: str) -> tuple[int, int]:
    """The youngest and oldest age in days. Days are exact; a week is one by count or by the calendar."""
    length = {"day": 1, "week": 7, "month": 30, "year": 365}[unit]
    if count is None:
        return (2 * length - length // 3, 4 * length) if "couple" in word else (2 * length, 9 * length)
    slack = {"day": (0, 0), "week": (2, 6), "month": (12, 16), "year": (60, 90)}[unit]
    return count * length - slack[0], count * length + slack[1]


def _between(today: date, first: int, last: int) -> Callable[[date], bool]:
    return lambda day: first <= (today - day).days <= last


def _relative(text: str, today: date) -> Iterator[When]:
    for match in RELATIVE.finditer(text):
        words = match[0].lower()
        yield When(
            match.start(),
            match.end(),
            _meaning(words, today),
            past=bool(match["past"]),
            ahead=bool(match["ahead"]),
            loose=bool(match["loose"]),
        )


def _meaning(words: str, today: date) -> Callable[[date], bool]:
    weekday = today.weekday()
    month_before = today.replace(day=1) - timedelta(days=1)
    ages = {
        "day before": (2, 2),
        "yesterday": (1, 1),
        "last night": (1, 1),
        "tomorrow": (-1, -1),
        "tonight": (0, 0),
        "after next": (-21, -14 + weekday),
        "next week": (-14, -1),
        "last week": (min(weekday + 1, 7), 13),
        "this week": (weekday - 6, max(weekday, 6)),
        "weekend": (0, weekday + 2),
        "today": (0, 0),
        "this morning": (0, 0),
        "this afternoon": (0, 0),
    }
    for name, (first, last) in ages.items():
        if name in words:
            return _between(today, first, last)
    if "last month" in words:
        return lambda day: (day.year, day.month) == (month_before.year, month_before.month)
    if "this month" in words:
        return lambda day: (day.year, day.month) == (today.year, today.month)
    if "next month" in words:
        return _between(today, -62, -1)
    if "year" in words:
        shift = {"last": -1, "this": 0, "next": 1}[words.split()[-2]]
        return lambda day: day.year == today.year + shift
    return _between(today, 1, YEAR)


def _months(text: str, today: date) -> Iterator[When]:
    for match in MONTH.finditer(text):
        month, year = month_of(match["m"] or match["m3"]), match["y"] or match["y3"]
        yield When(
            match.start(),
            match.end(),
            lambda day, month=month, year=year: (  # type: ignore[misc]
                day.month == month and (str(day.year) == year if year else abs((day - today).days) < YEAR)
            ),
            past=bool(match["last"]),
            ahead=bool(match["next"]),
        )


def _weekdays(text: str, today: date) -> Iterator[When]:
    for match in WEEKDAY.finditer(text):
        name = match["wd"]
        if len(name) < 6 and not name[0].isupper():
            continue  # "fri" is seldom a day in small letters
        if NO_DAY.search(text, max(0, match.start() - 8), match.start()):
            continue
        weekday, last = day_of(name), bool(match["last"] or match["week"])
        oldest = 13 if last else YEAR
        yield When(
            match.start(),
            match.end(),
            lambda day, weekday=weekday, last=last, oldest=oldest: (  # type: ignore[misc]
                day.weekday() == weekday and (1 if last else -13) <= (today - day).days <= oldest
            ),
            past=last,
            ahead=bool(match["next"]),
        )


def _years(text: str, today: date) -> Iterator[When]:
    for match in YEAR_ALONE.finditer(text):
        year = int(match["y"] or match["y2"])
        yield When(
            match.start(),
            match.end(),
            lambda day, year=year: day.year == year,  # type: ignore[misc]
            past=year < today.year,
            ahead=year > today.year,
        )


def month_of(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, start=1) if month.startswith(name.lower()[:3]))


def day_of(name: str) -> int:
    return next(number for number, day in enumerate(DAYS) if day.startswith(name.lower()[:3]))
