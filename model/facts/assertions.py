"""What a draft says is so: of the customer ("you are struggling with overtime"), of us ("we have opened an office"), of
others ("most teams save a day"). Of these the record has to say something, or the house says it to everybody.

What is asked, wished, offered or supposed ("if you plan by hand") asserts nothing.
"""

import re
from collections.abc import Iterator

from model.facts.phrases import (
    AS_A,
    AT_THEIRS,
    CLAUSE,
    FINE,
    FINE_OBJECT,
    OBJECT_OF,
    OPEN,
    OTHERS,
    OURS,
    PRESUMED,
    SMALL,
    THEIRS,
    TOLD,
    UNSURE,
    WITH,
)
from model.facts.stated import Draft, Stated
from model.facts.text import Sentence, flat

TELLING = 4  # letters of a word that says something
STEM = 5  # letters in which "shift" and "shifts" are alike
BORNE_OUT = 0.6  # of the words of an assertion that one value or text of the record holds


def assertions(draft: Draft) -> Iterator[Stated]:
    """Every assertion that nothing on record is near to."""
    company = draft.record.brief.company
    name = re.escape(company.name) if company else r"(?!)"
    theirs, at = (re.compile(each.replace("COMPANY", name), re.IGNORECASE) for each in (THEIRS, AT_THEIRS))
    for sentence in draft.sentences:
        if sentence.part != "body" or sentence.house:
            continue
        for match, offset in (*_anywhere(sentence, at), *_in_clauses(sentence, theirs)):
            if not _recorded(draft, match[0]):
                start, span = sentence.start + offset + match.start(), match[0].strip()
                reason = f"Nothing in the record supports “{span}”."
                yield Stated("fact_claim", start, start + len(match[0]), span, (), reason, draft.record.newest)


def _anywhere(sentence: Sentence, at: re.Pattern[str]) -> Iterator[tuple[re.Match[str], int]]:
    for pattern in (AS_A, WITH, OTHERS, PRESUMED, at):
        for match in pattern.finditer(sentence.text):
            yield match, 0


def _in_clauses(sentence: Sentence, theirs: re.Pattern[str]) -> Iterator[tuple[re.Match[str], int]]:
    """Assertions with the place of their clause; a clause that asks or supposes has none."""
    start = 0
    for border in (*CLAUSE.finditer(sentence.text), None):
        clause = sentence.text[start : border.start() if border else None]
        if not OPEN.match(clause):
            for match in theirs.finditer(clause):
                before = clause[: match.start()]
                if not (UNSURE.search(before) or OBJECT_OF.search(before) or _harmless(match)):
                    yield match, start
            for match in OURS.finditer(clause):
                if not UNSURE.search(clause[: match.start()]):
                    yield match, start
        start = border.end() if border else start


def _harmless(match: re.Match[str]) -> bool:
    if match["be"]:
        return FINE.match(match["rest"]) is not None
    after = match["after"]
    ends = after.strip() in ("", "in", "with", "for", "on")  # "leave out what you need", "the trade you work in"
    return ends or FINE_OBJECT.match(after) is not None


def _recorded(draft: Draft, words: str) -> bool:
    """Whether one value or text of the record says it in about these words."""
    company = draft.record.brief.company
    name = set(flat(company.name).split()) if company else set()
    said = {word for word in flat(words).split() if len(word) >= TELLING} - name - SMALL
    return any(
        len(said & set(flat(f"{source.says} {source.text}").split())) >= max(2, BORNE_OUT * len(said))
        for source in draft.record.sources
        if source.role != "sender"
    )


def reported(draft: Draft) -> Iterator[Stated]:
    """What they are said to have said, or to have asked about, has to share a word with what is on record."""
    roles = ("event", "goal", "note", "deal", "claim", "company")
    known = {word[:STEM] for source in draft.record.sources if source.role in roles for word in source.flat.split()}
    for sentence in draft.sentences:
        if sentence.part != "body" or sentence.house:
            continue
        for match in TOLD.finditer(sentence.text):
            words = flat(match["what"] or match["matter"] or match["felt"]).split()
            said = {word[:STEM] for word in words if len(word) >= TELLING and word not in SMALL and word.isalpha()}
            if said and not said & known and not UNSURE.search(sentence.text[: match.start()]):
                start, span = sentence.start + match.start(), match[0].strip()
                reason = f"Nothing in the record says “{span}”."
                yield Stated("fact_quote", start, start + len(match[0]), span, (), reason, draft.record.newest)
