"""One refine, from pairs to a verdict: the night's work, in a process of its own where torch lives and dies."""

import logging
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.settings import Settings
from model import base as base_model
from model import gate
from model.adapters import verify
from model.brief import Brief
from model.engine import AT_ONCE, LlamaCpp
from model.evaluate import Scorecard, copying, known_from, score
from model.pairs import PAIRS_KEPT, Pair, examples
from model.playbook import Playbooks
from model.quarantine import quarantined
from model.remembered import Remembered
from model.split import Split, split
from model.voice import Voice
from storage import queries
from storage.database import Database
from storage.tables import Adapter, Run, RunStatus
from storage.tables import Pair as PairRow

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
FEWEST_PAIRS = 8  # with fewer there is no voice to be heard
AGAIN = 0.5  # of the pairs at the last test: so many new ones before the next, however it ended
SEED = 1
TRAINING_SHARE = 0.7  # of the minutes; the rest goes to drafting the held-out contexts

Progress = Callable[[str, int, int, dict[str, float]], None]  # what, step, steps, figures such as loss


class LeaseLost(Exception):
    """Another process has taken this run over; nothing is written."""


@dataclass(frozen=True)
class Refining:
    """What a refine needs besides its run."""

    settings: Settings
    database: Database
    voice: Voice
    clock: Callable[[], datetime]
    progress: Progress


def refine(job: Refining, *, run: Run, minutes: float, force: bool) -> Run:
    """Learn from the workspace's pairs and let the gate decide; returns the finished run.

    `force` trains even on very few pairs; the gate decides all the same. A crash leaves the adapter in service
    alone and the run marked as failed with a sentence.
    """
    try:
        changes, adapter = _outcome(job, run, minutes, force)
    except LeaseLost:
        raise
    except Exception as error:
        log.exception("run %s failed", run.id)
        changes, adapter = {"status": RunStatus.failed, "reasons": [_sentence(error)]}, None
    return _finish(job, run, changes, adapter)


def _sentence(error: Exception) -> str:
    reason = str(error) or type(error).__name__
    return f"The run stopped: {reason} The drafts go on with the adapter in service."


def _outcome(job: Refining, run: Run, minutes: float, force: bool) -> tuple[dict[str, Any], Adapter | None]:
    parts, kept_out = _parts(job.database, run.workspace_id)
    figures: dict[str, Any] = {"status": RunStatus.finished, "pairs": len(parts.train)}
    if reason := _too_few(parts, force) or _nothing_new(job, run, force):
        return {**figures, "reasons": [reason, *kept_out]}, None
    with job.database.reading() as session:
        incumbent = queries.serving(session, workspace_id=run.workspace_id)
        tests_run = queries.tests_run(session, workspace_id=run.workspace_id, now=job.clock())
    base = base_model.find(job.settings.base_model, job.settings.cache, progress=_quiet)
    candidate = _train(job, run, base, parts, minutes * TRAINING_SHARE)
    scorecards = _score(job, run, base, parts, candidate, incumbent)
    verdict = gate.decide(
        scorecards["candidate"],
        scorecards.get("incumbent", scorecards["base"]),
        scorecards["base"],
        scorecards["copying"],
        accounts=[pair.account for pair in parts.held_out],
        reviewers=[pair.reviewer if pair.reviewed else None for pair in parts.held_out],
        tests_run=tests_run,
    )
    cards = {name: card.as_json() for name, card in scorecards.items()}
    adapter = Adapter(
        workspace_id=run.workspace_id,
        version=0,
        folder=candidate.name,
        run_id=run.id,
        pairs=len(parts.train),
        scorecard=cards["candidate"],
        created_at=job.clock(),
    )
    cards["candidate"]["ratio_to_base"] = verdict.ratio
    decided = {"promoted": verdict.promote, "tested": verdict.tested, "reasons": [*verdict.reasons, *kept_out]}
    return {**figures, **decided, "scorecards": cards}, adapter


def _too_few(parts: Split, force: bool) -> str | None:
    if not parts.train:
        return "There is nothing to learn from yet: review drafts, or run `afterword import emails`."
    if not parts.held_out:
        return "There is nothing to judge by yet: more accounts are needed, so that some can be held out."
    if len(parts.train) < FEWEST_PAIRS and not force:
        missing = FEWEST_PAIRS - len(parts.train)
        return f"{len(parts.train)} pairs to learn from; {missing} more are needed before a new adapter is tried."
    return None


def _nothing_new(job: Refining, run: Run, force: bool) -> str | None:
    """Why a look is not worth its luck yet: every one makes the next stricter, so each waits for more to be learned."""
    if force:
        return None
    with job.database.reading() as session:
        last = queries.last_trained(session, workspace_id=run.workspace_id)
        if last is None:
            return None
        new = queries.pairs_since(session, workspace_id=run.workspace_id, since=last.started_at)
    if not new:
        return "Nobody has reviewed a draft since the last run, so there is nothing new to learn."
    if last.tested and (missing := math.ceil(last.pairs * AGAIN) - new) > 0:
        return f"{new} new reviews since the last test; with {missing} more another one is worth while."
    return None


def sorted_out(database: Database, workspace_id: int) -> tuple[list[Pair], dict[int, list[str]]]:
    """The newest pairs, and those of them that are not learned from, with the reasons."""
    with database.reading() as session:
        rows = queries.pairs(session, workspace_id=workspace_id, limit=PAIRS_KEPT)
    pairs = [_pair(row) for row in rows]
    return pairs, quarantined(pairs)


