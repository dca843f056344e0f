"""Finds the rules in what people did to drafts. Counting only: the same edit, several times, nearly always."""

import math
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rapidfuzz.distance import Levenshtein

from model.brief import Brief, Contact
from model.edit_rate import MARKUP, QUOTE, words
from model.letter import SENDER, letter
from model.prompt import parted
from model.slots import fill, slotted
from model.voice import Rule

Review = tuple[str, str, Brief]  # what was drafted, what went out, the facts

SEEN = 3  # an edit made less often is no habit
# Of the drafts that held a phrase; where people let it stand more often, it depends on what the email is about.
LEFT_OUT, EXCHANGED = 2 / 3, 4 / 5
PHRASE_WORDS = 8
SENTENCE_WORDS = 20  # a whole sentence may be longer than a phrase
RECENT = 10  # greetings and sign-offs: what people do now
LATEST = 8  # lengths
LATEST_SHORT = 0.8  # of them are within the cap
MUCH_LONGER = 1.5
ROOM = 1.25

TOKEN = re.compile(r"\{\{\w+\}\}|\d+(?:[.,:]\d+)+|\w+(?:['’-]\w+)*|[^\w\s]|\n")
GAP = "\0"  # where a sentence was
ENDS = frozenset([*".!?…\n", GAP])
BESIDE = 5  # a word changed beside a phrase needs as many others in its sentence that stayed
EVERYDAY = frozenset(
    re.findall(
        r"\w+",
        "about after also been before both could does each even ever every from have having here hers himself into"
        " itself more most much must only other ours over same shall should some such than that their them then there"
        " these they this those through under until very were what when where which while whom will with within would"
        " your yours",
    )
)


def mine(reviews: Sequence[Review]) -> list[Rule]:
    """Rules that the reviews speak for, the strongest phrase first. Oldest review first; discarded drafts left out."""
    return [*_phrases(reviews), *_greetings(reviews), *_sign_offs(reviews), *_length(reviews)]


# Phrases ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Token:
    key: str  # how it is compared
    start: int
    end: int


@dataclass(frozen=True)
class _Change:
    """A phrase taken out, and what was put there; nothing where it was left out."""

    old: tuple[str, ...]
    new: tuple[str, ...] = ()


@dataclass
class _Edited:
    """One review: its tokens, and the form of each change found in it."""

    drafted: list[_Token]
    final: list[_Token]
    forms: dict[_Change, tuple[str, str]] = field(default_factory=dict)
    claimed: set[int] = field(default_factory=set)  # positions that a stronger rule explains

    def places(self, phrase: tuple[str, ...]) -> list[int]:
        """Where the phrase stands in the draft, except where a stronger rule explains it."""
        found = _places(self.drafted, phrase)
        return [place for place in found if not self.claimed & set(range(place, place + len(phrase)))]


def _phrases(reviews: Sequence[Review]) -> Iterator[Rule]:
    edits = [_edited(*review) for review in reviews]
    counts = Counter(change for edit in edits for change in edit.forms)
    open_changes = [change for change, count in counts.items() if count >= SEEN and not _written_by(edits, change)]
    while open_changes:
        weighed = [(_support(edits, change), change) for change in open_changes]
        strong = [(seen, out_of, change) for (seen, out_of), change in weighed if _is_habit(change, seen, out_of)]
        if not strong:
            return
        seen, out_of, best = max(strong, key=lambda one: (one[0] * len(one[2].old), bool(one[2].new), one[2].old))
        forms = Counter(edit.forms[best] for edit in edits if best in edit.forms)
        old, new = forms.most_common(1)[0][0]
        yield Rule("replace" if best.new else "delete", old, new, seen, out_of)
        for edit in edits:
            for place in edit.places(best.old):
                edit.claimed |= set(range(place, place + len(best.old)))
        open_changes.remove(best)


def _is_habit(change: _Change, seen: int, out_of: int) -> bool:
    return seen >= SEEN and seen >= (EXCHANGED if change.new else LEFT_OUT) * out_of


def _written_by(edits: Iterable[_Edited], change: _Change) -> bool:
    """Whether people write the phrase themselves: then it was out of place in some drafts and is right in others."""
    return any(_places(edit.final, change.old) and not _places(edit.drafted, change.old) for edit in edits)


def _support(edits: Iterable[_Edited], change: _Change) -> tuple[int, int]:
    """In how many drafts it was done, of how many that contained the phrase."""
    containing = [edit for edit in edits if edit.places(change.old)]
    return sum(change in edit.forms for edit in containing), len(containing)


