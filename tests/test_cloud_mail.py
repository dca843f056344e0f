"""Gmail and Microsoft 365: drafts in a mailbox behind a web API, once, with tokens that Google's and Microsoft's own
libraries fetch. Gmail is played by the pinned emulator, Microsoft by a server of ours that answers in its shapes."""

import base64
import json
import os
import ssl
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.delivery import way_of
from bot.emulator import Child
from bot.mail import NotNow, Refused, Unclear
from bot.mail.gmail import DRAFTS, MESSAGES, Gmail, google_token
from bot.mail.graph import Graph, microsoft_token
from bot.settings import Settings, SettingsError, load
from tests.conformance import packages
from tests.crm_servers import Played, Refusal, certificate, serving
from tests.running import free_port, until
from tests.test_mail_ways import Begin, email, same

REP = "rep@mendwell.example"
CONFORMANCE = Path(packages.__file__).parent


# Gmail, by the emulator -------------------------------------------------------------------------------------------


class Mailbox:
    """The emulated mailbox, as its owner sees it."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._http = requests.Session()
        self._http.headers["Authorization"] = "Bearer right"

    def ask(self, method: str, path: str, **more: Any) -> Any:
        answer = self._http.request(method, f"{self.address}{path}", timeout=10, **more)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def drafts(self) -> list[str]:
        return [each["id"] for each in self.ask("GET", DRAFTS).get("drafts", [])]

    def text(self, draft: str) -> bytes:
        raw = self.ask("GET", f"{DRAFTS}/{draft}", params={"format": "raw"})["message"]["raw"]
        return base64.urlsafe_b64decode(raw + "==")


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    folder, port = tmp_path_factory.mktemp("gmail"), free_port()
    seed = {"tokens": {"right": {"login": REP, "scopes": []}}, "google": {"users": [{"email": REP}]}}
    (folder / "seed.yml").write_text(json.dumps(seed), "utf-8")
    program = packages.needed() / "node_modules" / "emulate" / "dist" / "index.js"
    command = ["node", "--require", str(CONFORMANCE / "loopback.cjs"), str(program), "start", "--service", "google"]
    command += ["--port", str(port), "--seed", str(folder / "seed.yml")]
    child = Child(command, log=folder / "emulate.log", environment={"PATH": os.environ["PATH"], "HOME": str(folder)})
    box = Mailbox(port)
    try:
        until(lambda: child.returncode is not None or _answers(box), 20)
        assert child.returncode is None, child.last_words()
        yield box
    finally:
        child.end()


class Searching(requests.Session):
    """Finds by Message-ID. emulate 0.11.2 reads `rfc822msgid:` one letter short and never finds any; Gmail does."""

    def __init__(self, box: Mailbox) -> None:
        super().__init__()
        self._box = box

    def get(self, url: str | bytes, **more: Any) -> requests.Response:
        asked = more["params"].pop("q").removeprefix("rfc822msgid:")
        answer = super().get(url, **more)
        listed = answer.json().get("messages", [])
        found = [each for each in listed if self._message_id(each["id"]) == f"<{asked}>"]
        answer._content = json.dumps({"messages": found} if found else {"resultSizeEstimate": 0}).encode()
        return answer

    def _message_id(self, id: str) -> str:
        headers = self._box.ask("GET", f"{MESSAGES}/{id}")["payload"]["headers"]
        return next((each["value"] for each in headers if each["name"] == "Message-ID"), "")


def _answers(box: Mailbox) -> bool:
    try:
        box.drafts()
    except requests.RequestException:
        return False
    return True


def gmail(address: str, session: requests.Session | None = None) -> Gmail:
    return Gmail(REP, lambda: "right", address=address, session=session)


def test_a_draft_stands_in_gmail_as_it_was_approved(mailbox: Mailbox) -> None:
    before, begin, sent = set(mailbox.drafts()), Begin(), email("1111aaaa")
    assert gmail(mailbox.address).deliver(sent, again=False, begin=begin) == f"Saved as a draft in Gmail of {REP}"
    (draft,) = set(mailbox.drafts()) - before
    assert begin.times == 1 and same(message_from_bytes(mailbox.text(draft), policy=default), sent)


def test_a_draft_that_is_there_or_was_sent_meanwhile_is_not_added_again(mailbox: Mailbox) -> None:
    before, begin, sent = set(mailbox.drafts()), Begin(), email("2222bbbb")
    way = gmail(mailbox.address, Searching(mailbox))
    way.deliver(sent, again=False, begin=Begin())
    (draft,) = set(mailbox.drafts()) - before
    way.deliver(sent, again=True, begin=begin)
    assert set(mailbox.drafts()) - before == {draft}
    mailbox.ask("POST", f"{DRAFTS}/send", json={"id": draft})
    way.deliver(sent, again=True, begin=begin)
    assert set(mailbox.drafts()) == before and begin.times == 0
    way.deliver(email("3333cccc"), again=True, begin=begin)
    assert begin.times == 1


# Microsoft 365, and both when they fail ---------------------------------------------------------------------------


class Cloud(Played):
    """A Microsoft 365 with one mailbox, and the places where both clouds give tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[bytes] = []
        self.renames = False  # a draft gets another Message-ID
        self.tokens = {"right"}

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any, token: str) -> tuple[int, Any]:
        if path.endswith("/token"):
            return self._token(body)
        if path.endswith("/openid-configuration"):
            names = ("token_endpoint", "authorization_endpoint", "issuer")
            return 200, dict.fromkeys(names, f"{self.url}/tenant/oauth2/v2.0/token")
        if token not in self.tokens:
            return 401, {"error": {"code": "InvalidAuthenticationToken", "message": "Dana"}}
        if unquote(path) != f"/users/{REP}/messages":
            return 404, {"error": {"code": "ErrorInvalidUser", "message": path}}
        if method == "POST":
            self.messages.append(base64.b64decode(body))
            return 201, {"id": f"AAMk{len(self.messages)}", "isDraft": True}
        return 200, {"value": [{"id": "AAMk"} for text in self.messages if self._fits(text, query["$filter"][0])]}

    def _fits(self, text: bytes, wanted: str) -> bool:
        known = message_from_bytes(text, policy=default)
        if wanted.startswith("internetMessageId eq "):
            return not self.renames and wanted == f"internetMessageId eq '{known['Message-ID']}'"
        assert wanted.startswith("singleValueExtendedProperties/any(ep: ep/id eq 'String {00020386-")
        return wanted.endswith(f"Name X-Afterword-Id' and ep/value eq '{known['X-Afterword-Id']}')")

    def _token(self, body: dict[str, str]) -> tuple[int, Any]:
        right = "right" in (body.get("client_secret"), body.get("refresh_token")) or "assertion" in body
        given = {"access_token": "right", "token_type": "Bearer", "expires_in": 3600}
        return (200, given) if right else (401, {"error": "invalid_client", "error_description": "Dana"})


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    cloud = Cloud()
    with serving(cloud):
        yield cloud


