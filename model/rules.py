"""Rules: what people keep doing to drafts, done for them from the very next draft on.

`mine` finds them in reviews (model/mining.py), a person accepts them, `apply` obeys them. No model is involved, so
their effect is exact: applied twice they change nothing more. Facts are slots while rules are at work, and no phrase
rule reaches into one.
"""

import re
from collections.abc import Iterable, Sequence

from model.brief import Brief
from model.edit_rate import words
from model.letter import letter
from model.mining import mine
from model.prompt import joined, parted
from model.slots import SENTENCE_START, SLOT, fill, slotted
from model.voice import Rule

__all__ = [
    "Rule",
    "apply",
    "broken",
    "effect",
    "form",
    "greeting_form",
    "merged",
    "mine",
    "phrase_pattern",
    "question",
    "sentence",
]

ROUNDS = 8  # one rule may make room for another; real rules settle in two
PHRASES = ("replace", "delete")
UNIT = re.compile(r"[^\n]*?[.!?…]+[\"')\]]*(?:[ \t]+|(?=\n)|$)\n*|[^\n]+\n*|\n+")
NAMED_GREETING = re.compile(r"(?:hi|hey|hello)\b", re.IGNORECASE)


# Obeying them -------------------------------------------------------------------------------------------------------


def apply(text: str, rules: Sequence[Rule], brief: Brief) -> str:
    """The text as the rules want it; unchanged where there are none. The first of two that contradict each other wins.

    A length is kept by leaving out whole sentences; greeting, last question and sign-off always stay.
    """
    settled = _settled(rules)
    for _ in range(ROUNDS if settled else 0):
        before, text = text, _once(text, settled, brief)
        if text == before:
            break
    return text


