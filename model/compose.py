"""One draft: brief and voice in, subject and body out. Serving and evaluation both come through here."""

import re
from dataclasses import dataclass
from typing import Protocol

from model.brief import Brief
from model.engine import Completion, Message
from model.playbook import PLAIN, Playbook, finished_body
from model.prompt import joined, messages, parted
from model.rules import apply
from model.slots import fill, grammar, values
from model.untrusted import visible
from model.voice import Voice

MAX_TOKENS = 260  # about 190 words; a follow-up that needs more is not one
SENTENCE_END = re.compile(r"[.!?…][\"')\]]*(?=\s|$)")


class Complete(Protocol):
    """An engine's `complete`, with the adapter already chosen."""

    def __call__(
        self, messages: list[Message], *, seed: int, temperature: float, max_tokens: int, grammar: str
    ) -> Completion: ...


@dataclass(frozen=True)
class Composed:
    """A draft with its values filled in. `missing` names slots for which the record had no value."""

    subject: str
    body: str
    messages: list[Message]
    completion: str
    missing: tuple[str, ...]
    finished: bool
    tokens: int
    seconds: float

    @property
    def text(self) -> str:
        return joined(self.subject, self.body)


def compose(
    brief: Brief,
    voice: Voice,
    complete: Complete,
    *,
    slots: bool,
    seed: int,
    temperature: float,
    playbook: Playbook = PLAIN,
    tone: str | None = None,
) -> Composed:
    """Draft one email. `slots` is true with an adapter, which writes slots, and false for the frozen base.

    The voice's rules hold for either; `voice.without_rules()` drafts what the model alone would write. What the
    playbook requires to be said comes in last, so that neither the model nor a rule can leave it out.
    """
    asked = messages(brief, voice, slots=slots, playbook=playbook, tone=tone)
    allowed = grammar(values(brief) if slots else ())
    completion = complete(asked, seed=seed, temperature=temperature, max_tokens=MAX_TOKENS, grammar=allowed)
    text = visible(completion.text if completion.finished else whole_sentences(completion.text))
    filled, missing = fill(apply(fill(text, brief)[0], voice.rules, brief), brief)
    subject, body = parted(filled)
    return Composed(
        subject=subject or brief.goal[:1].upper() + brief.goal[1:],
        body=finished_body(playbook, brief, body),
        messages=asked,
        completion=completion.text,
        missing=tuple(missing),
        finished=completion.finished,
        tokens=completion.tokens,
        seconds=completion.seconds,
    )


def whole_sentences(text: str) -> str:
    """Drop the half sentence at the end of a text that ran into the length limit."""
    ends = [match.end() for match in SENTENCE_END.finditer(text)]
    return text[: ends[-1]] if ends else text
