"""The ways in which a draft says that something has happened, and the kinds of events that each may mean."""

import re
from dataclasses import dataclass

# Kinds are compared by a part of their name, so that an importer's "webinar" is one as well as "webinar_attended".
_MEETING, _TALK = ("meeting", "visit", "appointment"), ("call", "meeting", "appointment", "visit")
HEARD = ("received", "form", "call", "meeting", "ticket", "webinar", "note", "reply", "chat")
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
    r"|flagged|complained|reported|shared|confirmed": HEARD,
    r"wrote|replied|answered|responded|emailed|got back|reached out|got in touch|contacted": _WROTE,
    r"subscribed": ("subscri", "signup", "sign_up", "form"),
    r"signed up|registered|enrolled": ("form", "webinar", "signup", "sign_up", "registration", "trial"),
    r"filled (?:in|out)|submitted|sent (?:in|us|me)": ("form", "received", "ticket"),
    r"completed|finished": ("usage", "onboarding", "form", "training", "stage:onboarding"),
    r"booked|scheduled": ("form", "meeting", "call"),
    r"requested": ("form", "received", "meeting", "call", "ticket", "download"),
    r"called|rang|phoned": ("call",),
    r"met|sat down|visited us|stopped by": _MEETING,
    r"spoke|talked|chatted|agreed": _TALK,
    r"visited|viewed|looked at|browsed|were on|been on|came back to|have come back to|come back to|returned to|spent"
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
    r"joining|attending|attendance|coming(?! back)|being (?:there|with us)|taking part|participating": (
        "webinar",
        "event",
        "meeting",
        "call",
    ),
    r"downloading|download|picking up": ("download",),
    r"calling|the call|your call|call": ("call", "meeting"),
    r"meeting|the meeting|making (?:the )?time|having (?:me|us)": _TALK,
    r"chat|conversation|speaking|talking|chatting|discussion|discussing": _TALK,
    r"writing|reply|replying|response|responding|email|message|getting back|reaching out|getting in touch|contacting"
    r"|inquiry|enquiry": (*_WROTE, "call"),
    r"question|asking|request|requesting|feedback|sharing|telling|explaining": HEARD,
    r"registering|registration|signing up|subscribing": ("form", "webinar", "signup", "sign_up", "registration"),
    r"filling (?:in|out)|submitting|sending in": ("form", "received"),
    r"following the link|clicking": ("click",),
    r"opening": ("open",),
    r"coming back|returning": ("page_view", "visit", "usage"),
    r"visiting|visit|looking at|browsing|stopping by": ("page_view", "visit", "meeting"),
    r"reading": ("page_view", "open", "download", "click"),
    r"using|trying|putting|testing": ("usage", "trial", "stage:trial"),
    r"raising|ticket|reporting": ("ticket", "received"),
    r"sending|accepting|signing|approving|inviting|providing": (
        "received",
        "form",
        "ticket",
        "stage:won",
        "stage:closed",
    ),
    r"order|purchase|ordering|buying|purchasing|renewing": ("purchase", "order", "payment", "stage:won"),
    r"demo": _DEMO,
    r"webinar|session|workshop": ("webinar", "event", "meeting"),
}
OURS: dict[str, tuple[str, ...]] = {
    r"meeting": ("meeting", "appointment", "visit"),
    r"phone call|call|video call": ("call", "meeting"),
    r"conversation|exchange": (*_TALK, "received", "chat"),
    r"(?<!the )chat|discussion|talk": (*_TALK, "chat"),
    r"demo|demonstration": _DEMO,
    r"webinar": ("webinar",),
    r"session|workshop": ("webinar", "event", "meeting"),
    r"proposal|quote|offer": ("stage:proposal", "stage:negotiation", "sent", "open"),
}
YOURS: dict[str, tuple[str, ...]] = {
    r"ticket|support request|support case": ("ticket",),
    r"voicemail": ("voicemail", "call"),
    r"reply|response|email(?! address)|e-mail|message|letter": _WROTE,
    r"question|request|inquiry|enquiry|comment|complaint": HEARD,
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
    r"(?:subscription|contract|account|plan) (?:was|has been|got) (?:renewed|upgraded|extended|cancelled|signed)": (
        *("purchase", "payment", "subscription", "renewal", "stage:won", "stage:closed"),
    ),
    r"work with|use of|usage of|activity in": ("usage", "trial", "stage:trial"),
}
DID: dict[str, tuple[str, ...]] = {
    r"spoke|talked|chatted|met|sat down": _TALK,
    r"discussed|agreed": (*_TALK, "received"),
    r"sent|emailed|mailed": _SENT,
    r"called|rang|phoned|left (?:you )?an? (?:voicemail|message)": ("call", "voicemail"),
    r"showed|demonstrated|presented|demoed": ("demo", "meeting", "webinar"),
}
PLEASURES: dict[str, tuple[str, ...]] = {
    r"(?:meeting|speaking|talking|chatting|connecting) (?:with |to )?(?:you|everyone|your team)": _TALK,
}
JOYS: dict[str, tuple[str, ...]] = {
    r"(?:meet|speak|talk|chat|connect) (?:with |to )?(?:you|everyone|your team)": _TALK,
    r"see you (?:at|on|in|last)": (*_TALK, "webinar", "event"),
    r"(?:hear|hearing) (?:from you|your voice)": (*HEARD,),
    r"show you": ("demo", "meeting", "visit"),
}
OTHER: dict[str, tuple[str, ...]] = {
    r"(?!need|want|like|hope|hoping|expect|prefer|miss|decid|plan|intend|look|enjoy|love|start|interest|concern|worri|tired"
    r"|pleas|delight|bas|prepar|care|indeed|succeed|proceed|stopp|thought|guess|imagin|notic)\w{3,}ed": (),
    r"gave|took part|chose|brought|hosted": (),
}  # whatever else they are said to have done: it has to stand in the goal, the note or an event
WEAK = re.compile(r"\bas (?:we )?(?:discussed|agreed|promised|requested|mentioned)\b", re.IGNORECASE)

