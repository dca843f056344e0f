"""Folders that are there whole or not at all, also after a power cut."""

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LEFT_SECONDS = 24 * 60 * 60


@contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """Yield a staging folder beside `folder`; on a clean exit it is synced and becomes `folder` by one rename.

    Files get mode 0644, since safetensors leaves 0600 and the serving user may be another one. After an exception
    the staging folder is removed. Raises FileExistsError when `folder` exists: nothing is ever overwritten.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder.parent)
    staging = folder.parent / f".partial-{folder.name}-{secrets.token_hex(4)}"
    staging.mkdir(mode=0o755)
    try:
        yield staging
        for path in sorted(staging.iterdir()):
            path.chmod(0o644)
            _sync(path)
        _sync(staging)
        _rename(staging, folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    _sync(folder.parent)


def _sweep(parent: Path) -> None:
    """Remove what a process left that was killed while it wrote; nobody writes for a day."""
    for left in parent.glob(".partial-*"):
        with suppress(OSError):  # somebody else swept it, or it has just become whole
            if time.time() - left.stat().st_mtime > LEFT_SECONDS:
                shutil.rmtree(left)


def _rename(staging: Path, folder: Path) -> None:
    if folder.exists():  # Linux would rename onto an empty folder
        raise FileExistsError(f"{folder} exists already.")
    try:
        staging.rename(folder)
    except OSError as error:
        if folder.exists():
            raise FileExistsError(f"{folder} exists already.") from error
        raise


def _sync(path: Path) -> None:
    """Wait until a file or a folder's list of names is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
