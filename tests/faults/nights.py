"""Nights that die: claim, candidate, verdict and pointer are the bot's own; the training and its drafts are doubles.

After every death whatever serves must be whole, and the date must get its one result from the next process.
"""

import logging
import multiprocessing
import os
import secrets
import signal
import sys
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import select

from bot import refining
from bot.nightly import Nightly
from bot.settings import Settings
from model import adapters
from model.adapters import AdapterError, verify
from model.base import Base
from model.evaluate import Scorecard
from model.split import Split
from storage import queries
from storage.database import Database
from storage.tables import Adapter, Run, RunStatus
from tests.fakes import MONDAY, Clock
from tests.faults import points
from tests.faults.lives import Fate
from tests.random_adapters import ALPHA, RANK, random_tensors
from tests.rows import workspace
from tests.test_prompt import VOICE
from tests.test_refining import add_pairs
from tests.tiny_base import tiny_base

PAIRS = 60
A_WHILE = timedelta(minutes=10)  # after which a dead process's claim is over


@dataclass
class Judged:
    nights: int = 0
    kills: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    bad_served: list[str] = field(default_factory=list)


class Nights:
    """Night after night in one workspace."""

    def __init__(self, folder: Path) -> None:
        self.home, self.url = folder, f"sqlite:///{folder / 'nights.sqlite3'}"
        self.base = tiny_base(folder / "tiny.gguf")
        self.now = MONDAY
        self.result = Judged()
        self.database = Database(self.url)
        self.database.migrate()
        with self.database.writing() as session:
            workspace(session).created_at = MONDAY - timedelta(days=2)
        add_pairs(self.database, PAIRS, clock=Clock(MONDAY - timedelta(days=1)))

    def close(self) -> None:
        self.database.close()

    def night(self, fate: Fate) -> None:
        """One that dies, and the process that comes after it."""
        self.now += timedelta(days=1)
        self.result.nights += 1
        self.result.kills += self._lived(fate)
        self._look(fate)
        self.now += A_WHILE
        self._lived(Fate(plant=fate.plant))
        self._look(fate)
        self._look_at_the_run(fate)

    def _lived(self, fate: Fate) -> bool:
        """Whether it was killed."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        process = context.Process(target=_live, args=(self.url, self.home, self.now, fate), daemon=True)
        process.start()
        process.join(120)
        killed = process.exitcode == -signal.SIGKILL
        process.kill()
        return killed

    def _look(self, fate: Fate) -> None:
        with self.database.reading() as session:
            serving = queries.serving(session, workspace_id=1)
        if serving is None:
            return
        try:
            verify(self.home / "adapters" / serving.folder, self.base)
        except AdapterError as error:
            self.result.bad_served.append(f"{fate.point}: {error}")

    def _look_at_the_run(self, fate: Fate) -> None:
        with self.database.reading() as session:
            runs = session.exec(select(Run).where(Run.workspace_id == 1)).all()
            serving = queries.serving(session, workspace_id=1)
            made = session.exec(select(Adapter).where(Adapter.workspace_id == 1)).all()
        of_date = [run for run in runs if run.date == self.now.date().isoformat()]
        if [run.status for run in of_date] != [RunStatus.finished] or not of_date[0].promoted:
            said = [(str(run.status), run.reasons) for run in of_date]
            self.result.lost.append(f"{fate.point}: the night of {self.now.date()} ended as {said}")
        elif serving is None or serving.run_id != of_date[0].id:
            self.result.lost.append(f"{fate.point}: the night's adapter does not serve")
        if len({row.run_id for row in made}) != len(made):
            self.result.doubled.append(f"{fate.point}: a night made two adapters")


def _live(url: str, home: Path, now: datetime, fate: Fate) -> None:
    logging.disable()
    sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115  the end of a killed process is told by its exit code
    points.patch("bot.refining:_train", lambda _: _train)
    points.patch("bot.refining:_score", lambda _: _score)
    if fate.plant:
        fate.plant()
    if fate.point:
        points.arm(fate.point, fate.number, fate.act)
    settings = Settings(_env_file=None, home=home, base_model=str(home / "tiny.gguf"))  # type: ignore[call-arg]
    with closing(Database(url)) as database:
        with database.reading() as session:
            known = next(iter(queries.workspaces_in_service(session)))
        nightly = Nightly(
            database,
            zone=ZoneInfo("UTC"),
            at=time(2, 0),
            clock=lambda: now,
            command=lambda _: (),
            environment={},
            report=lambda *_: True,
        )
        job = refining.Refining(settings, database, VOICE, lambda: now, lambda *_: None)
        if run := nightly.claim(known):
            refining.refine(job, run=run, minutes=1, force=True)


def _train(job: refining.Refining, run: Run, base: Base, parts: Split, minutes: float) -> Path:
    """Random numbers instead of learned ones, written as every candidate is."""
    tensors = random_tensors(base, seed=run.id or 0)
    name = f"w{run.workspace_id}-r{run.id}-{secrets.token_hex(4)}"
    return adapters.write(job.settings.adapters, name, tensors, base, rank=RANK, alpha=ALPHA, facts={})


def _score(
    job: refining.Refining, run: Run, base: Base, parts: Split, candidate: Path, incumbent: Any
) -> dict[str, Scorecard]:
    """A candidate that is much better, so that the gate lets it through."""
    verify(candidate, base)
    rates = {"base": 0.9, "copying": 0.9, "incumbent": 0.8, "candidate": 0.1}
    return {name: _card(name, rate, len(parts.held_out)) for name, rate in rates.items()}


def _card(name: str, rate: float, contexts: int) -> Scorecard:
    none = {"unfinished": 0.0, "missing": 0.0, "looping": 0.0, "unsupported": 0.0, "leaks": 0}
    found: list[frozenset[str]] = [frozenset()] * contexts
    return Scorecard(name=name, edit_rates=[rate] * contexts, length_ratio=1.0, found=found, **none)  # type: ignore[arg-type]
