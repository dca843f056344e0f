"""Finding contacts as one types: any word of name, company or address, by its beginning, whatever its accents.

`contact.search_text` holds the words, and the database indexes them: FTS5 on SQLite, a GIN index over lexemes on
PostgreSQL. Both get the same words from us and are asked the same question, so both find the same contacts.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from anyascii import anyascii
from sqlalchemy import column, table, text
from sqlmodel import Session, col, select

from storage.tables import Contact

WORD = re.compile("[a-z0-9]+")
LAST_LABEL = re.compile(r"(@\S*)\.[^.\s]*")
POOL = 100  # candidates that are put in order; whoever is not among them types on
WORDS_ASKED = 8

FOUND = table("contact_search", column("rowid"))
MATCHES = {
    "sqlite": "contact_search MATCH :words",
    "postgresql": "array_to_tsvector(string_to_array(contact.search_text, ' ')) @@ CAST(:words AS tsquery)",
}


@lru_cache(maxsize=20_000)
def folded(name: str) -> str:
    """Plain lower-case letters: "Zoë  Ørsted" is found by "zoe orsted"."""
    return " ".join((name if name.isascii() else anyascii(name)).lower().split())


def words(typed: str) -> list[str]:
    """The words of a text as they are compared. What ends every address, such as "com", tells nobody apart."""
    return list(dict.fromkeys(WORD.findall(LAST_LABEL.sub(r"\1", folded(typed).replace("'", "")))))


@lru_cache(maxsize=20_000)
def _words(name: str) -> tuple[str, ...]:
    """Names and companies come again and again in an import."""
    return tuple(words(name))


def search_text(workspace_id: int, *parts: str | None, email: str) -> str:
    """What `contact.search_text` holds: each word once, marked as the workspace's, so that no search leaves it."""
    named = (word for part in parts if part for word in _words(part))
    return " ".join(f"{workspace_id}_{word}" for word in dict.fromkeys([*named, *words(email)]))


def having(session: Session, query: Any, workspace_id: int, wanted: Iterable[str], *, whole: bool) -> Any:
    """A query for contacts, kept to those who have all these words, or words that begin so."""
    dialect = session.get_bind().dialect.name
    beginning = "" if whole else {"sqlite": "*", "postgresql": ":*"}[dialect]
    both = {"sqlite": " AND ", "postgresql": " & "}[dialect]
    together = both.join(f"{workspace_id}_{word}{beginning}" for word in wanted)
    if dialect == "sqlite":  # first the index, and only then the contacts that it names
        query = query.select_from(FOUND).join(Contact, col(Contact.id) == FOUND.c.rowid)
    return query.where(Contact.workspace_id == workspace_id, text(MATCHES[dialect]).bindparams(words=together))


def search_contacts(session: Session, *, workspace_id: int, text: str, limit: int) -> list[Contact]:
    """Contacts of whom every word of `text` begins a word; those whose name begins so come first.

    Whole words are looked for before beginnings, so that somebody called Li is found among all who are called Lisa.
    """
    wanted = words(text)[:WORDS_ASKED]
    if not wanted:
        return []
    found: dict[int | None, tuple[int, str, int | None]] = {}
    for whole in (True, False):
        query = having(
            session, select(Contact.id, Contact.search_name, Contact.email), workspace_id, wanted, whole=whole
        )
        in_order = FOUND.c.rowid if session.get_bind().dialect.name == "sqlite" else col(Contact.id)
        rows = session.exec(query.order_by(in_order).limit(POOL)).all()
        found |= {row_id: (_distance(wanted, name, email), name, row_id) for row_id, name, email in rows}
    chosen = sorted(found, key=lambda row_id: found[row_id])[:limit]
    # `+ 0`, or SQLite would go through all of the workspace's contacts.
    here = col(Contact.workspace_id) + 0 == workspace_id
    people = session.exec(select(Contact).where(here, col(Contact.id).in_(chosen)))
    return sorted(people, key=lambda row: chosen.index(row.id))


def _distance(wanted: list[str], name: str, email: str) -> int:
    """How far a contact is from what was typed: in its name, in its address, or elsewhere."""
    named = words(name)
    if " ".join(named).startswith(" ".join(wanted)):
        return 0
    if all(any(part.startswith(word) for part in named) for word in wanted):
        return 1
    return 2 if all(word in email for word in wanted) else 3
