"""What an edit changed, word by word: what was taken out is struck, what was written in is bold.

As rich text, whose parts carry their style beside them: nothing in an email can become a mention, a link or markup.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from rapidfuzz.distance import Levenshtein

from bot.cards import blocks as bk
from bot.cards.blocks import Block, inline
from bot.cards.words import contact_name, counted
from storage.tables import Contact, Draft, Review

SHOWN = 9_000  # characters; rich text has no documented limit, and 12,000 is the one of markdown blocks
ELEMENT = 3_000
BESIDE = 12  # words shown on each side of a long stretch that stayed
ISLAND = 2  # so few words that stayed between two changes are easier read as changed along with them
TOKEN = re.compile(r"\n|[^\s]+")
SAME, OUT, IN = "same", "out", "in"
STYLES = {OUT: {"strike": True}, IN: {"bold": True}}
SHORTENED = "Shortened here to fit; both texts are kept in full."
LEGEND = "Struck through: taken out. Bold: written in."


@dataclass(frozen=True)
class Run:
    """Words and line breaks that stayed, went or came."""

    kind: str
    tokens: tuple[str, ...]


def redline(draft: Draft, contact: Contact, review: Review) -> Block | None:
    """For the thread under the card, which says who; None where no word was changed."""
    texts = (draft.subject or "", review.subject or ""), (draft.body or "", review.body or "")
    exact = [run for before, after in texts for run in _compared(before, after)]
    went, came = (sum(_words(run) for run in exact if run.kind == kind) for kind in (OUT, IN))
    if not went and not came:
        return None
    said = f"{counted(went, 'word')} out, {counted(came, 'word')} in"
    subject, body = (runs(*pair) for pair in texts)
    parts = [*_titled(subject), *body]
    elements, whole = _elements(parts if _size(parts) <= SHOWN else list(map(_folded, parts)))
    note = [] if whole else [bk.context(SHORTENED)]
    return bk.message(
        f"What changed in the follow-up to {inline(contact_name(contact))}: {said}.",
        [
            bk.context(f"{said}. {LEGEND}"),
            {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]},
            *note,
        ],
    )


def runs(before: str, after: str) -> list[Run]:
    """From one text to the other, to be read: a change is what goes out, then what comes in."""
    return _joined(_without_islands(_joined(_compared(before, after))))


def _compared(before: str, after: str) -> list[Run]:
    old, new = TOKEN.findall(bk.clean(before)), TOKEN.findall(bk.clean(after))
    found: list[Run] = []
    for op in Levenshtein.opcodes(old, new):
        if op.tag == "equal":
            found.append(Run(SAME, tuple(old[op.src_start : op.src_end])))
            continue
        found.append(Run(OUT, tuple(old[op.src_start : op.src_end])))
        found.append(Run(IN, tuple(new[op.dest_start : op.dest_end])))
    return [run for run in found if run.tokens]


def _without_islands(found: Sequence[Run]) -> list[Run]:
    """A word or two that stayed between two changes, both longer, go out and come in with them."""
    open_runs: list[Run] = []
    for number, run in enumerate(found):
        beside = min(_change(reversed(found[:number])), _change(found[number + 1 :]))
        if run.kind == SAME and len(run.tokens) <= ISLAND and len(run.tokens) < beside and "\n" not in run.tokens:
            open_runs += [Run(OUT, run.tokens), Run(IN, run.tokens)]
        else:
            open_runs.append(run)
    return open_runs


def _change(found: Iterable[Run]) -> int:
    """How long the change is that a text goes on with."""
    return max((len(run.tokens) for run in takewhile(lambda run: run.kind != SAME, found)), default=0)


def _joined(found: Sequence[Run]) -> list[Run]:
    """Neighbouring changes as one, what went out before what came in."""
    whole: list[Run] = []
    out: tuple[str, ...] = ()
    come: tuple[str, ...] = ()
    for run in [*found, Run(SAME, ())]:
        if run.kind == OUT:
            out += run.tokens
        elif run.kind == IN:
            come += run.tokens
        else:
            whole += [Run(OUT, out), Run(IN, come), run]
            out, come = (), ()
    return [run for run in whole if run.tokens]


def _titled(subject: Sequence[Run]) -> list[Run]:
    """The subject as the first line, where it was changed."""
    if all(run.kind == SAME for run in subject):
        return []
    return [Run(SAME, ("Subject:",)), *subject, Run(SAME, ("\n", "\n"))]


def _folded(run: Run) -> Run:
    """A long stretch that stayed, without its middle."""
    if run.kind != SAME or len(run.tokens) <= 3 * BESIDE:
        return run
    gap = f"[… {counted(_words(run) - 2 * BESIDE, 'word')} as before …]"
    return Run(SAME, (*run.tokens[:BESIDE], gap, *run.tokens[-BESIDE:]))


def _elements(found: Sequence[Run]) -> tuple[list[Block], bool]:
    """Rich text of the runs as far as it fits, and whether all of it did."""
    elements: list[Block] = []
    room = SHOWN
    for text, style in _spaced(found):
        for piece in _pieces(text):
            if bk.size(piece) > room:
                elements.append(_element(piece[: bk.fitting(piece, room)].rstrip() + bk.ELLIPSIS, style))
                return elements, False
            room -= bk.size(piece)
            elements.append(_element(piece, style))
    return elements, True


def _pieces(text: str) -> Iterator[str]:
    while text:
        end = bk.fitting(text, ELEMENT)
        yield text[:end]
        text = text[end:]


def _element(text: str, style: dict[str, bool]) -> Block:
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def _spaced(found: Sequence[Run]) -> Iterator[tuple[str, dict[str, bool]]]:
    """Each run as text with its style; the space between two runs has none, or it would be struck as well."""
    before = "\n"
    for run in found:
        text = _text(run)
        if not text:
            continue
        if not before.endswith("\n") and not text.startswith("\n"):
            yield " ", {}
        yield text, STYLES.get(run.kind, {})
        before = text


def _text(run: Run) -> str:
    """Line breaks that went are not shown, or the text would have gaps that the final one has not."""
    text = ""
    for token in run.tokens:
        text += token if token == "\n" or not text or text.endswith("\n") else f" {token}"
    return text.strip("\n") if run.kind == OUT else text


def _words(run: Run) -> int:
    return sum(token != "\n" for token in run.tokens)


def _size(found: Sequence[Run]) -> int:
    return sum(bk.size(text) for text, _ in _spaced(found))
