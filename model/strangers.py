"""The leak guard: what belongs to another customer must not stand in this one's email."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from anyascii import anyascii

from model.brief import Brief
from model.findings import Finding, Severity
from model.ordinary import ordinary, ordinary_words

TOKEN = re.compile(r"[^\W_]+")
EMAIL = re.compile(r"\w[\w.+'-]{0,63}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
GAP = re.compile(r"[ \t\u00a0]{0,2}(?:[-–'’&/+.,]|\n)?[ \t\u00a0]{0,2}")  # inside a name; no sentence ends there
SENTENCE_END = re.compile(r"[.!?:…]\W*$")
LEGAL = re.compile(  # forms of companies
    r"(?: (?:ab|ag|aps|as|bv|co|corp|corporation|gmbh|inc|incorporated|kg|kgaa|limited|llc|llp|lp|ltd|mbh|nv|ohg|oy"
    r"|plc|pty|sa|sarl|sas|se|spa|sprl|srl|ug))+$"
)
PRIVATE_MAIL = re.compile(  # large providers, whose customers are no colleagues
    r"(?:gmail|googlemail|hotmail|icloud|live|mail|me|msn|outlook|aol|protonmail|proton|posteo|t-online|web|gmx|yahoo)"
    r"\.(?:com|me|net|de|at|ch|fr|nl|es|co\.uk)",
    re.IGNORECASE,
)
REASONS = {
    "address": "“{}” is the address of another customer's contact. Take it out.",
    "company": "“{}” is another customer. Take it out.",
    "deal": "“{}” is a deal with another customer. Take it out.",
    "name": "“{}” is the name of another customer's contact. Take it out.",
    "last name": "“{}” is the name of another customer's contact. Take it out.",
}
KINDS = ("company", "name", "deal", "last name")
SMALL = 3  # letters of a word that a title may leave without a capital
FEW = 2  # ordinary words in a row that come together by chance


@dataclass(frozen=True)
class Stranger:
    """What must not appear in an email to anybody else."""

    account: str
    first_name: str | None
    last_name: str | None
    email: str
    company: str | None
    deals: tuple[str, ...] = ()


class _Token(NamedTuple):
    word: str  # folded
    start: int
    end: int
    capital: bool
    placed: bool  # where any word has a capital: first in a sentence, or in a title


class Strangers:
    """An index over a workspace's contacts, built once and asked for every draft.

    `ours` are names of the house itself, such as its own and its people's, which may stand in any email.
    """

    def __init__(self, people: Iterable[Stranger] = (), ours: Iterable[str] = ()) -> None:
        self._accounts: dict[tuple[str, str], set[str]] = {}  # kind and phrase → whose it is
        self._lengths: dict[str, set[int]] = {}  # first word → how many words its phrases have
        self._ours = _flat(ours)
        for person in people:
            account = _account(person.account, person.email)
            for kind, phrase in _phrases(person):
                self._accounts.setdefault((kind, phrase), set()).add(account)
                if kind != "address":
                    first, *more = phrase.split()
                    self._lengths.setdefault(first, set()).add(1 + len(more))
        if self._accounts:
            ordinary_words()  # read now and not while the first draft is checked

    def leaks(self, text: str, brief: Brief) -> list[Finding]:
        """Names, companies, addresses and deals in the text that are somebody else's; they block.

        What the brief itself holds is no leak, and neither are people of the same account.
        """
        text = unicodedata.normalize("NFKC", text)
        account = _account(brief.account, brief.contact.email)
        known = self._ours + _flat(_own(brief))
        found = [*self._addresses(text, account, brief), *self._named(EMAIL.sub(_blank, text), account, known)]
        return [Finding("leak", Severity.block, REASONS[kind].format(span), span) for span, kind in dict(found).items()]

    def _addresses(self, text: str, account: str, brief: Brief) -> Iterator[tuple[str, str]]:
        own = {address.lower() for part in _own(brief) for address in EMAIL.findall(part)}
        for match in EMAIL.finditer(text):
            owners = self._accounts.get(("address", match[0].lower()))
            if owners and account not in owners and match[0].lower() not in own:
                yield match[0], "address"

    def _named(self, text: str, account: str, known: str) -> Iterator[tuple[str, str]]:
        tokens = _tokens(text)
        at = 0
        while at < len(tokens):
            step = 1
            for length in sorted(self._lengths.get(tokens[at].word, ()), reverse=True):
                run = tokens[at : at + length]
                if len(run) == length and _together(run, text) and (hit := self._hit(run)):
                    kind, owners = hit
                    if account not in owners and f" {_joined(run)} " not in known:
                        yield " ".join(text[run[0].start : run[-1].end].split()), kind
                    step = length
                    break
            at += step

    def _hit(self, run: list[_Token]) -> tuple[str, set[str]] | None:
        """What a run of words is the name of, and whose."""
        phrase = _joined(run)
        for kind in KINDS:
            owners = self._accounts.get((kind, phrase))
            if owners and not (kind == "deal" and len(owners) > 1) and _meant(kind, run):
                return kind, owners
        return None


def _meant(kind: str, run: list[_Token]) -> bool:
    """Whether words that could be a name are written like one."""
    capital = run[0].capital and run[-1].capital
    plain = all(ordinary(token.word) for token in run)
    if len(run) == 1:
        return capital and not (plain and (kind != "company" or run[0].placed))
    if plain and len(run) <= FEW:
        return capital and (kind == "name" or (kind == "company" and not run[-1].placed))
    return kind != "last name" or any(token.capital for token in run)


def _phrases(person: Stranger) -> Iterator[tuple[str, str]]:
    """Every way in which somebody or something of theirs is named, folded, by kind."""
    if person.email:
        yield "address", person.email.strip().lower()
    first, last = _folded(person.first_name), _folded(person.last_name)
    if first and last:
        yield "name", f"{first} {last}"
    if len(last) > 2:
        yield "last name", last
    if company := _folded(person.company):
        yield "company", company
        yield "company", _without_legal_form(company)
    for deal in filter(None, map(_folded, person.deals)):
        yield "deal", deal


def _account(account: str, email: str) -> str:
    return email.lower() if PRIVATE_MAIL.fullmatch(account) else _without_legal_form(_folded(account))


def _without_legal_form(company: str) -> str:
    return LEGAL.sub("", company)


def _own(brief: Brief) -> list[str]:
    """What the brief says; all of it may stand in the email."""
    contact = brief.contact
    said = [f"{contact.first_name or ''} {contact.last_name or ''}", contact.email, brief.goal, brief.note]
    said += [brief.sender.name, brief.company.name if brief.company else None, brief.deal.name if brief.deal else None]
    said += [part for event in brief.events for part in (event.subject, event.body)]
    return [part for part in said if part]


def _flat(texts: Iterable[str]) -> str:
    """Folded words with spaces around each and a bar between texts, to look phrases up in."""
    return "".join(f" {_folded(text)} |" for text in texts)


def _folded(text: str | None) -> str:
    """Plain lower-case words: "O’Neill-Weiß" and "o neill weiss" are the same."""
    return " ".join(map(_plain, TOKEN.findall(unicodedata.normalize("NFKC", text or ""))))


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    start = 0
    for line in text.splitlines(keepends=True):
        words = list(TOKEN.finditer(line))
        titled = len(words) > FEW and not any(word[0][0].islower() for word in words if len(word[0]) > SMALL)
        for word in words:
            placed = titled or word is words[0] or bool(SENTENCE_END.search(line[: word.start()][-6:]))
            capital = not word[0][0].islower()
            found.append(_Token(_plain(word[0]), start + word.start(), start + word.end(), capital, placed))
        start += len(line)
    return found


def _plain(word: str) -> str:
    return word.lower() if word.isascii() else re.sub(r"\W", "", anyascii(word)).lower() or word


def _together(run: list[_Token], text: str) -> bool:
    """Whether the words stand side by side: no sentence ends between them, unless after an initial."""
    for one, other in pairwise(run):
        gap = text[one.end : other.start]
        if not GAP.fullmatch(gap) or ("." in gap and len(gap) > 1 and one.end - one.start > 1):
            return False
    return True


def _joined(run: list[_Token]) -> str:
    return " ".join(token.word for token in run)


def _blank(match: re.Match[str]) -> str:
    return " " * (match.end() - match.start())


NOBODY = Strangers()
