"""What has to stand word for word: links, addresses, phone numbers and quotations."""

import re
from collections.abc import Iterator

from model.facts.record import Record, shortened
from model.facts.stated import Draft, Stated
from model.facts.text import flat, key

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
URL = re.compile(
    r"(?:https?://|www\.)[^\s<>\"”)\]]+"
    r"|\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|co|ai|dev|app|example|eu|de|uk|fr|es|it|nl|dk|se|no|pt|ch|at|us|info|biz"
    r"|link|ly|me|test)\b(?:/[^\s<>\"”)\]]*)?",
    re.IGNORECASE,
)
PHONE = re.compile(r"(?<![\w.,$€£])(?:\+|\()?\d(?:[ ()./-]{0,2}\d){6,14}(?![\w%])")
QUOTED = re.compile(r"“([^“”\n]{1,200})”|\"([^\"\n]{1,200})\"|«([^«»\n]{1,200})»|„([^“”\n]{1,200})[“”]")
EDGES = " .,;:!?…"


def links(draft: Draft) -> Iterator[Stated]:
    emails = list(EMAIL.finditer(draft.text))
    for match in emails:
        draft.take(match.start(), match.end())
        yield _held(
            "fact_email", draft, match, address(match[0]), _emails(draft.record), draft.record.brief.contact.email
        )
    for match in URL.finditer(draft.text):
        if draft.free(match.start(), match.end()):
            draft.take(match.start(), match.end())
            host = host_and_path(match[0]).partition("/")[0]
            if not any(host == domain or host.endswith("." + domain) for domain in draft.record.links):
                yield _held("fact_link", draft, match, host_and_path(match[0]), _links(draft.record), "")


def _held(rule: str, draft: Draft, match: re.Match[str], form: str, known: dict[str, str], near: str) -> Stated:
    name = "address" if rule == "fact_email" else "link"
    span = match[0].rstrip(EDGES)
    if form in known:
        return Stated(rule, match.start(), match.end(), span, tuple(filter(None, [known[form]])))
    if draft.sentence_at(match.start()).house:
        return Stated(rule, match.start(), match.end(), span)
    held = next((form for form in known if form), near)
    return Stated(
        rule, match.start(), match.end(), span, (), f"“{span}” is {_an(name)} that the record does not hold.", held
    )


def _an(name: str) -> str:
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def address(text: str) -> str:
    return text.rstrip(EDGES).lower()


def host_and_path(url: str) -> str:
    """Host and path, the host in small letters; scheme, "www.", port, query and a closing slash do not count."""
    plain = re.sub(r"^(?:https?://)?(?:www\.)?", "", url.rstrip(EDGES), flags=re.IGNORECASE)
    host, slash, path = re.split(r"[?#]", plain, maxsplit=1)[0].partition("/")
    return re.sub(r":\d+$", "", host.lower()) + (slash + path).rstrip("/")


def _emails(record: Record) -> dict[str, str]:
    contact = record.brief.contact
    known = {address(m[0]): s.says for s in record.sources for m in EMAIL.finditer(s.text)}
    known |= {address(m[0]): "" for sentence in record.house for m in EMAIL.finditer(sentence)}
    return known | {address(contact.email): f"contact: {contact.email}"}


def _links(record: Record) -> dict[str, str]:
    known = {host_and_path(m[0]): s.says for s in record.sources for m in URL.finditer(s.text)}
    known |= {host_and_path(m[0]): "" for sentence in record.house for m in URL.finditer(sentence)}
    domain = record.brief.contact.email.partition("@")[2].lower()
    return known | {domain: f"contact: {record.brief.contact.email}"}


def phones(draft: Draft) -> Iterator[Stated]:
    known = {_digits(m[0]): s.says for s in draft.record.sources for m in PHONE.finditer(s.text)}
    known |= {_digits(m[0]): "" for sentence in draft.record.house for m in PHONE.finditer(sentence)}
    for match in PHONE.finditer(draft.text):
        if not draft.free(match.start(), match.end()) or not _dialled(match[0]):
            continue
        draft.take(match.start(), match.end())
        held = next((says for number, says in known.items() if _alike(number, _digits(match[0]))), None)
        if held is None and not draft.sentence_at(match.start()).house:
            reason = f"“{match[0]}” is a phone number that the record does not hold."
            yield Stated("fact_phone", match.start(), match.end(), match[0], (), reason, next(iter(known), ""))
        else:
            yield Stated("fact_phone", match.start(), match.end(), match[0], tuple(filter(None, [held])))


def _dialled(text: str) -> bool:
    """A phone number and not an amount, a date or a range of years."""
    plain = text.strip()
    if re.fullmatch(r"\d{4}-\d\d-\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|(?:19|20)\d\d[-–](?:19|20)\d\d", plain):
        return False
    return not re.fullmatch(r"\d{1,3}(?:[., ]\d{3})+", plain) and len(_digits(text)) >= 7


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _alike(one: str, other: str) -> bool:
    """Equal, with or without the country's prefix or a leading zero."""
    short, long = sorted((one.lstrip("0"), other.lstrip("0")), key=len)
    return len(short) >= 7 and long.endswith(short) and len(long) - len(short) <= 3


def quotes(draft: Draft) -> Iterator[Stated]:
    for match in QUOTED.finditer(draft.text):
        sentence = draft.sentence_at(match.start())
        inner = next(group for group in match.groups() if group)
        words = flat(inner)
        if not words.strip() or sentence.part == "sign_off":
            continue
        held = draft.record.holding(words.strip(), "event", "deal", "goal", "note", "claim", "company")
        if held:
            yield Stated("fact_quote", match.start(), match.end(), match[0], (held.says,))
        elif not (sentence.house or words in draft.record.house_words):
            draft.take(match.start(), match.end())
            reason = f"{match[0]} is quoted, and nothing in the record says so word for word."
            yield Stated("fact_quote", match.start(), match.end(), match[0], (), reason, _nearest(draft.record, inner))


def _nearest(record: Record, inner: str) -> str:
    """The record's text that shares most words with a quotation."""
    words = {key(word) for word in inner.split()}
    texts = [s for s in record.sources if s.role in ("event", "deal", "goal", "note")]
    best = max(texts, key=lambda source: len(words & set(source.flat.split())), default=None)
    return shortened(best.text) if best else ""
