"""The editor bench: what a draft costs the person who reviews it, day by day, while the bot learns from the reviews.

    python -m tests.benchmarks.edit_rate [--quick] [--json] [--personas DIR] [--only NAME] [--days N] [--minutes M]

Each persona (tests/personas) has a workspace of its own and gets the same customers. A day is 20 commands through the
real code: rows → brief → draft → review → pair; a night is `afterword refine`. The personas are simulated editors, so
every figure is about simulated editors.
"""

import argparse
import importlib.util
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from bot import drafting, progress, reviewing
from bot.settings import Settings, load
from bot.voices import Voices
from model import base as base_model
from model.brief import Brief
from model.compose import compose
from model.edit_rate import edit_rate, style_and_fact
from model.engine import Completion, Engines, Message
from model.prompt import joined, parted
from model.slots import fill, slotted, values
from model.voice import Voice
from storage import queries
from storage.database import Database
from storage.tables import Draft, Status
from tests.benchmarks import contexts, report
from tests.benchmarks.contexts import Ask
from tests.benchmarks.intervals import ratio_interval
from tests.benchmarks.report import Figure
from tests.personas.habits import review

PERSONAS = Path(__file__).parents[1] / "personas"
TUNING = ("brisk", "warm", "formal", "service")
REPORTED = ("punchy", "consult", "old_school", "curious")
A_DAY = 20
AT_ONCE = 4  # drafts at a time; the rules learned from them are there for the next ones
VOICE = "company: Brightwater\nwhat_we_do: maintenance planning for small plants\n"
ARMS = ("adapter and rules", "adapter", "rules", "base", "copying", "copying with slots", "floor")


@dataclass
class Row:
    """One command and what each arm's draft of it would have cost."""

    persona: str
    day: int
    account: str
    rates: dict[str, float]
    unedited: bool
    discarded: bool
    style: float
    fact: float
    adapter: int | None


@dataclass
class Result:
    rows: list[Row] = field(default_factory=list)
    nights: list[dict[str, Any]] = field(default_factory=list)


class Remembering(Engines):
    """Engines that keep what the frozen base wrote: greedy, so every persona and every run gets the same."""

    def __init__(self, base: Path, folder: Path) -> None:
        super().__init__(base, threads=os.cpu_count() or 1, slots=AT_ONCE)
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def complete(self, messages: list[Message], *, adapter: Path | None, **how: Any) -> Completion:
        if adapter is not None:
            return super().complete(messages, adapter=adapter, **how)
        path = self._folder / sha256(json.dumps([messages, how], sort_keys=True).encode()).hexdigest()
        if not path.exists():
            made = super().complete(messages, adapter=None, **how)
            part = path.with_suffix(f".{os.getpid()}-{time.monotonic_ns()}")
            part.write_text(json.dumps(asdict(made)), "utf-8")
            part.rename(path)
        return Completion(**json.loads(path.read_text("utf-8")))