def graph(cloud: Cloud, token: str = "right") -> Graph:
    return Graph(REP, lambda: token, address=cloud.url)


@pytest.mark.parametrize("renames", [False, True], ids=["keeps the Message-ID", "gives another"])
def test_a_draft_stands_once_in_outlook_whatever_becomes_of_its_message_id(cloud: Cloud, renames: bool) -> None:
    cloud.renames = renames
    begin, sent = Begin(), email()
    for again in (False, True, True):
        place = graph(cloud).deliver(sent, again=again, begin=begin)
    assert place == f"Saved as a draft in Outlook of {REP}" and begin.times == 1
    (text,) = cloud.messages
    assert same(message_from_bytes(text, policy=default), sent)


@pytest.mark.parametrize("way", [graph, lambda cloud: gmail(cloud.url)], ids=["graph", "gmail"])
@pytest.mark.parametrize(
    ("status", "outcome"), [(500, Unclear), (429, NotNow), (401, Refused), (403, Refused), (400, Refused)]
)
def test_what_an_answer_to_the_draft_means(cloud: Cloud, way: Any, status: int, outcome: type[Exception]) -> None:
    cloud.faults, begin = [Refusal(status, {"error": {"message": "Dana"}})], Begin()
    with pytest.raises(outcome) as told:
        way(cloud).deliver(email(), again=False, begin=begin)
    assert begin.times == 1 and "Dana" not in str(told.value)


def test_an_answer_that_got_lost_is_unclear_and_the_next_try_finds_the_draft(cloud: Cloud) -> None:
    cloud.faults = [Refusal(504, after=True)]
    with pytest.raises(Unclear):
        graph(cloud).deliver(email(), again=False, begin=Begin())
    graph(cloud).deliver(email(), again=True, begin=Begin())
    assert len(cloud.messages) == 1


def test_before_it_began_nothing_has_gone_out_and_it_is_tried_again() -> None:
    begin = Begin()
    for way in (gmail(f"http://127.0.0.1:{free_port()}"), Graph(REP, lambda: "t", address="http://127.0.0.1:9")):
        with pytest.raises(NotNow):
            way.deliver(email(), again=True, begin=begin)
    assert begin.times == 0


