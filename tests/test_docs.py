"""What the documentation says to type exists: commands, targets, settings, modules, links."""

import importlib.util
import re
import shlex
from pathlib import Path

import pytest

from bot import cli
from bot.settings import Settings
from tests import reference

ROOT = Path(__file__).parent.parent
MADE = {"log.md", "words.md"}  # a diary of what was true then, and a page that is generated
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(path for path in sorted((ROOT / "docs").rglob("*.md")) if path.name not in MADE),
]
TYPED = re.compile(r"(?:\.venv/bin/)?(afterword .*)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
SETTING = re.compile(r"\bAFTERWORD_[A-Z_]*[A-Z]\b")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
NAMED = {f"AFTERWORD_{name.upper()}" for name in Settings.model_fields} | {"AFTERWORD_PICTURES"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(text: str) -> list[str]:
    """The indented lines and the fenced ones, as they are."""
    fenced = "\n".join(re.findall(r"^```(?:sh|console)\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    return [
        line.strip().removeprefix("$ ") for line in text.splitlines() if line.startswith("    ")
    ] + fenced.splitlines()


def typed(text: str) -> list[list[str]]:
    """The arguments of every command in a block. What is in brackets counts as given; two blanks begin a remark."""
    lines = [match[1] for line in blocks(text) if (match := TYPED.fullmatch(line.removeprefix("$ ")))]
    plain = [re.split(r"\s{2,}", line)[0].replace("[", "").replace("]", "") for line in lines]
    return [shlex.split(line, comments=True)[1:] for line in plain]


def anchors(path: Path) -> set[str]:
    titles = HEADING.findall(path.read_text("utf-8"))
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_command_in_a_block_is_one_that_can_be_typed(path: Path) -> None:
    for arguments in typed(path.read_text("utf-8")):
        try:
            cli._parser().parse_args(arguments)
        except SystemExit as end:
            pytest.fail(f"{name(path)}: `afterword {' '.join(arguments)}` ends with {end.code}")


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_make_target_and_module_exists(path: Path) -> None:
    text = path.read_text("utf-8")
    targets = set(re.findall(r"^([\w./-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for target in re.findall(r"(?:`|^    )make ([\w./-]+)", text, re.MULTILINE):
        assert target in targets, target
    for module in re.findall(r"python -m (tests[.\w]*\w)", text):
        assert importlib.util.find_spec(module) or (ROOT / module.replace(".", "/")).is_dir(), module


@pytest.mark.parametrize("path", [*PAGES, ROOT / ".env.sample"], ids=name)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    assert set(SETTING.findall(path.read_text("utf-8"))) <= NAMED


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in LINK.findall(path.read_text("utf-8")):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), f"{name(path)}: {target}"
        assert not anchor or anchor in anchors(there), f"{name(path)}: {target}"


def test_a_command_that_does_not_exist_would_be_noticed() -> None:
    assert typed("    afterword adapters demote 3   # no\n") == [["adapters", "demote", "3"]]
    with pytest.raises(SystemExit):
        cli._parser().parse_args(["adapters", "demote", "3"])


def test_the_reference_says_what_the_code_has() -> None:
    written = reference.PAGE.read_text("utf-8")
    assert written == reference.page(), "run: python -m tests.reference"
    assert "`AFTERWORD_REFINE_AT`" in written and "`afterword adapters promote`" in written