class Desk:
    """One persona's workspace for the length of the bench."""

    def __init__(self, persona: ModuleType, home: Path, engines: Engines, *, days: int, a_day: int) -> None:
        self.persona = persona
        self._settings = Settings(_env_file=None, home=home)  # type: ignore[call-arg]
        self._database = Database(self._settings.database)
        self._database.migrate()
        (home / "voice.yml").write_text(VOICE, "utf-8")
        with self._database.writing() as session:
            workspace = queries.workspace_for_team(session, team_id="T1", name="bench")
            assert workspace.id is not None
            self._workspace = workspace.id
            self.asks = contexts.write(session, workspace_id=self._workspace, days=days, a_day=a_day)
        self._now = contexts.FIRST_DAY
        self._voices = Voices(home)
        self._desk = drafting.Desk(
            database=self._database,
            engines=engines,
            voice=self._voices,
            adapters=self._settings.adapters,
            zone=self._settings.timezone,
            clock=lambda: self._now,
        )
        self._engines = engines
        self._sent: list[tuple[Brief, str]] = []  # what went out so far: what a copier has to copy from

    def close(self) -> None:
        self._database.close()

    def day(self, number: int) -> list[Row]:
        asks = [ask for ask in self.asks if ask.day == number]
        rows: list[Row] = []
        for start in range(0, len(asks), AT_ONCE):
            wave = asks[start : start + AT_ONCE]
            self._now = wave[-1].at
            with ThreadPoolExecutor(AT_ONCE) as pool:
                drafts = list(pool.map(self._drafted, wave))
                bases = list(pool.map(self._base, drafts))
            rows += [self._reviewed(ask, draft, base) for ask, draft, base in zip(wave, drafts, bases, strict=True)]
        return rows

    def _drafted(self, ask: Ask) -> Draft:
        with self._database.writing() as session:
            row = drafting.request(
                session,
                workspace_id=self._workspace,
                contact_id=ask.contact_id,
                goal=ask.goal,
                requested_by="bench",
                sender=ask.sender,
                channel=None,
                request_key=f"{ask.contact_id} {ask.at}",
                now=ask.at,
            )
            claimed = queries.claim_draft(session, now=ask.at, lease=drafting.LEASE, draft_id=row.id)
        assert claimed is not None and claimed.id is not None
        assert drafting.draft_one(self._desk, claimed)
        with self._database.reading() as session:
            done = queries.draft(session, workspace_id=self._workspace, draft_id=claimed.id)
        assert done and done.status == Status.drafted, done and done.error
        return done

    def _base(self, draft: Draft) -> str:
        def complete(messages: list[Message], **how: Any) -> Completion:
            return self._engines.complete(messages, adapter=None, **how)

        brief = Brief.model_validate(draft.brief)
        return compose(brief, self._plain, complete, slots=False, seed=0, temperature=0.0).text

    @property
    def _plain(self) -> Voice:
        return self._voices(self._workspace)

    def _cost(self, text: str, facts: dict[str, Any]) -> tuple[float, str | None]:
        final = review(self.persona.edit, text, facts, fires=getattr(self.persona, "FIRES", 1.0))
        return edit_rate(text, final), final

    def _reviewed(self, ask: Ask, draft: Draft, base: str) -> Row:
        assert draft.brief is not None and draft.id is not None
        facts = _plain_facts(draft.brief)
        brief = Brief.model_validate(draft.brief)
        shown = joined(draft.subject or "", draft.body or "")
        rate, final = self._cost(shown, facts)
        who: dict[str, Any] = {
            "workspace_id": self._workspace,
            "draft_id": draft.id,
            "version": draft.version,
            "reviewer": self.persona.NAME,
            "now": ask.at,
        }
        with self._database.writing() as session:
            if final is None:
                reviewing.discard(session, **who, reason="wrong moment")
            elif final == shown:
                reviewing.approve(session, **who)
            else:
                subject, body = parted(final)
                reviewing.edit(session, **who, subject=subject, body=body)
        style, fact = style_and_fact(shown, final, " ".join(values(brief).values())) if final else (0.0, 0.0)
        rates = {"adapter and rules": rate, "base": self._cost(base, facts)[0], **self._copied(brief, facts)}
        perfect = self.persona.edit("", facts, random.Random(draft.id))  # what a perfect student would have written
        rates["floor"] = self._cost(perfect, facts)[0]
        if final is not None:
            self._sent.append((brief, final))
        return Row(
            persona=self.persona.NAME,
            day=ask.day,
            account=brief.account,
            rates=rates,
            unedited=final == shown,
            discarded=final is None,
            style=style,
            fact=fact,
            adapter=draft.adapter_id,
        )

    def _copied(self, brief: Brief, facts: dict[str, Any]) -> dict[str, float]:
        """The cheap rivals: the most similar mail that went out, as it is and with its values exchanged."""
        if not self._sent:
            return {"copying": 1.0, "copying with slots": 1.0}
        old_brief, old = max(self._sent, key=lambda sent: _likeness(sent[0], brief))
        exchanged, _ = fill(slotted(old, old_brief), brief)
        return {"copying": self._cost(old, facts)[0], "copying with slots": self._cost(exchanged, facts)[0]}

    def night(self, minutes: float) -> dict[str, Any]:
        """`afterword refine`, as a person would type it."""
        environment = {**self._settings.child_environment(), "PYTHONWARNINGS": "ignore"}
        command = [sys.executable, "-m", "bot", "refine", "--minutes", str(minutes), "--json"]
        began = time.perf_counter()
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr[-3000:])
        run: dict[str, Any] = json.loads(done.stdout)
        cards = {name: round(card["edit_rate"], 3) for name, card in run["scorecards"].items()}
        return {
            "persona": self.persona.NAME,
            "verdict": run["verdict"],
            "pairs": run["pairs"],
            "reasons": run["reasons"],
            "held_out": cards,
            "seconds": round(time.perf_counter() - began, 1),
        }


