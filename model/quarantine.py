"""Pairs that are not learned from, whoever wrote them: what one person slips in must not come back in all drafts.

They stay where they are and count in every figure; only the training does without them.
"""

import re
from collections.abc import Sequence

from model.hidden import invisible
from model.pairs import Pair
from model.untrusted import STEERING

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


def quarantined(pairs: Sequence[Pair]) -> dict[int, list[str]]:
    """Why a pair is not learned from, by its id. The sentences name no secret, since they are shown and logged."""
    found = {pair.id: _dangers(pair.final or "") for pair in pairs}
    return {pair_id: reasons for pair_id, reasons in found.items() if reasons}


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
