"""Whether the bot lives and whether it is ready, as a load balancer or an orchestrator asks."""

import json
import logging
from collections.abc import Callable, Mapping

from bot.front import Answer, Page
from storage import queries
from storage.database import Database

log = logging.getLogger(__name__)

Check = Callable[[], bool]
JSON = {"content-type": "application/json"}


def pages(checks: Mapping[str, Check]) -> dict[str, Page]:
    """`/healthz` says that the process answers; `/readyz` looks at each of the checks, and says which one fails."""
    return {
        "/healthz": lambda _query, _headers: Answer(200, JSON, '{"status": "ok"}'),
        "/readyz": lambda _query, _headers: _readiness(checks),
    }


def database_answers(database: Database) -> bool:
    with database.reading() as session:
        queries.workspaces(session)
    return True


def _readiness(checks: Mapping[str, Check]) -> Answer:
    found = {name: _holds(name, check) for name, check in checks.items()}
    ready = all(found.values())
    body = {"status": "ready" if ready else "not ready", **{name: "ok" if ok else "no" for name, ok in found.items()}}
    return Answer(200 if ready else 503, JSON, json.dumps(body))


def _holds(name: str, check: Check) -> bool:
    try:
        return check()
    except Exception as error:  # what it says may name a host or a user
        log.warning("not ready: %s (%s)", name, type(error).__name__)
        return False
