"""One recipe on one persona, without the days in between: for choosing rank, learning rate, epochs and batch.

    python -m tests.benchmarks.sweep PERSONA [--days 1,2] [--minutes 2] [--set EPOCHS=5] [--set RANK=8] [--show]

Pairs are what the persona makes of the frozen base's drafts of those days; the test is the day after. `--set` names a
constant of model/refine.py or model/pairs.py. Tune on `brisk`, `warm`, `formal` and `service`; the others are only
reported.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot import progress
from bot.settings import load
from model import adapters, pairs, refine
from model import base as base_model
from model.brief import Brief
from model.compose import Composed, compose
from model.edit_rate import edit_rate
from model.engine import LlamaCpp
from model.pairs import Pair
from model.voice import Voice
from storage import queries
from storage.database import Database
from tests.benchmarks import contexts
from tests.benchmarks.edit_rate import A_DAY, AT_ONCE, Remembering, _persona
from tests.personas.habits import review

VOICE = Voice(company="Brightwater", what_we_do="maintenance planning for small plants")


def main() -> int:
    parser = argparse.ArgumentParser(description="One recipe on one persona.")
    parser.add_argument("persona")
    parser.add_argument("--days", default="1,2", help="whose drafts to learn from")
    parser.add_argument("--minutes", type=float, default=2.0, help="of training")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--show", action="store_true", help="print drafts with what the editor makes of them")
    arguments = parser.parse_args()
    for name, _, value in (each.partition("=") for each in arguments.set):
        place = refine if hasattr(refine, name) else pairs
        setattr(place, name, type(getattr(place, name))(float(value)))
    learn = [int(day) for day in arguments.days.split(",")]
    result, shown = measure(arguments.persona, learn, arguments.minutes)
    sys.stdout.write(json.dumps({"persona": arguments.persona, "set": arguments.set, **result}) + "\n")
    if arguments.show:
        sys.stdout.write("\n".join(shown) + "\n")
    return 0


def measure(name: str, learn: list[int], minutes: float) -> tuple[dict[str, Any], list[str]]:
    cache = load().cache
    base = base_model.find(load().base_model, cache, progress=progress.download())
    persona = _persona(name, None)
    edit = partial(review, persona.edit, fires=getattr(persona, "FIRES", 1.0))
    asked = briefs(max(learn) + 1)
    with closing(Remembering(base.path, cache / "bench-base")) as engines, ThreadPoolExecutor(AT_ONCE) as pool:
        frozen = partial(engines.complete, adapter=None)
        drafts = list(pool.map(lambda each: _draft(each[1], frozen, slots=False), asked))
    rows = []
    for number, ((day, brief), draft) in enumerate(zip(asked, drafts, strict=True)):
        final = edit(draft.text, brief.model_dump(mode="json"))
        if day in learn and final:
            rows.append(Pair(number, brief.account, "edited", brief, draft.text, final, brief.at))
    network, training = refine.train(
        pairs.examples(rows, VOICE),
        base_model.training_copy(base, cache, progress=lambda *_: None),
        minutes=minutes,
        seed=1,
        progress=lambda _: None,
    )
    tests = [(brief, draft) for (day, brief), draft in zip(asked, drafts, strict=True) if day == max(learn) + 1]
    with _engine(network, base) as engine, ThreadPoolExecutor(AT_ONCE) as pool:
        written = list(pool.map(lambda each: _draft(each[0], engine.complete, slots=True), tests))
    finals = [edit(draft.text, brief.model_dump(mode="json")) for draft, (brief, _) in zip(written, tests, strict=True)]
    before = [edit_rate(draft.text, edit(draft.text, brief.model_dump(mode="json"))) for brief, draft in tests]
    after = [edit_rate(draft.text, final) for draft, final in zip(written, finals, strict=True)]
    return {
        "pairs": len(rows),
        "steps": training.steps,
        "epochs": training.epochs,
        "seconds": training.seconds,
        "loss": training.last_loss,
        "base": round(sum(before) / len(before), 3),
        "edit_rate": round(sum(after) / len(after), 3),
        "ratio": round(sum(after) / sum(before), 3),
        "unedited": sum(final == draft.text for final, draft in zip(finals, written, strict=True)),
        "of": len(after),
    }, [f"{draft.text}\n→\n{final}\n" for draft, final in zip(written, finals, strict=True)]


def briefs(days: int) -> list[tuple[int, Brief]]:
    """Every brief of the first days, as the bench has them."""
    with TemporaryDirectory() as place, closing(Database(f"sqlite:///{place}/rows.sqlite3")) as database:
        database.migrate()
        with database.writing() as session:
            workspace = queries.workspace_for_team(session, team_id="T1", name="bench")
            assert workspace.id is not None
            found = []
            for ask in contexts.write(session, workspace_id=workspace.id, days=days, a_day=A_DAY):
                brief = contexts.brief_of(session, ask, workspace_id=workspace.id)
                found.append((ask.day, brief))
            return found


def _draft(brief: Brief, complete: Any, *, slots: bool) -> Composed:
    return compose(brief, VOICE, complete, slots=slots, seed=0, temperature=0.0)


@contextmanager
def _engine(network: Any, base: base_model.Base) -> Iterator[LlamaCpp]:
    with TemporaryDirectory() as place:
        folder = adapters.write(
            Path(place), "sweep", network.tensors(), base, rank=refine.RANK, alpha=refine.ALPHA, facts={}
        )
        with LlamaCpp(base.path, folder) as engine:
            yield engine


if __name__ == "__main__":
    raise SystemExit(main())
