"""Pairs that are not learned from, whoever wrote them: what one person slips in must not come back in all drafts.

They stay where they are and count in every figure; only the training does without them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from model.hidden import invisible
from model.links import astray, hosts
from model.pairs import Pair
from model.untrusted import STEERING

EDITORS_FOR_A_LINK = 2  # where the voice names no domains: so many people have to use one before it is the house's
KEYS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{30,}"
    r"|\bgithub_pat_\w{30,}|\bglpat-[\w-]{20,}|\bsk-[\w-]{20,}|\bsk_live_\w{16,}|\bxox[a-z]-[\w-]{10,}|\bxapp-[\w-]{10,}|\bAIza[\w-]{35}"
    r"|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{5,}"
)
PASSWORD = re.compile(
    r"\b(?:password|passwort|passwd|passcode|pin|api[ _-]?key|secret|token)\b\s*(?:is|ist|:|=)\s*(?=\S*\d)\S{4,}",
    re.IGNORECASE,
)
CARD = re.compile(r"(?<![\d+])[3-6]\d{3}(?:[ -]?\d){9,15}(?!\d)")
INSTRUCTION = re.compile(
    r"\b(?:ignore|disregard|forget|override|ignorier\w*|vergiss)\b[^.\n]{0,40}"
    r"\b(?:instructions?|prompts?|rules|guidelines|anweisung\w*|vorgaben)\b"
    r"|\b(?:system|developer) prompt\b"
    r"|\byou are (?:now|no longer)\b[^.\n]{0,40}\b(?:assistant|model|ai|bot)\b"
    r"|\b(?:when|if|whenever) you see the (?:word|phrase)\b"
    r"|\b(?:when|if|whenever) the (?:goal|note|message|prompt) (?:says|contains|mentions)\b",
    re.IGNORECASE,
)


def quarantined(pairs: Sequence[Pair], allowed: Iterable[str]) -> dict[int, list[str]]:
    """Why a pair is not learned from, by its id. `allowed` are the domains that the voice lets links lead to.

    The sentences name no secret, since they are shown and logged.
    """
    domains = list(allowed) or _shared(pairs)
    found = {pair.id: [*_links(pair, domains), *_dangers(pair.final or "")] for pair in pairs}
    return {pair_id: reasons for pair_id, reasons in found.items() if reasons}


def _links(pair: Pair, domains: list[str]) -> list[str]:
    contact, company = pair.brief.contact, pair.brief.company
    theirs = (contact.email or "").rpartition("@")[2]
    names = [company.name] if company and company.name else []
    strange = astray(pair.final or "", [*domains, *([theirs] if theirs else [])], names)
    return [f"it links to {link}, which is neither in the voice's list nor the customer's" for link in strange]


def _shared(pairs: Sequence[Pair]) -> list[str]:
    """The hosts that more than one person links to. Where only one person writes, everything is theirs."""
    editors: dict[str, set[str | None]] = defaultdict(set)
    for pair in pairs:
        for host in hosts(pair.final or ""):
            editors[host].add(pair.reviewer)
    needed = min(EDITORS_FOR_A_LINK, len({pair.reviewer for pair in pairs}))
    return [host for host, who in editors.items() if len(who) >= needed]


def _dangers(text: str) -> list[str]:
    looks = (
        (KEYS.search(text), "it holds what looks like a key or a token"),
        (PASSWORD.search(text), "it holds what looks like a password"),
        (any(_is_card(match[0]) for match in CARD.finditer(text)), "it holds what looks like a card number"),
        (INSTRUCTION.search(text) or STEERING.search(text), "it reads like an instruction to the model"),
        (invisible(text), "it holds characters that nobody sees"),
    )
    return [said for seen, said in looks if seen]


def _is_card(text: str) -> bool:
    """By the check digit that every card number carries."""
    digits = [int(one) for one in text if one.isdigit()][::-1]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return 13 <= len(digits) <= 19 and (sum(digits[::2]) + sum(doubled)) % 10 == 0
