"""Two replicas in processes of their own on one PostgreSQL, one of them stopped again and again for twice its leases.

Each draft must be drafted once and stand in Slack once, in its newest version. The engine is a double, Slack keeps a
transcript, and the leases are short, so that many run out.

    python -m tests.replicas --drafts 10000 [--json]
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk import WebClient

from bot import drafting, posting
from storage import queries
from storage.database import Database
from storage.tables import Status, utc_now
from tests.fakes import FakeEngines
from tests.postgres import serving
from tests.rows import contact, workspace
from tests.slack import FakeSlack, fake_slack
from tests.test_drafting import ask, desk

LEASE = timedelta(seconds=2)
STOPPED = 2 * LEASE.total_seconds()
BETWEEN = (0.5, 3.0)  # seconds from one stop to the next
REPLY = "Subject: Hello\n\nMorning Dana.\n\nMaya"


class Slow(FakeEngines):
    """Takes some hundredths of a second, so that a stop can come in the middle."""

    def complete(self, *given: Any, **how: Any) -> Any:
        time.sleep(random.uniform(0.01, 0.05))
        return super().complete(*given, **how)


def replica(database_url: str, slack_url: str) -> None:
    """A worker and a poster, until the process is ended."""
    drafting.LEASE, drafting.HEARTBEAT_SECONDS, posting.IN_HAND = LEASE, LEASE.total_seconds() / 4, LEASE
    database = Database(database_url)
    client = WebClient(token="xoxb-test", base_url=slack_url, timeout=15, retry_handlers=[])
    poster = posting.Poster(database, lambda _: client, zone=ZoneInfo("UTC"), bot="afterword")
    at_work = desk(database, Slow(REPLY), utc_now)  # type: ignore[arg-type]
    worker = drafting.Worker(at_work, lambda *_: poster.wake(), parallel=3)
    poster.start()
    worker.start()
    signal.pause()


def waiting(database: Database, drafts: int) -> int:
    """How many drafts are not drafted and shown yet."""
    with database.reading() as session:
        counts = queries.draft_counts(session, workspace_id=1)
    with database.reading() as session:
        behind = queries.drafts_to_post(session, now=utc_now() + 2 * LEASE, limit=drafts)
    return max(drafts - counts.get(Status.drafted, 0), len(behind))


def run(drafts: int) -> dict[str, Any]:
    """Figures of one run."""
    with serving() as server, fake_slack() as slack:
        url = server.migrated()
        database = Database(url)
        with database.writing() as session:
            workspace(session)
            contact(session, 1)
        for number in range(1, drafts + 1):
            ask(database, f"key {number}", channel=f"C{number}", now=utc_now())
        begun = time.monotonic()
        command = [sys.executable, "-m", "tests.replicas", "--replica", url, slack.url]
        children = [subprocess.Popen(command) for _ in range(2)]
        stops = 0
        try:
            while waiting(database, drafts):
                time.sleep(random.uniform(*BETWEEN))
                victim = random.choice(children)
                victim.send_signal(signal.SIGSTOP)
                stops += 1
                time.sleep(STOPPED)
                victim.send_signal(signal.SIGCONT)
            time.sleep(STOPPED)  # whoever was stopped takes back what was too much
        finally:
            for child in children:
                child.kill()
                child.wait()
        seconds = time.monotonic() - begun
        figures = judged(database, slack, drafts)
        database.close()
    return {"drafts": drafts, "stops": stops, "seconds": round(seconds), **figures}


def judged(database: Database, slack: FakeSlack, drafts: int) -> dict[str, int]:
    """Drafts that were finished twice, cards too many or missing in Slack, and cards that show something old."""
    shown = messages(slack)
    taken_over = doubled = stale = lost = 0
    for number in range(1, drafts + 1):
        with database.reading() as session:
            row = queries.draft(session, workspace_id=1, draft_id=number)
        assert row
        taken_over += row.attempt > 1
        doubled += row.version != 2  # asked for, and finished once
        lost += not shown[row.channel or ""]
        stale += any(not text.startswith("Draft for") for text in shown[row.channel or ""].values())
    too_many = sum(max(0, len(cards) - 1) for cards in shown.values())
    return {"taken_over": taken_over, "doubled": doubled, "cards_lost": lost, "cards_doubled": too_many, "stale": stale}


def messages(slack: FakeSlack) -> dict[str, dict[str, str]]:
    """Channel → ts → text, as people see it at the end."""
    shown: dict[str, dict[str, str]] = {}
    for method, arguments, ts in slack.accepted:
        card = shown.setdefault(arguments.get("channel", ""), {})
        if method == "chat.delete":
            card.pop(ts, None)
        elif method in ("chat.postMessage", "chat.update"):
            card[ts] = arguments["text"]
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(description="Two replicas, one of them stopped again and again.")
    parser.add_argument("--drafts", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--replica", nargs=2, metavar=("DATABASE", "SLACK"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.replica:
        replica(*asked.replica)
        return
    figures = run(asked.drafts)
    print(json.dumps(figures) if asked.json else "; ".join(f"{name} {value}" for name, value in figures.items()))  # noqa: T201
    sys.exit(any(figures[name] for name in ("doubled", "cards_lost", "cards_doubled", "stale")))


if __name__ == "__main__":
    main()
