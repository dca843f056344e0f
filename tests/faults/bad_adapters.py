"""Adapters that were damaged in every way there is, offered to the engines: none may serve, and the old one serves on.

They are made from a small adapter that the bot itself wrote. `Loaded` stands for llama.cpp and says what reached it.
"""

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from model import adapters, engine
from model.adapters import CONFIG, GGUF, MANIFEST, SAFETENSORS, AdapterError
from model.base import Base
from model.engine import Completion, Engines
from tests.random_adapters import random_adapter

Damage = Callable[[random.Random, Path], None]
FILES = (SAFETENSORS, GGUF, CONFIG, MANIFEST)


class Loaded:
    """An engine that says which folder it was made for."""

    def __init__(self, path: Path, adapter: Path | None, **_sizes: int) -> None:
        self.adapter = adapter

    def complete(self, messages: Any, **_how: Any) -> Completion:
        return Completion(text=str(self.adapter), tokens=1, prompt_tokens=1, seconds=0.0, finished=True)

    def warm(self, *_given: Any) -> None:
        pass

    def close(self) -> None:
        pass


# Ways to do damage --------------------------------------------------------------------------------------------------


def flipped_bit(dice: random.Random, folder: Path) -> None:
    path = folder / dice.choice((SAFETENSORS, GGUF, CONFIG))
    content = bytearray(path.read_bytes())
    content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    path.write_bytes(content)


def cut_short(dice: random.Random, folder: Path) -> None:
    path = folder / dice.choice(FILES)
    os.truncate(path, dice.randrange(path.stat().st_size))


def longer(dice: random.Random, folder: Path) -> None:
    with (folder / dice.choice(FILES)).open("ab") as file:
        file.write(dice.randbytes(dice.randint(1, 64)))


def missing(dice: random.Random, folder: Path) -> None:
    (folder / dice.choice(FILES)).unlink()


def extra_file(dice: random.Random, folder: Path) -> None:
    (folder / dice.choice(("adapter_model.bin", "model.pt", ".hidden", "notes.txt"))).write_bytes(dice.randbytes(8))


def link(dice: random.Random, folder: Path) -> None:
    path = folder / dice.choice(FILES)
    target = folder.parent / f"outside-{path.name}"
    shutil.copy(path, target)
    path.unlink()
    path.symlink_to(target)


def link_to_the_folder(dice: random.Random, folder: Path) -> None:
    target = folder.parent / f"outside-{folder.name}"
    shutil.rmtree(target, ignore_errors=True)
    folder.rename(target)
    folder.symlink_to(target)


def not_finite(dice: random.Random, folder: Path) -> None:
    """A number that is none, with a manifest that agrees."""

    def change(tensors: dict[str, Any]) -> None:
        tensor = tensors[dice.choice(sorted(tensors))]
        tensor.flat[dice.randrange(tensor.size)] = dice.choice((np.nan, np.inf, -np.inf))

    _tensors(folder, change)


def tensor_left_out(dice: random.Random, folder: Path) -> None:
    _tensors(folder, lambda tensors: tensors.pop(dice.choice(sorted(tensors))) is None)


def other_shape(dice: random.Random, folder: Path) -> None:
    def change(tensors: dict[str, Any]) -> None:
        name = dice.choice(sorted(tensors))
        tensors[name] = np.concatenate([tensors[name], tensors[name]])

    _tensors(folder, change)


def other_numbers(dice: random.Random, folder: Path) -> None:
    """The two files disagree, and the manifest agrees with both."""

    def change(tensors: dict[str, Any]) -> None:
        tensor = tensors[dice.choice(sorted(tensors))]
        tensor.flat[dice.randrange(tensor.size)] += 1.0

    _tensors(folder, change)


def other_manifest(dice: random.Random, folder: Path) -> None:
    """Another base, rank or alpha than it was written with."""
    said = [{"base_sha256": f"{dice.getrandbits(256):064x}"}, {"rank": dice.randint(5, 64)}, {"alpha": 16.0}]
    _stamp(folder, **dice.choice(said))


def swapped_manifest(dice: random.Random, folder: Path) -> None:
    """That of another adapter of the same sizes."""
    other = next(each for each in sorted(folder.parent.parent.glob("good/random-2")))
    shutil.copy(other / MANIFEST, folder / MANIFEST)


def swapped_tensors(dice: random.Random, folder: Path) -> None:
    other = folder.parent.parent / "good" / "random-2"
    shutil.copy(other / dice.choice((SAFETENSORS, GGUF)), folder)


def _tensors(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    from safetensors.numpy import load_file, save_file

    tensors = load_file(folder / SAFETENSORS)
    change(tensors)
    save_file(tensors, folder / SAFETENSORS)
    _stamp(folder)


def _stamp(folder: Path, **changes: object) -> None:
    """Make the manifest agree with the files again, as somebody who tampers would."""
    path = folder / MANIFEST
    note = json.loads(path.read_text())
    note["files"] = {name: adapters._fingerprint(folder / name) for name in note["files"]}
    path.write_text(json.dumps({**note, **changes}))


DAMAGES: tuple[Damage, ...] = (
    flipped_bit,
    cut_short,
    longer,
    missing,
    extra_file,
    link,
    link_to_the_folder,
    not_finite,
    tensor_left_out,
    other_shape,
    other_numbers,
    other_manifest,
    swapped_manifest,
    swapped_tensors,
)


def served(base: Base, folder: Path, count: int, *, seed: int = 1) -> list[str]:
    """Offer so many damaged adapters; what was wrong with each that served, or that kept the old one from serving."""
    dice, found = random.Random(seed), []
    good = random_adapter(base, folder / "good", seed=1)
    random_adapter(base, folder / "good", seed=2)
    real, engine.LlamaCpp = engine.LlamaCpp, Loaded  # type: ignore[misc, assignment]
    try:
        engines = Engines(base.path)
        engines.load(good)
        for number in range(count):
            damage = DAMAGES[number % len(DAMAGES)]
            bad = folder / "bad" / f"adapter-{number}"
            shutil.copytree(good, bad)
            damage(dice, bad)
            found += [f"{damage.__name__} (number {number}) {said}" for said in _offered(engines, bad, good)]
            shutil.rmtree(bad.resolve())
            bad.unlink(missing_ok=True)
        engines.close()
    finally:
        engine.LlamaCpp = real  # type: ignore[misc]
    return found


def _offered(engines: Engines, bad: Path, good: Path) -> list[str]:
    said = []
    how: dict[str, Any] = {"seed": 0, "temperature": 0.0, "max_tokens": 1}
    try:
        engines.complete([], adapter=bad, **how)
        said.append("served")
    except AdapterError:
        pass
    except Exception as error:
        said.append(f"broke off as {type(error).__name__}: {error}")
    if engines.complete([], adapter=good, **how).text != str(good):
        said.append("kept the old one from serving")
    return said
