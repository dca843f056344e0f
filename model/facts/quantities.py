"""Amounts, percentages, durations, clock times and counts of a text, each as a number with its unit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from model.facts.text import key

ONES = {
    name: number
    for number, name in enumerate(
        re.findall(
            r"\S+",
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
            " seventeen eighteen nineteen",
        )
    )
} | {
    name: 10 * number
    for number, name in enumerate(re.findall(r"\S+", "twenty thirty forty fifty sixty seventy eighty ninety"), 2)
}
SCALES = {"dozen": 12, "hundred": 100, "thousand": 1000, "k": 1000, "million": 10**6, "m": 10**6, "mn": 10**6,
          "billion": 10**9, "bn": 10**9}  # fmt: skip
MINUTES: dict[str, Decimal | int] = {
    "sec": Decimal(1) / 60, "second": Decimal(1) / 60, "min": 1, "hour": 60, "hr": 60, "h": 60, "day": 1440,
    "week": 10080, "month": 43200, "quarter": 131400, "year": 525600,
}  # fmt: skip
CURRENCIES = {
    "$": "USD", "usd": "USD", "dollar": "USD", "€": "EUR", "eur": "EUR", "euro": "EUR", "£": "GBP", "gbp": "GBP",
    "pound": "GBP", "¥": "JPY", "yen": "JPY", "chf": "CHF", "franc": "CHF", "dkk": "DKK", "sek": "SEK", "nok": "NOK",
    "kroner": "DKK", "buck": "USD",
}  # fmt: skip

_CUR = r"(?:[$€£¥]|\b(?:USD|EUR|GBP|CHF|DKK|SEK|NOK)\b)"
_SMALL = "|".join(sorted(ONES, key=len, reverse=True))
_WORDS = (
    rf"(?:half a dozen|(?:a |an )?(?:{_SMALL}|dozens?|hundreds?|thousands?|millions?)"
    rf"(?:(?:[ -]| and )(?:{_SMALL}|dozens?|hundreds?|thousands?|millions?))*)"
)
_DIGITS = r"\d{1,3}(?:[,. \u00a0\u202f’']\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?"
_TIME = r"(?:min(?:ute)?s?|hours?|hrs?|h|days?|weeks?|months?|years?|quarters?|sec(?:ond)?s?)"
_BUSY = r"(?:business |working )?"
QUANTITY = re.compile(
    rf"(?P<half>\b(?:half an? |half-|an? half[- ]|quarter of an |three quarters of an )hours?\b|\ban hour and a half\b)"
    rf"|(?P<article>\b(?:half )?an? (?:hour|day|week|month|year)\b)"
    rf"|(?P<times>\b(?:twice|thrice)\b)"
    rf"|(?<![\w.,#/-])(?P<mark>#)?(?P<cur>{_CUR} ?)?(?P<num>{_DIGITS})(?P<ordinal>(?:st|nd|rd|th)\b)?"
    rf"(?:(?:\s?[-–—]\s?| to | or )(?:{_CUR})?(?P<to>{_DIGITS}))?"
    rf"(?P<scale> ?(?:k|K|M|m|mn|bn)\b| (?:thousand|million|billion|hundred|dozen)\b)?"
    rf"(?P<unit>\s?(?:%|percent\b|per cent\b|pct\b|percentage points?\b)|[ -]?{_BUSY}{_TIME}\b(?! ?['’]s)"
    rf"|\s?(?:USD|EUR|GBP|CHF|DKK|SEK|NOK|dollars?|euros?|pounds|francs|kroner|bucks)\b|x\b|[ -]?fold\b|/7\b)?"
    rf"|(?<![\w-])(?P<word>{_WORDS})(?:(?: to | or |[-–])(?P<wordto>{_SMALL}))?"
    rf"(?P<wordunit>[ -](?:%|percent\b|per cent\b|{_BUSY}{_TIME}\b|dollars?\b|euros?\b|pounds\b"
    rf"|[ -]?fold\b))?(?![\w])",
    re.IGNORECASE,
)
MULTIPLE = re.compile(
    r"\b(?:in half|by half|(?:doubled?|tripled?|halved?|quadrupled?)(?! ?-?check)|twice as|a (?:third|quarter|fifth) of"
    r"|half (?:of )?(?:the|your) (?:time|cost|price|downtime|effort))\b",
    re.IGNORECASE,
)
CLOCK = re.compile(
    r"\b(?P<h>\d{1,2})(?:[:.](?P<m>[0-5]\d))? ?(?P<half>[ap]\.?m\b\.?)"
    r"|(?<![\d:])(?P<h2>[01]?\d|2[0-3]):(?P<m2>[0-5]\d)(?!\d)"
    r"|\b(?P<h3>\d{1,2}) ?(?:o['’]clock|h\b(?!ours))|\b(?P<word>noon|midday|midnight)\b"
    r"|\b(?:from|between) (?P<h5>\d{1,2}) (?:to|and|until|till) \d{1,2}(?=\s*(?:[.,?!;]|$|on\b|would|works?|suits?))"
    r"|(?<=\bat )(?P<h4>\d{1,2})(?:[:.](?P<m4>[0-5]\d))?(?![.,]\d)"
    r"(?=\s*(?:[.,?!;)]|$|\bon\b|\bor\b|\band\b|\btomorrow|\bsharp"
    r"|\bthat|\bthis|\bnext|\bwork|\bsuit|\bwould))",
    re.IGNORECASE,
)
NOUNS = 3  # words after a number that can tell what it counts
HALVES = {"an hour and": 90, "quarter": 15, "three": 45}  # minutes; otherwise half an hour
SMALL_WORDS = frozenset(
    re.findall(r"\S+", "of the a an and or to in on at for with your our more other different new such")
)


@dataclass(frozen=True)
class Quantity:
    """`unit` is "percent", a currency, "minutes", "clock", "ordinal", "times" or "" for a plain count of `nouns`."""

    start: int
    end: int
    values: tuple[Decimal, ...]  # two for a range
    unit: str
    nouns: tuple[str, ...] = ()
    word: bool = False  # spelled out
    length: str = ""  # of a duration, the unit that was said: "min", "hour", "day" …


def quantities(text: str) -> list[Quantity]:
    """Every number with a unit, in the order in which it stands. A bare "one" is an article and no number."""
    found = [quantity for match in QUANTITY.finditer(text) if (quantity := _read(match, text))]
    found += [Quantity(m.start(), m.end(), (), "multiple") for m in MULTIPLE.finditer(text)]
    return found


def _read(match: re.Match[str], text: str) -> Quantity | None:
    start, end = match.span()
    if match["half"]:
        said = match[0].lower()
        minutes = next((m for words, m in HALVES.items() if said.startswith(words)), 30)
        return Quantity(start, end, (Decimal(minutes),), "minutes", length="hour", word=True)
    if match["article"]:
        name = match["article"].split()[-1].lower()
        length = Decimal(MINUTES[name]) / (2 if match["article"].lower().startswith("half") else 1)
        return Quantity(start, end, (length,), "minutes", length=name, word=True)
    if match["times"]:
        number = 2 if match[0].lower() == "twice" else 3
        return Quantity(start, end, (Decimal(number),), "times", word=True)
    if match["word"]:
        return _spelled(match, text)
    return _written(match, text)


def _written(match: re.Match[str], text: str) -> Quantity | None:
    values = [value for part in (match["num"], match["to"]) if part and (value := _decimal(part)) is not None]
    scale = SCALES.get((match["scale"] or "").strip().lower(), 1)
    unit, length = _unit(match["unit"], match["cur"])
    end = match.end()
    if match["ordinal"]:
        unit = "ordinal"
    factor = Decimal(MINUTES[length]) if length else Decimal(scale)
    nouns = _nouns(text, end) if unit == "" else ()
    if nouns and nouns[0] in ("time", "times"):
        unit = "times"
    return Quantity(match.start(), end, tuple(value * factor for value in values), unit, nouns, length=length)


def _spelled(match: re.Match[str], text: str) -> Quantity | None:
    value = number_of(match["word"])
    unit, length = _unit(match["wordunit"], None)
    if value is None or (value == 1 and not unit):
        return None
    values = [value] + ([Decimal(ONES[match["wordto"].lower()])] if match["wordto"] else [])
    factor = Decimal(MINUTES[length]) if length else Decimal(1)
    nouns = _nouns(text, match.end()) if unit == "" else ()
    if nouns and nouns[0] in ("time", "times"):
        unit = "times"
    return Quantity(match.start(), match.end(), tuple(v * factor for v in values), unit, nouns, True, length)


def _unit(said: str | None, currency: str | None) -> tuple[str, str]:
    """The unit, and the unit of time that was said."""
    if currency:
        return CURRENCIES[currency.strip().lower()], ""
    plain = re.sub(r"^(?:business|working) ", "", (said or "").strip(" -\n").lower())
    if not plain:
        return "", ""
    if plain[0] == "%" or plain.startswith(("per", "pct")):
        return "percent", ""
    if plain in ("x", "fold"):
        return "multiple", ""
    if plain == "/7":
        return "always", ""
    stem = "min" if plain.startswith("min") else plain.rstrip("s")
    if stem in MINUTES:
        return "minutes", stem
    return CURRENCIES.get(stem, CURRENCIES.get(plain, "")), ""


def _decimal(digits: str) -> Decimal | None:
    """ "18,600", "18.600,50" and "18 600" are thousands; "18,6" and "18.6" are not."""
    plain = re.sub(r"[ \u00a0\u202f’'](?=\d{3})", "", digits)
    plain = re.sub(r"[,.](?=\d{3}(?:\D|$))", "", plain).replace(",", ".")
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def number_of(words: str) -> Decimal | None:
    """ "two dozen" is 24, "a hundred and twenty" 120; "hundreds" has no value and is read as its scale."""
    total, current = 0, 0
    plain = words.lower().replace("half a dozen", "six")
    for word in re.split(r"[ -]+", plain):
        if word in ONES:
            current += ONES[word]
        elif word.rstrip("s") in SCALES:
            current = max(current, 1) * SCALES[word.rstrip("s")]
            if current >= 1000:
                total, current = total + current, 0
    return Decimal(total + current)


def _nouns(text: str, end: int) -> tuple[str, ...]:
    """What a number counts: the next words up to a stop, without the small ones."""
    clause = re.match(r"[^.,;:?!\n()]*", text[end : end + 60])
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", clause[0] if clause else "")[:NOUNS]
    return tuple(key(word) for word in words if key(word) not in SMALL_WORDS)


@dataclass(frozen=True)
class Clock:
    """A time of day: minutes after midnight; two of them where morning or afternoon is not said."""

    start: int
    end: int
    minutes: frozenset[int]


def clocks(text: str) -> Iterator[Clock]:
    for match in CLOCK.finditer(text):
        if match["word"]:
            yield Clock(match.start(), match.end(), frozenset({0 if match["word"].lower() == "midnight" else 720}))
            continue
        hour = int(match["h"] or match["h2"] or match["h3"] or match["h4"] or match["h5"])
        minute = int(match["m"] or match["m2"] or match["m4"] or 0)
        if hour > 23:
            continue
        if match["half"]:
            hours = {hour % 12 + (12 if match["half"].lower().startswith("p") else 0)}
        else:
            hours = {hour} | ({hour + 12} if hour < 12 and not match["h2"] else set())
        yield Clock(match.start(), match.end(), frozenset(60 * each + minute for each in hours))
