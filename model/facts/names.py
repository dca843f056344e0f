"""Names of people, companies and products: capital words that neither the record nor the house knows."""

import itertools
import re
from collections.abc import Iterator

from rapidfuzz import fuzz, process

from model.facts.english import COMMON
from model.facts.record import Record
from model.facts.stated import Draft, Stated
from model.facts.text import Sentence, Word, flat, greeted, words_of
from model.reading import other_language

ORDINARY = frozenset(
    re.findall(
        r"\S+",
        "i i'm i'd i'll i've ok okay p s ps pps p.s mr mrs ms mx dr prof sir madam re fw fwd tbd eod eta etc crm"
        " pdf erp csv api url html qr rfq rfp roi kpi kpis faq faqs ai it hr ceo cto cfo coo cio vp qa b2b saas"
        " it's sms usb vpn iot id ids gps hvac oem mro cmms msp nda usd eur gbp tv am pm utc cet gmt est pst uk us"
        " usa eu english german french spanish italian portuguese dutch danish swedish norwegian finnish polish"
        " czech japanese chinese korean russian arabic turkish greek american british european asian african"
        " nordic monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat"
        " sun mondays tuesdays wednesdays thursdays fridays saturdays sundays january february march april may"
        " june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec"
        " christmas easter thanksgiving ramadan hanukkah new-year internet web wifi wi-fi q1 q2 q3 q4 iso sla slas"
        " soc hipaa gdpr pci fda ce dss fedramp",
    )
)
ROLES = frozenset(
    re.findall(
        r"\S+",
        "account accounts executive manager director sales team customer customers success care support service"
        " services head of marketing representative senior junior lead operations office the and at for"
        " development business partner specialist consultant engineer advisor adviser coordinator founder"
        " co-founder your from sent my",
    )
)
WAYS_TO_TALK = re.compile(r"\b(?:on|over|via|by|a|through|use) $", re.IGNORECASE)
TOOLS = frozenset({"zoom", "teams", "meet", "google meet", "microsoft teams", "skype", "facetime", "whatsapp", "webex"})
NOBODY = frozenset(
    re.findall(
        r"\S+",
        "there all team everyone everybody both folks again and friend friends sir madam mr ms mrs mx dr prof the"
        " at my dear colleague colleagues or to whom",
    )
)
LEGAL = frozenset(
    re.findall(r"\S+", "inc ltd llc gmbh ag corp corporation co plc sa s.a bv b.v kg oy ab aps as srl company")
)
TRADE = frozenset(
    re.findall(
        r"\S+",
        "foods labs group systems logistics clinic hotels works mills bank industries partners solutions"
        " technologies technology software holdings ventures consulting manufacturing motors steel energy airlines"
        " university hospital seafood brewery media capital pharma retail insurance networks traders",
    )
) | (LEGAL - {"as", "co"})
AT_A_COMPANY = re.compile(
    r"\b(?:at|customers? (?:like|such as)|clients? (?:like|such as)|such as|including|teams? (?:at|like)|than|unlike"
    r"|competitors?(?: like)?|partner(?:ed|ing)? with|acquired by|companies like|for|helped|knows?|uses?"
    r"|chose|beat|replaced?|partner|customer|client|supplier|competitor)\s+(?:the )?$",
    re.IGNORECASE,
)
OUR_PRODUCT = re.compile(
    r"\b(?:our(?: new)?|the new|upgrade to|switch to|try|using|with our"
    r"|(?:connects? to|integrates? with)(?: [\w, ]+ and)?)\s+$",
    re.IGNORECASE,
)
PRODUCT_WORDS = re.compile(
    r"^\s*(?:plan|edition|module|tier|suite|platform|app|feature|add-on|package|version|subscription|tool|dashboard"
    r"|integration|assistant|software|connector|\d)\b|^\s*(?:Pro|Plus|Premium|Enterprise)\b"
)
SAYS = re.compile(
    r"^(?:['’]s (?:team|crew|colleague|manager)\b| (?:said|told|mentioned|suggested|recommended|asked|introduced"
    r"|referred|thinks|loves|uses|chose|switched|trusts|relies|wanted|from|at [A-Z]|and I|and my|will join|joined|saved"
    r"|cut|reduced|runs on|did)\b)"
)
DETERMINED = re.compile(r"\b(?:our|the|your|a|an)\s+(?:new )?$|^\W*$", re.IGNORECASE)
USES = re.compile(r" (?:uses?|chose|switched|trusts?|relies|saved|cut|reduced|runs on|did)\b")
JOINERS = frozenset({"of", "&", "de", "van", "von", "der", "la", "the"})
STARTS = re.compile(r"(?:^|[.!?…:]|[-–—•*>(\"“‘'/|])[\s\"“‘(]*$|\d[.)]\s*$")
TITLE_CASE = 0.6  # of the longer words have a capital: then the line is a title and capitals say little
TITLE_WORDS = 3
ALMOST = 80  # of 100, spelled alike: then it is a slip of that value


