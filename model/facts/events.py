"""What a draft says has happened: "you attended", "thank you for the call", "your ticket"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from model.brief import Event
from model.facts.record import Record, told
from model.facts.stated import Draft, Stated
from model.facts.text import Sentence, flat

# Kinds are compared by a part of their name, so that an importer's "webinar" is one as well as "webinar_attended".
_MEETING, _TALK = ("meeting", "visit", "appointment"), ("call", "meeting", "appointment", "visit")
_HEARD = ("received", "form", "call", "meeting", "ticket", "webinar", "note", "reply", "chat")
_WROTE = ("received", "form", "ticket", "reply", "chat")
_SENT = ("sent", "open", "click", "stage:proposal", "stage:negotiation", "received")
_DEMO = ("demo",)
_TRIAL = ("trial", "stage:trial", "usage", "signup", "sign_up")

VERBS: dict[str, tuple[str, ...]] = {
    r"attended|sat in on|took part in|participated in": ("webinar", "event", "meeting"),
    r"joined|came to|made it to": ("webinar", "event", "meeting", "call"),
    r"watched": ("webinar", "video", "click"),
    r"opened": ("open", "ticket"),
    r"clicked|followed (?:the|a|our) link": ("click",),
    r"downloaded|picked up|grabbed": ("download",),
    r"asked|inquired|enquired|wondered|wanted to know|mentioned|told|said|explained|pointed out|brought up|raised"
    r"|flagged|complained|reported|shared|confirmed": _HEARD,
    r"wrote|replied|answered|responded|emailed|got back|reached out|got in touch|contacted": _WROTE,
    r"signed up|registered|enrolled|subscribed": ("form", "webinar", "signup", "sign_up", "registration", "trial"),
    r"filled (?:in|out)|submitted|sent (?:in|us|me)|completed": ("form", "received", "ticket"),
    r"requested|booked|scheduled": ("form", "received", "meeting", "call", "ticket", "download"),
    r"called|rang|phoned": ("call",),
    r"met|sat down|visited us|stopped by": _MEETING,
    r"spoke|talked|chatted|agreed": _TALK,
    r"visited|viewed|looked at|browsed|were on|came back to|have come back to|come back to|returned to|spent"
    r"|stopped at|checked out|landed on": ("page_view", "visit", "usage"),
    r"read": ("page_view", "open", "download", "click"),
    r"used|tried|started using|logged in|created|set up|activated|put|were using|are using|were busy|was busy|built"
    r"|been (?:using|working (?:in|with)|active|busy|in)": ("usage", "stage:trial", "login", "activat"),
    r"bought|purchased|ordered|renewed|upgraded|paid|cancelled|canceled|signed": (
        *("purchase", "order", "payment", "subscription", "stage:won", "stage:closed", "cancel"),
    ),
    r"saw (?:our|the|my|a) demo|watched (?:our|the|my|a) demo": _DEMO,
    r"started (?:your|a|the) (?:free )?trial": _TRIAL,
}
THANKED: dict[str, tuple[str, ...]] = {
    r"joining|attending|attendance|coming(?! back)|taking part|participating": ("webinar", "event", "meeting", "call"),
    r"downloading|download|picking up": ("download",),
    r"calling|the call|your call|call": ("call", "meeting"),
    r"meeting|the meeting|making (?:the )?time|having (?:me|us)": _TALK,
    r"chat|conversation|speaking|talking|chatting|discussion|discussing": _TALK,
    r"writing|reply|replying|response|responding|email|message|getting back|reaching out|getting in touch|contacting"
    r"|inquiry|enquiry": (*_WROTE, "call"),
    r"question|asking|request|requesting|feedback|sharing|telling|explaining": _HEARD,
    r"registering|registration|signing up|subscribing": ("form", "webinar", "signup", "sign_up", "registration"),
    r"filling (?:in|out)|submitting|sending in": ("form", "received"),
    r"following the link|clicking": ("click",),
    r"opening": ("open",),
    r"coming back|returning": ("page_view", "visit", "usage"),
    r"visiting|visit|looking at|browsing|stopping by": ("page_view", "visit", "meeting"),
    r"reading": ("page_view", "open", "download", "click"),
    r"using|trying|putting|testing": ("usage", "trial", "stage:trial"),
    r"raising|ticket|reporting": ("ticket", "received"),
    r"order|purchase|ordering|buying|purchasing|renewing": ("purchase", "order", "payment", "stage:won"),
    r"demo": _DEMO,
    r"webinar|session|workshop": ("webinar", "event", "meeting"),
}
OURS: dict[str, tuple[str, ...]] = {
    r"meeting": ("meeting", "appointment", "visit"),
    r"phone call|call|video call": ("call", "meeting"),
    r"conversation|exchange": (*_TALK, "received", "chat"),
    r"chat|discussion|talk": (*_TALK, "chat"),
    r"demo|demonstration": _DEMO,
    r"webinar": ("webinar",),
    r"session|workshop": ("webinar", "event", "meeting"),
    r"proposal|quote|offer": ("stage:proposal", "stage:negotiation", "sent", "open"),
}
YOURS: dict[str, tuple[str, ...]] = {
    r"ticket|support request|support case": ("ticket",),
    r"reply|response|email(?! address)|e-mail|message|letter": _WROTE,
    r"question|request|inquiry|enquiry|comment|complaint": _HEARD,
    r"download": ("download",),
    r"visits? (?:to|at|on)|look at|browsing": ("page_view", "visit", "webinar", "meeting"),
    r"(?:phone )?call (?:about|on|to|with|last|yesterday|today)": ("call", "meeting"),
    r"registration|sign-?up|booking": ("form", "webinar", "signup", "sign_up", "registration", "trial"),
    r"(?:\W?[\w ]{2,40}\W )?form|form submission|contact form": ("form",),
    r"click (?:in|on)": ("click",),
    r"attendance (?:at|in)|participation in": ("webinar", "event", "meeting"),
    r"time (?:at|in) (?:the|our)|meeting with": _TALK,
    r"order(?! form)|purchase|payment": ("purchase", "order", "payment"),
    r"(?:free )?trial (?:is|has|ends|ended|expires|expired|started|began|runs|account)": _TRIAL,
    r"work with|use of|usage of|activity in": ("usage", "trial", "stage:trial"),
}
DID: dict[str, tuple[str, ...]] = {
    r"spoke|talked|chatted|met|sat down": _TALK,
    r"discussed|agreed": (*_TALK, "received"),
    r"sent|emailed|mailed": _SENT,
    r"called|rang|phoned": ("call",),
    r"showed|demonstrated|presented|demoed": ("demo", "meeting", "webinar"),
}
PLEASURES: dict[str, tuple[str, ...]] = {
    r"(?:meeting|speaking|talking|chatting|connecting) (?:with |to )?(?:you|everyone|your team)": _TALK,
}
JOYS: dict[str, tuple[str, ...]] = {
    r"(?:meet|speak|talk|chat|connect) (?:with |to )?(?:you|everyone|your team)": _TALK,
    r"(?:hear|hearing) (?:from you|your voice)": (*_HEARD,),
    r"show you": ("demo", "meeting", "visit"),
}
WEAK = re.compile(r"\bas (?:we )?(?:discussed|agreed|promised|requested|mentioned)\b", re.IGNORECASE)

_WHO = r"(?:you|your (?:team|colleagues?|people|crew|planners?|technicians?|side)|you and your team)"
_ADVERBS = (
    r"(?:(?:['’]ve| have| had| has| just| also| recently| already| first| kindly| then| both| all| even| actually"
    r"| briefly| last)\b)*"
)
_THANKS = r"\b(?:thank(?:s| you)|grateful to you|appreciated?|enjoyed|pleasure)\b[^.?!\n]{0,30}?\b(?:for|your|our|of) "
_ADJECTIVE = r"(?:(?:last|recent|latest|previous|first|earlier|quick|short|good|great|kind|initial|follow-up|own) )*"


@dataclass(frozen=True)
class Form:
    """One way of saying that something happened: the whole pattern, and kinds for each of its words."""

    pattern: re.Pattern[str]
    kinds: tuple[tuple[str, ...], ...]
    name: str


def _form(name: str, before: str, words: dict[str, tuple[str, ...]], after: str = r"\b") -> Form:
    choices = "|".join(f"(?P<k{number}>{pattern})" for number, pattern in enumerate(words))
    return Form(re.compile(rf"{before}(?:{choices}){after}", re.IGNORECASE), tuple(words.values()), name)


FORMS = (
    _form("did", rf"\b{_WHO}{_ADVERBS} ", VERBS),
    _form("thanked", rf"{_THANKS}(?:[\w']+ ){{0,3}}?", THANKED),
    _form("ours", rf"\b(?:our|the|this|my) {_ADJECTIVE}", OURS),
    _form("pleasure", r"\b(?:good|great|nice|lovely|wonderful|pleasure|enjoyed|loved)(?: in)? ", PLEASURES),
    _form("joy", r"\bwas (?:an? )?(?:\w+ )?(?:good|great|nice|lovely|wonderful|pleasure|joy|honou?r) to ", JOYS),
    _form("yours", rf"\byour {_ADJECTIVE}", YOURS),
    _form("we", rf"\b(?:I|we){_ADVERBS} ", DID),
)
UNSURE = re.compile(r"\b(?:if|whether|have|has|had|unless|should|once|until|in case|did|do|would|could)\W*$", re.I)
PAST = re.compile(
    r"\b(?:after|since|during|from|following|at|in|on|about|enjoyed|thanks for|thank you for|re|regarding|recap of"
    r"|follow(?:ing)?[- ]up (?:on|to)|referring to|reference to|as said in|was|loved)\W*(?:\w+\W+)?$",
    re.IGNORECASE,
)
AHEAD_OF = re.compile(
    r"\b(?:send|share|submit|give|need|want|await|awaiting|forward to|waiting for|appreciate|welcome|love|like|get"
    r"|answer|answering|answers? to|any of|book|schedule|arrange|set up|before|ahead of|for|reply with|have|confirm"
    r"|open|raise|make|close|settle|solve|help with|to|if you attended|if you joined)(?: me| us)?\W*$",
    re.IGNORECASE,
)
WAS = re.compile(r"\W+(?:was|went|gave|showed|made|left|helped)\b")
WISHED = re.compile(r"\b(?:be|forward to|would|will)\W+(?:\w+\W+)?$", re.IGNORECASE)
IDIOM = re.compile(r"\bis\W*$|['’]s\W*$", re.IGNORECASE)
OBJECT = {
    re.compile(r"\b(?:webinar|online session)\b", re.I): ("webinar", "form", "registration", "signup", "sign_up"),
    re.compile(r"\btrial\b", re.I): (*_TRIAL, "form"),
    re.compile(r"\bforms?\b", re.I): ("form",),
    re.compile(r"\b(?:phone |video )?call\b", re.I): ("call", "meeting"),
    re.compile(r"\bmeeting\b", re.I): ("meeting",),
    re.compile(r"\bticket\b", re.I): ("ticket",),
    re.compile(r"\bdemo\b", re.I): ("demo", "form"),
    re.compile(r"\bpage\b", re.I): ("page_view", "form", "usage"),
    re.compile(r"\b(?:guide|paper|checklist template|e-?book|white ?paper|brochure)\b", re.I): ("download",),
    re.compile(r"\b(?:email|newsletter)\b", re.I): ("open", "click", "received", "sent"),
}
PLACE = {
    re.compile(r"\b(?:on|over|by) (?:the )?(?:tele)?phone\b", re.I): ("call",),
    re.compile(r"\b(?:trade (?:fair|show)|fair|booth|stand|expo|conference|exhibition)\b", re.I): (
        *("fair", "show", "booth", "expo", "conference", "exhibition", "trade"),
    ),
}  # said beside a verb, these leave no other kind
OBJECT_REACH = 60  # characters in which a verb's object is looked for
CLAUSE = re.compile(r"[.?!;:\n]|,? (?:and|but|so|when|after|before) (?:you|we|I)\b")


@dataclass(frozen=True)
class Claim:
    """Something said to have happened, and the events it may mean. `matched` are those that the record holds."""

    start: int
    end: int
    span: str
    kinds: tuple[str, ...]
    matched: tuple[Event, ...]
    rests_on: tuple[str, ...]
    strict: bool  # "you attended": checked in house sentences too


def claims(draft: Draft) -> list[Claim]:
    """Every event claim of a draft, the longer first where two overlap."""
    found = [claim for form in FORMS for claim in _of_form(form, draft)]
    found += [_claim(draft, m.start(), m.end(), (*_HEARD, "stage:proposal"), "weak") for m in WEAK.finditer(draft.text)]
    kept: list[Claim] = []
    for claim in sorted(found, key=lambda claim: (not claim.strict, claim.start - claim.end)):
        if not any(claim.start < other.end and other.start < claim.end for other in kept):
            kept.append(claim)
    return sorted(kept, key=lambda claim: claim.start)


def _of_form(form: Form, draft: Draft) -> Iterator[Claim]:
    for match in form.pattern.finditer(draft.text):
        sentence = draft.sentence_at(match.start())
        number = next(n for n in range(len(form.kinds)) if match[f"k{n}"])
        before, after = draft.text[sentence.start : match.start()], draft.text[match.end() : match.end() + 12]
        if _stated(form.name, before, match[0], after, sentence):
            yield _claim(draft, match.start(), match.end(), form.kinds[number], form.name)


def _stated(form: str, before: str, words: str, after: str, sentence: Sentence) -> bool:
    """Whether it is said as something that happened, and not asked, wished or announced."""
    if form in ("did", "we"):
        return not UNSURE.search(before)
    if form == "yours":
        return not (AHEAD_OF.search(before) or (words.lower().endswith("call") and IDIOM.search(before)))
    if form == "ours":
        ours = words.lower().startswith(("our", "this", "my"))
        if AHEAD_OF.search(before) and not re.search(r"\b(?:thanks?|thank you|you) for\W*$", before, re.I):
            return False
        if re.search(r"proposal|quote|offer|webinar", words, re.I):
            return False
        return bool(PAST.search(before) or (ours and (WAS.match(after) or not sentence.offers)))
    if form == "pleasure":
        return not WISHED.search(before)
    return True


def _claim(draft: Draft, start: int, end: int, kinds: tuple[str, ...], form: str) -> Claim:
    wanted, named = kinds, []
    record = draft.record
    if form not in ("ours", "yours"):
        after = CLAUSE.split(draft.text[end : end + OBJECT_REACH], maxsplit=1)[0]
        wanted = _narrowed(kinds, after)
    named = _named(draft, end)
    matched = [event for event in record.brief.events if _fits(event, wanted)]
    if named:
        matched = [event for event in matched if event in named]
    on = [told(event) for event in matched] or ([] if named else _otherwise(draft, start, end, wanted))
    return Claim(start, end, draft.text[start:end], wanted, tuple(matched), tuple(on), form in ("did", "thanked"))


def _narrowed(kinds: tuple[str, ...], after: str) -> tuple[str, ...]:
    """The kinds that remain when the words after a verb say what it was about or where."""
    for pattern, places in PLACE.items():
        if pattern.search(after):
            return places
    for pattern, objects in OBJECT.items():
        if pattern.search(after):
            return tuple(kind for kind in kinds if kind in objects) or kinds
    return kinds


def _named(draft: Draft, end: int) -> list[Event]:
    """The events whose subject follows in the same clause: then it is one of these that is meant."""
    stop = CLAUSE.search(draft.text, end)
    reach = min(stop.start() if stop else len(draft.text), end + 2 * OBJECT_REACH)
    stands = [c for c in draft.covers if c.source.role == "event" and c.source.whole and end <= c.start < reach]
    longest = max(stands, key=lambda cover: cover.end - cover.start, default=None)
    if longest is None:
        return []
    return [c.source.event for c in stands if (c.start, c.end) == (longest.start, longest.end) and c.source.event]


def _fits(event: Event, kinds: tuple[str, ...]) -> bool:
    if any(kind in event.kind for kind in kinds):
        return True
    return "demo" in kinds and event.kind in ("meeting", "call", "webinar_attended") and " demo " in flat(_words(event))


def _words(event: Event) -> str:
    return f"{event.subject or ''} {event.body or ''}"


def _otherwise(draft: Draft, start: int, end: int, kinds: tuple[str, ...]) -> list[str]:
    """The deal's stage, the goal or the note may tell of it where no event does."""
    brief = draft.record.brief
    stage = (brief.deal.stage or "").lower() if brief.deal else ""
    stages = [kind.removeprefix("stage:") for kind in kinds if kind.startswith("stage:") or kind in ("demo", "trial")]
    if stage and any(name in stage for name in stages):
        return [f"deal stage: {stage}"]
    cover = draft.covered(start, end, by=("goal", "claim"))
    if cover:
        return [cover.source.says]
    verb = draft.text[start:end].split()[-1].lower()[:4]
    if brief.note and re.search(rf"\b{re.escape(verb)}", brief.note, re.IGNORECASE):
        return [source.says for source in draft.record.sources if source.role == "note"]
    return []


def stated(draft: Draft, found: list[Claim]) -> Iterator[Stated]:
    for claim in found:
        sentence = draft.sentence_at(claim.start)
        if sentence.part in ("greeting", "sign_off") or (sentence.house and not claim.strict):
            continue
        reason = "" if claim.rests_on else _reason(claim, draft.record)
        evidence = "" if claim.rests_on else draft.record.newest
        yield Stated("fact_event", claim.start, claim.end, claim.span, claim.rests_on, reason, evidence)


def _reason(claim: Claim, record: Record) -> str:
    if not record.brief.events:
        return f"“{claim.span}” speaks of something that happened, and the record holds no events for this contact."
    events = "; ".join(told(event) for event in record.brief.events)
    return f"“{claim.span}” is not in the record, which holds: {events}."
