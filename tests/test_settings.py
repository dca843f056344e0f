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
        ("AFTERWORD_ADMINS", "U0ROBIN, robin", "'robin' is no Slack user id"),
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