def merged(own: Sequence[Rule], learned: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules that somebody wrote down, then the learned ones about anything else."""
    known = {_about(rule) for rule in own}
    return (*own, *(rule for rule in learned if _about(rule) not in known))


def _about(rule: Rule) -> tuple[str, str]:
    if rule.kind in PHRASES:
        return "phrase", " ".join(rule.old.casefold().split())
    return rule.kind, ""


def _settled(rules: Iterable[Rule]) -> list[Rule]:
    """Without the second rule about one thing, and without phrase rules that would undo one another for ever."""
    kept: list[Rule] = []
    for rule in rules:
        if any(_about(rule) == _about(other) for other in kept):
            continue
        others = [other for other in kept if other.kind in PHRASES and rule.kind in PHRASES]
        if any(phrase_pattern(a.old).search(b.new) for one in others for a, b in ((one, rule), (rule, one))):
            continue
        kept.append(rule)
    return kept


def _once(text: str, rules: Sequence[Rule], brief: Brief) -> str:
    subject, body = (slotted(fill(part, brief)[0], brief) for part in parted(text))
    if not body:
        return text
    by_kind = {rule.kind: rule for rule in rules}
    greeting = greeting_form(by_kind["greeting"].new, brief) if "greeting" in by_kind else ""
    closing = form(by_kind["sign_off"].new, brief) if "sign_off" in by_kind else ""
    parts = letter(body, greeting=greeting, sign_off=closing)
    head, middle, tail = parts.greeting, _reworded(parts.middle, rules), parts.sign_off
    if greeting:
        head, middle = greeting + "\n\n", _capital(middle)
    if closing:
        head, tail = head if middle else head.rstrip(), "\n\n" + closing
    if "length" in by_kind:
        middle = _shortened(head, middle, tail, int(by_kind["length"].new), brief)
    subject, body = fill(_reworded(subject, rules), brief)[0], fill(head + middle + tail, brief)[0].strip()
    return joined(subject, body) if subject else body


def form(new: str, brief: Brief) -> str:
    """A rule's text as it stands in a slotted email; empty where the record lacks a value for it."""
    filled, missing = fill(new.strip(), brief)
    return "" if missing else slotted(filled, brief)


def greeting_form(new: str, brief: Brief) -> str:
    """Where nobody knows the first name, the greeting goes without one."""
    if known := form(new, brief):
        return known
    nameless = SLOT.sub("there", new.strip(), count=1) if NAMED_GREETING.match(new.strip()) else "Hi there,"
    return "Hi there," if SLOT.search(nameless) else nameless


def _reworded(text: str, rules: Sequence[Rule]) -> str:
    """Phrases replaced and left out; a rule that would leave nothing at all is not obeyed."""
    for rule in rules:
        if rule.kind in PHRASES:
            changed = _without(text, rule.old) if rule.kind == "delete" else _replaced(text, rule)
            text = changed if changed.strip() else text
    return text


def phrase_pattern(phrase: str) -> re.Pattern[str]:
    """The phrase as whole words, in any case, with either apostrophe, and never inside a slot."""
    if len(phrase.strip()) == 1 and not phrase.strip().isalnum():
        return re.compile(f"(?:{re.escape(phrase.strip())})+")
    parts = ["['’]".join(map(re.escape, re.split("['’]", part))) for part in phrase.split()]
    before = r"(?<![\w{])" if re.match(r"\w", phrase.strip()) else ""
    after = r"(?![\w}])" if re.search(r"\w$", phrase.strip()) else ""
    return re.compile(before + r"[^\S\n]+".join(parts) + after, re.IGNORECASE)


def _replaced(text: str, rule: Rule) -> str:
    """The new words take over the capital of the old ones; where they already stand, they stay."""

    def put(match: re.Match[str]) -> str:
        if match["new"] is not None:
            return match[0]
        if match[0][:1].isupper() or SENTENCE_START.search(text[: match.start()][-8:] or ""):
            return _capital(rule.new) if match[0][:1].isalpha() else rule.new
        lower = rule.old[:1].isupper() and match[0][:1].islower() and rule.new[1:2].islower()
        return rule.new[:1].lower() + rule.new[1:] if lower else rule.new

    return _either(rule).sub(put, text)


def _either(rule: Rule) -> re.Pattern[str]:
    """The old phrase, or the new one under the name "new" where it stands already."""
    old, new = phrase_pattern(rule.old), phrase_pattern(rule.new)
    sides = (f"(?:{old.pattern})", f"(?P<new>{new.pattern})")
    return re.compile("|".join(sides if new.search(rule.old) else sides[::-1]), re.IGNORECASE)


def broken(text: str, rule: Rule) -> str:
    """Where slotted text does not obey a phrase rule: the phrase as it stands there, or nothing."""
    pattern = _either(rule) if rule.kind == "replace" else phrase_pattern(rule.old)
    found = (match for match in pattern.finditer(text) if not match.groupdict().get("new"))
    return next((match[0] for match in found if match[0] != rule.new), "")


def _without(text: str, phrase: str) -> str:
    """The text without the phrase, its punctuation, spaces and capitals put right."""
    pattern, start = phrase_pattern(phrase), 0
    while match := pattern.search(text, start):
        before, after = text[: match.start()], text[match.end() :]
        if SENTENCE_START.search(before[-8:] or ""):
            after = _rest_of_sentence(after)
        elif not match[0][-1:].isalnum():
            after = after.lstrip(" \t") if before[-1:].isspace() else after
        else:
            before, after = _closed_up(before, after)
        if not after or after[0] == "\n":
            before = before.rstrip(" \t")
        start, text = len(before), before + after
        start = max(0, start - len(phrase))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _rest_of_sentence(after: str) -> str:
    """What follows when a sentence loses its beginning, or goes altogether together with its full stop."""
    if gone := re.match(r"[\"')\]]*[.!?…]+[ \t]*", after):
        return after[gone.end() :]
    return _capital(re.sub(r"^[ \t]*(?:[,;:–—-]+[ \t]*)?", "", after))


def _closed_up(before: str, after: str) -> tuple[str, str]:
    """Both sides of a gap inside a sentence: one space or none, and never two marks in a row."""
    left, right = before.rstrip(" \t"), after.lstrip(" \t")
    if right[:1] and right[0] in ",.;:!?…":
        return left.rstrip(",;:") if left[-1:] in ",;:" else left, right
    spaced = left and left[-1] != "\n" and left[-1] not in "(“\"'" and right and right[0] not in "\n)”"
    return left + (" " if spaced else ""), right


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _shortened(head: str, middle: str, tail: str, limit: int, brief: Brief) -> str:
    """As many sentences from the start as the limit allows, and the last question; never nothing."""

    def length(part: str) -> int:
        return len(words(fill(part, brief)[0]))

    if length(head + middle + tail) <= limit:
        return middle
    units = UNIT.findall(middle)
    asked = [number for number, unit in enumerate(units) if unit.rstrip().rstrip("\"')]").endswith("?")]
    question = asked[-1] if asked else None
    room = limit - length(head) - length(tail) - (length(units[question]) if question is not None else 0)
    kept: list[str] = []
    full = False
    for number, unit in enumerate(units):
        room -= 0 if number == question else length(unit)
        full = full or room < 0
        if number == question or not full or (number == 0 and question is None):
            kept.append(unit)
        elif kept and unit.endswith("\n") and not kept[-1].endswith("\n"):
            kept[-1] = kept[-1].rstrip() + unit[len(unit.rstrip()) :]  # the paragraph still ends here
    return "".join(kept).strip()


# Saying them --------------------------------------------------------------------------------------------------------


def sentence(rule: Rule) -> str:
    """What people did, for whoever decides about the rule and for reports. Plain text."""
    old, new = _shown(rule.old), _shown(rule.new)
    of = f"{rule.seen} of {rule.out_of}"
    return {
        "replace": f"You changed “{old}” to “{new}” in {of} drafts.",
        "delete": f"You removed “{old}” in {of} drafts.",
        "greeting": f"In {of} recent emails you began with “{new}”, which the drafts did not.",
        "sign_off": f"In {of} recent emails you closed with “{new}”, which the drafts did not.",
        "length": f"{of} recent emails went out with at most {new} words; their drafts were much longer.",
    }[rule.kind]


def question(rule: Rule) -> str:
    """What to ask about it."""
    return {
        "replace": f"Write “{_shown(rule.new)}” from now on?",
        "delete": "Leave it out from now on?",
        "greeting": "Begin every draft like this?",
        "sign_off": "Close every draft like this?",
        "length": "Leave out sentences until a draft is that short?",
    }[rule.kind]


def effect(rule: Rule) -> str:
    """What it does to every draft."""
    old, new = _shown(rule.old), _shown(rule.new)
    return {
        "replace": f"“{old}” becomes “{new}”.",
        "delete": f"“{old}” is left out.",
        "greeting": f"Drafts begin with “{new}”.",
        "sign_off": f"Drafts close with “{new}”.",
        "length": f"Drafts have at most {new} words.",
    }[rule.kind]


def _shown(text: str) -> str:
    """Slots and line ends as a person reads them."""
    return SLOT.sub(lambda slot: f"[{slot[1].replace('_', ' ')}]", text.strip()).replace("\n", " / ")
