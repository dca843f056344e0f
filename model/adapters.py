"""Adapter folders: written whole, checked before every use, never changed.

A folder holds `adapter_model.safetensors` and `adapter_config.json` as PEFT reads them, `adapter.gguf` for llama.cpp,
and `manifest.json` with the size and SHA-256 of each. llama.cpp loads a NaN, a flipped bit or a missing pair of
matrices without a word, so nothing reaches it that was not checked here.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from model.base import Base
from model.dequantised import PROJECTIONS, Shape, UnsupportedModelError, shape, to_llama_rows
from model.folders import whole
from model.weights import Floats, Weights, WeightsError

SAFETENSORS, CONFIG, GGUF, MANIFEST = (
    "adapter_model.safetensors",
    "adapter_config.json",
    "adapter.gguf",
    "manifest.json",
)
_FILES = {SAFETENSORS, CONFIG, GGUF}
_PEFT_NAME = "base_model.model.model.layers.{layer}.{module}.lora_{half}.weight"


class AdapterError(Exception):
    """An adapter that must not serve; the sentence names the folder and the reason."""


@dataclass(frozen=True)
class Manifest:
    """What a folder says of itself. `facts` is what its maker wrote: training figures, hashes of the examples."""

    name: str
    base_sha256: str
    rank: int
    alpha: float
    files: dict[str, dict[str, Any]]  # by file name: "bytes" and "sha256"
    facts: dict[str, Any] = field(default_factory=dict)


def peft_name(layer: int, projection: str, half: str) -> str:
    """PEFT's name of half "A" or "B" of one projection's pair; `projection` is a key of PROJECTIONS."""
    return _PEFT_NAME.format(layer=layer, module=PROJECTIONS[projection], half=half)


def write(
    parent: Path,
    name: str,
    tensors: Mapping[str, Floats],
    base: Base,
    *,
    rank: int,
    alpha: float,
    facts: Mapping[str, Any],
) -> Path:
    """Write the adapter folder `parent/name` and return it; it exists complete and verified, or not at all.

    `tensors` are float32 under PEFT's names: lora_A is (rank, inputs), lora_B is (outputs, rank). They may leave out
    the lowest layers.
    Raises AdapterError when they do not fit the base or are not finite, or when the folder exists.
    """
    from safetensors.numpy import save_file

    try:
        with whole(parent / name) as staging:
            sizes = _sizes(base)
            _check_tensors(tensors, sizes, rank)
            save_file(dict(tensors), staging / SAFETENSORS, metadata={"format": "pt"})
            config = _peft_config(base, rank, alpha, [*_layers(tensors, sizes)])
            (staging / CONFIG).write_text(json.dumps(config, indent=1), "utf-8")
            write_gguf(staging / GGUF, tensors, sizes, alpha=alpha)
            files = {file: _fingerprint(staging / file) for file in sorted(_FILES)}
            manifest = Manifest(name, base.sha256, rank, alpha, files, dict(facts))
            (staging / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), "utf-8")
            verify(staging, base)
    except AdapterError as error:
        raise AdapterError(f"Adapter {name} was not written: {error}") from error
    except FileExistsError as error:
        raise AdapterError(f"Adapter {name} was not written: {parent / name} exists already.") from error
    return parent / name


def verify(folder: Path, base: Base) -> Manifest:
    """Check an adapter folder against its manifest and the base; returns the manifest (0.1 s for rank 8).

    Raises AdapterError with the first reason found. Reads every byte, imports no torch and runs nothing.
    """
    try:
        manifest = _manifest(folder)
        _check_files(folder, manifest)
        if manifest.base_sha256 != base.sha256:
            raise AdapterError(f"it was trained on another base model ({manifest.base_sha256[:12]}…)")
        tensors = _load(folder / SAFETENSORS)
        sizes = _sizes(base)
        _check_tensors(tensors, sizes, manifest.rank)
        _check_config(folder, manifest)
        _check_gguf(folder / GGUF, tensors, sizes, manifest.alpha)
    except AdapterError as error:
        raise AdapterError(f"Adapter {folder.name} cannot be used: {error}. Train again, or roll back.") from error
    except OSError as error:
        raise AdapterError(f"Adapter {folder.name} cannot be read: {error}. Train again, or roll back.") from error
    return manifest


def write_gguf(path: Path, tensors: Mapping[str, Floats], sizes: Shape, *, alpha: float) -> None:
    """Write PEFT-named tensors as the GGUF adapter llama.cpp loads; it scales by `alpha` over the rank it finds."""
    from gguf import GGUFWriter

    writer = GGUFWriter(path, "llama")
    writer.add_string("general.type", "adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", alpha)
    for name, tensor in _llama_tensors(tensors, sizes).items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _llama_tensors(tensors: Mapping[str, Floats], sizes: Shape) -> dict[str, Floats]:
    """Rename to llama.cpp's names and reorder the rows of q's and k's lora_B as it reorders q and k themselves."""
    renamed: dict[str, Floats] = {}
    for layer in _layers(tensors, sizes):
        for projection in PROJECTIONS:
            below, above = (tensors[peft_name(layer, projection, half)] for half in "AB")
            if heads := sizes.rotated_heads(projection):
                above = to_llama_rows(above, heads)
            renamed[f"blk.{layer}.{projection}.weight.lora_a"] = np.ascontiguousarray(below)
            renamed[f"blk.{layer}.{projection}.weight.lora_b"] = np.ascontiguousarray(above)
    return renamed


