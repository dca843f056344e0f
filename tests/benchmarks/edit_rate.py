"""The editor bench: what a draft costs the person who reviews it, day by day, while the bot learns from the reviews.

    python -m tests.benchmarks.edit_rate [--quick] [--json] [--personas DIR] [--only NAME] [--days N] [--minutes M]

Each persona (tests/personas) has a workspace of its own and gets the same customers. A day is 20 commands through the
real code: rows → brief → draft → review → pair; a night is `afterword refine`. The personas are simulated editors, so
every figure is about simulated editors.
"""

import argparse
import importlib.util
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from bot import drafting, house_rules, progress, reviewing
from bot.checking import Standards
from bot.settings import Settings, load
from bot.voices import Voices
from model import base as base_model
from model.brief import Brief
from model.compose import compose
from model.edit_rate import edit_rate, style_and_fact
from model.engine import Completion, Engines, Message
from model.findings import Finding
from model.gate import ratio_interval
from model.one_off import VALUE
from model.prompt import joined, parted
from model.remembered import Remembered
from model.rules import Rule, apply, sentence
from model.slots import fill, slotted, values
from model.voice import Voice
from storage import queries
from storage.database import Database
from storage.tables import Draft, RuleStatus, Status
from tests.benchmarks import contexts, plot, report
from tests.benchmarks.contexts import Ask
from tests.benchmarks.report import Figure
from tests.personas.habits import review

PERSONAS = Path(__file__).parents[1] / "personas"
TUNING = ("brisk", "warm", "formal", "service")
REPORTED = ("punchy", "consult", "old_school", "curious")
A_DAY, QUICK_DAYS = 20, 3
CALENDAR = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|June|July|August|September|October"
    r"|November|December)\b"
)
AT_ONCE = 4  # drafts at a time; the rules learned from them are there for the next ones
VOICE = "company: Brightwater\nwhat_we_do: maintenance planning for small plants\n"
ARMS = ("adapter and rules", "adapter", "rules", "voice file", "base", "copying", "copying with slots", "floor")


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
    wrong: list[str]  # names, numbers, dates, links in the draft that are not this customer's
    adapter: int | None


@dataclass
class Result:
    rows: list[Row] = field(default_factory=list)
    nights: list[dict[str, Any]] = field(default_factory=list)


class Remembering(Engines):
    """Engines that keep what the frozen base wrote: greedy, so every persona and every run gets the same."""

    def __init__(self, base: Path, folder: Path) -> None:
        super().__init__(base)
        self._by_base = Remembered(folder).around(partial(super().complete, adapter=None), "base")

    def complete(self, messages: list[Message], *, adapter: Path | None, **how: Any) -> Completion:
        return self._by_base(messages, **how) if adapter is None else super().complete(messages, adapter=adapter, **how)


class Unchecked(Standards):
    """Every first draft is shown and every edit counts; what the checks would say is another bench's question."""

    def findings(self, *_: Any, **_more: Any) -> list[Finding]:
        return []