def _parts(database: Database, workspace_id: int) -> tuple[Split, list[str]]:
    """What is learned from and what is held out, and a sentence on what is neither."""
    pairs, kept_out = sorted_out(database, workspace_id)
    with database.reading() as session:
        accounts = queries.accounts(session, workspace_id=workspace_id)
    said = f"Left out of learning: {len(kept_out)} of {len(pairs)} pairs; `afterword pairs quarantine` says why."
    return split([pair for pair in pairs if pair.id not in kept_out], accounts), [said] if kept_out else []


def _pair(row: PairRow) -> Pair:
    brief = Brief.model_validate(row.brief)
    assert row.id is not None
    return Pair(
        id=row.id,
        account=row.account,
        verdict=str(row.verdict),
        brief=brief,
        drafted=row.drafted,
        final=row.final,
        at=row.at,
        opened=row.opened,
        replied=row.replied,
        reviewer=row.reviewer,
    )


def _train(job: Refining, run: Run, base: base_model.Base, parts: Split, minutes: float) -> Path:
    from model import refine as training  # torch is imported here and in no serving process

    beat = _Heartbeat(job, run)

    def on_step(step: training.Step) -> None:
        beat()
        figures = {"loss": step.loss, "tokens_per_second": step.tokens_per_second, "seconds_left": step.seconds_left}
        job.progress("training", step.step, step.steps, figures)

    copy = base_model.training_copy(base, job.settings.cache, progress=_quiet)
    return training.refine(
        examples(parts.train, job.voice, Playbooks([job.settings.playbooks])),
        base,
        copy,
        job.settings.adapters,
        name=f"w{run.workspace_id}-r{run.id}-{secrets.token_hex(4)}",
        minutes=minutes,
        seed=SEED,
        progress=on_step,
    )


def _score(
    job: Refining, run: Run, base: base_model.Base, parts: Split, candidate: Path, incumbent: Adapter | None
) -> dict[str, Scorecard]:
    """Draft the held-out contexts with every arm through the serving engine."""
    folders: dict[str, Path | None] = {"base": None, "candidate": candidate}
    if incumbent:
        folders["incumbent"] = job.settings.adapters / incumbent.folder
    beat = _Heartbeat(job, run)
    remembered = Remembered(job.settings.home / "held-out" / f"w{run.workspace_id}")
    playbooks = Playbooks([job.settings.playbooks])
    cards, known = {"copying": copying(parts.held_out, parts.train)}, known_from(parts.train)
    for name, folder in folders.items():
        if folder:
            verify(folder, base)

        def on_draft(done: int, total: int, name: str = name) -> None:
            beat()
            job.progress(f"drafting held-out emails: {name}", done, total, {})

        with LlamaCpp(base.path, folder) as engine:
            complete = remembered.around(engine.complete, f"{base.sha256} {folder and folder.name}")
            cards[name] = score(
                name,
                parts.held_out,
                job.voice,
                complete,
                known,
                slots=folder is not None,
                parallel=AT_ONCE,
                progress=on_draft,
                playbooks=playbooks,
            )
    remembered.prune()
    return cards


def _finish(job: Refining, run: Run, changes: dict[str, Any], adapter: Adapter | None) -> Run:
    """Write the result and move the pointer in one transaction; the adapter's folder stands complete before it."""
    assert run.id is not None
    now = job.clock()
    with job.database.writing() as session:
        if adapter is not None:
            changes["candidate_id"] = queries.add_adapter(session, row=adapter).id
        changes |= {"finished_at": now, "lease_until": None}
        if not queries.finish_run(session, **_held(run), changes=changes):
            raise LeaseLost(f"Run {run.id} was taken over by another process; its result stands.")
        if adapter is not None and changes.get("promoted"):
            queries.move_pointer(
                session, workspace_id=run.workspace_id, adapter_id=adapter.id, reason=f"run {run.id}", now=now
            )
            subject, detail = f"adapter {adapter.version}", {"run": run.id}
            scope = {"workspace_id": run.workspace_id}
            queries.audit(session, **scope, actor="gate", action="promoted", subject=subject, detail=detail)
        session.flush()
        finished = queries.run(session, workspace_id=run.workspace_id, run_id=run.id)
    assert finished is not None
    return finished


def _held(run: Run) -> dict[str, int]:
    """What tells this process's run from the same run in other hands."""
    assert run.id is not None
    return {"workspace_id": run.workspace_id, "run_id": run.id, "attempt": run.attempt}


class _Heartbeat:
    """Extends the run's lease, at most every few seconds, from within the progress of the work."""

    EVERY = timedelta(seconds=15)

    def __init__(self, job: Refining, run: Run) -> None:
        self._job, self._run = job, run
        self._due = job.clock()

    def __call__(self) -> None:
        now = self._job.clock()
        if now < self._due:
            return
        self._due = now + self.EVERY
        assert self._run.id is not None
        with self._job.database.writing() as session:
            if not queries.heartbeat_run(session, **_held(self._run), until=now + LEASE):
                raise LeaseLost(f"Run {self._run.id} was taken over by another process.")


def _quiet(*_: object) -> None:
    """The base is fetched by `serve` and `make`; a refine finds it in the cache."""
