"""Every draft comes from the adapter that was asked for, also while adapters change."""

import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from model import engine as engine_module
from model.adapters import AdapterError
from model.base import Base
from model.engine import EngineError, Engines, LlamaCpp, Message
from model.slots import SLOT, grammar
from tests.random_adapters import random_adapter


def asking(text: str) -> list[Message]:
    return [{"role": "system", "content": "You answer briefly."}, {"role": "user", "content": text}]


QUESTION = asking("Name three fruits.")


@pytest.fixture(scope="module")
def store(base: Base, tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("store")
    for seed in (1, 2, 3, 4):
        random_adapter(base, parent, seed, strength=0.05)
    return parent


@pytest.fixture(scope="module")
def plain(base: Base) -> Iterator[LlamaCpp]:
    with LlamaCpp(base.path, None, at_once=2, context=512) as engine:
        yield engine


@pytest.fixture
def engines(base: Base) -> Iterator[Engines]:
    found = Engines(base.path, at_once=1, context=512)
    yield found
    found.close()


def draft(engines: Engines, adapter: Path | None, text: str = "Name three fruits.") -> str:
    answer = engines.complete(asking(text), adapter=adapter, seed=0, temperature=0.0, max_tokens=8)
    return answer.text


def test_it_stops_at_the_end_of_the_turn(plain: LlamaCpp) -> None:
    answer = plain.complete(asking("Write one sentence about cats."), seed=0, temperature=0.0, max_tokens=120)
    assert answer.finished and "cat" in answer.text.lower() and "<|im_end|>" not in answer.text
    assert 0 < answer.tokens < 120 and answer.prompt_tokens > 10 and answer.seconds > 0


def test_it_says_when_the_length_limit_cut_it_off(plain: LlamaCpp) -> None:
    answer = plain.complete(QUESTION, seed=0, temperature=0.0, max_tokens=3)
    assert (answer.finished, answer.tokens) == (False, 3)


def test_who_listens_hears_the_words_grow_and_gets_the_same_answer(base: Base) -> None:
    with LlamaCpp(base.path, None, at_once=1, context=512) as engine:
        heard: list[int] = []
        how: dict[str, Any] = {"seed": 0, "temperature": 0.0, "max_tokens": 24}
        told = engine.complete(QUESTION, **how, on_words=heard.append)
        silent = engine.complete(QUESTION, **how)
    assert (told.text, told.tokens, told.prompt_tokens) == (silent.text, silent.tokens, silent.prompt_tokens)
    assert told.finished == silent.finished and heard[-1] == len(told.text.split())
    assert heard == sorted(heard) and len(set(heard)) > 3


@pytest.mark.parametrize("listening", [False, True])
def test_a_prompt_longer_than_the_context_is_an_error_and_no_end(plain: LlamaCpp, listening: bool) -> None:
    with pytest.raises(EngineError, match=r"The prompt has \d+ tokens; the engine takes 512"):
        how: dict[str, Any] = {"on_words": print} if listening else {}
        plain.complete(asking("word " * 900), seed=0, temperature=0.0, max_tokens=5, **how)
    assert plain.complete(QUESTION, seed=0, temperature=0.0, max_tokens=3).text


@pytest.mark.parametrize("answer", [{"error": {"code": 500, "message": "secret prompt"}}, {"choices": []}, {}])
def test_only_an_answer_with_choices_counts(answer: object, base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """llama.cpp gives its errors back as values; none of their text reaches a person or a log."""
    server = SimpleNamespace(handle_chat_completions=lambda _: answer, handle_completions=lambda _: answer)
    monkeypatch.setattr(engine_module.xllamacpp, "Server", lambda parameters: server)
    with pytest.raises(EngineError, match="no answer") as caught:
        LlamaCpp(base.path, None).complete(QUESTION, seed=0, temperature=0.0, max_tokens=5)
    assert "secret" not in str(caught.value)


def test_seed_and_temperature_count(base: Base) -> None:
    with LlamaCpp(base.path, None, at_once=1, context=512) as engine:

        def say(seed: int, temperature: float) -> str:
            return engine.complete(QUESTION, seed=seed, temperature=temperature, max_tokens=16).text

        assert say(1, 0.0) == say(2, 0.0)
        assert say(1, 1.2) == say(1, 1.2)
        assert len({say(seed, 1.2) for seed in range(4)}) > 1


def test_several_drafts_at_a_time_are_each_answered(plain: LlamaCpp) -> None:
    def say(animal: str) -> str:
        asked = asking(f"Write one sentence about {animal}.")
        return plain.complete(asked, seed=0, temperature=0.0, max_tokens=24).text.lower()

    animals = ["horses", "whales", "bees", "owls", "wolves", "cats"]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(say, animals))
    assert sum(animal[:3] in answer for animal, answer in zip(animals, answers, strict=True)) >= 4
    assert len(set(answers)) == len(animals)


def test_nobody_else_on_the_machine_gets_an_answer(plain: LlamaCpp) -> None:
    address = plain._idle.queue[0].listening_address
    body = b'{"messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}'
    asked = {"/v1/chat/completions": body, "/completion": body, "/lora-adapters": None, "/slots": None}
    for path, data in asked.items():
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(urllib.request.Request(address + path, data=data), timeout=5)


def test_a_closed_engine_says_so(base: Base, engines: Engines) -> None:
    engines.close()
    with pytest.raises(EngineError, match="closed"):
        draft(engines, None)


def test_an_engine_can_be_closed_as_soon_as_it_is_loaded(base: Base) -> None:
    """As `serve` does that learns only then that Slack refuses its token."""
    for _ in range(4):
        LlamaCpp(base.path, None, at_once=1, context=512).close()


def test_a_file_that_is_no_model_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.gguf").write_bytes(b"GGUF")
    with pytest.raises(EngineError, match=r"could not load x\.gguf"):
        LlamaCpp(tmp_path / "x.gguf", None, at_once=1, context=512)


def test_each_draft_is_its_own_adapter_s_while_adapters_come_and_go(engines: Engines, store: Path) -> None:
    """Four adapters and the base on three seats: every draft waits for, and matches, the one it named."""
    folders: list[Path | None] = [None, *sorted(store.iterdir())]
    expected = {folder: draft(engines, folder) for folder in folders}
    assert len(set(expected.values())) == len(folders)
    jobs = [folders[(7 * i) % len(folders)] for i in range(15)]
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda folder: draft(engines, folder), jobs))
    assert answers == [expected[folder] for folder in jobs]
    assert len(engines._seats) <= engine_module.KEPT