class Desk:
    """One persona's workspace for the length of the bench."""

    def __init__(
        self, persona: ModuleType, home: Path, engines: Engines, *, days: int, a_day: int, shuffled: bool = False
    ) -> None:
        """`shuffled` teaches each draft the mail of the customer before: a control that must learn no content."""
        self.persona = persona
        self._shuffled = shuffled
        self._settings = Settings(_env_file=None, home=home)  # type: ignore[call-arg]
        self._database = Database(self._settings.database)
        self._database.migrate()
        (home / "voice.yml").write_text(VOICE, "utf-8")
        with self._database.writing() as session:
            workspace = queries.workspace_for_team(session, team_id="T1", name="bench")
            assert workspace.id is not None
            self._workspace = workspace.id
            self.asks = contexts.write(session, workspace_id=self._workspace, days=days, a_day=a_day)
            self._names = frozenset(contexts.names(session, workspace_id=self._workspace))
        self._now = contexts.FIRST_DAY
        self._voices = Voices(home, self._database)
        self._desk = drafting.Desk(
            database=self._database,
            engines=engines,
            standards=lambda workspace: Unchecked(self._voices(workspace), self._settings.timezone),
            adapters=self._settings.adapters,
            clock=lambda: self._now,
        )
        self._engines = engines
        self.rules: list[str] = []
        style = getattr(persona, "STYLE", None)
        self._tone = self.voice.model_copy(
            update={"tone": ((persona.__doc__ or "").strip(),), "avoid": style.avoids if style else ()}
        )
        self._told_on = days if days > QUICK_DAYS else None  # one day is enough to see what a voice file does
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
                bases = list(pool.map(partial(self._by_base, self.voice), drafts))
                told = list(pool.map(partial(self._by_base, self._tone), drafts)) if number == self._told_on else []
            rules = self._voices(self._workspace).rules
            for ask, draft, base in zip(wave, drafts, bases, strict=True):
                rows.append(self._reviewed(ask, draft, base, rules))
            for row, draft, text in zip(rows[start:], drafts, told, strict=False):
                row.rates["voice file"] = self._cost(text, _plain_facts(draft.brief or {}))[0]
            self._accept_rules()
        return rows

    def _accept_rules(self) -> None:
        """What a person does who agrees with every proposal."""
        while house_rules.learn(self._database, self._workspace, self._now):
            with self._database.writing() as session:
                for rule in queries.rules(session, workspace_id=self._workspace, status=RuleStatus.proposed):
                    assert rule.id is not None
                    self.rules.append(sentence(house_rules.as_rule(rule)))
                    house_rules.accept(
                        session, workspace_id=self._workspace, rule_id=rule.id, who="bench", now=self._now
                    )

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
        with self._database.writing() as session:
            claimed = queries.claim_draft(session, now=ask.at, lease=drafting.LEASE, draft_id=row.id)
        assert claimed is not None and claimed.id is not None
        assert drafting.draft_one(self._desk, claimed)
        with self._database.reading() as session:
            done = queries.draft(session, workspace_id=self._workspace, draft_id=claimed.id)
        assert done and done.status == Status.drafted, done and done.error
        return done

    def _by_base(self, voice: Voice, draft: Draft) -> str:
        def complete(messages: list[Message], **how: Any) -> Completion:
            return self._engines.complete(messages, adapter=None, **how)

        brief = Brief.model_validate(draft.brief)
        return compose(brief, voice, complete, slots=False, seed=0, temperature=0.0).text

    @property
    def voice(self) -> Voice:
        """The voice file alone."""
        return self._voices(self._workspace).without_rules()

    def _cost(self, text: str, facts: dict[str, Any]) -> tuple[float, str | None]:
        final = review(self.persona.edit, text, facts, fires=getattr(self.persona, "FIRES", 1.0))
        return edit_rate(text, final), final

    def _reviewed(self, ask: Ask, draft: Draft, base: str, rules: Sequence[Rule]) -> Row:
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
        standards = self._desk.standards(self._workspace)
        taught = self._sent[-1][1] if self._shuffled and self._sent and final is not None else final
        with self._database.writing() as session:
            if taught is None:
                reviewing.discard(session, **who, reason="wrong moment")
            else:
                subject, body = parted(taught)
                reviewing.edit(session, **who, subject=subject, body=body, standards=standards)
        style, fact = style_and_fact(shown, final, " ".join(values(brief).values())) if final else (0.0, 0.0)
        plain, _ = fill(draft.completion or "", brief)
        rates = {
            "adapter and rules": rate,
            "adapter": self._cost(plain, facts)[0],
            "rules": self._cost(apply(base, rules, brief), facts)[0],
            "base": self._cost(base, facts)[0],
            **self._copied(brief, facts),
        }
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
            wrong=wrong_facts(shown, brief, draft.messages, self._names),
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
            "training": self._trained() if cards else None,
            "rules": self.rules,
            "seconds": round(time.perf_counter() - began, 1),
        }

    def _trained(self) -> dict[str, Any]:
        """What the newest adapter's training did."""
        manifests = self._settings.adapters.glob("*/manifest.json")
        newest = json.loads(max(manifests, key=lambda path: path.stat().st_mtime).read_text("utf-8"))
        return {name: newest["facts"]["training"][name] for name in ("steps", "epochs", "seconds", "last_loss")}