# Tokens -----------------------------------------------------------------------------------------------------------


def key_file(folder: Path, known: dict[str, str]) -> Path:
    file = folder / "key.json"
    file.write_text(json.dumps(known))
    return file


def test_a_user_who_agreed_gives_tokens_that_are_fetched_once(cloud: Cloud, tmp_path: Path) -> None:
    known = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "right"}
    token = google_token(key_file(tmp_path, {**known, "token_uri": f"{cloud.url}/token"}), REP)
    assert (token(), token()) == ("right", "right")
    assert [body["grant_type"] for _, body in cloud.asked] == ["refresh_token"]


def test_a_service_account_acts_for_the_mailbox(cloud: Cloud, tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    known = {"type": "service_account", "client_email": "bot@project.example", "token_uri": f"{cloud.url}/token"}
    file = key_file(tmp_path, {**known, "private_key": key.private_bytes(*plain).decode()})
    assert google_token(file, REP)() == "right"
    assertion = jwt.decode(cloud.asked[0][1]["assertion"], options={"verify_signature": False})
    assert (assertion["sub"], assertion["iss"]) == (REP, "bot@project.example") and "gmail.compose" in assertion[
        "scope"
    ]


def test_a_withdrawn_key_and_a_google_that_is_away_are_told_apart(cloud: Cloud, tmp_path: Path) -> None:
    known = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "old"}
    with pytest.raises(Refused, match=r"key\.json") as told:
        google_token(key_file(tmp_path, {**known, "token_uri": f"{cloud.url}/token"}), REP)()
    assert "Dana" not in str(told.value)
    away = {**known, "token_uri": f"http://127.0.0.1:{free_port()}/token"}
    with pytest.raises(NotNow):
        google_token(key_file(tmp_path, away), REP)()
    with pytest.raises(Refused):
        google_token(key_file(tmp_path, {"type": "something"}), REP)()


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    return certificate(tmp_path_factory.mktemp("tls"))


def test_an_app_of_the_tenant_gets_tokens_and_keeps_one(trust: tuple[ssl.SSLContext, str]) -> None:
    cloud, session = Cloud(), requests.Session()
    session.verify, session.trust_env = trust[1], False
    with serving(cloud, trust[0]):
        token = microsoft_token("tenant", "client", "right", authority=cloud.url, session=session)
        assert (token(), token()) == ("right", "right")
        assert [path.rpartition("/")[2] for path, _ in cloud.asked] == ["openid-configuration", "token"]
        with pytest.raises(Refused, match="AFTERWORD_MAIL_PASSWORD") as told:
            microsoft_token("tenant", "client", "wrong", authority=cloud.url, session=session)()
        assert "Dana" not in str(told.value)
    with pytest.raises(NotNow):
        microsoft_token("tenant", "client", "right", authority=f"https://127.0.0.1:{free_port()}", session=session)()


# Settings ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("AFTERWORD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AFTERWORD_HOME", str(tmp_path))
    return monkeypatch


def chosen(given: pytest.MonkeyPatch, **named: str) -> Settings:
    for name, value in named.items():
        given.setenv(f"AFTERWORD_MAIL_{name}", value)
    return load()


def test_the_address_of_the_mailbox_chooses_the_way(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = str(key_file(tmp_path, {}))
    settings = chosen(given, URL=f"gmail://{REP}", APP=file)
    assert isinstance(way_of(settings), Gmail) and settings.sender == REP
    settings = chosen(given, URL=f"graph://{REP}", APP="mendwell.example/0a1b-2c", PASSWORD="secret")
    assert isinstance(way_of(settings), Graph) and settings.sender == REP


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (
            {"URL": "gmail://rep@mendwell.example", "APP": "nowhere.json"},
            "AFTERWORD_MAIL_APP: 'nowhere.json' is no file",
        ),
        ({"URL": "graph://rep@mendwell.example", "APP": "tenant", "PASSWORD": "x"}, "TENANT/CLIENT_ID"),
        ({"URL": "graph://rep@mendwell.example", "APP": "tenant/client"}, "AFTERWORD_MAIL_PASSWORD"),
        ({"URL": "gmail://mendwell.example"}, "the address of the mailbox"),
        ({"URL": "gmail://rep:secret@mendwell.example"}, "the address of the mailbox"),
    ],
)
def test_what_a_cloud_lacks_is_named(given: pytest.MonkeyPatch, named: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as told:
        chosen(given, **named)
    assert "secret" not in str(told.value)
