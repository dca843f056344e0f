"""A wrong setting is named, with its value and the remedy."""

from datetime import time

import pytest

from bot.settings import SettingsError, load


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.chdir(tmp_path)  # type: ignore[arg-type]  # no .env here
    for name in ("AFTERWORD_HOME", "SLACK_API_URL", "PORT"):
        monkeypatch.delenv(name, raising=False)


def test_defaults_need_no_environment() -> None:
    settings = load()
    assert settings.home.name == "var"
    assert settings.database.startswith("sqlite:///")
    assert settings.refine_at == time(2, 0)
    assert settings.slack_api_url == "https://slack.com/api/"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("AFTERWORD_TIMEZONE", "Mars/Olympus", "Mars/Olympus"),
        ("AFTERWORD_ENGINE", "gpt", "llamacpp or vllm"),
        ("PORT", "99999", "PORT"),
        ("AFTERWORD_REFINE_AT", "late", "AFTERWORD_REFINE_AT"),
        ("AFTERWORD_REFINE_MINUTES", "0", "AFTERWORD_REFINE_MINUTES"),
        ("AFTERWORD_ADMINS", "U0ROBIN, robin", "'robin' is no user id"),
        ("AFTERWORD_KEEP_DAYS", "events=90, mails=90", "'mails=90' is none of events, drafts, pairs, audit"),
        ("AFTERWORD_KEEP_DAYS", "pairs=1", "at least 30 days"),
        ("AFTERWORD_LEARNING", "maybe", "neither on nor ask"),
        ("AFTERWORD_LOG", "xml", "lines or json"),
        ("AFTERWORD_STATUS_AT", "yes", "'yes' is no port"),
        ("AFTERWORD_STATUS_AT", "70000", "'70000' is no port"),
    ],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        load()
    assert name in str(error.value)
    assert said in str(error.value)


def test_tokens_never_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    assert "xoxb-secret" not in repr(load())


def test_an_empty_setting_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "")
    assert load().slack_app_token is None


def test_the_admins_are_a_list_that_a_child_process_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().named_admins == frozenset()
    monkeypatch.setenv("AFTERWORD_ADMINS", " U0ROBIN , W0ALEX,")
    given = load()
    assert given.named_admins == {"U0ROBIN", "W0ALEX"}
    assert given.child_environment()["AFTERWORD_ADMINS"] == "U0ROBIN,W0ALEX"


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("", None),
        ("9464", ("127.0.0.1", 9464)),
        ("0.0.0.0:9464", ("0.0.0.0", 9464)),
        ("pod-1.local:80", ("pod-1.local", 80)),
    ],
)
def test_the_status_port_is_off_unless_set_and_on_loopback_unless_a_host_is_given(
    monkeypatch: pytest.MonkeyPatch, value: str, address: object
) -> None:
    monkeypatch.setenv("AFTERWORD_STATUS_AT", value)
    assert load().status_address == address


# Mail --------------------------------------------------------------------------------------------------------------

MAILBOX = {"AFTERWORD_MAIL_URL": "imaps://rep@example.com@mail.example.com", "AFTERWORD_MAIL_PASSWORD": "secret-word"}


def given(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_without_settings_mail_goes_to_the_outbox_and_leaves_after_ten_seconds() -> None:
    assert load().mail_server is None and load().sender == ""
    assert load().undo_seconds == 10


def test_an_address_of_a_mailbox_is_enough_to_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, **MAILBOX)
    server = load().mail_server
    assert server and (server.kind, server.user, server.password) == ("imap", "rep@example.com", "secret-word")
    assert load().sender == "rep@example.com"
    assert "secret-word" not in repr(load()) + repr(server)


def test_the_outbox_can_be_asked_for_although_there_is_a_mailbox(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, **MAILBOX, AFTERWORD_MAIL="outbox")
    assert load().mail_server is None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"AFTERWORD_MAIL": "fax"}, "AFTERWORD_MAIL: 'fax' is no way for mail; use outbox, imap, smtp"),
        ({"AFTERWORD_MAIL": "imap"}, "AFTERWORD_MAIL_URL: it is missing"),
        ({**MAILBOX, "AFTERWORD_MAIL": "smtp"}, "AFTERWORD_MAIL_URL: it is of a server for imap"),
        ({**MAILBOX, "AFTERWORD_MAIL_URL": "imaps://rep:secret-word@mail.example.com"}, "put that into AFTERWORD_MAIL"),
        ({**MAILBOX, "AFTERWORD_MAIL_PASSWORD": ""}, "AFTERWORD_MAIL_PASSWORD: it is missing"),
        ({**MAILBOX, "AFTERWORD_MAIL_URL": "smtps://rep@mail.example.com"}, "AFTERWORD_MAIL_FROM: it is missing"),
        ({"AFTERWORD_MAIL_FROM": "Sales"}, "AFTERWORD_MAIL_FROM: 'Sales' is no address"),
        ({"AFTERWORD_MAIL_UNSUBSCRIBE": "http://example.com/{email}"}, "AFTERWORD_MAIL_UNSUBSCRIBE: 'http://"),
        ({"AFTERWORD_UNDO_SECONDS": "-1"}, "AFTERWORD_UNDO_SECONDS"),
    ],
)
def test_a_wrong_setting_for_mail_is_named_without_a_secret(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], said: str
) -> None:
    given(monkeypatch, **values)
    with pytest.raises(SettingsError) as error:
        load()
    assert said in str(error.value) and "secret-word" not in str(error.value)