def wrong_facts(text: str, brief: Brief, messages: Sequence[Mapping[str, str]], names: frozenset[str]) -> list[str]:
    """What a draft states that neither the record nor the prompt holds: values, weekdays, months, other customers."""
    given = " ".join([*values(brief).values(), *(message["content"] for message in messages)])
    stated, known = ({*(v.rstrip(".,:;") for v in VALUE.findall(t)), *CALENDAR.findall(t)} for t in (text, given))
    return sorted(stated - known) + [name for name in names if name in text and name not in given]


def _plain_facts(brief: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(brief))  # type: ignore[no-any-return]


def _likeness(old: Brief, new: Brief) -> tuple[bool, bool, float]:
    mine, other = set(new.goal.lower().split()), set(old.goal.lower().split())
    kinds = [brief.events[0].kind if brief.events else None for brief in (old, new)]
    return old.playbook == new.playbook, kinds[0] == kinds[1], len(mine & other) / max(len(mine | other), 1)


def run(names: Sequence[str], folder: Path | None, *, days: int, minutes: float, shuffled: bool = False) -> Result:
    cache = load().cache
    base = base_model.find(load().base_model, cache, progress=progress.download())
    result = Result()
    with TemporaryDirectory() as place, closing(Remembering(base.path, cache / "bench-base")) as engines:
        for name in names:
            home = Path(place) / name
            home.mkdir()
            (home / "cache").symlink_to(cache.resolve())
            persona = _persona(name, folder)
            with closing(Desk(persona, home, engines, days=days, a_day=A_DAY, shuffled=shuffled)) as desk:
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


def figures(result: Result, *, quick: bool) -> list[Figure]:
    """Three days are held to what three days can show."""
    last = max(row.day for row in result.rows)
    final = [row for row in result.rows if row.day == last]
    learned = [row for row in result.rows if row.adapter]
    return [
        Figure("ratio_last_day", _ratio(final, "base"), "", 0.4 if quick else 0.27),
        Figure("ratio_last_day_upper", ratio_interval(*_columns(final, "base"))[1], "", 0.6 if quick else 0.4),
        Figure("ratio_cumulative", _ratio(result.rows, "base"), "", 0.6 if quick else 0.45),
        Figure("approved_unedited", sum(r.unedited for r in final) / len(final), "", 0.2 if quick else 0.4, least=True),
        Figure("wrong_facts", sum(bool(row.wrong) for row in learned), f"of {len(learned)}", 0),
        Figure("ratio_to_copying", max(_ratio(final, arm) for arm in ("copying", "copying with slots")), "", 0.7),
    ]


def controls(minutes: float) -> tuple[Result, list[Figure]]:
    """Where there is nothing to learn, nothing may be learned: an editor who changes nothing, and mixed-up mails."""
    same = run(["identity"], None, days=3, minutes=minutes)
    mixed = run(["brisk"], None, days=3, minutes=minutes, shuffled=True)
    promoted = sum(night["verdict"] == "promoted" for night in same.nights)
    last = [row for row in mixed.rows if row.day == 3]
    both = Result([*same.rows, *mixed.rows], [*same.nights, *mixed.nights])
    return both, [
        Figure("identity_promotions", promoted, "", 0),
        Figure("shuffled_ratio_to_copying", _ratio(last, "copying"), "", 1.0, least=True),
    ]


def draw(path: Path, result: Result) -> None:
    days = sorted({row.day for row in result.rows})
    rates = {
        arm: [[row.rates[arm] for row in result.rows if row.day == day] for day in days]
        for arm in ARMS
        if all(arm in row.rates for row in result.rows)
    }
    names = ", ".join(dict.fromkeys(row.persona for row in result.rows))
    plot.draw(path, days, rates, f"What a draft costs its editor (simulated editors: {names})")


def by_day(result: Result) -> list[dict[str, Any]]:
    """Each day and all days together: what drafts cost, with 95% intervals over customers, and what became of them."""
    days: list[tuple[str, list[Row]]] = [
        (str(day), [row for row in result.rows if row.day == day]) for day in sorted({row.day for row in result.rows})
    ]
    return [_of(name, rows) for name, rows in [*days, ("all", result.rows)]]


