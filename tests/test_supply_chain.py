"""Nothing comes along whose licence was not agreed to, and all of it can be named."""

import json
import tomllib

import pytest
from packaging.requirements import Requirement

from tests import supply_chain
from tests.supply_chain import ROOT, allowed, licences


def test_every_licence_is_one_that_was_agreed_to() -> None:
    rows = licences()
    assert {"slack-bolt", "urllib3", "psycopg", "pytest"} <= {name for name, *_ in rows}, "needs of needs are looked at"
    assert [row[:3] for row in rows if not row[3]] == []


@pytest.mark.parametrize(
    ("name", "licence", "may"),
    [
        ("one", "MIT", True),
        ("one", "GPL-3.0-only", False),
        ("one", "MIT OR GPL-3.0-only", True),
        ("one", "MIT AND GPL-3.0-only", False),
        ("one", "unknown", False),
        ("one", "LGPL-3.0-only", False),
        ("psycopg", "LGPL-3.0-only", True),
    ],
)
def test_a_licence_is_allowed_as_a_whole_or_by_one_of_its_choices(name: str, licence: str, may: bool) -> None:
    assert allowed(name, licence) is may


def test_whatever_comes_along_is_pinned() -> None:
    pinned = {supply_chain._key(line.partition("==")[0]) for line in (ROOT / "constraints.txt").read_text().split()}
    assert [name for name, *_ in licences() if name not in pinned | {"setuptools", "pip"}] == []


def test_the_bill_of_materials_names_every_direct_need_with_its_version() -> None:
    made = json.loads(supply_chain.bill())
    listed = {part["purl"].partition("@")[0].removeprefix("pkg:pypi/"): part for part in made["components"]}
    lines = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    assert {supply_chain._key(Requirement(line).name) for line in lines} <= set(listed)
    assert all(part["version"] and part["licenses"] for part in listed.values()) and "pytest" not in listed
    assert made["bomFormat"] == "CycloneDX"


def test_an_audit_that_reaches_nobody_says_so_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supply_chain, "_audited", lambda pins: None)
    assert supply_chain.audit().endswith("so nothing was audited.")


def test_a_known_weakness_fails_the_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [{"name": "urllib3", "version": "1.0", "vulns": [{"id": "GHSA-1"}]}]
    monkeypatch.setattr(supply_chain, "_audited", lambda pins: found)
    with pytest.raises(SystemExit, match=r"urllib3 1\.0: GHSA-1"):
        supply_chain.audit()
