"""Each playbook's own cases: ten drafts that pass, ten that are blocked for the stated reason."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from model.brief import Brief
from model.guardrails import Severity, check
from model.playbook import Playbook, Playbooks, finished_body, missing
from model.voice import Voice

FOLDER = Path(__file__).parent / "red_team" / "playbooks"
EMAILS = Path(__file__).parent.parent / "bot" / "sample" / "emails.csv"
BOOKS = Playbooks()
VOICE = Voice(company="Mendwell", what_we_do="maintenance planning software")


def cases(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text("utf-8"))
    return found


def blocks(book: Playbook, brief: Brief, body: str) -> list[tuple[str, str]]:
    """Rule and reason of everything that keeps it from leaving."""
    found = check("A thought", body, brief, VOICE, playbook=book)
    return [(finding.rule, finding.reason) for finding in found if finding.severity is Severity.block]


@pytest.mark.parametrize("name", sorted(BOOKS))
def test_ten_good_drafts_pass_and_ten_forbidden_ones_are_blocked_for_the_stated_reason(name: str) -> None:
    book, given = BOOKS[name], cases(name)
    brief = Brief.model_validate(given["brief"])
    assert brief.playbook == name and missing(book, brief) == []
    assert len(set(given["good"])) == 10 and len({case["body"] for case in given["forbidden"]}) == 10
    for body in given["good"]:
        assert blocks(book, brief, finished_body(book, brief, body)) == []
    for case in given["forbidden"]:
        found = [why for rule, why in blocks(book, brief, case["body"]) if rule == case["rule"]]
        assert any(case["because"] in why for why in found), (case["body"], found)


@pytest.mark.parametrize("name", sorted(BOOKS))
def test_every_reason_of_a_playbook_has_a_forbidden_draft(name: str) -> None:
    shown = {case["because"] for case in cases(name)["forbidden"]}
    for why in BOOKS[name].must_not_say.values():
        assert any(why.startswith(reason) for reason in shown), why


@pytest.mark.parametrize("name", sorted(BOOKS))
def test_the_sample_companys_own_emails_meet_no_pattern(name: str) -> None:
    with EMAILS.open(encoding="utf-8", newline="") as file:
        texts = [f"{row['subject']}\n{row['body']}" for row in csv.DictReader(file)]
    met = [m[0] for text in texts for p in BOOKS[name].must_not_say if (m := re.search(p, text, re.IGNORECASE))]
    assert met == []


@pytest.mark.parametrize("line", BOOKS["law_intake"].must_say)
def test_law_intake_never_leaves_without_one_of_its_lines(line: str) -> None:
    book = BOOKS["law_intake"]
    brief = Brief.model_validate(cases("law_intake")["brief"])
    whole = finished_body(book, brief, "Dear Dana,\n\nThank you.\n\nBest,\nMaya")
    assert blocks(book, brief, whole) == []
    ((rule, why),) = blocks(book, brief, whole.replace(line, ""))
    assert rule == "must_say" and line in why
