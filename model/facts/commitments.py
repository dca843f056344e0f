"""What a mail must not promise on its own: discounts, guarantees, deadlines, certificates, advice."""

import re
from collections.abc import Iterator

from model.facts.record import listed
from model.facts.stated import Draft, Stated

_BY_WHEN = (
    r"(?:the )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|today|tonight|noon|eod|end of|close of business"
    r"|next (?:week|month)|\d+|(?:an?|one|two|three|four|five|six|seven|ten|next|this) (?:\w+ )?"
    r"(?:hour|day|week|month)s?|january|february|march|april|may|june|july|august|september|october|november|december)"
)
_NOT_OF_COST = (
    r"(?:to|up|on|at|this|next|for|time|slots?|hours?|moments?|mornings?|afternoons?|if|and|or|as|any|tomorrow|from|after"
    r"|before|in|of|all|most|again|then|until|between|around|every|today|both|either|when|whenever|with|enough|you"
    r"|(?:mon|tues|wednes|thurs|fri)day)\b"
)
_WILL = r"(?:i|we)(?:['’]ll| will| shall| can)(?: \w+){0,2}?"
_DO = (
    r"(?:send|deliver|ship|have|finish|provide|get|complete|install|fix|resolve|reply|respond|return|share|prepare"
    r"|issue|go live|launch)"
)
_YOU_GET = r"you(?:['’]ll| will) (?:have|get|receive|hear)"

PROMISES: dict[str, tuple[str, ...]] = {
    "price": (
        r"discount\w*|coupons?|vouchers?|rebates?|half[- ]price|limited[- ]time|special offer",
        r"promo(?:tion(?:al)?)? (?:code|price|offer|rate)s?|exclusive (?:offer|deal|price)",
        r"\d+(?:[.,]\d+)? ?(?:%|percent) off|(?:knock|take) [$€£\d][\w$€£%., ]{0,15} off",
        r"(?:special|better|reduced|lower|lowest|best|preferential) (?:price|rate)s?",
        r"price (?:match|cut|lock|freeze)\w*",
        r"(?:take|knock|get) (?:\w+ ){1,3}off the price|hold (?:the|your|this) (?:\w+ )?price",
        r"waiv(?:e|ed|ing)|lock(?:ed)? in (?:the|your|this) (?:price|rate)",
    ),
    "free": (
        r"free of charge|for free|complimentary|on the house|(?:is|are) on us|without (?:charge|cost)",
        r"no[- ]obligation|(?:costs?|pay) (?:you )?nothing|match any (?:price|offer)",
        rf"free[- ](?!{_NOT_OF_COST})\w+",
        r"(?:is|are|absolutely|completely|totally|entirely) free"
        r"(?=[.!]| for (?:life|ever|the first|\w+ (?:day|week|month|year)s?))",
        r"(?:days?|weeks?|months?|years?) free",
        r"at no (?:extra |additional )?(?:cost|charge)|no (?:extra )?(?:cost|charge|fee)s?",
    ),
    "guarantee": (
        r"guarant(?:ee|eed|ees|eeing)|warrant(?:y|ies)|(?:i|we) promise(?! nothing)|risk[- ]free|(?:no|zero) risk",
        r"100 ?% (?:secure|safe|reliable|sure|uptime)|never (?:fails?|breaks?|goes? down)|you have (?:my|our) word",
        r"refund\w*|money[- ]back|credit (?:your|the) account|reimburse\w*|cancel (?:(?:at )?any ?time|when(?:ever)?)",
        r"unlimited|lifetime (?:access|support|licen[cs]e|updates|deal)|pays? for itself",
    ),
    "deadline": (
        rf"(?:{_WILL} {_DO}|{_YOU_GET})\b[^.?!\n]{{0,60}}?\b(?:by|within|before|no later than|until|in under"
        rf"|in less than) {_BY_WHEN}",
        r"(?:up and running|live|installed|delivered|ready|done|fixed|resolved|in place) (?:by|within|before|in under)"
        rf" {_BY_WHEN}",
    ),
    "service": (
        r"slas?|service[- ]level agreement|uptime|response times?|24[/x]7|(?:round[- ]the|around the)[- ]clock",
        r"(?:answers?|responds?|replies|resolves?) (?:with)?in (?:under |less than )?\w+ (?:hour|minute|day)s?",
        r"99\.\d+ ?%",
    ),
    "result": (
        r"(?:we|i)(?: will|['’]ll) have [^.?!\n]{3,40}(?:live|ready|running|done|installed|in place)",
        r"rest assured|(?:up and running|live|ready|done|installed) in no time",
        r"(?:dedicated|personal) (?:\w+ ){1,2}(?:will|from)|from day one",
    ),
    "certificate": (
        r"iso[ -]?\d{4,5}|soc ?[12]|hipaa|gdpr|pci(?:[- ]dss)?|fedramp|fda|ce[- ]mark\w*|accredited",
        r"certifi(?:ed|cations?|cates?)|compliant with|\w+[- ]compliant",
    ),
    "law": (
        r"legal advice|you (?:\w+ )?have an? (?:strong|good|solid|excellent|winning|clear|valid) (?:case|claim)",
        r"(?:you|we)(?:['’]ll| will| are going to| are sure to) (?:win|prevail)|entitled to|(?:is|are) liable",
        r"law is on your side|compensation|a settlement",
        r"no win,? no fee|our (?:legal )?opinion is|we (?:will|can) represent you|(?:is|was|are) (?:il)?legal",
    ),
    "medicine": (
        r"cures? (?:your|the|any|for)|heals?|diagnos\w+|clinically (?:proven|tested)|treats? (?:your|the|any)",
        r"medical advice|safe and effective|prevents? (?:disease|infection|illness)\w*|no side effects",
    ),
}
COMMITMENT = re.compile(
    rf"(?<!\w)(?:{'|'.join(pattern for patterns in PROMISES.values() for pattern in patterns)})(?!\w)", re.IGNORECASE
)
DISCLAIMED = re.compile(
    r"\b(?:not|no|never|cannot|can['’]t|don['’]t|isn['’]t|without|nor)\b[^.,;]{0,30}$", re.IGNORECASE
)
DENIABLE = re.compile(r"legal advice|medical advice|guarant|promise|discount|refund|certif|diagnos", re.IGNORECASE)


def commitments(draft: Draft) -> Iterator[Stated]:
    """Every promise. One is allowed where a phrase of the playbook or the voice says it, or the house to everybody."""
    allowed = [source.text for source in draft.record.sources if source.role == "claim"]
    for match in COMMITMENT.finditer(draft.text):
        start, end, span = match.start(), match.end(), match[0].strip()
        sentence = draft.sentence_at(start)
        denied = DENIABLE.search(span) and DISCLAIMED.search(draft.text, sentence.start, start)
        if sentence.house or denied:
            continue
        if claim := _allowed(draft, match):
            yield Stated("fact_commitment", start, end, span, (claim,))
        else:
            reason = f"“{span}” is a commitment, and no allowed claim says so."
            yield Stated("fact_commitment", start, end, span, (), reason, listed(allowed))


def _allowed(draft: Draft, match: re.Match[str]) -> str | None:
    """The claim that holds these words, or most of them where no figure is among them."""
    for cover in draft.covers:
        overlap = min(cover.end, match.end()) - max(cover.start, match.start())
        whole = cover.start <= match.start() and match.end() <= cover.end
        most = 2 * overlap > len(match[0]) and not re.search(r"\d", match[0])
        if cover.source.role == "claim" and (whole or most):
            return cover.source.says
    return None
