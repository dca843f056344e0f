"""Drafting on vLLM servers: the same drafts as in process, whatever happens to a server meanwhile.

With a real one, started as docs/scaling.md says on the training copy of the base in `var/cache/training`:
`AFTERWORD_TEST_VLLM=http://host:8000 python -m pytest tests/test_vllm.py -k real`.
"""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bot.engines import engines_for
from bot.settings import SettingsError, load
from model import vllm as vllm_module
from model.adapters import AdapterError
from model.base import Base
from model.engine import EngineError, Engines, Message
from model.slots import grammar
from model.vllm import Vllm
from tests.random_adapters import random_adapter
from tests.vllm_server import Vllm as Server
from tests.vllm_server import vllm_server

QUESTION: list[Message] = [{"role": "user", "content": "Name three fruits."}]
GREEDY: dict[str, Any] = {"seed": 0, "temperature": 0.0, "max_tokens": 12}
NOBODY = "http://127.0.0.1:9"  # the discard port


@pytest.fixture(scope="module")
def store(base: Base, tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("store")
    for seed in (1, 2, 3):
        random_adapter(base, parent, seed, strength=0.05)
    return parent


@pytest.fixture(scope="module")
def engines(base: Base) -> Iterator[Engines]:
    opened = Engines(base.path, at_once=1)
    yield opened
    opened.close()


@pytest.fixture
def server(engines: Engines) -> Iterator[Server]:
    with vllm_server(engines) as running:
        yield running


def vllm(base: Base, *urls: str, patience: float = 0.2) -> Vllm:
    return Vllm(base.path, urls, patience=patience, sleep=lambda _: None)


def test_a_draft_a_new_adapter_a_draft(base: Base, engines: Engines, server: Server, store: Path) -> None:
    ours = vllm(base, server.url)
    adapter = store / "random-1"
    assert (
        ours.complete(QUESTION, adapter=None, **GREEDY).text == engines.complete(QUESTION, adapter=None, **GREEDY).text
    )
    assert "random-1" not in server.adapters
    there = ours.complete(QUESTION, adapter=adapter, **GREEDY)
    here = engines.complete(QUESTION, adapter=adapter, **GREEDY)
    assert (there.text, there.tokens, there.finished) == (here.text, here.tokens, here.finished)
    assert server.adapters == {"random-1": adapter}


def test_the_grammar_and_the_penalty_go_along(base: Base, server: Server) -> None:
    vllm(base, server.url).complete(QUESTION, adapter=None, grammar=grammar(["sender"]), **GREEDY)
    asked = server.asked[-1][1]
    assert asked["structured_outputs"] == {"grammar": grammar(["sender"])}
    assert asked["repetition_penalty"] > 1


def test_a_server_that_was_restarted_gets_its_adapters_again(base: Base, server: Server, store: Path) -> None:
    ours = vllm(base, server.url)
    first = ours.complete(QUESTION, adapter=store / "random-1", **GREEDY)
    server.adapters.clear()
    assert ours.complete(QUESTION, adapter=store / "random-1", **GREEDY).text == first.text


def test_many_drafts_at_once_load_an_adapter_once_and_each_gets_its_own(
    base: Base, engines: Engines, server: Server, store: Path
) -> None:
    ours = vllm(base, server.url)
    folders = [store / f"random-{1 + number % 3}" for number in range(9)]
    with ThreadPoolExecutor(9) as pool:
        drafts = list(pool.map(lambda folder: ours.complete(QUESTION, adapter=folder, **GREEDY).text, folders))
    assert drafts == [engines.complete(QUESTION, adapter=folder, **GREEDY).text for folder in folders]


def test_the_next_server_answers_where_one_is_gone(base: Base, server: Server) -> None:
    ours = vllm(base, NOBODY, server.url)
    for _ in range(4):
        assert ours.complete(QUESTION, adapter=None, **GREEDY).text


def test_a_busy_server_is_asked_again(base: Base, server: Server) -> None:
    server.failing = [503, 429]
    ours = vllm(base, server.url, patience=10)
    assert ours.complete(QUESTION, adapter=None, **GREEDY).text
    assert len(server.asked) == 3


def test_no_server_at_all_is_one_sentence_with_the_address(base: Base) -> None:
    with pytest.raises(EngineError, match=rf"No vLLM server answers \({NOBODY}: .*AFTERWORD_VLLM_URL"):
        vllm(base, NOBODY).complete(QUESTION, adapter=None, **GREEDY)


def test_a_refusal_is_not_repeated_and_never_quotes_the_prompt(base: Base, server: Server) -> None:
    server.failing = [400]
    with pytest.raises(EngineError) as error:
        vllm(base, server.url).complete(QUESTION, adapter=None, **GREEDY)
    assert len(server.asked) == 1
    assert "fruits" not in str(error.value) and "400" in str(error.value)


def test_a_prompt_that_does_not_fit_is_said_so(base: Base, server: Server) -> None:
    long: list[Message] = [{"role": "user", "content": "word " * 4000}]
    with pytest.raises(EngineError, match="do not fit"):
        vllm(base, server.url).complete(long, adapter=None, **GREEDY)


def test_a_damaged_adapter_never_reaches_a_server(base: Base, server: Server, store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "random-1"
    shutil.copytree(store / "random-1", folder)
    file = folder / "adapter_model.safetensors"
    file.write_bytes(file.read_bytes()[:-8] + b"\0" * 8)
    with pytest.raises(AdapterError):
        vllm(base, server.url).complete(QUESTION, adapter=folder, **GREEDY)
    assert not server.adapters


def test_the_adapters_least_lately_used_leave_the_server(
    base: Base, server: Server, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vllm_module, "KEPT", 2)
    ours = vllm(base, server.url)
    for number in (1, 2, 1, 3):
        ours.complete(QUESTION, adapter=store / f"random-{number}", **GREEDY)
    assert set(server.adapters) == {"random-1", "random-3"}


def test_the_setting_chooses_the_engine(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    assert engines_for(load(), base.path).name == "llamacpp"
    monkeypatch.setenv("AFTERWORD_ENGINE", "vllm")
    with pytest.raises(SettingsError, match=r"^AFTERWORD_ENGINE is vllm, but AFTERWORD_VLLM_URL names no server"):
        load()
    monkeypatch.setenv("AFTERWORD_VLLM_URL", "gpu1:8000")
    with pytest.raises(SettingsError, match="'gpu1:8000' is no address"):
        load()
    monkeypatch.setenv("AFTERWORD_VLLM_URL", "http://gpu1:8000, http://gpu2:8000")
    assert load().vllm_urls == ["http://gpu1:8000", "http://gpu2:8000"]
    assert engines_for(load(), base.path).name == "vllm"


@pytest.mark.skipif("AFTERWORD_TEST_VLLM" not in os.environ, reason="AFTERWORD_TEST_VLLM names no vLLM server")
def test_a_real_server_drafts_learns_and_drafts(base: Base, store: Path) -> None:
    ours = vllm(base, os.environ["AFTERWORD_TEST_VLLM"], patience=60)
    plain = ours.complete(QUESTION, adapter=None, **GREEDY).text
    bent = ours.complete(QUESTION, adapter=store / "random-1", **GREEDY).text
    assert plain and bent and plain != bent