def _plain_facts(brief: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(brief))  # type: ignore[no-any-return]


def _likeness(old: Brief, new: Brief) -> tuple[bool, bool, float]:
    mine, other = set(new.goal.lower().split()), set(old.goal.lower().split())
    kinds = [brief.events[0].kind if brief.events else None for brief in (old, new)]
    return old.playbook == new.playbook, kinds[0] == kinds[1], len(mine & other) / max(len(mine | other), 1)


def run(names: Sequence[str], folder: Path | None, *, days: int, minutes: float) -> Result:
    cache = load().cache
    base = base_model.find(load().base_model, cache, progress=progress.download())
    result = Result()
    with TemporaryDirectory() as place, closing(Remembering(base.path, cache / "bench-base")) as engines:
        for name in names:
            home = Path(place) / name
            home.mkdir()
            (home / "cache").symlink_to(cache.resolve())
            with closing(Desk(_persona(name, folder), home, engines, days=days, a_day=A_DAY)) as desk:
                for day in range(1, days + 1):
                    rows = desk.day(day)
                    result.rows += rows
                    _say(f"{name}, day {day}: {_means(rows)}")
                    if day < days:
                        result.nights.append(desk.night(minutes))
                        _say(f"{name}, night {day}: {result.nights[-1]}")
    return result


def _persona(name: str, folder: Path | None) -> ModuleType:
    path = (folder or PERSONAS) / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"persona_{name}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _names(folder: Path) -> list[str]:
    """Every persona in a folder given by hand: the files that say NAME."""
    return sorted(path.stem for path in folder.glob("*.py") if "\nNAME" in path.read_text("utf-8"))


def _means(rows: Iterable[Row]) -> str:
    rows = list(rows)
    arms = [arm for arm in ARMS if arm in rows[0].rates]
    shares = ", ".join(f"{arm} {sum(r.rates[arm] for r in rows) / len(rows):.3f}" for arm in arms)
    return f"{shares}, unedited {sum(r.unedited for r in rows) / len(rows):.0%}"


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def figures(result: Result) -> list[Figure]:
    last = max(row.day for row in result.rows)
    final = [row for row in result.rows if row.day == last]
    return [
        Figure("ratio_last_day", _ratio(final, "base"), "", 0.27),
        Figure("ratio_last_day_upper", ratio_interval(*_columns(final, "base"))[1], "", 0.4),
        Figure("ratio_cumulative", _ratio(result.rows, "base"), "", 0.45),
        Figure("approved_unedited", sum(r.unedited for r in final) / len(final), "", 0.4, least=True),
        Figure("ratio_to_copying", min(_ratio(final, arm) for arm in ("copying", "copying with slots")), "", 0.7),
    ]


def _columns(rows: list[Row], against: str) -> tuple[list[float], list[float], list[str]]:
    return (
        [row.rates["adapter and rules"] for row in rows],
        [row.rates[against] for row in rows],
        [f"{row.persona} {row.account}" for row in rows],
    )


def _ratio(rows: list[Row], against: str) -> float:
    ours, theirs, _ = _columns(rows, against)
    return sum(ours) / max(sum(theirs), 1e-9)


def main() -> int:
    parser = argparse.ArgumentParser(description="The editor bench.")
    parser.add_argument("--quick", action="store_true", help="2 tuning personas, 3 days")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--personas", type=Path, metavar="DIR", help="persona files of your own")
    parser.add_argument("--only", action="append", metavar="NAME", help="this persona; may be repeated")
    parser.add_argument("--days", type=int)
    parser.add_argument("--minutes", type=float, help="training budget of a night")
    parser.add_argument("--out", type=Path, metavar="FILE", help="rows and nights as JSON")
    arguments = parser.parse_args()
    names = arguments.only or (
        _names(arguments.personas) if arguments.personas else TUNING[:2] if arguments.quick else REPORTED
    )
    days = arguments.days or (3 if arguments.quick else 10)
    minutes = arguments.minutes or (2.0 if arguments.quick else 5.0)
    about, began = report.machine(), time.perf_counter()
    result = run(names, arguments.personas, days=days, minutes=minutes)
    if arguments.out:
        arguments.out.write_text(json.dumps(asdict(result), indent=1), "utf-8")
    return report.show(figures(result), about, time.perf_counter() - began, as_json=arguments.json)


if __name__ == "__main__":
    raise SystemExit(main())
