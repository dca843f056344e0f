# ruff: noqa: E501 (word lists read best unbroken)
"""The ways in which a draft says that something is so: patterns of assertions, and of what asserts nothing.

Found by reading drafts of small models and sentences of people; English only.
"""

import re


def _any(words: str) -> str:
    return "|".join(words.split())


CLAUSE = re.compile(
    r"[,;:–—()]\s*|\s-\s"
    r"|\b(?:and|so|but|because|since|as|while|although|though|given that|now that|which means|that means)\b"
)
# A clause that begins so is a question, a condition, a request or an offer.
OPEN = re.compile(
    rf"^\W*(?:(?:{_any('and so but or then perhaps maybe otherwise')})\W+)*"
    rf"(?:in case|when(?:ever)?|where(?:ver)?|what(?:ever)?|which(?:ever)?"
    rf"|{_any('if whether once unless until how who why shall should could would can may might will do does did are is')}"
    rf"|{_any('was were have has let please tell ask say send pick choose feel thank thanks')})\b",
    re.IGNORECASE,
)
UNSURE = re.compile(
    rf"\b(?:{_any('if whether how what when where who why hope hoping guess imagine suppose assume sure would could might')}"
    r"|may|perhaps|maybe|wonder\w*|let me know|tell me)\b[^.?!]*$",
    re.IGNORECASE,
)
_OFTEN = (
    rf"(?:\s+(?:{_any('also already always just recently currently now still often never clearly probably surely certainly')}"
    rf"|{_any('all both really even lately actually obviously usually first only each')}))*"
)
_BE = r"are|were|is|was|am|['’]re|has been|have been|had been|['’]ve been"
_VERBS = _any(
    "have has had need needs needed want wants wanted face faces use uses make makes run runs plan plans keep keeps struggle"
    " struggles enjoyed liked loved felt think thinks thought know knows grew grows grow produce produces sell sells employ"
    " employs rely relies depend depends lose loses lost spend spends suffer suffers tend tends work works worry worries care"
    " cares see sees seem seems seemed prefer prefers expect expects manage manages expand expands open opens own owns operate"
    " operates lead leads serve serves decided intend intends chose started hired moved switched launched announced won bought"
    " built changed expanded became hit come came deserve deserves help helps cost costs"
)
# Of you, of something of yours, or of the company, whose name is put in for COMPANY.
THEIRS = (
    r"(?<![\w’'])(?:you|(?:your|their)(?:\s+[\w’'-]+){1,3}?|COMPANY(?:['’]s?(?:\s+[\w’'-]+){1,2}?)?)"
    rf"{_OFTEN}\s*(?:\b(?P<be>{_BE})\b(?P<rest>[^.?!,;]*)|\s(?P<verb>{_VERBS})\b(?P<after>[^.?!,;]*))"
)
AT_THEIRS = r"\bat COMPANY (?:is|are|was|were|has|have|had|makes?|means?|needs?|keeps?|grew|runs?)\b"
# What nobody has to prove: "you are welcome", "your day is full", "you have questions".
FINE = re.compile(
    r"^\s*(?:not\s+)?(?:(?:very|most|always|more than|both|quite|much|greatly|kind|good)\s+)*"
    rf"(?:{_any('welcome free busy full available happy able right well curious enough appreciated interested invited sure')}"
    rf"|{_any('superstitious about due ready')}|no exception|taking (?:a look|the time)|open to|in a hurry"
    r"|the (?:right|best|one) (?:person|one)|on (?:your|the) (?:own|way)|looking (?:for|at)|a (?:little|bit)"
    r"|in (?:touch|good))\b",
    re.IGNORECASE,
)
FINE_OBJECT = re.compile(
    rf"^\s*(?:(?:{_any('a an any some more no other further few the your it to that this what best')})\s+)*"
    rf"(?:questions?|minutes?|moments?|thoughts?|ideas?|both sides|from me|from us|of (?:a|any|someone)|in mind"
    rf"|{_any('time doubts choice best better well little seen more reply answer me us it that this hearing anything else')}"
    r")\b",
    re.IGNORECASE,
)
# Not a subject: "help you grow", "for you".
OBJECT_OF = re.compile(
    r"\b(?:help\w*|let\w*|show\w*|see\w*|mak\w+|giv\w+|tell\w*|ask\w*|want\w*|thank\w*|offer\w*|send\w*|keep\w*|join\w*"
    rf"|reach\w*|{_any('for to with of from about like than at on by between before after')})\s*$",
    re.IGNORECASE,
)
_WISHES = _any(
    "wanted hoped thought wondered noticed appreciated enjoyed liked loved remembered need indeed figured received promised"
    " looked mentioned called attached agreed talked discussed emailed showed presented demonstrated demoed mailed chatted"
    " phoned noted proceed succeed exceed feed speed"
)  # no claims, or events (model/facts/sayings.py), or no verbs at all
_DOING = _any(
    "looking writing reaching following hoping wondering thinking getting checking keeping sending asking trying going talking"
    " being assuming coming calling seeing wishing"
)
OURS = re.compile(
    r"(?<![\w’'])(?:(?:[Ww]e|I)(?:['’]ve|\s+have|\s+had)?"
    rf"(?:\s+(?:{_any('recently just already also even finally now lately successfully')}))*"
    rf"\s+(?:(?!{_WISHES})\w{{3,}}ed"
    rf"|{_any('built opened won grew began led became brought tried attached taken made done grown given spent worked got')}"
    r")\b(?! nothing)"
    r"|(?:[Ww]e|I)(?:['’]ve|\s+have)\s+been\s+(?:with you|your\b|in (?:business|partnership)|"
    r"(?:working|serving|helping|supporting|partner\w*)\b)"
    rf"|(?:[Ww]e|I)\s*(?:['’](?:re|m)|\s(?:are|am))(?:\s+(?:{_any('currently now also already proud pleased happy excited')}))*"
    rf"\s+(?:(?!{_DOING})\w{{3,}}ing|to announce|to inform)\b"
    r"|\b[Oo]ur\s+(?:new(?:est)?|latest|\w+)\s+"
    rf"(?:{_any('release version office team customers clients study research data numbers product software platform tool')})"
    r"\s+(?:came|is|was|has|have|are|were|\w+ed)\b)"
)
OTHERS = re.compile(
    r"\b(?:most|many|several|hundreds of|thousands of|some of our|all (?:of )?our|our|like most(?: of)?)\s+"
    r"(?:(?:other|similar)\s+)?\w+s(?:\s+like\s+yours)?\s+(?:(?:already|now|also|often|usually)\s+)*"
    rf"(?:{_any('rely use have save see get report find trust switched work are were need run keep start cut love like')}"
    r"|chose|choose)\b"
    r"|\bteams\s+(?:have|are|save|get|see|cut|report)\b"
    r"|\b(?:our|the)\s+(?:mobile\s+)?(?:software|product|tool|app|platform|system)\s+"
    rf"(?:{_any('works connects supports includes integrates runs saves reduces handles covers comes')})\b"
    r"|\bour\s+(?:engineers?|support|developers?|colleagues?|technicians?|team)"
    r"(?:\s+(?:has|have|had|just|since|already|also))*\s+\w{3,}ed\b",
    re.IGNORECASE,
)
AS_A = re.compile(
    r"^\W*(?:and |but |so )?as an? "
    rf"(?!{_any('rule result reminder first next last start starting follow thank quick small matter gift help way sign kind')}"
    r"|favou?r)[\w' -]{3,60}?(?=,|;|$)",
    re.IGNORECASE,
)
WITH = re.compile(
    r"(?:^|[.!?]\s+|\n)With (?:the|your|half|so many|more|fewer|all)\b[^,.?!]{4,80}(?<!in mind)(?=,)",
)
PRESUMED = re.compile(
    r"\bcongratulations (?:on|to) [^.?!,;]+"
    r"|\b(?:is|are) the (?:hardest|biggest|main|worst|toughest) \w+ for you\b"
    r"|\b(?:is|are) (?!keeping|helping|letting)\w+ing your \w+"
    r"|\byour (?:main|biggest|top|key|greatest|current|only) "
    rf"(?:{_any('concern worry problem challenge issue priority goal planning tool system process supplier software vendor')}"
    r"|contract)s?\b"
    r"|\b(?:that|which) (?:keeps?|are|is|has|have) [^.?!,;]{3,30}\byour \w+",
    re.IGNORECASE,
)
TOLD = re.compile(
    r"\byou(?:['’]ve| have)?(?: also| recently)? (?:wrote|written|said|mentioned|told (?:us|me)|asked(?: us| me)?|explained"
    r"|pointed out|complained|reported|confirmed|described)(?: to us| us| me)?:?,? (?:that|how|whether|why|if|about) "
    r"(?P<what>[^.?!;]+)"
    r"|\b(?:question|e-?mail|message|request|ticket|call|note) (?:about|regarding|whether|how) (?P<matter>[^.?!;,]+)"
    r"|\byou (?:\w+ly )?(?:enjoyed|liked|loved|hated|felt)\b(?P<felt>[^.?!;,]*)",
    re.IGNORECASE,
)
# Words that tell nothing of what a sentence is about.
SMALL = frozenset(
    re.findall(
        r"\w+",
        "about after also been could does from have just last like more much need only other over some still take than"
        " that their them then there these they this those want week were what when which while will with would your"
        " question questions asked good great quick right today yesterday ours first next here",
    )
)
