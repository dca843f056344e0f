"""Whether everything is in place to serve, and what to do where it is not."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.engines import engines_for
from bot.installing import SCOPES
from bot.settings import Settings
from bot.voices import FILE
from model import adapters
from model.adapters import AdapterError
from model.base import Base, BaseModelError
from model.base import find as find_base
from model.engine import EngineError
from model.playbook import Playbooks
from model.voice import read
from model.yaml_file import FileMistake
from storage import queries
from storage.database import Database

ROOM_GB, MEMORY_GB = 2.0, 2.0  # adapters and a training copy; a night's training process
CLOCK_SECONDS = 60.0  # Slack refuses requests that are 300 s off
SLOW_TOKENS_A_SECOND = 15.0  # an email takes 8 s then
TRIAL = [{"role": "user", "content": "Say hello."}]


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `said` is what was found, and where it is not `ok` what to do."""

    name: str
    ok: bool
    said: str


def examine(settings: Settings, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Iterator[Check]:
    """Every check in turn. None changes anything but the schema of an older database, as a start would."""
    yield _home(settings)
    yield _secrets(Path(".env"))
    yield _memory(Path("/proc/meminfo"))
    stored = _database(settings)
    yield stored
    base, found = _base(settings)
    yield found
    if base:
        yield from _adapters(settings, base) if stored.ok else ()
        yield _engine(settings, base)
    yield from _texts(settings)
    yield from _slack(settings, clock)


def _home(settings: Settings) -> Check:
    home = settings.home
    existing = next(path for path in (home, *home.parents) if path.exists())
    if not os.access(existing, os.W_OK):
        return Check("home", False, f"{home} cannot be written. Change its owner, or set AFTERWORD_HOME.")
    free = shutil.disk_usage(existing).free / 1e9
    if free < ROOM_GB:
        return Check("home", False, f"{home} has {free:.1f} GB free; make room for at least {ROOM_GB:.0f} GB.")
    return Check("home", True, f"{home} can be written and has {free:.0f} GB free.")


def _secrets(file: Path) -> Check:
    if file.exists() and file.stat().st_mode & 0o077:
        return Check("secrets", False, f"Others can read {file}, which holds tokens. Run: chmod 600 {file}")
    return Check("secrets", True, "Nobody else can read the tokens.")


def _memory(file: Path) -> Check:
    if not file.exists():
        return Check("memory", True, "This system does not say how much memory is free.")
    lines = dict(line.split(":", 1) for line in file.read_text().splitlines() if ":" in line)
    free = int(lines["MemAvailable"].split()[0]) * 1024 / 1e9
    if free < MEMORY_GB:
        remedy = f"A night's training needs {MEMORY_GB:.0f} GB; give the machine more, or train elsewhere."
        return Check("memory", False, f"{free:.1f} GB of memory are free. {remedy}")
    return Check("memory", True, f"{free:.1f} GB of memory are free.")


def _database(settings: Settings) -> Check:
    shown = settings.database.rpartition("@")[2]
    try:
        with closing(Database(settings.database)) as database:
            database.migrate()
            with database.reading() as session:
                waiting = [
                    len(queries.waiting_drafts(session, workspace_id=row.id or 0, limit=1000))
                    for row in queries.workspaces(session)
                ]
    except Exception as error:
        said = f"{shown} does not open ({type(error).__name__}). Check AFTERWORD_DATABASE_URL."
        return Check("database", False, said)
    said = f"{shown} opens; {len(waiting)} workspaces, {sum(waiting)} drafts wait for a decision."
    return Check("database", True, said)


def _base(settings: Settings) -> tuple[Base | None, Check]:
    try:
        base = find_base(settings.base_model, settings.cache, progress=lambda *_: None)
    except BaseModelError as error:
        return None, Check("base model", False, str(error))
    return base, Check("base model", True, f"{base.name} is in the cache and is the file that was fetched.")


def _adapters(settings: Settings, base: Base) -> Iterator[Check]:
    with closing(Database(settings.database)) as database, database.reading() as session:
        serving = {row.id: queries.serving(session, workspace_id=row.id or 0) for row in queries.workspaces(session)}
    for workspace, row in serving.items():
        if row is None:
            continue
        name = f"adapter of workspace {workspace}"
        try:
            adapters.verify(settings.adapters / row.folder, base)
        except AdapterError as error:
            yield Check(name, False, f"{error} Its drafts fail. Run: afterword adapters rollback")
        else:
            yield Check(name, True, f"Adapter {row.version} is complete and fits the base model.")


def _engine(settings: Settings, base: Base) -> Check:
    """A real, short completion."""
    try:
        with closing(engines_for(settings, base.path)) as engines:
            engines.load(None)
            asked: dict[str, Any] = {"seed": 0, "temperature": 0.0, "max_tokens": 24, "adapter": None}
            begun = time.perf_counter()
            done = engines.complete(TRIAL, **asked)  # type: ignore[arg-type]
            speed = done.tokens / (time.perf_counter() - begun)
    except EngineError as error:
        return Check("engine", False, str(error))
    if speed < SLOW_TOKENS_A_SECOND:
        remedy = "Is something else busy? If not, use a machine with faster cores."
        return Check("engine", False, f"{engines.name} writes {speed:.0f} tokens a second, which is slow. {remedy}")
    return Check("engine", True, f"{engines.name} writes {speed:.0f} tokens a second.")


def _texts(settings: Settings) -> Iterator[Check]:
    file = settings.home / FILE
    if not file.exists():
        yield Check("voice", True, f"No {FILE} yet: drafts speak for “our company”. README.md says what to put there.")
    else:
        try:
            yield Check("voice", True, f"{FILE} can be used and speaks for {read(file).company}.")
        except FileMistake as mistake:
            yield Check("voice", False, str(mistake))
    books = Playbooks([settings.playbooks])
    yield Check("playbooks", True, f"{len(list(books))} playbooks: {', '.join(books)}.")


def _slack(settings: Settings, clock: Callable[[], datetime]) -> Iterator[Check]:
    if not settings.slack_bot_token:
        yield Check(
            "slack", False, "SLACK_BOT_TOKEN is not set. README.md says where to find it; `make demo` needs none."
        )
        return
    client = WebClient(token=settings.slack_bot_token, base_url=settings.slack_api_url, timeout=10, retry_handlers=[])
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        reason = error.response["error"]
        yield Check(
            "slack", False, f"Slack refuses SLACK_BOT_TOKEN ({reason}). Copy the bot token from the app's page."
        )
        return
    except OSError as error:
        yield Check("slack", False, f"Slack does not answer at {settings.slack_api_url} ({error}). Check the network.")
        return
    yield Check("slack", True, f"Connected to {answer.get('team') or 'Slack'} as {answer.get('user')}.")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    yield from _scopes(headers.get("x-oauth-scopes"))
    yield from _time(headers.get("date"), clock())
    if not settings.slack_app_token and not settings.slack_signing_secret:
        remedy = "Set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP."
        yield Check("slack events", False, f"Commands cannot reach the bot. {remedy}")


def _scopes(given: str | None) -> Iterator[Check]:
    if given is None:
        return
    lacking = sorted(set(SCOPES) - {scope.strip() for scope in given.split(",")})
    if lacking:
        remedy = "Paste manifest.yml into the app's page and install it again."
        yield Check("slack scopes", False, f"The app lacks {', '.join(lacking)}. {remedy}")
    else:
        yield Check("slack scopes", True, "The app has every scope that it needs.")


def _time(header: str | None, now: datetime) -> Iterator[Check]:
    if header is None:
        return
    apart = abs((parsedate_to_datetime(header) - now).total_seconds())
    if apart > CLOCK_SECONDS:
        yield Check(
            "clock", False, f"This machine's clock is {apart:.0f} s away from Slack's. Switch on time sync (NTP)."
        )
    else:
        yield Check("clock", True, "The clock agrees with Slack's.")
