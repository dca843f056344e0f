"""Wiring: Bolt, the door that Slack comes in by, the worker, the poster and the clock, started and stopped in order."""

import json
import logging
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import access, cards, checking, drafting, health, listeners, logs
from bot.access import Access
from bot.answers import Answers
from bot.cards import rights
from bot.charting import charting
from bot.checking import Standards
from bot.deliverer import Deliverer
from bot.delivery import leaving, mailing
from bot.digests import Digesting, Digests
from bot.engines import engines_for
from bot.front import Answer, Front, Hook, Page
from bot.homes import Homes
from bot.hooks import hooks
from bot.house_rules import Learner
from bot.listeners.timed import TimedApp
from bot.metrics import Metrics
from bot.nightly import Nightly
from bot.people import People
from bot.posting import Poster
from bot.replies import Replies, reading
from bot.reporting import Reporter
from bot.retention import Retention
from bot.sequences import Sequences, Sequencing
from bot.settings import Settings
from bot.status_port import StatusPort
from bot.syncer import Syncer
from bot.teams import joining
from bot.teams.door import Door
from bot.teams.line import TeamsError
from bot.tokens import Clients
from bot.vault import VaultError
from bot.voices import Voices
from bot.watching import Progress
from model.adapters import AdapterError
from model.engine import EngineError
from model.playbook import Playbooks
from storage import queries
from storage.database import Database
from storage.tables import Draft

log = logging.getLogger(__name__)

LISTENER_THREADS = 16  # a listener holds one for some milliseconds; Bolt's own five lose commands that come together
WATCH_SECONDS = 5.0
LONGEST_SILENCE = 120.0  # without a socket; its client has tried to reconnect many times by then

Changed = Callable[[int, int], None]  # workspace id and draft id
Progressed = Callable[[Draft, Progress], None]


class ServeError(Exception):
    """Slack cannot be served; the sentence says why and what to do."""


