"""What the code has, as a page: `python -m tests.reference` writes `docs/reference.md`."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo
from sqlmodel import SQLModel

import storage.tables  # noqa: F401  # registers every table
from bot import cli
from bot.metrics import Metrics
from bot.settings import Settings

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reference.md"
HEAD = """\
# Reference

Made by `python -m tests.reference` from the code; a test says so when it is out of date.
What blocks a draft, rule by rule: [guardrails.md](guardrails.md).
Figures read from the database: [operations.md](operations.md).
"""


def page() -> str:
    parts = [HEAD, "## Settings", "", "[`.env.sample`](../.env.sample) explains each.", "", *_settings(), ""]
    parts += ["## Commands", "", "Each also takes `--json` and `--workspace ID`.", "", *_commands(), ""]
    parts += ["## Figures of one process", "", *_figures(), "", "## Tables", "", *_tables()]
    return "\n".join(parts) + "\n"


def _settings() -> Iterator[str]:
    yield from ("| setting | default |", "|---|---|")
    for name, field in Settings.model_fields.items():
        yield f"| `{field.validation_alias or 'AFTERWORD_' + name.upper()}` | {_default(field)} |"


def _default(field: FieldInfo) -> str:
    return "" if field.default in (None, "") else f"`{field.default}`"


def _commands() -> Iterator[str]:
    yield from ("| command | options | what it does |", "|---|---|---|")
    yield from _below(cli._parser(), "afterword")


def _below(parser: argparse.ArgumentParser, words: str) -> Iterator[str]:
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    for name, inner in groups[0].choices.items() if groups else ():
        yield from _below(inner, f"{words} {name}")
    if not groups:
        options = [_option(action) for action in parser._actions if _shown(action)]
        yield f"| `{words}` | {' '.join(options)} | {parser.description} |"


def _shown(action: argparse.Action) -> bool:
    return action.help != argparse.SUPPRESS and action.dest not in ("help", "json", "workspace")


def _option(action: argparse.Action) -> str:
    return f"`{action.option_strings[0] if action.option_strings else (action.metavar or action.dest).upper()}`"


def _figures() -> Iterator[str]:
    yield from ("| figure | what it counts |", "|---|---|")
    for metric in Metrics()._registry.collect():
        yield f"| `{metric.name}` | {metric.documentation} |"


def _tables() -> Iterator[str]:
    yield from ("| table | columns |", "|---|---|")
    for name, table in sorted(SQLModel.metadata.tables.items()):
        yield f"| `{name}` | {', '.join(f'`{column.name}`' for column in table.columns)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
