"""What an answer to one of our emails says, by rules over its headers and words, with the reason. Pure.

The order decides: a report of the mail system comes first, a wish to get no more emails before everything else that a
person says, a machine before a person, a no before a yes. Where two readings are left, the more careful one counts.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from model import reply_words as words

READ = 4000  # characters of an answer; what stands further down decides nothing
SALUTATION = re.compile(
    r"\A\W*(?:(?:hi|hello|hey|dear|good|hallo|guten?|liebe\w*|sehr geehrte\w*|moin|bonjour|salut|chere?)\b"
    r"[^\n.?:;]{0,40}"
    r"|[^\W\d_]+(?: [^\W\d_]+){0,2},)[ \t]*\n(?=\s*\S)",
    re.IGNORECASE,
)
FULL = {"2.2", "2.3", "3.4"}  # 5.2.2 and the like: the mailbox is full, the email too large; the address is right


class Kind(StrEnum):
    """What an answer says."""

    positive = "positive"  # goes along, or wants more of it
    negative = "negative"  # says no, or not now
    question = "question"  # asks back and says neither
    out_of_office = "out_of_office"
    unsubscribe = "unsubscribe"  # wants no more emails, whatever else it says
    bounce = "bounce"  # did not arrive
    other = "other"


@dataclass(frozen=True)
class Report:
    """What a mail system says of one delivery (RFC 3464)."""

    action: str
    status: str
    diagnostic: str = ""


@dataclass(frozen=True)
class Reply:
    """An answer as plain values. `text` is what was written for it, without what it quotes."""

    text: str
    subject: str = ""
    sender: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)  # by lower-case name
    report: Report | None = None


@dataclass(frozen=True)
class Answer:
    """The kind of an answer and why; `permanent` says of a bounce that the address is wrong."""

    kind: Kind
    reason: str
    automatic: bool = False
    permanent: bool = False


def classed(reply: Reply) -> Answer:
    """The kind of an answer."""
    text, subject = _folded(reply.text[:READ]), _folded(reply.subject)
    return (
        _reported(reply)
        or _returned(reply, text, subject)
        or _asked_by_subject(subject)
        or _from_a_machine(reply, text, subject)
        or _asked_to_stop(reply.text[:READ], text)
        or _from_a_person(_folded(SALUTATION.sub("", reply.text[:READ])))
    )


def stops(subject: str) -> bool:
    """Whether a subject alone asks for no more emails, as programs that unsubscribe by mail write it."""
    return bool(words.STOP_WORD.fullmatch(_folded(subject)))


def bare(subject: str) -> str:
    """A subject without what answers put before it, for comparing."""
    before, shown = None, _folded(subject)
    while shown != before:
        before = shown
        shown = re.sub(r"^(?:re|aw|wg|fwd?|tr|antw|sv|rif)(?:\[\d+\])? ?: ?", "", shown)
        if marked := words.AUTOMATIC_SUBJECT.match(shown):
            shown = shown[marked.end() :].lstrip(" :–—-")
    return shown


def _reported(reply: Reply) -> Answer | None:
    report = reply.report
    if report is None:
        return None
    if not report.action and not report.status:
        return Answer(Kind.other, "a receipt that a mail program made", automatic=True)
    if report.action in ("delivered", "relayed", "expanded") or report.status.startswith("2"):
        return Answer(Kind.other, "the mail system says that it arrived", automatic=True)
    lasting = report.action != "delayed" and report.status.startswith("5") and report.status[2:] not in FULL
    said = " ".join(report.diagnostic.split())[:120]
    reason = f"the mail system says {report.status or report.action}" + (f": {said}" if said else "")
    return Answer(Kind.bounce, reason, automatic=True, permanent=lasting)


def _returned(reply: Reply, text: str, subject: str) -> Answer | None:
    """A bounce that is no report by the standard, as some servers still write them."""
    by_mailer = words.MAILER.search(_folded(reply.sender)) or "x-failed-recipients" in reply.headers
    if not by_mailer or not (words.NOT_DELIVERED.search(subject) or words.NOT_DELIVERED.search(text)):
        return None
    status, code = words.STATUS.search(text), words.REPLY_CODE.search(text)
    if status:
        lasting = status[1] == "5" and f"{status[2]}.{status[3]}" not in FULL
    else:
        lasting = code[1] == "5" if code else "permanent" in text
    return Answer(Kind.bounce, "it came back from the mail system", automatic=True, permanent=lasting)


def _asked_by_subject(subject: str) -> Answer | None:
    if stops(subject):
        return Answer(Kind.unsubscribe, f"the subject is “{subject}”")
    return None


def _from_a_machine(reply: Reply, text: str, subject: str) -> Answer | None:
    """Footers of such answers speak of unsubscribing too, so that is not looked for."""
    mark = _mark(reply.headers, subject)
    away = words.AWAY.search(f"{subject}\n{text}")
    if mark is None:
        alone = away and not (words.YES.search(text) or words.NO.search(text) or words.ASKS.search(text))
        if away is None or not alone or words.STOP.search(text):
            return None
        return Answer(Kind.out_of_office, _quoting(away), automatic=True)
    for pattern, reads in ((words.LEFT, "they are no longer there"), (words.TICKET, "a confirmation of receipt")):
        if pattern.search(text) or pattern.search(subject):
            return Answer(Kind.other, f"{mark}; {reads}", automatic=True)
    if away or words.AUTOMATIC_SUBJECT.match(subject) or "replied" in mark:
        return Answer(Kind.out_of_office, f"{mark}; {_quoting(away)}" if away else mark, automatic=True)
    return Answer(Kind.other, mark, automatic=True)


def _mark(headers: Mapping[str, str], subject: str) -> str | None:
    """What says that no person wrote it (RFC 3834, and what was used before it)."""
    submitted = headers.get("auto-submitted", "no").partition(";")[0].strip().lower()
    if submitted != "no":
        return f"Auto-Submitted says {submitted}"
    for name in ("x-autoreply", "x-autorespond", "x-autoresponder"):
        if name in headers:
            return f"it carries {name.title()}"
    if headers.get("precedence", "").strip().lower() in ("auto_reply", "auto-reply", "bulk", "junk"):
        return f"Precedence says {headers['precedence'].strip()}"
    return "the subject is that of an automatic answer" if words.AUTOMATIC_SUBJECT.match(subject) else None


def _from_a_person(text: str) -> Answer:
    no, yes, asks, defers = (each.search(text) for each in (words.NO, words.YES, words.ASKS, words.DEFERS))
    if later := words.ANOTHER_TIME.search(text):
        return _said(Kind.positive, later)
    if no:
        return _said(Kind.negative, no)
    if asks and (yes is None or _only_polite(yes, text)):
        return _said(Kind.question, asks)
    if defers and (yes is None or defers.start() < yes.start() or _only_polite(yes, text)):
        return _said(Kind.other, defers)
    if yes:
        return _said(Kind.positive, yes)
    return Answer(Kind.other, "it says neither yes nor no and asks nothing")


def _asked_to_stop(written: str, text: str) -> Answer | None:
    """A wish for no more emails: a word on a line of its own, or a phrase. Asking how others unsubscribe is none."""
    for line in map(_folded, written.splitlines()):
        if words.STOP_WORD.fullmatch(line):
            return Answer(Kind.unsubscribe, f"it says “{line}”")
    for found in words.STOP.finditer(text):
        sentence = _sentence(text, found)
        if not (sentence.endswith("?") and words.ABOUT_OTHERS.search(sentence)):
            return _said(Kind.unsubscribe, found)
    for found in words.STOP_SENTENCE.finditer(text):
        sentence = _sentence(text, found)
        if not (words.BUSINESS.search(sentence) or words.ABOUT_OTHERS.search(sentence)):
            return _said(Kind.unsubscribe, found)
    return None


def _sentence(text: str, found: re.Match[str]) -> str:
    start = max((text.rfind(mark, 0, found.start()) for mark in ".!?\n"), default=-1) + 1
    ends = [at for mark in ".!?\n" if (at := text.find(mark, found.end())) >= 0]
    return text[start : min(ends) + 1 if ends else len(text)].strip()


def _only_polite(yes: re.Match[str], text: str) -> bool:
    """Whether the agreeable word only opens what is asked or passed on: "Sure, who is this?"."""
    return len(yes[0].strip().split()) == 1 and "?" in _sentence(text, yes)


def _said(kind: Kind, found: re.Match[str]) -> Answer:
    return Answer(kind, _quoting(found))


def _quoting(found: re.Match[str]) -> str:
    return f"it says “{' '.join(found[0].split())}”" if found[0].strip() != "?" else "it asks something"


def _folded(text: str) -> str:
    """Lower case without accents, since people leave them out; apostrophes and spaces alike; a line a paragraph."""
    plain = text.casefold().replace("’", "'").replace("‘", "'").replace("`", "'").replace("œ", "oe")
    letters = unicodedata.normalize("NFKD", plain)
    shown = "".join(letter for letter in letters if not unicodedata.combining(letter))
    paragraphs = re.split(r"\n\s*\n", shown)  # mail programs break lines anywhere
    return "\n".join(" ".join(each.split()) for each in paragraphs).strip()
