"""The npm packages that the checks need, pinned by `package-lock.json` and installed once into `var/cache`."""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CACHE = HERE.parent.parent / "var" / "cache"
PINNED = ("package.json", "package-lock.json")
FETCH_SECONDS = 300


class Missing(Exception):
    """The packages cannot be had; the sentence says why."""


def find() -> Path:
    """The folder that holds `node_modules`, from the cache or else through npm. Raises Missing."""
    lock = (HERE / "package-lock.json").read_bytes()
    folder = CACHE / f"conformance-{hashlib.sha256(lock).hexdigest()[:12]}"
    if folder.is_dir():
        return folder
    if shutil.which("npm") is None:
        raise Missing("npm is missing, and Slack's types come through it: install Node.js 20 or newer.")
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        whole = Path(scratch) / "whole"
        whole.mkdir()
        for name in PINNED:
            shutil.copy(HERE / name, whole)
        _install(whole)
        whole.rename(folder)  # complete or not there at all
    return folder


def _install(folder: Path) -> None:
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Missing("npm did not finish within five minutes.") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Missing(f"npm could not install what tests/conformance/package-lock.json names: {last}")


def needed() -> Path:
    """For tests: the folder, or the test is skipped with the reason."""
    try:
        return find()
    except Missing as reason:
        pytest.skip(str(reason))
