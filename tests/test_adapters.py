"""An adapter folder serves only as it was written; every other state is refused with one reason."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from model import adapters
from model.adapters import AdapterError, Manifest, verify, write
from model.base import Base
from model.dequantised import PROJECTIONS, from_llama_rows, to_llama_rows
from model.weights import Weights
from tests.random_adapters import ALPHA, RANK, random_adapter, random_tensors


@pytest.fixture(scope="module")
def good(base: Base, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_adapter(base, tmp_path_factory.mktemp("adapters"), seed=1)


@pytest.fixture
def copied(good: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(good, tmp_path / good.name))


def rewrite(folder: Path, file: str, change: Callable[[bytes], bytes]) -> None:
    path = folder / file
    path.write_bytes(change(path.read_bytes()))


def stamp(folder: Path, **changes: object) -> None:
    """Make the manifest agree with the files again, as somebody who tampers would."""
    path = folder / adapters.MANIFEST
    note = json.loads(path.read_text())
    note["files"] = {name: adapters._fingerprint(folder / name) for name in note["files"]}
    path.write_text(json.dumps({**note, **changes}))


def test_what_was_written_is_verified(good: Path, base: Base) -> None:
    manifest = verify(good, base)
    assert (manifest.name, manifest.rank, manifest.alpha, manifest.facts) == (good.name, RANK, ALPHA, {"seed": 1})
    assert manifest.base_sha256 == base.sha256
    assert {path.stat().st_mode & 0o777 for path in good.iterdir()} == {0o644}


def test_the_gguf_has_the_names_and_the_row_order_of_llama_cpp(good: Path, base: Base) -> None:
    weights = Weights(good / adapters.GGUF)
    tensors = random_tensors(base, seed=1)
    assert weights.metadata["adapter.lora.alpha"] == ALPHA
    assert len(weights.tensors) == 30 * 7 * 2
    above = tensors[adapters.peft_name(3, "attn_q", "B")]
    assert np.array_equal(from_llama_rows(weights.array("blk.3.attn_q.weight.lora_b"), 9), above)
    assert not np.array_equal(weights.array("blk.3.attn_q.weight.lora_b"), above)


def test_the_row_order_is_that_of_llama_cpp_s_converter() -> None:
    """Pairs (i, i + half) of a head become neighbours (2i, 2i + 1)."""
    rows = np.arange(8, dtype=np.float32)[:, None]
    assert to_llama_rows(rows, heads=2)[:, 0].tolist() == [0, 2, 1, 3, 4, 6, 5, 7]
    assert np.array_equal(from_llama_rows(to_llama_rows(rows, 2), 2), rows)


def nothing(folder: Path) -> None:
    shutil.rmtree(folder)


def no_manifest(folder: Path) -> None:
    (folder / adapters.MANIFEST).unlink()


def half_a_manifest(folder: Path) -> None:
    rewrite(folder, adapters.MANIFEST, lambda b: b[: len(b) // 2])


def manifest_of_other_shape(folder: Path) -> None:
    (folder / adapters.MANIFEST).write_text("[1, 2]")


def cut(folder: Path) -> None:
    rewrite(folder, adapters.GGUF, lambda b: b[: len(b) // 2])


def flipped_bit(folder: Path) -> None:
    rewrite(folder, adapters.GGUF, lambda b: b[: len(b) // 2] + bytes([b[len(b) // 2] ^ 4]) + b[len(b) // 2 + 1 :])


def flipped_bit_restamped(folder: Path) -> None:
    flipped_bit(folder)
    stamp(folder)


def cut_restamped(folder: Path) -> None:
    cut(folder)
    stamp(folder)


def cut_safetensors_restamped(folder: Path) -> None:
    rewrite(folder, adapters.SAFETENSORS, lambda b: b[: len(b) // 2])
    stamp(folder)


def empty(folder: Path) -> None:
    rewrite(folder, adapters.SAFETENSORS, lambda b: b"")


def link_out(folder: Path) -> None:
    path = folder / adapters.GGUF
    outside = folder.parent / "outside.gguf"
    path.rename(outside)
    path.symlink_to(outside)


def pickle_beside(folder: Path) -> None:
    (folder / "adapter_model.bin").write_bytes(b"\x80\x04.")


def other_base(folder: Path) -> None:
    stamp(folder, base_sha256="0" * 64)


def other_rank(folder: Path) -> None:
    stamp(folder, rank=RANK * 2)


def other_alpha(folder: Path) -> None:
    stamp(folder, alpha=ALPHA * 2)


def _tensors_changed(folder: Path, change: Callable[[dict[str, np.ndarray]], None]) -> None:
    from safetensors.numpy import load_file, save_file

    tensors = load_file(folder / adapters.SAFETENSORS)
    change(tensors)
    save_file(tensors, folder / adapters.SAFETENSORS)
    stamp(folder)


def not_a_number(folder: Path) -> None:
    def change(tensors: dict[str, np.ndarray]) -> None:
        tensors[adapters.peft_name(7, "attn_q", "B")][3, 1] = np.nan

    _tensors_changed(folder, change)


def pair_left_out(folder: Path) -> None:
    def change(tensors: dict[str, np.ndarray]) -> None:
        for half in "AB":
            del tensors[adapters.peft_name(7, "ffn_up", half)]

    _tensors_changed(folder, change)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (nothing, "is no folder"),
        (no_manifest, "manifest.json is missing"),
        (half_a_manifest, "manifest.json cannot be read"),
        (manifest_of_other_shape, "manifest.json cannot be read"),
        (cut, "adapter.gguf is not the file that was written"),
        (flipped_bit, "adapter.gguf is not the file that was written"),
        (flipped_bit_restamped, "differs from adapter_model.safetensors"),
        (cut_restamped, "cannot be read"),
        (cut_safetensors_restamped, "is damaged"),
        (empty, "adapter_model.safetensors is not the file that was written"),
        (link_out, "adapter.gguf is missing or is a link"),
        (pickle_beside, r"no part of an adapter \(adapter_model.bin\)"),
        (other_base, "another base model"),
        (other_rank, "float32"),
        (other_alpha, "another rank or alpha"),
        (not_a_number, "not finite"),
        (pair_left_out, "2 tensors are missing or unknown"),
    ],
)
def test_damage_is_refused(copied: Path, base: Base, damage: Callable[[Path], None], reason: str) -> None:
    damage(copied)
    with pytest.raises(AdapterError, match=reason) as caught:
        verify(copied, base)
    assert copied.name in str(caught.value) and "roll back" in str(caught.value)


def _refused(base: Base, tmp_path: Path, tensors: dict[str, np.ndarray], reason: str) -> None:
    with pytest.raises(AdapterError, match=reason):
        write(tmp_path / "store", "bad", tensors, base, rank=RANK, alpha=ALPHA, facts={})
    assert list((tmp_path / "store").iterdir()) == []


def test_a_wrong_adapter_is_never_written(base: Base, tmp_path: Path) -> None:
    tensors = random_tensors(base, seed=2)
    name = adapters.peft_name(0, "attn_v", "A")
    _refused(base, tmp_path, {**tensors, name: tensors[name] * np.inf}, "not finite")
    _refused(base, tmp_path, {**tensors, name: tensors[name][:, :-1]}, "not float32")
    _refused(base, tmp_path, {**tensors, "stray": tensors[name]}, "missing or unknown, such as stray")


def test_an_adapter_may_leave_out_the_lowest_layers_and_no_others(base: Base, tmp_path: Path) -> None:
    def layer(name: str) -> int:
        return int(name.split(".layers.")[1].split(".")[0])

    upper = {name: tensor for name, tensor in random_tensors(base, seed=2).items() if layer(name) >= 15}
    folder = write(tmp_path, "upper", upper, base, rank=RANK, alpha=ALPHA, facts={})
    assert verify(folder, base).rank == RANK
    assert set(Weights(folder / adapters.GGUF).tensors) == {
        f"blk.{n}.{projection}.weight.lora_{half}" for n in range(15, 30) for projection in PROJECTIONS for half in "ab"
    }
    for gap in (20, 29):
        _refused(base, tmp_path, {n: t for n, t in upper.items() if layer(n) != gap}, "14 tensors are missing")
    _refused(base, tmp_path, {}, "tensors are missing")


def test_nothing_is_written_twice(good: Path, base: Base) -> None:
    with pytest.raises(AdapterError, match="exists already"):
        random_adapter(base, good.parent, seed=1)
    assert isinstance(verify(good, base), Manifest)
    assert [path.name for path in good.parent.iterdir()] == [good.name]
