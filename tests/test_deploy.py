"""What docs/deploy names exists: commands, settings, addresses, folders. No container is built here."""

import re
import shlex
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli import _parser
from bot.health import pages
from bot.settings import Settings
from storage.database import Database
from tests.postgres import Postgres

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "docs" / "deploy"
OF_COMPOSE = {"AFTERWORD_DB_PASSWORD"}  # what compose.yml alone reads


def settings_known() -> set[str]:
    fields = Settings.model_fields.items()
    return {str(field.validation_alias or f"AFTERWORD_{name.upper()}") for name, field in fields}


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))


@pytest.mark.parametrize("file", [*sorted(DEPLOY.iterdir()), ROOT / ".env.sample"], ids=lambda path: path.name)
def test_every_setting_that_is_named_is_one(file: Path) -> None:
    named = set(re.findall(r"\b(?:AFTERWORD|SLACK)_[A-Z_]+", file.read_text("utf-8")))
    assert named <= settings_known() | OF_COMPOSE


def test_the_values_that_compose_gives_can_be_used(compose: Any) -> None:
    given = compose["services"]["afterword"]["environment"]
    read = {name.removeprefix("AFTERWORD_").lower(): value for name, value in given.items()}
    assert Settings(_env_file=None, **read).status_address == ("0.0.0.0", 9464)


def test_what_is_started_is_a_command(compose: Any) -> None:
    unit = (DEPLOY / "afterword.service").read_text("utf-8")
    program, *arguments = shlex.split(re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)[0])
    started = (DEPLOY / "Dockerfile").read_text("utf-8")
    assert program.endswith("/.venv/bin/afterword") and 'ENTRYPOINT ["afterword"]' in started
    for words in (arguments, compose["services"]["afterword"]["command"], re.findall(r'CMD \["(.*)"\]', started)):
        assert _parser().parse_args(words).command == "serve"


def test_the_image_is_made_of_what_there_is(compose: Any) -> None:
    build = compose["services"]["afterword"]["build"]
    assert (DEPLOY / build["context"]).resolve() == ROOT and (ROOT / build["dockerfile"]).exists()
    copied = re.findall(r"^COPY (.*) \S+$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert {"bot", "model", "storage"} < {name for line in copied for name in line.split()}
    assert all((ROOT / name).exists() for line in copied for name in line.split())


def test_the_health_check_asks_an_address_that_there_is(compose: Any) -> None:
    asked = re.findall(r"127\.0\.0\.1:9464(/\w+)", str(compose["services"]["afterword"]["healthcheck"]["test"]))
    assert set(asked) <= set(pages({}))


def test_the_role_that_compose_makes_owns_its_database_and_is_bound_by_the_wall(
    compose: Any, postgres: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    made = compose["configs"]["role"]["content"].replace("afterword", "composed")
    for statement in filter(str.strip, made.split(";")):
        postgres._admin.execute(statement)
    url = postgres.empty().replace("afterword@", "composed@")
    with closing(Database(re.sub(r"/empty\d+", "/composed", url))) as database:
        database.migrate()
    assert not caplog.text, "it would say that row-level security does not bind this user"
