"""Links in a text, however they are written, and where they really lead."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

CODE = frozenset({"js", "ts", "cs", "rb"})  # two letters that end a file's name and no country's domain
ENDINGS = frozenset(
    re.findall(
        r"\w+",
        "com org net edu gov mil int info biz name pro mobi app dev page link click top xyz site online shop store tech"
        " cloud club live news blog email solutions systems software agency digital website space world today life zip"
        " mov example test invalid local onion",
    )
)
BEGINNINGS = frozenset(  # of sentences; with a capital they follow a full stop that lacks its space
    re.findall(
        r"\w+",
        "am an as at be by do go he if in is it me my no of on or so to up us we name pro page link click top site"
        " online shop store tech cloud club live news blog email solutions systems software digital space world today"
        " life test local",
    )
)
DOTS = re.compile("[\u3002\uff0e\uff61\u2024]")  # browsers read them as full stops
SCHEME = r"(?:(?:[a-z][a-z0-9+.-]{0,20}:)?[/\\]{2,}|https?:[/\\]*|javascript:|data:|vbscript:|file:|mailto:)"
REST = r"[^\s<>|\"“”]"
LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
BARE = rf"(?:[\w.+:-]{{1,64}}@)?(?:{LABEL}\.)+{LABEL}(?::\d+)?"
LINK = re.compile(
    rf"(?<![\w/\\])(?P<full>{SCHEME}{REST}+)"
    rf"|(?<![\w@.-])(?P<bare>{BARE})(?P<path>[/\\]{REST}*|[?#]\w{REST}*)?(?![\w@])",
    re.IGNORECASE,
)
NAMED = re.compile(r"\[(?P<text>[^\[\]\n]+)\](?:\((?P<url>[^()\s]+)[^()\n]*\)|\[[^\[\]\n]*\])")


def astray(text: str, allowed: Iterable[str], names: Iterable[str] = ()) -> list[str]:
    """Every link in the text that does not lead to an allowed domain or below one, as it stands there.

    `names` are known names that only look like links, such as a customer called Pumps.io.
    """
    domains = {_ascii(domain) for domain in allowed}
    known = {name.casefold() for name in names}
    found = [link for link, host in _links(text) if link.casefold() not in known and not _within(host, domains)]
    return list(dict.fromkeys(found))


def hosts(text: str) -> set[str]:
    """Where the links of a text lead, as far as that can be named."""
    return {host for _, host in _links(text) if host}


def disguised(text: str) -> list[str]:
    """Links whose words name another place than they lead to."""
    found = []
    for match in NAMED.finditer(text):
        shown = [host for _, host in _links(match["text"])]
        leads = [host for _, host in _links(match["url"])] if match["url"] else [""]
        if shown and shown != leads:
            found.append(match[0])
    return found


def _links(text: str) -> Iterator[tuple[str, str]]:
    """Each link as it stands and the host it leads to; no host where it leads to none that can be named."""
    plain = DOTS.sub(".", text)
    for match in LINK.finditer(plain):
        as_it_stands = text[match.start() : match.end()].rstrip(".,;:!?)]}'’*_")
        if match["full"]:
            yield as_it_stands, _host(match["full"])
        elif _is_domain(match["bare"], path=bool(match["path"])):
            yield as_it_stands, _host("//" + match["bare"] + (match["path"] or ""))


def _is_domain(bare: str, *, path: bool) -> bool:
    """Whether words with dots in between are a domain, and neither an address, a number nor two sentences."""
    if "@" in bare and not path:  # what addresses may stand in an email is a matter of facts
        return False
    host = unicodedata.normalize("NFKC", bare.rpartition("@")[2].partition(":")[0])
    last = host.rpartition(".")[2]
    ending = last.lower()
    if path:
        return len(ending) > 1 and not ending.isdecimal()
    if last.istitle() and ending in BEGINNINGS:
        return False
    country = len(ending) == 2 and ending.isalpha() and ending not in CODE
    return country or ending in ENDINGS or ending.startswith("xn--")


def _host(link: str) -> str:
    """Where the link leads; nothing where readers of links disagree: another scheme, a backslash, words before an @."""
    plain = unicodedata.normalize("NFKC", link)
    scheme, colon, rest = plain.partition(":")
    if not plain.startswith("//"):
        plain = "//" + rest.lstrip("/") if colon and scheme.lower() in ("http", "https") else ""
    try:
        parts = urlsplit(plain)
        return "" if "\\" in plain or "@" in parts.netloc else _ascii(parts.hostname or "")
    except ValueError:
        return ""


def _ascii(host: str) -> str:
    plain = unicodedata.normalize("NFKC", host).lower().rstrip(".,;:!?)]}'’*_")
    try:
        return plain if plain.isascii() else plain.encode("idna").decode()
    except UnicodeError:
        return plain


def _within(host: str, domains: set[str]) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in domains)
