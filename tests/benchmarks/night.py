"""A night with 1,000 pairs: is it done in its minutes, and in how much memory?

python -m tests.benchmarks.night [--quick] [--json]
"""

import json
import random
import resource
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.settings import Settings, load
from model.prompt import PROMPT_VERSION
from storage import queries
from storage.database import Database
from storage.tables import Pair, Verdict
from tests.benchmarks import contexts
from tests.benchmarks.report import Figure, main
from tests.personas import warm

GIGABYTE = 2**30


def measure(quick: bool) -> list[Figure]:
    pairs, minutes = (200, 2.0) if quick else (1000, 6.0)
    with TemporaryDirectory() as place:
        home = Path(place)
        (home / "cache").symlink_to(load().cache.resolve())
        settings = Settings(_env_file=None, home=home)  # type: ignore[call-arg]
        with closing(Database(settings.database)) as database:
            database.migrate()
            write(database, pairs)
        command = [sys.executable, "-m", "bot", "refine", "--minutes", str(minutes), "--json"]
        began = time.perf_counter()
        done = subprocess.run(command, env=settings.child_environment(), stdout=subprocess.PIPE, text=True, check=True)
        spent = (time.perf_counter() - began) / 60
    run = json.loads(done.stdout)
    sys.stderr.write("\n".join(run["reasons"]) + "\n")
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    return [
        Figure("night_minutes", spent, "min", minutes),
        Figure("night_memory_gb", largest / GIGABYTE, "GB", 2.0),
        Figure("night_pairs", run["pairs"], "trained", 1, least=True),
    ]


def write(database: Database, count: int) -> None:
    """So many reviewed pairs of one editor, who wrote every mail anew."""
    rng = random.Random(1)
    with database.writing() as session:
        workspace = queries.workspace_for_team(session, team_id="T1", name="bench")
        assert workspace.id is not None
        for number, ask in enumerate(contexts.write(session, workspace_id=workspace.id, days=count // 20, a_day=20)):
            brief = contexts.brief_of(session, ask, workspace_id=workspace.id)
            facts = brief.model_dump(mode="json")
            row = Pair(
                workspace_id=workspace.id,
                contact_id=ask.contact_id,
                source="review",
                source_id=str(number),
                account=brief.account,
                verdict=Verdict.edited,
                brief=facts,
                drafted="Subject: Follow-up\n\nDear friend,\n\nI hope this finds you well.\n\nBest",
                final=warm.edit("", facts, rng),
                prompt_version=PROMPT_VERSION,
                at=ask.at,
            )
            queries.add_pair(session, row=row)


if __name__ == "__main__":
    raise SystemExit(main("A night with 1,000 pairs.", measure))
