"""The words by which a contact is found, and the index over them."""

import re

import sqlalchemy as sa
from alembic import op
from anyascii import anyascii

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

AT_ONCE = 5000
# A word begins with its workspace and a line, so the beginnings that are kept are those of one to four letters.
# The words stand in the contact itself, so the index keeps none of its own; triggers keep the two alike. They go with
# the table where a later migration writes it anew, and then have to be made again.
SQLITE = (
    "CREATE VIRTUAL TABLE contact_search USING fts5(search_text, content='contact', content_rowid='id',"
    " tokenize=\"ascii tokenchars '_'\", detail=none, columnsize=0, prefix='3 4 5 6')",
    "CREATE TRIGGER contact_search_added AFTER INSERT ON contact BEGIN"
    " INSERT INTO contact_search (rowid, search_text) VALUES (new.id, new.search_text); END",
    "CREATE TRIGGER contact_search_removed AFTER DELETE ON contact BEGIN"
    " INSERT INTO contact_search (contact_search, rowid, search_text) VALUES ('delete', old.id, old.search_text); END",
    "CREATE TRIGGER contact_search_changed AFTER UPDATE OF search_text ON contact"
    " WHEN old.search_text IS NOT new.search_text BEGIN"
    " INSERT INTO contact_search (contact_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);"
    " INSERT INTO contact_search (rowid, search_text) VALUES (new.id, new.search_text); END",
    "INSERT INTO contact_search (contact_search) VALUES ('rebuild')",
)
POSTGRESQL = (
    "CREATE INDEX contact_search ON contact USING gin (array_to_tsvector(string_to_array(search_text, ' ')))",
)


def upgrade() -> None:
    with op.batch_alter_table("contact") as batch:
        batch.drop_index("contact_by_name")  # the words find names too
        batch.add_column(sa.Column("search_text", sa.Text(), nullable=False, server_default=""))
    _fill()
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def _fill() -> None:
    connection, newest = op.get_bind(), 0
    contacts = sa.text(
        "SELECT contact.id, contact.workspace_id, first_name, last_name, company.name, email FROM contact"
        " LEFT JOIN company ON company.id = contact.company_id WHERE contact.id > :newest ORDER BY contact.id LIMIT :most"
    )
    while rows := connection.execute(contacts, {"newest": newest, "most": AT_ONCE}).all():
        newest = rows[-1].id
        found = [{"id": row.id, "words": _words(row.workspace_id, *row[2:])} for row in rows]
        connection.execute(sa.text("UPDATE contact SET search_text = :words WHERE id = :id"), found)


def _words(workspace_id: int, *parts: str | None) -> str:
    """As `queries.search_text` made it when this was written."""
    typed = " ".join(anyascii(" ".join(part for part in parts if part)).lower().replace("'", "").split())
    found = re.findall("[a-z0-9]+", re.sub(r"(@\S*)\.[^.\s]*", r"\1", typed))
    return " ".join(f"{workspace_id}_{word}" for word in dict.fromkeys(found))
