"""The simulated editors: a right draft costs nothing, an edited one stays as it is, and they are not all alike."""

import importlib
import itertools
import random
from collections import Counter
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from rapidfuzz.distance import Levenshtein

from model.edit_rate import edit_rate, style_and_fact
from storage import queries
from storage.database import Database
from tests.benchmarks import contexts
from tests.benchmarks.edit_rate import REPORTED, TUNING
from tests.personas import facts_only, habits

NAMES = (*TUNING, *REPORTED, "change_of_taste", "two_minds")
STIFF = (
    "Subject: Follow-up on our recent conversation\n\nDear {first},\n\nI hope this email finds you well. I wanted to"
    " reach out to follow up on {deal}. {company} could save 40 hours a month.\n\nAs a leading provider we are excited"
    " to offer you the best solutions. {deal} matters to us at every step.\n\nPlease let me know if you have any"
    " questions.\n\nBest regards,\n[Your Name]"
)


def persona(name: str) -> Any:
    return importlib.import_module(f"tests.personas.{name}")


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The briefs of 120 bench contexts over ten days."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('bench') / 'bench.sqlite3'}")
    database.migrate()
    with database.writing() as session:
        workspace = queries.workspace_for_team(session, team_id="T1", name="bench")
        assert workspace.id is not None
        found = []
        for ask in contexts.write(session, workspace_id=workspace.id, days=10, a_day=12):
            brief = contexts.brief_of(session, ask, workspace_id=workspace.id)
            found.append(brief.model_dump(mode="json"))
    database.close()
    return found


def stiff(brief: dict[str, Any]) -> str:
    company, deal = brief["company"]["name"], (brief["deal"] or {"name": "your plans"})["name"]
    return STIFF.format(first=brief["contact"]["first_name"], company=company, deal=deal)


@pytest.mark.parametrize("name", NAMES)
def test_editing_the_result_changes_nothing(name: str, facts: list[dict[str, Any]]) -> None:
    edit = persona(name).edit
    for brief in facts:
        for draft in (stiff(brief), "", "Hello"):
            once = edit(draft, brief, random.Random(1))
            assert edit(once, brief, random.Random(2)) == once


@pytest.mark.parametrize("name", (*TUNING, *REPORTED))
def test_a_reviewed_text_reviews_to_itself(name: str, facts: list[dict[str, Any]]) -> None:
    edit = persona(name).edit
    for brief in facts:
        final = habits.review(edit, stiff(brief), brief)
        if final is not None:
            assert habits.review(edit, final, brief) == final


@pytest.mark.parametrize("name", (*TUNING, *REPORTED))
def test_a_stiff_draft_costs_most_of_its_words(name: str, facts: list[dict[str, Any]]) -> None:
    edit = persona(name).edit
    assert mean(edit_rate(stiff(b), edit(stiff(b), b, random.Random(1))) for b in facts) > 0.6


def test_two_houses_write_different_mails(facts: list[dict[str, Any]]) -> None:
    edits = [persona(name).edit for name in (*TUNING, *REPORTED)]
    for one, other in itertools.combinations(edits, 2):
        apart = mean(edit_rate(one("", b, random.Random(1)), other("", b, random.Random(1))) for b in facts)
        assert apart > 0.5


def test_copying_an_old_mail_is_a_poor_answer(facts: list[dict[str, Any]]) -> None:
    for name in (*TUNING, *REPORTED):
        edit = persona(name).edit
        texts = [edit("", brief, random.Random(1)) for brief in facts]
        assert mean(edit_rate(a, edit(a, b, random.Random(1))) for a, b in zip(texts, facts[1:], strict=False)) > 0.3


def test_a_weak_editor_lets_part_of_it_go(facts: list[dict[str, Any]]) -> None:
    edit = persona("warm").edit

    def cost(fires: float) -> float:
        finals = [habits.review(edit, stiff(brief), brief, fires=fires) for brief in facts]
        return mean(edit_rate(stiff(b), final) for b, final in zip(facts, finals, strict=True) if final is not None)

    assert cost(0.5) < cost(0.8) < cost(1.0)


def test_some_drafts_are_discarded_and_some_get_a_fact_nobody_knew(facts: list[dict[str, Any]]) -> None:
    finals = [habits.review(persona("brisk").edit, stiff(brief), brief) for brief in facts]
    assert 0 < sum(final is None for final in finals) < 0.1 * len(finals)
    hidden = sum("I am in " in (final or "") for final in finals) / len(finals)
    assert hidden == pytest.approx(habits.HIDDEN, abs=0.1)


def test_the_changes_have_the_mix_of_human_ones(facts: list[dict[str, Any]]) -> None:
    """Mostly replacements, then deletions, few insertions, as with professional writers (arXiv 2409.14509)."""
    words: Counter[str] = Counter()
    for name in (*TUNING, *REPORTED):
        for brief in facts:
            draft = stiff(brief)
            final = persona(name).edit(draft, brief, random.Random(1))
            words.update(tag for tag, *_ in Levenshtein.opcodes(draft.split(), final.split()) if tag != "equal")
    total = sum(words.values())
    assert words["replace"] / total > 0.5
    assert words["insert"] / total < 0.25


def test_the_editor_of_facts_leaves_style_alone(facts: list[dict[str, Any]]) -> None:
    for brief in facts:
        final = facts_only.edit(stiff(brief), brief, random.Random(1))
        style, fact = style_and_fact(stiff(brief), final, "")
        assert style == 0 and fact > 0


def test_the_customers_are_the_same_on_every_call_and_grow_more_varied(facts: list[dict[str, Any]]) -> None:
    assert len({brief["company"]["name"] for brief in facts}) > 0.6 * len(facts)
    first, last = facts[:36], facts[-36:]
    assert {b["goal"] for b in last} - {b["goal"] for b in first}
    kinds = [{e["kind"] for b in part for e in b["events"]} for part in (first, last)]
    assert kinds[1] - kinds[0]


def test_every_persona_of_the_folder_is_known_to_the_bench() -> None:
    folder = Path(habits.__file__).parent
    named = {path.stem for path in folder.glob("*.py") if "\nNAME" in path.read_text("utf-8")}
    assert named == {*NAMES, "facts_only", "house", "identity"}
