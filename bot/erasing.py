"""Forgetting a person: rows, cards, files and what was learned from them."""

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.settings import Settings
from storage import queries
from storage.database import Database

log = logging.getLogger(__name__)

RemoveCard = Callable[[str, str], bool]  # channel and time stamp; whether it is gone


@dataclass
class Erasure:
    """What went, for the record. `rows` counts by table."""

    rows: dict[str, int] = field(default_factory=dict)
    adapters: list[int] = field(default_factory=list)  # versions that were withdrawn
    serving: int | None = None
    cards_removed: int = 0
    cards_left: int = 0  # in Slack, for a person to delete


def forget(
    settings: Settings,
    database: Database,
    *,
    workspace_id: int,
    email: str,
    who: str,
    now: datetime,
    remove: RemoveCard,
) -> Erasure:
    """Erase a person from one workspace; asking twice is harmless.

    The cards go first, while their rows still say where they are. A crash then leaves rows, and the same command again
    finishes the work. Adapters that may have learned from the person are withdrawn in the transaction that deletes the
    rows, so that none is ever in service without its pairs; the next night trains anew.
    """
    done = Erasure()
    with database.reading() as session:
        cards = queries.cards_of(session, workspace_id=workspace_id, email=email)
    done.cards_removed = sum(remove(channel, ts) for channel, ts in cards)
    done.cards_left = len(cards) - done.cards_removed
    scope = {"workspace_id": workspace_id}
    with database.writing() as session:
        since = queries.learned_since(session, **scope, email=email)
        retired = queries.withdraw_adapters(session, **scope, since=since, now=now) if since else []
        done.rows = queries.erase(session, **scope, email=email, now=now)
        serving = queries.serving(session, **scope)
        done.adapters, done.serving = [row.version for row in retired], serving.version if serving else None
        detail = {"rows": done.rows, "adapters": done.adapters, "cards_left": done.cards_left}
        queries.audit(session, **scope, actor=who, action="forget", subject="a contact", detail=detail)
    for row in retired:
        shutil.rmtree(settings.adapters / row.folder, ignore_errors=True)
    shutil.rmtree(settings.home / "held-out" / f"w{workspace_id}", ignore_errors=True)  # drafts kept for the gate
    return done
