"""The house sentences of each workspace, kept until somebody decides about another draft or emails are imported."""

import threading

from model.brief import Brief
from model.house import house_sentences
from model.pairs import PAIRS_KEPT
from storage import queries
from storage.database import Database


class House:
    """What people of a workspace write to everybody, by workspace id; from the same pairs that a night learns from."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = threading.Lock()  # two drafts at once read the pairs once
        self._known: dict[int, tuple[tuple[int, int], frozenset[str]]] = {}

    def __call__(self, workspace_id: int) -> frozenset[str]:
        with self._turn, self._database.reading() as session:
            stamp = queries.pairs_stamp(session, workspace_id=workspace_id)
            known = self._known.get(workspace_id)
            if known is None or known[0] != stamp:
                rows = queries.pairs(session, workspace_id=workspace_id, limit=PAIRS_KEPT)
                # What somebody sent although a check blocked it is their reason for once, and no custom of the house.
                usual = [row for row in rows if row.final and not row.reason]
                sent = [(row.final or "", Brief.model_validate(row.brief)) for row in usual]
                known = self._known[workspace_id] = stamp, house_sentences(sent)
        return known[1]
