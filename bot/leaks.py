"""The leak guard of each workspace, kept until its CRM changes."""

import threading
import time
from collections.abc import Callable, Iterator

from sqlmodel import Session

from model.strangers import Stranger, Strangers
from storage import queries
from storage.database import Database

STALE_SECONDS = 600.0  # two names of equal length that change places leave the stamp as it was


class Leaks:
    """The people of a workspace as `Strangers`, built again when the CRM's stamp changed or they are ten minutes old.

    The house's own name and its people's are no leak, even where they stand in the CRM too.
    """

    def __init__(self, database: Database, seconds: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._seconds = seconds
        self._turn = threading.Lock()  # two drafts at once build one index
        self._known: dict[int, tuple[tuple[int, ...], float, Strangers]] = {}

    def __call__(self, workspace_id: int) -> Strangers:
        with self._turn, self._database.reading() as session:
            stamp = queries.crm_stamp(session, workspace_id=workspace_id)
            known = self._known.get(workspace_id)
            if known is None or known[0] != stamp or self._seconds() - known[1] > STALE_SECONDS:
                known = stamp, self._seconds(), _strangers(session, workspace_id)
                self._known[workspace_id] = known
        return known[2]


def _strangers(session: Session, workspace_id: int) -> Strangers:
    row = queries.workspace_by_id(session, workspace_id=workspace_id)
    house = [row.name] if row and row.name else []
    return Strangers(_people(session, workspace_id), [*house, *queries.owners(session, workspace_id=workspace_id)])


def _people(session: Session, workspace_id: int) -> Iterator[Stranger]:
    """Whose customer somebody is goes by company, else by mail domain, as in a brief."""
    for person in queries.people(session, workspace_id=workspace_id):
        account = person.company or person.email.partition("@")[2]
        yield Stranger(account, person.first_name, person.last_name, person.email, person.company, person.deals)