def names(draft: Draft) -> Iterator[Stated]:
    nouns_have_capitals = other_language(draft.text, ("en",)) == "de"
    for sentence in draft.sentences:
        if sentence.part == "greeting":
            yield from _greeting(draft, sentence)
        elif sentence.part == "sign_off":
            yield from _signed(draft, sentence)
        else:
            told = _told(draft, sentence)
            yield from (fact for fact in told if not (nouns_have_capitals and fact.reason and " " not in fact.span))


def _greeting(draft: Draft, sentence: Sentence) -> Iterator[Stated]:
    """A greeting names this contact or nobody."""
    who = greeted(sentence.text) or ""
    words = [w for w in words_of(who) if w.key not in NOBODY and not (w.key in COMMON and w.text.islower())]
    if not words or sentence.house:
        return
    run = " ".join(word.key for word in words)
    record = draft.record
    known = record.holding(run, "contact")
    if known is None and record.brief.company:
        known = record.holding(run, "company")
    start = sentence.start + sentence.text.find(words[0].text)
    span = who[words[0].start : words[-1].end]
    if known is None and draft.free(start, start + len(span)):
        contact = record.brief.contact
        name = " ".join(part for part in (contact.first_name, contact.last_name) if part) or contact.email
        reason = f"The greeting is for {span}, and the mail goes to {name}."
        yield Stated("fact_name", start, start + len(span), span, (), reason, name)


def _signed(draft: Draft, sentence: Sentence) -> Iterator[Stated]:
    """A sign-off names this sender, the company and what somebody does there."""
    record = draft.record
    for run in _runs(draft, sentence):
        keys = [word.key for word in run if word.key not in ROLES]
        joined = " ".join(keys)
        first = run[0].start == sentence.start
        if not keys or record.holding(joined, "sender", "voice", "claim") or f" {joined} " in record.house_words:
            continue
        if (
            sentence.house
            or not draft.free(run[0].start, run[-1].end)
            or (first and len(run) == 1 and run[0].key in COMMON)
        ):
            continue
        if all(key in COMMON or key in ORDINARY for key in keys) or _pieces(record, joined, "sender", "voice"):
            continue
        span = draft.text[run[0].start : run[-1].end]
        sender = record.brief.sender.name
        reason = f"The mail is signed by {span}, and it is {sender} who sends it."
        yield Stated("fact_name", run[0].start, run[-1].end, span, (), reason, sender)


def _told(draft: Draft, sentence: Sentence) -> Iterator[Stated]:
    titled = _is_title(draft, sentence)
    for run in _runs(draft, sentence):
        for part in _unknown(draft, sentence, run, titled=titled):
            if sentence.house or not draft.free(part[0].start, part[-1].end):
                continue
            yield _untraced(draft, sentence, part)
    for cover in draft.covers:
        inside = sentence.start <= cover.start < sentence.end
        if inside and cover.source.whole and cover.source.role in ("company", "deal", "contact"):
            yield Stated("fact_name", cover.start, cover.end, draft.text[cover.start : cover.end], (cover.source.says,))


def _runs(draft: Draft, sentence: Sentence) -> Iterator[list[Word]]:
    """Capital words side by side, joined by "of", "&" and the like."""
    run: list[Word] = []
    pending: list[Word] = []
    for word in draft.words:
        if not sentence.start <= word.start < sentence.end:
            continue
        last = (pending or run or [word])[-1]
        beside = word is last or re.fullmatch(r"[ -]|\. ", draft.text[last.end : word.start])
        if run and not beside:
            yield run
            run, pending = [], []
        if word.text[0].isupper():
            run, pending = [*run, *pending, word], []
        elif run and word.key in JOINERS:
            pending.append(word)
        elif run:
            yield run
            run, pending = [], []
    if run:
        yield run


def _unknown(draft: Draft, sentence: Sentence, run: list[Word], *, titled: bool) -> list[list[Word]]:
    """The part of a run that nobody knows, or nothing."""
    record = draft.record
    start = bool(STARTS.search(draft.text, sentence.start, run[0].start)) or run[0].start == sentence.start
    whole = run
    run = _without_ordinary(run)
    start = start and run[:1] == whole[:1]
    while run and start and len(run) > 1 and run[0].key in COMMON and not _known(record, run):
        run, start = _without_ordinary(run[1:]), False
    if not run or _known(record, run):
        return []
    if titled:
        return _rare(record, run)
    if start and len(run) == 1:
        after = draft.text[run[0].end : run[0].end + 14]
        begins = (run[0].text.endswith(("'s", "’s")) and f"’s{after}") or after
        unusual = run[0].key not in COMMON and run[0].key.rstrip("s") not in COMMON and run[0].key not in ORDINARY
        return [run] if unusual and SAYS.match(begins) else []
    if _is_shouted(run):
        return []
    text = " ".join(word.key for word in run)
    if text in TOOLS and WAYS_TO_TALK.search(draft.text, max(0, run[0].start - 12), run[0].start):
        return []
    parts = _split(run)
    return [run] if len(parts) == 1 else [part for part in parts if not _known(record, part)]