def test_a_new_adapter_is_loaded_once_beside_drafts_that_go_on(
    engines: Engines, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = sorted(store.iterdir())[:2]
    expected = draft(engines, old)
    loaded: list[Path | None] = []
    entered, released = threading.Event(), threading.Event()
    verify = engine_module.adapters.verify

    def slow_verify(folder: Path, base: Base) -> object:
        loaded.append(folder)
        entered.set()
        released.wait(20)
        return verify(folder, base)

    monkeypatch.setattr(engine_module.adapters, "verify", slow_verify)
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(draft, engines, new) for _ in range(3)]
        assert entered.wait(20)
        assert draft(engines, old) == expected
        assert not any(job.done() for job in waiting)
        released.set()
        answers = {job.result() for job in waiting}
    assert loaded == [new]
    assert len(answers) == 1 and answers != {expected}


def test_a_draft_under_way_is_finished_before_its_engine_goes(
    engines: Engines, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = sorted(store.iterdir())
    with engines._engine(first) as held:
        for folder in others:
            draft(engines, folder)
        assert held.complete(QUESTION, seed=0, temperature=0.0, max_tokens=4).text
    assert len(engines._seats) == engine_module.KEPT and first not in engines._seats
    with pytest.raises(EngineError, match="closed"):
        held.complete(QUESTION, seed=0, temperature=0.0, max_tokens=4)


def test_a_damaged_adapter_is_refused_and_the_old_one_serves_on(engines: Engines, store: Path, tmp_path: Path) -> None:
    old, new = sorted(store.iterdir())[:2]
    expected = draft(engines, old)
    broken = Path(shutil.copytree(new, tmp_path / new.name))
    whole = (broken / "adapter.gguf").read_bytes()
    (broken / "adapter.gguf").write_bytes(whole[:-100])
    with pytest.raises(AdapterError, match="not the file that was written"):
        draft(engines, broken)
    assert draft(engines, old) == expected
    (broken / "adapter.gguf").write_bytes(whole)
    assert draft(engines, broken) == draft(engines, new)


def test_a_draft_cannot_hold_a_slot_that_the_record_lacks_nor_a_blank(plain: LlamaCpp) -> None:
    asked = asking("Copy this line word for word: Dear {{first_name}}, {{deal}} [Your Name]")
    how: dict[str, Any] = {"seed": 0, "temperature": 0.0, "max_tokens": 60}
    free = plain.complete(asked, **how).text
    held = plain.complete(asked, **how, grammar=grammar(["first_name"])).text
    assert set(SLOT.findall(free)) - {"first_name"} or "[" in free, "the question tempts nobody"
    assert set(SLOT.findall(held)) <= {"first_name"}
    assert "[" not in held and "{" not in SLOT.sub("", held).rstrip("{")  # cut off at the limit