_WHO = r"(?:you|your (?:team|colleagues?|people|crew|planners?|technicians?|side)|you and your team)"
_ADVERBS = (
    r"(?:(?:['’]ve| have| had| has| just| also| recently| already| first| kindly| then| both| all| even| actually"
    r"| briefly| last)\b)*"
)
_THANKS = r"\b(?:thank(?:s| you)|grateful to you|appreciated?|enjoyed|pleasure)\b[^.?!\n]{0,30}?\b(?:for|your|our|of) "
_ADJECTIVE = (
    r"(?:(?:last|recent|latest|previous|first|earlier|quick|short|good|great|kind|initial|follow-up|own|new|signed) )*"
)


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
    _form(
        "joy",
        r"(?:\bwas (?:an? )?(?:\w+ )?|(?<=\n)|(?<=[.!?] ))"
        r"(?:good|great|nice|lovely|wonderful|pleasure|joy|honou?r|glad|happy) to ",
        JOYS,
    ),
    _form("yours", rf"\byour {_ADJECTIVE}", YOURS),
    _form("other", rf"\b{_WHO}{_ADVERBS} ", OTHER),
    _form("we", rf"\b(?:I|we){_ADVERBS} ", DID),
)
UNSURE = re.compile(r"\b(?:if|whether|have|has|had|unless|should|once|until|in case|did|do|would|could)\W*$", re.I)
RELATIVE = re.compile(
    r"\b(?:what|anything|whatever|everything|something|nothing|where|how|why|who|that|which|when|as|than|because"
    r"|the \w+|hope|glad)\W*$",
    re.IGNORECASE,
)
PAST = re.compile(
    r"\b(?:after|since|during|from|following|at|in|on|about|enjoyed|thanks for|thank you for|re|regarding|recap of"
    r"|follow(?:ing)?[- ]up (?:on|to)|referring to|reference to|as said in|was|loved)\W*(?:\w+\W+)?$",
    re.IGNORECASE,
)
AHEAD_OF = re.compile(
    r"\b(?:send|share|submit|give|need|want|await|awaiting|forward to|waiting for|appreciate|welcome|love|like|get"
    r"|answer|answering|answers? to|any of|book|schedule|arrange|set up|before|ahead of|for|reply with"
    r"|(?:to|could|can|may) have|confirm"
    r"|open|raise|make|close|settle|solve|help with|to|if you attended|if you joined)(?: me| us)?\W*$",
    re.IGNORECASE,
)
WHAT = re.compile(r"\b(?:what|whatever|anything|everything)\W*$", re.IGNORECASE)
AFTER = re.compile(r"\b(?:after|since|during|following|enjoyed)\W*$", re.IGNORECASE)
WAS = re.compile(r"\W+(?:was|went|gave|showed|made|left|helped)\b")
WISHED = re.compile(r"\b(?:be|forward to|would|will)\W+(?:\w+\W+)?$", re.IGNORECASE)
IDIOM = re.compile(r"\bis\W*$|['’]s\W*$", re.IGNORECASE)
OBJECT = {
    re.compile(r"\b(?:webinar|online session)\b", re.I): ("webinar", "form", "registration", "signup", "sign_up"),
    re.compile(r"\b(?:recording|replay|video)\b", re.I): ("video", "recording", "click"),
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
    re.compile(r"\b(?:next|upcoming)\b", re.I): ("registration", "form", "signup", "sign_up"),
    re.compile(r"^\W*(?:to |you )?(?:our|the|your|an?) (?:signed )?(?:contract|invoice|agreement)\b", re.I): (
        *("contract", "invoice", "agreement", "stage:negotiation", "stage:won", "stage:closed"),
    ),
    re.compile(r"^\W*(?:to |in )?(?:our|the|your|an?) survey\b", re.I): ("survey", "form"),
}  # said beside a verb, these leave no other kind
OBJECT_REACH = 60  # characters in which a verb's object is looked for
CLAUSE = re.compile(r"[.?!;:\n]|,? (?:and|but|so|when|after|before) (?:you|we|I)\b")