def _without_ordinary(run: list[Word]) -> list[Word]:
    """Drop ordinary capitals and joiners from both ends."""
    while run and (run[0].key in ORDINARY or run[0].key in JOINERS):
        run = run[1:]
    while run and (run[-1].key in ORDINARY or run[-1].key in JOINERS):
        run = run[:-1]
    return run


def _split(run: list[Word]) -> list[list[Word]]:
    parts: list[list[Word]] = [[]]
    for word in run:
        if word.key in JOINERS:
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


def _rare(record: Record, run: list[Word]) -> list[list[Word]]:
    """In a title: words that are no everyday English and that nobody knows, and companies by their last word."""
    companies = [
        [first, last]
        for first, last in itertools.pairwise(run)
        if last.key in TRADE and first.key not in COMMON and not _known(record, [first, last])
    ]
    return companies or [
        [word]
        for word in run
        if word.key not in COMMON | ORDINARY | JOINERS
        and word.key.rstrip("s") not in COMMON
        and not word.key.endswith(("ing", "ed", "ly", "tion", "ment"))
        and not _known(record, [word])
    ]


def _is_shouted(run: list[Word]) -> bool:
    return all(word.text.isupper() for word in run) and any(word.key in COMMON for word in run)


def _known(record: Record, run: list[Word]) -> bool:
    text = " ".join(word.key for word in run)
    if record.holding(text) or f" {text} " in record.house_words:
        return True
    if len(run) > 1 and run[-1].key in LEGAL and _known(record, run[:-1]):
        return True
    return _pieces(record, text) or all(word.key in ORDINARY | JOINERS for word in run)


def _pieces(record: Record, text: str, *roles: str) -> bool:
    """Whether it is two whole values side by side, such as our company and a product; two people are not one."""
    words = text.split()
    for cut in range(1, len(words)):
        left, right = record.whole(" ".join(words[:cut])), record.whole(" ".join(words[cut:]))
        if left and right and not (left.role in ("contact", "sender") and right.role in ("contact", "sender")):
            return not roles or (left.role in roles and right.role in roles)
    return False


def _is_title(draft: Draft, sentence: Sentence) -> bool:
    if sentence.part != "subject" and sentence.text.rstrip().endswith((".", "!", "?")):
        return False
    words = [w for w in draft.words if sentence.start <= w.start < sentence.end and len(w.text) > 3]
    plain = [w for w in words if w.text[0].isalpha() and not draft.covered(w.start, w.end)]
    capitals = sum(w.text[0].isupper() for w in plain)
    return len(plain) >= TITLE_WORDS and capitals >= TITLE_CASE * len(plain)


def _untraced(draft: Draft, sentence: Sentence, run: list[Word]) -> Stated:
    start, end = run[0].start, run[-1].end
    span = draft.text[start:end]
    near, role = _nearest(draft.record, span)
    rule, what = _kind(draft.text[sentence.start : start], run, draft.text[end : end + 20])
    if role == "company" and rule == "fact_name":
        rule, what = "fact_company", "a company"
    reason = f"{span} is {what} that the record does not know."
    return Stated(rule, start, end, span, (), reason, near)


def _kind(before: str, run: list[Word], after: str) -> tuple[str, str]:
    product = bool(DETERMINED.search(before) and PRODUCT_WORDS.search(after))
    if run[-1].key in TRADE or (AT_A_COMPANY.search(before) and not product):
        return "fact_company", "a company"
    numbered = len(run) > 1 and run[-1].key in ("pro", "plus", "premium", "enterprise", "suite", "cloud", "ai")
    if numbered or OUR_PRODUCT.search(before) or product:
        return "fact_product", "a product or feature"
    if (run[0].text.isupper() and len(run) == 1) or (not before.strip() and USES.match(after)):
        return "fact_company", "a company"
    return "fact_name", "a name"


def _nearest(record: Record, span: str) -> tuple[str, str]:
    """The record's value that is spelled most like it, and its role where the two are nearly the same."""
    values = [source for source in record.sources if source.whole]
    best = process.extractOne(flat(span), [source.flat for source in values], scorer=fuzz.ratio)
    if best is None:
        return "", ""
    source = values[best[2]]
    return source.text, source.role if best[1] >= ALMOST else ""
