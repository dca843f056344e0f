"""Brief, voice and playbook to messages: the one renderer, for serving, training and evaluation alike.

A brief's texts are plain already; the renderer makes sure of it, as briefs of old pairs come here too.
"""

from datetime import datetime
from itertools import zip_longest

from model.brief import EVENTS_KEPT, Brief, Event
from model.engine import Message
from model.playbook import PLAIN, Playbook
from model.slots import ago, values
from model.untrusted import plain
from model.voice import Voice

PROMPT_VERSION = "1"
QUOTED_WORDS = 12  # of what the customer wrote; a small model loses the thread in more
QUOTED_LETTERS = 200  # where twelve words are longer than words are
VOICE_WORDS = 60  # about 80 tokens; the voice's examples fill what its other lines leave of that

KINDS = {
    "email_sent": "we emailed",
    "email_received": "they wrote to us",
    "email_open": "opened our email",
    "email_click": "clicked in our email",
    "form_submit": "filled in a form",
    "page_view": "viewed a page",
    "webinar_attended": "attended a webinar",
    "document_download": "downloaded a document",
    "product_usage": "used the product",
    "stage_change": "deal moved",
}


def messages(
    brief: Brief, voice: Voice, *, slots: bool, playbook: Playbook = PLAIN, tone: str | None = None
) -> list[Message]:
    """The messages that ask for one email.

    With `slots` the facts stand as slot names, which is what an adapter is trained on: names then stay out of
    its weights. The frozen base has never seen a slot and gets the values. `tone` is what the person asked for beyond
    how the team writes; training knows none.
    """
    return [
        {"role": "system", "content": _system(voice)},
        {"role": "user", "content": "\n".join(_user(brief, _Facts(brief, slots=slots), playbook, tone))},
    ]


class _Facts:
    """Writes a fact as its value, its slot, or both."""

    def __init__(self, brief: Brief, *, slots: bool) -> None:
        self.known = {name: plain(value) for name, value in values(brief).items()}
        self.slots = slots

    def personal(self, name: str) -> str:
        return "{{" + name + "}}" if self.slots else self.known[name]

    def open(self, name: str) -> str:
        """Not personal, and its meaning steers the text: the value stays visible."""
        return "{{" + name + "}} = " + self.known[name] if self.slots else self.known[name]


def _system(voice: Voice) -> str:
    tone = f" Tone: {', '.join(voice.tone)}." if voice.tone else ""
    avoid = f" Avoid: {'; '.join(voice.avoid)}." if voice.avoid else ""
    steered = f"You write short follow-up emails for {voice.company}: {voice.what_we_do}.{tone}{avoid}"
    return _with_examples(steered, voice)


def _with_examples(steered: str, voice: Voice) -> str:
    """Examples of how to write and how not to, in turn, as long as they fit; a voice without any reads as ever."""
    pairs = zip_longest(voice.dos, voice.donts)
    for label, example in ((label, one) for pair in pairs for label, one in zip(("Do", "Don't"), pair, strict=True)):
        longer = f'{steered} {label}: "{example}"'
        if example and len(longer.split()) <= VOICE_WORDS:
            steered = longer
    return steered


def _user(brief: Brief, facts: _Facts, playbook: Playbook, tone: str | None) -> list[str]:
    lines = [f"To: {_recipient(brief, facts)}", f"From: {facts.personal('sender')}"]
    if brief.deal:
        stage = f", {plain(brief.deal.stage)}" if brief.deal.stage else ""
        lines.append(f"Deal: {facts.open('deal')}{stage}")
    if brief.events:
        lines.append("What happened, newest first:")
        lines += [_event(n, e, brief.at, facts) for n, e in enumerate(brief.events[:EVENTS_KEPT], start=1)]
    if brief.note:
        lines.append(f"Note: {plain(brief.note)}")
    if playbook.instructions:
        lines.append(playbook.instructions)
    if tone:
        lines.append(f"Make it {tone} than usual.")
    return [*lines, f"Write the email. Goal: {plain(brief.goal)}"]  # last, where a small model heeds it most


def _recipient(brief: Brief, facts: _Facts) -> str:
    contact = brief.contact
    name = facts.personal("first_name") if contact.first_name else plain(contact.email)
    if contact.title:
        name += f", {plain(contact.title)}"
    if brief.company:
        name += f" at {facts.personal('company')}"
        name += f" ({plain(brief.company.industry)})" if brief.company.industry else ""
    return name


def _event(number: int, event: Event, now: datetime, facts: _Facts) -> str:
    kind = KINDS.get(event.kind, plain(event.kind).replace("_", " "))
    when = f"{event.count} times" if event.count is not None else ago(event.at, now)
    subject = f": {facts.open(f'event{number}')}" if event.subject else ""
    return f"{number}. {kind}, {when}{subject}{_quoted(event)}"


def _quoted(event: Event) -> str:
    if not event.body:
        return ""
    words = plain(event.body).split()
    quoted = " ".join(words[:QUOTED_WORDS])[:QUOTED_LETTERS]
    return f' ("{quoted}{" …" if len(quoted) < len(" ".join(words)) else ""}")'


def joined(subject: str, body: str) -> str:
    """An email as one text: what the model completes and the pair keeps."""
    return f"Subject: {subject.strip()}\n\n{body.strip()}"


def parted(text: str) -> tuple[str, str]:
    """Subject and body of a completion. A model that forgets the subject line gets an empty one."""
    first, _, rest = text.strip().partition("\n")
    label, colon, subject = first.partition(":")
    if colon and label.strip(" *#").lower() == "subject":
        return subject.strip(" *"), rest.strip()
    return "", text.strip()