def _edited(drafted: str, final: str, brief: Brief) -> _Edited:
    before, after = _middle(drafted, brief), _middle(final, brief)
    edit = _Edited(_tokens(before), _tokens(after))
    for old, new in _changes(edit.drafted, edit.final):
        change = _Change(tuple(t.key for t in old), tuple(t.key for t in new))
        if _worth_a_rule(change) and not _places(edit.final, change.old):
            edit.forms[change] = (_written(before, old), _written(after, new))
    return edit


def _changes(drafted: list[_Token], final: list[_Token]) -> Iterator[tuple[list[_Token], list[_Token]]]:
    """What was taken out and what was put there.

    Sentences that are gone come first, and the rest is compared without them: word by word, the "I" of a sentence
    that went would be taken for the "I" of the next one.
    """
    codes = _compared(drafted, final)
    yield from ((old, new) for old, new in _hunks(codes, drafted, final) if new)
    kept = {n for tag, i, j, _, _ in codes if tag == "equal" for n in range(i, j)}
    gone = list(_sentences_gone(drafted, kept))
    asks = [sum(token.key == "?" for token in tokens) for tokens in (drafted, final)]
    for i, j in gone:
        if drafted[j - 1].key != "?" or asks[1] < asks[0]:  # a question asked in other words is not left out
            yield _trimmed(drafted[i:j]), []
    left, end = [], 0
    for i, j in gone:
        left += [*drafted[end:i], _Token(GAP, drafted[i].start, drafted[j - 1].end)]
        end = j
    left += drafted[end:]
    yield from _hunks(_compared(left, final), left, final)


def _compared(drafted: list[_Token], final: list[_Token]) -> list[Any]:
    return list(Levenshtein.opcodes([token.key for token in drafted], [token.key for token in final]))


def _middle(text: str, brief: Brief) -> str:
    """Subject and what the body says, without the facts, greeting and sign-off."""
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    for noise in (QUOTE, MARKUP):
        plain = noise.sub(" ", plain)
    subject, body = parted(plain)
    return slotted(subject, brief) + "\n" + letter(slotted(body, brief)).middle


def _tokens(text: str) -> list[_Token]:
    return [_Token(m[0].casefold().replace("’", "'"), *m.span()) for m in TOKEN.finditer(text)]


def _hunks(codes: list[Any], drafted: list[_Token], final: list[_Token]) -> Iterator[tuple[list[_Token], list[_Token]]]:
    """Each run of changes between words that stayed, where its sentence stayed otherwise.

    The pieces of a sentence that somebody wrote anew make no sense one by one.
    """
    spans = list(_spans(codes))
    for i, j, k, m in spans:
        start, end = _sentence(drafted, i, j)
        beside = sum(max(b - a, d - c) for a, b, c, d in spans if (a, c) != (i, k) and start <= a < end and b > start)
        if BESIDE * beside <= end - start - (j - i):
            old, new = drafted[i:j], final[k:m]
            yield old if new else _trimmed(old), new


def _spans(codes: list[Any]) -> Iterator[tuple[int, int, int, int]]:
    i = j = k = m = 0
    for tag, _, end, _, stop in [*codes, ("equal", 0, 0, 0, 0)]:
        if tag == "equal":
            if (i, k) != (j, m):
                yield i, j, k, m
            i, k = end, stop
        j, m = end, stop


def _sentence(tokens: list[_Token], i: int, j: int) -> tuple[int, int]:
    """From the start of the sentence that holds the first token to the end of the one that holds the last."""
    start = next((n + 1 for n in range(i - 1, -1, -1) if tokens[n].key in ENDS), 0)
    end = next((n + 1 for n in range(max(i, j - 1), len(tokens)) if tokens[n].key in ENDS), len(tokens))
    return start, end


def _trimmed(tokens: list[_Token]) -> list[_Token]:
    """A phrase without the marks around it, unless there is nothing else."""
    spoken = [n for n, token in enumerate(tokens) if _is_word(token.key)]
    return tokens[spoken[0] : spoken[-1] + 1] if spoken else tokens