class Part(Protocol):
    """What is started and stopped with the bot."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


class Worker(Part, Protocol):
    """What drafts."""

    def wake(self) -> None: ...


class Bot:
    """Everything that runs in `serve`. Parts start in the order given and stop the other way round."""

    def __init__(self, app: App, door: Part, parts: Sequence[Part], listening: ThreadPoolExecutor) -> None:
        self.app = app
        self.door = door
        self._parts = [*parts, door]
        self._listening = listening
        self._started: list[Part] = []

    def start(self) -> None:
        """Open the door last, when everything behind it runs."""
        for part in self._parts:
            part.start()
            self._started.append(part)

    def serving(self) -> bool:
        """Whether the door is open, and Slack at it where it is a socket."""
        return self.door in self._started and (not isinstance(self.door, _Socket) or self.door.connected())

    def stop(self) -> None:
        """Let nothing new in, finish what is in hand, show what was finished."""
        while self._started:
            part = self._started.pop()
            try:
                part.stop()
            except Exception:
                log.exception("%s did not stop well", type(part).__name__)
            if part is self.door:
                self._listening.shutdown(wait=True)


def serve(settings: Settings) -> None:
    """Serve Slack until SIGTERM or SIGINT. Raises ServeError when Slack cannot be reached, at the start or later."""
    from bot import progress
    from model import base as base_model

    leaving, metrics = _leave_on_signals(), Metrics()
    with closing(Database(settings.database)) as database:
        database.migrate()
        base = base_model.find(settings.base_model, settings.cache, progress=progress.download())
        standards = checking.by_workspace(settings, database)
        with closing(engines_for(settings, base.path)) as engines:
            desk = drafting.Desk(
                database=database,
                engines=engines,
                standards=standards,
                adapters=settings.adapters,
                clock=_now,
                finished=metrics.drafted,
            )
            loaded = _load_engines(desk)
            bot = build(
                settings,
                database=database,
                clock=_now,
                standards=standards,
                worker=partial(drafting.Worker, desk, parallel=engines.at_once),
                metrics=metrics,
                model=lambda: loaded,
            )
            _run(bot, leaving)


def _load_engines(desk: drafting.Desk) -> bool:
    """Load what will draft before Slack can reach us; whether anything could be loaded.

    llama.cpp holds Python's lock while it loads a model (0.3 s, and 3 to 5 s beside two busy processes, measured),
    and no command would be acknowledged meanwhile.
    """
    with desk.database.reading() as session:
        known = queries.workspaces(session)
    serving, loaded = [], False
    for workspace in known:
        with desk.database.reading() as session:
            serving.append(queries.serving(session, workspace_id=workspace.id or 0))
    for folder in {desk.folder(adapter) for adapter in serving} or {None}:
        try:
            desk.engines.load(folder)
            loaded = True
        except (AdapterError, EngineError) as error:
            log.error("%s Its drafts will fail until another adapter is promoted.", error)
    return loaded


def build(
    settings: Settings,
    *,
    database: Database,
    clock: Callable[[], datetime],
    standards: Callable[[int], Standards],
    worker: Callable[[Changed, Progressed], Worker],
    metrics: Metrics | None = None,
    model: health.Check = lambda: True,
    nightly: bool = True,
) -> Bot:
    """Put the bot together without starting it.

    `worker` gets what it has to call after each change of a draft, and while one is long in the writing.
    """
    listening, metrics = logs.Listening(LISTENER_THREADS, thread_name_prefix="listener"), metrics or Metrics()
    speaks_slack = bool(settings.slack_bot_token or settings.slack_client_id or not settings.teams_client_id)
    way = _access(settings, database, clock) if speaks_slack else access.nowhere()
    # Posts are tried again by the poster, which knows what is already there; never by the client.
    clients = partial(Clients, way.token, base_url=settings.slack_api_url, retry_handlers=[])
    posting: Callable[[int], WebClient] = clients(timeout=15)
    asking: Callable[[int], WebClient] = clients(timeout=1)
    teams = joining.teams(settings, database) if settings.teams_client_id else None
    if teams:
        posting, asking = teams.beside(posting), teams.beside(asking)

    app = _bolt(settings, way, listening, metrics)
    answers, playbooks = Answers(), Playbooks([settings.playbooks])
    poster = Poster(database, posting, zone=settings.timezone, bot=way.bot, clock=clock, answers=answers)
    learner = Learner(database, poster.announce, clock)
    night = _nightly(settings, database, clock, poster)
    working = worker(lambda _workspace_id, _draft_id: poster.wake(), poster.progress)
    services = listeners.Services(
        database=database,
        clock=clock,
        zone=settings.timezone,
        people=People(asking),
        drafting=working.wake,
        posting=poster.wake,
        learning=learner.wake,
        standards=standards,
        playbooks=playbooks,
        answers=answers,
        homes=_homes(settings, database, clock, way.address),
        refining=night.begin,
        bot=way.bot,
        leaving=leaving(settings),
        named_admins=settings.named_admins,
        control_share=settings.control_share,
    )
    listeners.register(app, services)
    # What is asked before the door is open, or after it closed, hears that Slack is not connected.
    answers_us = partial(health.database_answers, database)
    checks: dict[str, health.Check] = {"database": answers_us, "model": model, "slack": lambda: bot.serving()}
    pages, called = {**health.pages(checks), **way.pages}, hooks(database, settings.hubspot_secret, clock)
    doors: list[Part] = [teams.door(services)] if teams else []
    if speaks_slack:
        doors.append(_socket(app, settings) if settings.slack_app_token else _http(app, settings, pages, called))
    status = _status(settings, database, clock, checks, metrics)
    clockwork: list[Part] = [
        Retention(database, settings.adapters, days=settings.retention_days, clock=clock, kept=settings.kept)
    ]
    if nightly:
        clockwork += [night, *_regular(settings, database, clock, playbooks, poster, way.address)]
    delivering = Deliverer(mailing(settings, database, clock), poster.wake)
    *others, door = doors
    lines: list[Part] = [teams.line] if teams else []
    bot = Bot(app, door, [*status, *lines, poster, working, delivering, learner, *clockwork, *others], listening)
    return bot


def _regular(
    settings: Settings,
    database: Database,
    clock: Callable[[], datetime],
    playbooks: Playbooks,
    poster: Poster,
    address: str,
) -> list[Part]:
    """What the clock starts besides the night."""
    sequencing = Sequencing(database, playbooks, settings.timezone, clock, settings.report_channel)
    digesting = Digesting(database, settings.timezone, settings.digest_at, clock, poster.announce, address)
    inbox = reading(settings, database, clock)
    replies = [Replies(inbox)] if inbox else []
    return [Sequences(sequencing), Digests(digesting), Syncer(settings, database, clock), *replies]


def _status(
    settings: Settings,
    database: Database,
    clock: Callable[[], datetime],
    checks: Mapping[str, health.Check],
    metrics: Metrics,
) -> list[Part]:
    """The port for operators, where one is set. Raises ServeError."""
    if settings.status_address is None:
        return []
    host, port = settings.status_address
    metrics.watch(database, clock)
    try:
        return [StatusPort(host, port, {**health.pages(checks), **metrics.pages()})]
    except OSError as error:
        raise ServeError(
            f"{settings.status_at} cannot be used ({error.strerror}). Set another AFTERWORD_STATUS_AT."
        ) from None


def _homes(settings: Settings, database: Database, clock: Callable[[], datetime], address: str) -> Homes:
    voices = Voices(settings.home, database, clock)
    return Homes(database, clock, settings.timezone, settings.refine_at, settings.digest_at, voices, address)


def _access(settings: Settings, database: Database, clock: Callable[[], datetime]) -> Access:
    """One workspace with the token of the settings, or as many as install the app. Raises ServeError."""
    if settings.slack_bot_token is None and settings.slack_client_id:
        secret = _required(settings.slack_client_secret, "SLACK_CLIENT_SECRET")
        if settings.slack_app_token:
            raise ServeError("Workspaces install the app over HTTP. Take out SLACK_APP_TOKEN, or set SLACK_BOT_TOKEN.")
        try:
            return access.of_installations(settings, database, clock, settings.slack_client_id, secret)
        except VaultError as error:
            raise ServeError(str(error)) from None
    token = _required(settings.slack_bot_token, "SLACK_BOT_TOKEN")
    client = WebClient(token=token, base_url=settings.slack_api_url, timeout=10)
    try:
        return access.of_token(database, client)
    except SlackApiError as error:
        reason = error.response["error"]
        raise ServeError(f"Slack refuses SLACK_BOT_TOKEN ({reason}). Copy the bot token from the app's page.") from None
    except OSError as error:
        raise _unreachable(client, error) from None


def _bolt(settings: Settings, way: Access, listening: ThreadPoolExecutor, metrics: Metrics) -> App:
    """The Bolt app. Requests were verified before they get here, by the socket or by the front.

    It is given a way to authorize in any case: without one it takes tokens and client ids from the environment.
    """
    for library in ("slack_bolt", "slack_sdk"):  # below INFO they write bodies to the log, with tokens and emails
        logging.getLogger(library).setLevel(logging.INFO)
    # It warns about a token that it finds in the environment and that we have given to the client already.
    logging.getLogger("slack_bolt.App").addFilter(lambda record: "will be unused" not in record.getMessage())
    app = TimedApp(
        metrics.acknowledged,
        client=WebClient(base_url=settings.slack_api_url, timeout=10),
        authorize=way.authorize,  # None is how Bolt is told that there is no installation
        user_facing_authorize_error_message=rights.NOT_INSTALLED,
        listener_executor=listening,
        request_verification_enabled=False,
        ssl_check_enabled=False,
    )
    app.error(_on_error)
    return app


def _on_error(error: Exception, body: dict[str, Any], response: BoltResponse | None) -> BoltResponse | None:
    """The outermost layer of every listener: a reference in the log, the same one for the person.

    The message of an unexpected error may quote an email, so the log gets its type and place.
    """
    reference = logs.reference()
    place = "".join(traceback.format_tb(error.__traceback__))
    log.error("a listener failed, reference %s: %s\n%s", reference, type(error).__name__, place)
    answer = cards.broken(reference)
    if response is None:  # already acknowledged
        return None
    if body.get("type") == "view_submission":
        block = next(each["block_id"] for each in body["view"]["blocks"] if each["type"] == "input")
        payload: dict[str, Any] = {"response_action": "errors", "errors": {block: answer["text"]}}
    elif body.get("command"):
        payload = {**answer, "response_type": "ephemeral"}
    else:
        return BoltResponse(status=200, body="")
    return BoltResponse(status=200, body=json.dumps(payload), headers={"content-type": ["application/json"]})


class _Socket:
    """Socket Mode. Its client reconnects by itself; `stale` says that it has not managed to for too long."""

    def __init__(self, handler: SocketModeHandler, tick: Callable[[], float] = time.monotonic) -> None:
        self._handler = handler
        self._tick = tick
        self._connected_at = tick()

    def start(self) -> None:
        try:
            self._handler.connect()
        except SlackApiError as error:
            reason = error.response["error"]
            remedy = "Make an app-level token with connections:write, and switch Socket Mode on."
            raise ServeError(f"Slack refuses SLACK_APP_TOKEN ({reason}). {remedy}") from None
        except OSError as error:
            raise _unreachable(self._handler.client.web_client, error) from None
        self._connected_at = self._tick()

    def stop(self) -> None:
        self._handler.close()

    def connected(self) -> bool:
        return bool(self._handler.client.is_connected())

    def stale(self) -> bool:
        if self.connected():
            self._connected_at = self._tick()
        return self._tick() - self._connected_at > LONGEST_SILENCE


def _socket(app: App, settings: Settings) -> _Socket:
    token = settings.slack_app_token
    client = WebClient(token=token, base_url=settings.slack_api_url, timeout=10)
    return _Socket(SocketModeHandler(app, token, web_client=client, concurrency=LISTENER_THREADS))


def _http(app: App, settings: Settings, pages: Mapping[str, Page], called: Mapping[str, Hook]) -> Front:
    secret = _required(settings.slack_signing_secret, "SLACK_SIGNING_SECRET", "or SLACK_APP_TOKEN for Socket Mode")

    def answering(body: dict[str, Any], headers: dict[str, str]) -> Answer:
        # The mode says that the body is parsed and verified already; Bolt's own parsing loses some commands.
        answer = app.dispatch(BoltRequest(mode="socket_mode", body=body, headers=dict(headers)))
        flat = {name: str(values[0]) for name, values in answer.headers.items() if values}
        return Answer(answer.status, flat, answer.body)

    try:
        return Front(host="", port=settings.port, signing_secret=secret, answering=answering, pages=pages, hooks=called)
    except OSError as error:
        raise ServeError(f"Port {settings.port} cannot be used ({error.strerror}). Set another PORT.") from None


def _nightly(settings: Settings, database: Database, clock: Callable[[], datetime], poster: Poster) -> Nightly:
    return Nightly(
        database,
        zone=settings.timezone,
        at=settings.refine_at,
        clock=clock,
        command=lambda run: [
            *(sys.executable, "-m", "bot", "refine"),
            *("--workspace", str(run.workspace_id), "--run", str(run.id)),
        ],
        environment=settings.child_environment(),
        report=Reporter(database, poster.announce, charting(settings, poster.picture), channel=settings.report_channel),
    )


def _run(bot: Bot, leaving: threading.Event) -> None:
    """Start, wait for the signal or for a lost socket, stop."""
    try:
        bot.start()
        log.info("serving %s", "Teams" if isinstance(bot.door, Door) else "Slack")
        while not leaving.wait(WATCH_SECONDS):
            if isinstance(bot.door, _Socket) and bot.door.stale():
                raise ServeError(
                    f"Slack's socket has been gone for {LONGEST_SILENCE:.0f} seconds."
                    " Check the network and start again; drafts and decisions are kept."
                )
    except TeamsError as error:
        raise ServeError(str(error)) from None
    finally:
        log.info("stopping")
        bot.stop()


def _leave_on_signals() -> threading.Event:
    leaving = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leaving.set())
    return leaving


def _required(value: str | None, name: str, otherwise: str = "") -> str:
    if value:
        return value
    raise ServeError(f"{name} is not set{', ' + otherwise if otherwise else ''}. README.md says where to find it.")


def _unreachable(client: WebClient, error: OSError) -> ServeError:
    reason = getattr(error, "reason", None) or error
    return ServeError(f"Slack does not answer at {client.base_url} ({reason}). Check the network and SLACK_API_URL.")


def _now() -> datetime:
    return datetime.now(UTC)
