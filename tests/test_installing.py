"""Many workspaces: installs that nobody forges, tokens that nobody reads, and who left comes back to everything."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlmodel import select

from bot import cards, installing, steering
from bot.app import ServeError, build
from bot.retention import erase
from storage import queries
from storage.database import Database
from storage.tables import Adapter, Audit, Contact, Draft, Install, Installation, Status, Workspace
from storage.tenancy import EVERY_WORKSPACE
from tests.fakes import Clock, FakeEngines
from tests.oauth import Browser, OAuthSlack
from tests.rows import contact, only
from tests.running import REPLY, desk, running, settings, until
from tests.slack import command, form, post

ROOT = Path(__file__).parent.parent


class Host:
    """A bot that any workspace can install, with what it stands on."""

    def __init__(self, home: Path, slack: OAuthSlack, database: Database, clock: Clock, **more: object) -> None:
        self.slack, self.database, self.clock = slack, database, clock
        self.settings = settings(
            home, slack, SLACK_BOT_TOKEN=None, SLACK_CLIENT_ID="1.2", SLACK_CLIENT_SECRET="client-secret", **more
        )

    def install(self, team: str = "T1", **org: Any) -> int:
        browser = Browser(self.settings.port)
        return browser.finish(browser.begin(), self.slack.allow(team, **org))

    def send(self, body: dict[str, Any]) -> Any:
        status, answer = post(self.settings.port, form(body))
        assert status == 200, answer
        try:
            return json.loads(answer) if answer else None
        except ValueError:
            return answer

    def event(self, kind: str, team: str = "T1", *, after: float = 60, **more: Any) -> None:
        at = int((self.clock() + timedelta(seconds=after)).timestamp())
        body = {"type": "event_callback", "team_id": team, "event_id": f"Ev{at}", "event_time": at}
        raw = json.dumps({**body, "event": {"type": kind, **more}}).encode()
        assert post(self.settings.port, raw)[0] == 200

    def all(self, table: Any) -> list[Any]:
        with self.database.reading() as session:
            return list(session.exec(select(table), execution_options=EVERY_WORKSPACE))

    def contact(self, workspace_id: int, first: str) -> None:
        with self.database.writing() as session:
            contact(session, workspace_id, first=first)

    def posted(self, channel: str) -> list[str]:
        """The tokens that something was posted in a channel with."""
        return [token for method, token in self.slack.bearers if method == "chat.postMessage"] if channel else []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def host(tmp_path: Path, clock: Clock) -> Iterator[Host]:
    with started(tmp_path, clock) as given:
        yield given


@contextmanager
def started(home: Path, clock: Clock, *, rotates: bool = False, **more: object) -> Iterator[Host]:
    database = Database(f"sqlite:///{home / 'test.sqlite3'}")
    database.migrate()
    slack = OAuthSlack(rotates=rotates)
    given = Host(home, slack, database, clock, **more)
    try:
        with running(given.settings, database, FakeEngines(REPLY), clock):
            yield given
        assert slack.faults == []
    finally:
        slack.stop()


def asked(host: Host, text: str = "Dana Whitfield", team: str = "T1", **changes: str) -> Any:
    return host.send(command(text, team_id=team, response_url=f"{host.slack.address}/answer", **changes))


def told(host: Host) -> str:
    return str(host.slack.of("response")[-1]["text"])


def drafted(host: Host, workspace_id: int) -> Draft:
    return until(
        lambda: next(
            (row for row in host.all(Draft) if row.workspace_id == workspace_id and row.status == Status.drafted), None
        )
    )


# Installing -------------------------------------------------------------------------------------------------------


def test_two_workspaces_install_and_each_is_answered_with_its_own_token(host: Host) -> None:
    host.slack.people = {"U0ROBIN": {}, "U0OTHER": {"team_id": "T2"}}
    assert (host.install("T1"), host.install("T2")) == (200, 200)
    assert [(row.team_id, row.name) for row in host.all(Workspace)] == [("T1", "Team T1"), ("T2", "Team T2")]
    host.contact(1, "Dana")
    host.contact(2, "Dana")
    first, second = [token for token in host.slack.given if token.startswith("xoxb")]
    asked(host)
    drafted(host, 1)
    asked(host, team="T2", user_id="U0OTHER")
    drafted(host, 2)
    used = until(lambda: (found := host.posted("C0FOLLOWUPS")) and len(found) == 2 and found)
    assert used == [first, second]
    looked = [token for method, token in host.slack.bearers if method == "users.info"]
    assert looked == [first, second], "who somebody is is asked with the workspace's own token too"


@pytest.mark.parametrize(("trick", "status"), [("again", 401), ("late", 401), ("made up", 401), ("other browser", 400)])
def test_an_install_that_was_not_begun_here_and_now_gives_nothing(host: Host, trick: str, status: int) -> None:
    browser = Browser(host.settings.port)
    state = browser.begin()
    if trick == "again":
        assert browser.finish(state, host.slack.allow("T1")) == 200
    if trick == "late":
        host.clock.move(minutes=10)
    if trick == "made up":
        state = "made-up"
        browser.cookie = f"slack-app-oauth-state={state}"
    if trick == "other browser":
        browser.cookie = ""
    before = len(host.all(Installation))
    assert browser.finish(state, host.slack.allow("T2")) == status
    assert len(host.all(Installation)) == before and len(host.slack.of("oauth.v2.access")) == before


def test_states_that_expired_do_not_pile_up(host: Host) -> None:
    for _ in range(3):
        Browser(host.settings.port).begin()
    host.clock.move(minutes=11)
    Browser(host.settings.port).begin()
    assert len(host.all(Install)) == 1


def test_a_refused_code_and_a_cancelled_install_are_told_and_keep_nothing(
    host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    browser = Browser(host.settings.port)
    with caplog.at_level(logging.DEBUG):
        assert browser.finish(browser.begin(), "code-nobody-gave") == 401
    assert "invalid_code" in caplog.text and "code-nobody-gave" not in caplog.text
    assert browser.get("/slack/oauth_redirect", error="access_denied")[0] == 200
    assert host.all(Installation) == []


def test_no_secret_stands_in_the_database_or_in_the_log(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), started(tmp_path, clock, rotates=True) as host:
        state = Browser(host.settings.port).begin()
        host.install()
        host.contact(1, "Dana")
        asked(host)
        drafted(host, 1)
        host.clock.move(hours=11)
        asked(host, "Dana Whitfield once more")  # with the next token
        until(lambda: len(host.slack.of("oauth.v2.access")) == 2)
        host.event("app_uninstalled", after=120)
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("test.sqlite3*"))
    assert len(host.slack.given) == 5, "a code, two tokens and two refresh tokens"
    for secret in [*host.slack.given, state, "client-secret"]:
        assert secret.encode() not in stored and secret not in caplog.text
    assert b"xox" not in stored and (tmp_path / "secret.key").read_text("ascii").strip().encode() not in stored
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_workspace_that_has_not_installed_is_told_so_and_leaves_no_row(host: Host) -> None:
    asked(host, team="T9")
    assert "Afterword is not installed in your workspace" in told(host)
    assert host.all(Workspace) == []


def test_the_scopes_asked_for_are_those_of_the_manifest() -> None:
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text("utf-8"))
    assert set(installing.SCOPES) == set(manifest["oauth_config"]["scopes"]["bot"])


def test_an_organisation_is_one_tenant_and_anybody_in_it_may_use_it(host: Host) -> None:
    assert host.install("T1", org="E1", everywhere=True) == 200
    assert [row.team_id for row in host.all(Workspace)] == ["E1"]
    host.contact(1, "Dana")
    grid = {"enterprise_user": {"enterprise_id": "E1", "teams": ["T7"]}}
    host.slack.people = {"U0ROBIN": {"team_id": "T7", **grid}, "U0OUT": {"team_id": "T9"}}
    host.slack.lists["S0SALES"] = ["U0ROBIN"]
    with host.database.writing() as session:
        queries.change_rights(session, workspace_id=1, who="test", now=host.clock(), changes={"drafters": "S0SALES"})
    org = {"enterprise_id": "E1", "is_enterprise_install": "true"}
    refused = asked(host, team="T9", user_id="U0OUT", **org)
    assert "another organisation" in refused["text"]
    asked(host, team="T7", **org)
    assert drafted(host, 1).workspace_id == 1
    assert host.slack.of("usergroups.users.list")[0]["team_id"] == "T7", "an organisation's token has to say where"


# Leaving and coming back ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "more"), [("app_uninstalled", {}), ("tokens_revoked", {"tokens": {"oauth": [], "bot": ["U0AFTERWORD"]}})]
)
def test_who_removes_the_app_hears_nothing_more_and_comes_back_to_everything(
    host: Host, kind: str, more: dict[str, Any]
) -> None:
    host.install()
    host.contact(1, "Dana")
    asked(host)
    drafted(host, 1)
    until(lambda: (row := host.all(Draft)[0]).posted_version == row.version)
    host.event(kind, **more)
    (workspace,) = host.all(Workspace)
    assert workspace.removed_at is not None
    said = len(host.slack.calls)
    with host.database.writing() as session:  # something that would be shown
        only(session, Draft).posted_version = 0
    asked(host)
    assert "not installed in your workspace" in told(host)
    with host.database.reading() as session:
        assert not queries.drafts_to_post(session, now=host.clock(), limit=9) and not queries.workspaces_in_service(
            session
        )
    assert len(host.slack.calls) == said + 1, "nothing but that answer is sent to Slack"
    host.clock.move(days=29)
    assert host.install() == 200
    until(lambda: (row := host.all(Draft)[0]).posted_version == row.version)
    assert [row.first_name for row in host.all(Contact)] == ["Dana"] and host.all(Workspace)[0].removed_at is None
    assert [row.action for row in host.all(Audit) if row.subject == "app"] == ["install", "remove", "install"]


def test_where_they_are_asked_a_new_workspace_learns_only_once_an_admin_agrees(tmp_path: Path, clock: Clock) -> None:
    with started(tmp_path, clock, learning="ask") as host:
        host.install()
        assert host.all(Workspace)[0].learning_paused_at is not None
        with host.database.writing() as session:
            assert steering.resume(session, workspace_id=1, who="U0ADMIN")
        host.install()
        assert host.all(Workspace)[0].learning_paused_at is None, "who agreed once is not asked again"
        assert [row.action for row in host.all(Audit) if row.subject == "learning"] == [
            "pause learning",
            "resume learning",
        ]


def test_where_they_are_not_asked_a_new_workspace_learns_from_the_start(host: Host) -> None:
    host.install()
    assert host.all(Workspace)[0].learning_paused_at is None


def test_only_our_own_token_counts_and_a_late_event_does_not_undo_an_install(host: Host) -> None:
    host.install()
    host.event("tokens_revoked", tokens={"oauth": ["U0ROBIN"], "bot": []})
    host.event("app_uninstalled", after=-60)  # Slack sends again what it could not deliver, up to minutes later
    host.event("app_uninstalled", team="T9")
    assert host.all(Workspace)[0].removed_at is None


def test_what_nobody_came_back_to_goes_for_good_and_nothing_else(host: Host, tmp_path: Path) -> None:
    host.install("T1")
    host.install("T2")
    folders = {}
    for workspace_id in (1, 2):
        host.contact(workspace_id, "Dana")
        folders[workspace_id] = tmp_path / "adapters" / f"a{workspace_id}"
        folders[workspace_id].mkdir(parents=True)
        with host.database.writing() as session:
            session.add(Adapter(workspace_id=workspace_id, version=1, folder=f"a{workspace_id}"))
    host.event("app_uninstalled")
    now = host.clock()
    assert erase(host.database, tmp_path / "adapters", before=now) == []
    assert erase(host.database, tmp_path / "adapters", before=now + timedelta(days=1)) == [1]
    assert not folders[1].exists() and folders[2].exists()
    for table in (Contact, Installation, Adapter, Audit):
        assert {row.workspace_id for row in host.all(table)} == {2}
    assert host.install("T1") == 200, "and it begins anew"
    assert {row.team_id for row in host.all(Workspace)} == {"T1", "T2"}


def test_an_erasure_that_was_cut_short_goes_on_and_nobody_comes_back_to_half(host: Host, tmp_path: Path) -> None:
    host.install()
    host.contact(1, "Dana")
    host.event("app_uninstalled")
    with host.database.writing() as session:  # killed after the first step
        queries.give_up_workspaces(session, before=host.clock() + timedelta(days=1))
    host.install()
    assert [row.team_id for row in host.all(Workspace)] == ["erased:1", "T1"]
    assert erase(host.database, tmp_path / "adapters", before=host.clock()) == [1]
    assert [row.team_id for row in host.all(Workspace)] == ["T1"] and host.all(Contact) == []


# One workspace, as before -----------------------------------------------------------------------------------------


def test_a_bot_token_needs_no_key_no_page_and_nothing_from_the_environment(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bolt by itself would take these for an app with many workspaces, and look for tokens in files of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "client-secret")
    database = Database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    database.migrate()
    slack = OAuthSlack()
    given = settings(tmp_path, slack, SLACK_CLIENT_ID="1.2", SLACK_CLIENT_SECRET="client-secret")
    try:
        with running(given, database, FakeEngines(REPLY), clock):
            answer = post(given.port, form(command("help")))
            assert cards.usage()["text"].split("\n")[0] in json.loads(answer[1])["text"]
            assert Browser(given.port).get("/slack/install")[0] == 404
    finally:
        slack.stop()
    assert {path.name for path in tmp_path.iterdir()} <= {"test.sqlite3"}, "no key, no folder of Bolt's"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SLACK_CLIENT_SECRET": None}, "SLACK_CLIENT_SECRET is not set"),
        ({"SLACK_APP_TOKEN": "xapp-1"}, "Workspaces install the app over HTTP. Take out SLACK_APP_TOKEN"),
        ({"secret_key": "short"}, "A key in AFTERWORD_SECRET_KEY cannot be used."),
    ],
)
def test_what_is_missing_for_many_workspaces_is_said_at_the_start(
    tmp_path: Path, clock: Clock, changes: dict[str, Any], sentence: str
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    database.migrate()
    slack = OAuthSlack()
    many = {"SLACK_BOT_TOKEN": None, "SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "client-secret", **changes}
    at_work = desk(database, FakeEngines(), tmp_path, clock)
    try:
        with pytest.raises(ServeError, match=sentence) as raised:
            build(
                settings(tmp_path, slack, **many),
                database=database,
                clock=clock,
                standards=at_work.standards,
                worker=lambda _: None,  # type: ignore[arg-type,return-value]
                nightly=False,
            )
    finally:
        slack.stop()
    assert "client-secret" not in str(raised.value)
