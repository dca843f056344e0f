"""Settings, read once from the environment or `.env`. The environment is read here and nowhere else."""

import contextlib
import ctypes
import os
import re
import signal
from datetime import time
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.mail import message, server
from bot.mail.server import Server
from bot.person_ids import PERSON
from storage.queries.expiry import Kept

PR_SET_PDEATHSIG = 1  # Linux: what this process gets when its parent dies
SHORTEST_DAYS = 30
TIME = re.compile(r"(?P<name>\w+)\s*=\s*(?P<days>\d{1,5})")
LOOPBACK = "127.0.0.1"
ADDRESS = re.compile(r"((?P<host>[\w.-]+):)?(?P<port>\d{2,4}|[1-5]\d{4}|6[0-4]\d{3})")
MAIL_KINDS = ("imap", "smtp", *server.CLOUDS)
OWN = (
    "home",
    "database_url",
    "base_model",
    "engine",
    "vllm_url",
    "timezone",
    "refine_at",
    "digest_at",
    "refine_minutes",
    "control_share",
    "admins",
    "retention_days",
    "keep_days",
    "undo_seconds",
    "log",
    "sync_minutes",
)


class SettingsError(Exception):
    """A setting is missing or cannot be used; the sentence names it and the remedy."""


class Settings(BaseSettings):
    """One field per setting; `.env.sample` explains each. Frozen: nobody changes a setting on the way."""

    model_config = SettingsConfigDict(
        env_file=".env", env_prefix="AFTERWORD_", extra="ignore", frozen=True, env_ignore_empty=True
    )

    home: Path = Path("var")
    database_url: str = ""
    base_model: str = "smollm2-135m-instruct"
    engine: str = "llamacpp"
    vllm_url: str | None = None
    timezone: ZoneInfo = ZoneInfo("UTC")
    refine_at: time = time(2, 0)
    digest_at: time = time(8, 30)
    refine_minutes: float = Field(default=30.0, gt=0)
    report_channel: str | None = None
    control_share: float = Field(default=0.1, ge=0, le=0.5)
    admins: str = ""
    retention_days: int = Field(default=30, ge=1)
    keep_days: str = ""
    learning: str = "on"
    secret_key: str = Field(default="", repr=False)
    undo_seconds: float = Field(default=10.0, ge=0, le=3600)
    log: str = "lines"
    status_at: str = ""
    sync_minutes: float = Field(default=15.0, ge=1, le=1440)
    hubspot_secret: str = Field(default="", repr=False)  # of the app whose calls are listened to
    crm_secret: str = Field(default="", repr=False)  # for `afterword connect`, where nobody can be asked

    # In this order, since each is held against those before it.
    mail: str = ""
    mail_url: str | None = Field(default=None, validate_default=True)
    mail_password: str | None = Field(default=None, validate_default=True, repr=False)
    mail_app: str | None = Field(default=None, validate_default=True)
    mail_from: str | None = Field(default=None, validate_default=True)
    mail_unsubscribe: str | None = None
    mail_replies: bool = True

    slack_bot_token: str | None = Field(default=None, validation_alias="SLACK_BOT_TOKEN", repr=False)
    slack_app_token: str | None = Field(default=None, validation_alias="SLACK_APP_TOKEN", repr=False)
    slack_signing_secret: str | None = Field(default=None, validation_alias="SLACK_SIGNING_SECRET", repr=False)
    slack_client_id: str | None = Field(default=None, validation_alias="SLACK_CLIENT_ID")
    slack_client_secret: str | None = Field(default=None, validation_alias="SLACK_CLIENT_SECRET", repr=False)
    slack_api_url: str = Field(default="https://slack.com/api/", validation_alias="SLACK_API_URL")
    port: int = Field(default=3000, validation_alias="PORT", ge=1, le=65535)

    teams_client_id: str | None = Field(default=None, validation_alias="TEAMS_CLIENT_ID")
    teams_client_secret: str | None = Field(default=None, validation_alias="TEAMS_CLIENT_SECRET", repr=False)
    teams_tenant_id: str | None = Field(default=None, validation_alias="TEAMS_TENANT_ID")
    teams_port: int = Field(default=3978, validation_alias="TEAMS_PORT", ge=1, le=65535)
    teams_unsafe_local: bool = Field(default=False, validation_alias="TEAMS_UNSAFE_LOCAL")
    teams_workspace: str | None = None

    @field_validator("timezone", mode="before")
    @classmethod
    def _known_zone(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{value!r} is no time zone; use a name such as Europe/Berlin") from None

    @field_validator("engine")
    @classmethod
    def _known_engine(cls, value: str) -> str:
        if value not in ("llamacpp", "vllm"):
            raise ValueError(f"{value!r} is no engine; use llamacpp or vllm")
        return value

    @field_validator("log")
    @classmethod
    def _known_log(cls, value: str) -> str:
        if value not in ("lines", "json"):
            raise ValueError(f"{value!r} is no kind of log; use lines or json")
        return value

    @field_validator("learning")
    @classmethod
    def _known_start(cls, value: str) -> str:
        if value not in ("on", "ask"):
            raise ValueError(f"{value!r} is neither on nor ask")
        return value

    @field_validator("status_at")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        if not value:
            return value
        match = ADDRESS.fullmatch(value)
        if match is None:
            raise ValueError(f"{value!r} is no port; use one such as 9464, or 0.0.0.0:9464 to be asked from outside")
        return f"{match['host'] or LOOPBACK}:{match['port']}"

    @model_validator(mode="after")
    def _server_for_vllm(self) -> "Settings":
        if self.engine == "vllm" and not self.vllm_urls:
            raise ValueError("AFTERWORD_ENGINE is vllm, but AFTERWORD_VLLM_URL names no server; set it")
        if strange := next((url for url in self.vllm_urls if not url.startswith(("http://", "https://"))), None):
            raise ValueError(f"AFTERWORD_VLLM_URL: {strange!r} is no address; use one such as http://gpu1:8000")
        return self

    @field_validator("mail")
    @classmethod
    def _known_way(cls, value: str) -> str:
        if value not in ("", "outbox", *MAIL_KINDS):
            raise ValueError(f"{value!r} is no way for mail; use outbox, {', '.join(MAIL_KINDS)}")
        return value

    @field_validator("mail_url")
    @classmethod
    def _mail_server(cls, value: str | None, info: ValidationInfo) -> str | None:
        way = info.data.get("mail", "")
        if value is None:
            if way in MAIL_KINDS:
                scheme = way if way in server.CLOUDS else f"{way}s"
                raise ValueError(f"it is missing, and AFTERWORD_MAIL is {way}; give {scheme}://USER@HOST")
            return None
        kind = server.read(value).kind
        if way in MAIL_KINDS and kind != way:
            raise ValueError(f"it is of a server for {kind}, and AFTERWORD_MAIL is {way}; change one of them")
        return value

    @field_validator("mail_password")
    @classmethod
    def _password_where_there_is_a_user(cls, value: str | None, info: ValidationInfo) -> str | None:
        found = _server(info.data)
        if found and found.user and found.kind != "gmail" and not value:
            raise ValueError(f"it is missing; {found.host} wants one from {found.user}")
        return value

    @field_validator("mail_app")
    @classmethod
    def _app_of_a_cloud(cls, value: str | None, info: ValidationInfo) -> str | None:
        found = _server(info.data)
        if found and found.kind == "gmail" and not (value and Path(value).is_file()):
            raise ValueError(f"{value!r} is no file; give the path of the key file that Google made (docs/mail.md)")
        if found and found.kind == "graph" and not re.fullmatch(r"[\w.-]+/[\w-]+", value or ""):
            raise ValueError(f"{value!r} is not TENANT/CLIENT_ID; copy both from the app's page (docs/mail.md)")
        return value

    @field_validator("mail_from")
    @classmethod
    def _sender_where_mail_leaves(cls, value: str | None, info: ValidationInfo) -> str | None:
        found = _server(info.data)
        if value is None and found and "@" not in (found.user or ""):
            raise ValueError("it is missing; give the address that emails come from, such as sales@example.com")
        if value is not None and message.parts(parseaddr(value)[1]) is None:
            raise ValueError(f"{value!r} is no address; use sales@example.com or Sales <sales@example.com>")
        return value

    @field_validator("mail_unsubscribe")
    @classmethod
    def _one_click(cls, value: str | None) -> str | None:
        if value is not None and not (value.startswith("https://") and "{email}" in value and value.isascii()):
            raise ValueError(f"{value!r} is no https address with {{email}} in it, for which the recipient's is put")
        return value

    @field_validator("admins")
    @classmethod
    def _people(cls, value: str) -> str:
        ids = [each.strip() for each in value.split(",") if each.strip()]
        if strange := next((each for each in ids if not re.fullmatch(PERSON, each)), None):
            raise ValueError(f"{strange!r} is no user id; use ids such as U0123ABCD, separated by commas")
        return ",".join(ids)

    @field_validator("keep_days")
    @classmethod
    def _times(cls, value: str) -> str:
        for each in filter(None, map(str.strip, value.split(","))):
            match = TIME.fullmatch(each)
            if match is None or match["name"] not in list(Kept):
                raise ValueError(f"{each!r} is none of {', '.join(Kept)} with its days; write such as events=730")
            if int(match["days"]) < SHORTEST_DAYS:
                raise ValueError(f"{each!r} is too short; give at least {SHORTEST_DAYS} days")
        return value

    @model_validator(mode="after")
    def _all_of_teams(self) -> "Settings":
        needed = {"TEAMS_TENANT_ID": self.teams_tenant_id}
        if not self.teams_unsafe_local:
            needed["TEAMS_CLIENT_SECRET"] = self.teams_client_secret
        if self.teams_client_id and (lacking := next((name for name, value in needed.items() if not value), None)):
            raise ValueError(f"{lacking} is missing, and TEAMS_CLIENT_ID is set; docs/teams.md says where to find it")
        return self

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator("slack_api_url")
    @classmethod
    def _ends_in_slash(cls, value: str) -> str:
        return value if value.endswith("/") else value + "/"

    @property
    def database(self) -> str:
        """The database URL; SQLite in home unless one is set."""
        return self.database_url or f"sqlite:///{self.home / 'afterword.sqlite3'}"

    @property
    def vllm_urls(self) -> list[str]:
        """The vLLM servers that draft, separated by commas in the setting."""
        return [each.strip() for each in (self.vllm_url or "").split(",") if each.strip()]

    @property
    def mail_server(self) -> Server | None:
        """The server that approved emails go to; None where they go to the outbox folder."""
        return _server({name: getattr(self, name) for name in ("mail", "mail_url", "mail_password")})

    @property
    def sender(self) -> str:
        """The address that emails come from, with a name where one is set; empty where nobody has said."""
        known = self.mail_server
        return self.mail_from or (known.user if known and known.user else "")

    @property
    def status_address(self) -> tuple[str, int] | None:
        """Where health and metrics are asked for; None: nowhere."""
        host, _, port = self.status_at.rpartition(":")
        return (host, int(port)) if port else None

    @property
    def kept(self) -> dict[Kept, int]:
        """For how many days rows are kept; what is not here is kept until somebody erases it."""
        return {Kept(match["name"]): int(match["days"]) for match in TIME.finditer(self.keep_days)}

    @property
    def named_admins(self) -> frozenset[str]:
        """The Slack users who are admins whatever Slack says of them."""
        return frozenset(self.admins.split(",")) - {""}

    @property
    def cache(self) -> Path:
        """Where the base model and other downloads stay."""
        return self.home / "cache"

    @property
    def adapters(self) -> Path:
        """Where adapter folders stand."""
        return self.home / "adapters"

    @property
    def key_file(self) -> Path:
        """The key that seals tokens, unless AFTERWORD_SECRET_KEY holds it."""
        return self.home / "secret.key"

    @property
    def playbooks(self) -> Path:
        """Where the team's own playbooks stand."""
        return self.home / "playbooks"

    def child_environment(self) -> dict[str, str]:
        """The environment of a spawned `afterword`: this one with every setting written out."""
        given = {f"AFTERWORD_{name.upper()}": getattr(self, name) for name in OWN}
        return {**os.environ, **{name: str(value) for name, value in given.items() if value is not None}}

    def prepare_training(self, *, spawned: bool) -> None:
        """Set up this process for training, before torch is imported.

        Never asks a hub for a model that stands in the cache. A spawned run is the one to yield the cores to
        drafting, the first to go when memory runs out, and it does not outlive `serve`.
        """
        os.environ["HF_HUB_OFFLINE"] = "1"
        if spawned:
            os.nice(19)
            _yield_to_parent()


def _server(known: dict[str, Any]) -> Server | None:
    """The mail server of settings that may be read only in part, because one of them is wrong."""
    url = known.get("mail_url")
    if not url or known.get("mail") == "outbox":
        return None
    return server.read(url, known.get("mail_password"))


def _yield_to_parent() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def load() -> Settings:
    """Read the settings.

    Raises SettingsError with one line per setting that cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = [_line(e["loc"], e["msg"].removeprefix("Value error, ")) for e in error.errors()]
        raise SettingsError("; ".join(lines) + ". Correct it in the environment or in .env.") from None


def _line(location: tuple[int | str, ...], message: str) -> str:
    """One setting and what is wrong with it; what is wrong with two together names them itself."""
    if not location:
        return message
    word = str(location[0])
    return f"{word if word.isupper() else f'AFTERWORD_{word.upper()}'}: {message}"
