"""A message in Slack as plain text, and whom it is about."""

import html
import re

from sqlmodel import Session

from storage import queries
from storage.tables import Contact

MARK = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")  # Slack's links and mentions
EMAIL = re.compile(r"[^\s<>|@,;:()\[\]\"']+@[^\s<>|@,;:()\[\]\"']+\.\w+")
WORD = re.compile(r"[^\W\d_][\w'’.-]*")
WORDS_READ = 300
NAME_WORDS = (4, 3, 2)  # a first name alone says too little


def text_of(message: str) -> str:
    """What a person reads: links as their words, mentions of people and groups left out, entities as characters."""
    plain = html.unescape(MARK.sub(_shown, message))
    return "\n".join(" ".join(line.split()) for line in plain.splitlines()).strip()


def _shown(mark: re.Match[str]) -> str:
    target, label = mark[1], mark[2]
    if target[:1] in "@!":
        return ""
    if target[:1] == "#":
        return f"#{label}" if label else ""
    if not target.startswith("mailto:"):
        return label or target
    address = target.removeprefix("mailto:")
    return f"{label} ({address})" if label and label != address else address


def contact_in(session: Session, *, workspace_id: int, text: str) -> Contact | None:
    """The contact whose address stands in the text, or whose full name does, the first that is named.

    A name that several contacts share points at nobody.
    """
    for address in EMAIL.findall(text):
        if found := queries.contact_by_email(session, workspace_id=workspace_id, email=address.rstrip(".")):
            return found
    names = _names(text)
    called: dict[str, list[Contact]] = {}
    for contact in queries.contacts_called(session, workspace_id=workspace_id, names=names):
        called.setdefault(contact.search_name, []).append(contact)
    alone = (called[name][0] for name in names if len(called.get(name, ())) == 1)
    return next(alone, None)


def _names(text: str) -> list[str]:
    """Everything in the text that could be a full name, folded, in order."""
    words = [word.rstrip(".-'’") for word in WORD.findall(text)[:WORDS_READ]]
    words = [re.sub(r"['’]s$", "", word) for word in words]
    spans = (words[start : start + length] for start in range(len(words)) for length in NAME_WORDS)
    return list(dict.fromkeys(queries.folded(" ".join(span)) for span in spans if len(span) > 1))