def _of(name: str, rows: list[Row]) -> dict[str, Any]:
    ours, _, customers = _columns(rows, "base")
    low, high = ratio_interval(ours, [1.0] * len(ours), customers)
    return {
        "day": name,
        "drafts": len(rows),
        "edit_rate": fmean(ours),
        "interval": [low, high],
        "style": fmean(row.style for row in rows),
        "fact": fmean(row.fact for row in rows),
        "unedited": fmean(row.unedited for row in rows),
        "discarded": fmean(row.discarded for row in rows),
        "ratio": _ratio(rows, "base"),
        "ratio_interval": ratio_interval(*_columns(rows, "base")),
        **{arm: fmean(row.rates[arm] for row in rows) for arm in ARMS if all(arm in row.rates for row in rows)},
    }


def table(result: Result) -> str:
    """The days as a Markdown table."""
    lines = [
        "| day | drafts | adapter and rules (95%) | style / fact | unedited | discarded | frozen base | rules alone |"
        " copying | copying with slots | perfect student | ratio to base (95%) |",
        "|" + "---|" * 12,
    ]
    for day in by_day(result):
        (low, high), (least, most) = day["interval"], day["ratio_interval"]
        cells = [
            day["day"],
            day["drafts"],
            f"{day['edit_rate']:.3f} ({low:.2f}–{high:.2f})",
            f"{day['style']:.3f} / {day['fact']:.3f}",
            f"{day['unedited']:.0%}",
            f"{day['discarded']:.0%}",
            *(f"{day[arm]:.3f}" for arm in ("base", "rules", "copying", "copying with slots", "floor")),
            f"{day['ratio']:.2f} ({least:.2f}–{most:.2f})",
        ]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def by_persona(result: Result) -> str:
    """The last day of each persona as a Markdown table."""
    last = max(row.day for row in result.rows)
    lines = [
        f"| day {last} | adapter and rules | unedited | frozen base | copying with slots | ratio to base (95%) |",
        "|" + "---|" * 6,
    ]
    for name in dict.fromkeys(row.persona for row in result.rows):
        rows = [row for row in result.rows if row.persona == name and row.day == last]
        least, most = ratio_interval(*_columns(rows, "base"))
        rates = [fmean(row.rates[arm] for row in rows) for arm in ("adapter and rules", "base", "copying with slots")]
        unedited = fmean(row.unedited for row in rows)
        lines.append(
            f"| `{name}` | {rates[0]:.3f} | {unedited:.0%} | {rates[1]:.3f} | {rates[2]:.3f} |"
            f" {_ratio(rows, 'base'):.2f} ({least:.2f}–{most:.2f}) |"
        )
    return "\n".join(lines)


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
    parser.add_argument("--controls", action="store_true", help="identity and shuffled mails instead")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="a PNG")
    parser.add_argument("--from", type=Path, nargs="+", dest="earlier", metavar="FILE", help="report --out files again")
    parser.add_argument("--out", type=Path, metavar="FILE", help="rows and nights as JSON")
    arguments = parser.parse_args()
    names = arguments.only or (
        _names(arguments.personas) if arguments.personas else TUNING[:2] if arguments.quick else REPORTED
    )
    days = arguments.days or (QUICK_DAYS if arguments.quick else 10)
    minutes = arguments.minutes or (2.2 if arguments.quick else 6.0)
    about, began = report.machine(), time.perf_counter()
    if arguments.earlier:
        result = _together(arguments.earlier)
        measured = figures(result, quick=arguments.quick)
    elif arguments.controls:
        result, measured = controls(minutes)
    else:
        result = run(names, arguments.personas, days=days, minutes=minutes)
        measured = figures(result, quick=arguments.quick)
    if arguments.out:
        arguments.out.write_text(json.dumps({**asdict(result), "days": by_day(result)}, indent=1), "utf-8")
    _say(f"{table(result)}\n\n{by_persona(result)}")
    if arguments.plot:
        draw(arguments.plot, result)
    return report.show(measured, about, time.perf_counter() - began, as_json=arguments.json)


def _together(paths: list[Path]) -> Result:
    """Results of several runs, for instance one persona each, as one."""
    read = [json.loads(path.read_text("utf-8")) for path in paths]
    return Result([Row(**row) for each in read for row in each["rows"]], [n for each in read for n in each["nights"]])


if __name__ == "__main__":
    raise SystemExit(main())