def _sentences_gone(drafted: list[_Token], kept: set[int]) -> Iterator[tuple[int, int]]:
    """Sentences of which next to nothing stayed, whatever was written instead. The subject line is none."""
    start, line = 0, 0
    for n, key in enumerate([*(token.key for token in drafted), "\n"]):
        if key in ENDS:
            if line and n > start and 4 * len(kept & set(range(start, n))) <= n - start:
                yield start, n if key == "\n" else n + 1
            start, line = n + 1, line + (key == "\n")


def _is_word(key: str) -> bool:
    return key[:1].isalnum() or key.startswith("{{")


def _worth_a_rule(change: _Change) -> bool:
    both = (*change.old, *change.new)
    if not change.old or {"\n", GAP} & set(both) or any(key.startswith("{{") for key in both):
        return False
    if change.new and any(key in ENDS for key in change.old[:-1]):
        return False
    limit = PHRASE_WORDS if change.new else SENTENCE_WORDS
    if max(sum(map(_is_word, side)) for side in (change.old, change.new)) > limit:
        return False
    return any(map(_has_content, change.old)) and _places_in(change.new, change.old) == []


def _has_content(key: str) -> bool:
    """A word that means something by itself, an emoji, or an exclamation mark."""
    letters = sum(character.isalpha() for character in key)
    return (letters >= 4 and key not in EVERYDAY) or key == "!" or unicodedata.category(key[0]) == "So"


def _places(tokens: Sequence[_Token], phrase: tuple[str, ...]) -> list[int]:
    return _places_in([token.key for token in tokens], phrase)


def _places_in(keys: Sequence[str], phrase: tuple[str, ...]) -> list[int]:
    size = len(phrase)
    return [n for n in range(len(keys) - size + 1) if keys[n] == phrase[0] and tuple(keys[n : n + size]) == phrase]


def _written(text: str, tokens: Sequence[_Token]) -> str:
    return " ".join(text[tokens[0].start : tokens[-1].end].split()) if tokens else ""


# Greeting, sign-off, length -----------------------------------------------------------------------------------------


def _greetings(reviews: Sequence[Review]) -> list[Rule]:
    named = [review for review in reviews if review[2].contact.first_name]
    return _form("greeting", named, _greeting)


def _sign_offs(reviews: Sequence[Review]) -> list[Rule]:
    return [rule for rule in _form("sign_off", reviews, _sign_off) if SENDER.search(rule.new)]


def _form(
    kind: Literal["greeting", "sign_off"], reviews: Sequence[Review], of: Callable[[str, Brief], str]
) -> list[Rule]:
    """The form that people write, where drafts have another. Nothing while they also write what drafts have."""
    pairs = [(of(drafted, brief), of(final, brief)) for drafted, final, brief in reviews[-RECENT:]]
    used = Counter(final for _, final in pairs if final)
    if not used:
        return []
    best, uses = used.most_common(1)[0]
    changed = sum(final == best != drafted for drafted, final in pairs)
    accepted = sum(final != best and final in {drafted for drafted, _ in pairs} for _, final in pairs)
    if changed < SEEN or 2 * uses < len(pairs) or 4 * accepted >= len(pairs):
        return []
    return [Rule(kind, "", best, uses, len(pairs))]


def _greeting(text: str, brief: Brief) -> str:
    return letter(slotted(_body(text), brief)).greeting.strip()


def _sign_off(text: str, brief: Brief) -> str:
    """With the sender as the sender, even where the recipient has the same name."""
    sign_off, _ = fill(letter(slotted(_body(text), brief)).sign_off.strip(), brief)
    nobody = brief.model_copy(update={"contact": Contact(email=brief.contact.email)})
    return "\n".join(line.strip() for line in slotted(sign_off, nobody).split("\n"))


def _body(text: str) -> str:
    return parted(unicodedata.normalize("NFC", text).replace("\r\n", "\n"))[1]


def _length(reviews: Sequence[Review]) -> list[Rule]:
    latest = reviews[-LATEST:]
    if len(latest) < LATEST:
        return []
    drafted, final = (
        [len(words(_body(text))) for text in texts] for texts in zip(*(review[:2] for review in latest), strict=True)
    )
    # With room to spare: eight emails do not show the longest one that is fine, and a cut right email costs an edit.
    cap = math.ceil(ROOM * sorted(final)[math.ceil(LATEST_SHORT * LATEST) - 1] / 10) * 10
    if cap == 0 or statistics.median(drafted) < max(cap, MUCH_LONGER * statistics.median(final)):
        return []
    return [Rule("length", "", str(cap), sum(length <= cap for length in final), LATEST)]