def _sizes(base: Base) -> Shape:
    try:
        return shape(Weights(base.path))
    except (WeightsError, UnsupportedModelError) as error:
        raise AdapterError(f"the base {base.name} takes no adapter: {error}") from error


def _layers(tensors: Mapping[str, Floats], sizes: Shape) -> range:
    """The layers an adapter is for: from the lowest one it names to the top, and all when it names none."""
    return range(next((n for n in range(sizes.layers) if peft_name(n, "attn_q", "A") in tensors), 0), sizes.layers)


def _peft_config(base: Base, rank: int, alpha: float, layers: list[int]) -> dict[str, Any]:
    return {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base.name,
        "r": rank,
        "lora_alpha": alpha,
        "lora_dropout": 0.0,
        "bias": "none",
        "use_rslora": False,
        "use_dora": False,
        "target_modules": [module.rpartition(".")[2] for module in PROJECTIONS.values()],
        "layers_to_transform": layers,
        "inference_mode": True,
    }


def _fingerprint(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _manifest(folder: Path) -> Manifest:
    if folder.is_symlink() or not folder.is_dir():
        raise AdapterError(f"{folder} is no folder")
    path = folder / MANIFEST
    if path.is_symlink() or not path.is_file():
        raise AdapterError("its manifest.json is missing")
    try:
        manifest = Manifest(**json.loads(path.read_bytes()))
        if not (isinstance(manifest.rank, int) and 0 < manifest.rank < 1024 and float(manifest.alpha) > 0):
            raise AdapterError("its manifest has no plausible rank and alpha")
        if {*manifest.files} != _FILES or not isinstance(manifest.base_sha256, str):
            raise AdapterError("its manifest does not list the files of an adapter")
    except (ValueError, TypeError) as error:
        raise AdapterError("its manifest.json cannot be read") from error
    return manifest


def _check_files(folder: Path, manifest: Manifest) -> None:
    """Only the files an adapter has, each a plain one with its size and hash: no pickle, no link out of the folder."""
    present = {path.name for path in folder.iterdir()}
    if extra := present - _FILES - {MANIFEST}:
        raise AdapterError(f"it holds a file that is no part of an adapter ({min(extra)})")
    for name in sorted(_FILES):
        path = folder / name
        if path.is_symlink() or not path.is_file():
            raise AdapterError(f"{name} is missing or is a link")
        if _fingerprint(path) != manifest.files[name]:
            raise AdapterError(f"{name} is not the file that was written: its size or SHA-256 differs")


def _load(path: Path) -> dict[str, Floats]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return load_file(path)
    except SafetensorError as error:
        raise AdapterError(f"{path.name} is damaged ({error})") from error


def _check_tensors(tensors: Mapping[str, Floats], sizes: Shape, rank: int) -> None:
    wanted: dict[str, tuple[int, int]] = {}
    for layer in _layers(tensors, sizes):
        for projection in PROJECTIONS:
            outputs, inputs = sizes.projection(projection)
            wanted[peft_name(layer, projection, "A")] = (rank, inputs)
            wanted[peft_name(layer, projection, "B")] = (outputs, rank)
    if wrong := set(wanted) ^ set(tensors):
        raise AdapterError(f"{len(wrong)} tensors are missing or unknown, such as {min(wrong)}")
    for name, tensor in tensors.items():
        if tensor.shape != wanted[name] or tensor.dtype != np.float32:
            raise AdapterError(f"{name} is {tensor.dtype} {tensor.shape}, not float32 {wanted[name]}")
        if not np.isfinite(tensor).all():
            raise AdapterError(f"{name} holds a value that is not finite")


def _check_config(folder: Path, manifest: Manifest) -> None:
    try:
        config = json.loads((folder / CONFIG).read_bytes())
        given = config["peft_type"], config["r"], config["lora_alpha"], config["use_rslora"]
    except (ValueError, KeyError, TypeError) as error:
        raise AdapterError(f"{CONFIG} cannot be read") from error
    if given != ("LORA", manifest.rank, manifest.alpha, False):
        raise AdapterError(f"{CONFIG} says another rank or alpha than the manifest")


def _check_gguf(path: Path, tensors: Mapping[str, Floats], sizes: Shape, alpha: float) -> None:
    """The GGUF must hold the very numbers of the safetensors, so one check of names, shapes and values covers both."""
    try:
        exported = Weights(path)
        if exported.metadata.get("adapter.lora.alpha") != np.float32(alpha):
            raise AdapterError(f"{path.name} has another alpha than the manifest")
        wanted = _llama_tensors(tensors, sizes)
        if set(exported.tensors) != set(wanted):
            raise AdapterError(f"{path.name} has other tensors than {SAFETENSORS}")
        for name, tensor in wanted.items():
            if not np.array_equal(exported.array(name), tensor):
                raise AdapterError(f"{name} in {path.name} differs from {SAFETENSORS}")
    except WeightsError as error:
        raise AdapterError(str(error)) from error
