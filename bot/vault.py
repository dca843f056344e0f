"""Secrets that stand in the database are sealed; the key stands outside it, in the environment or in a file of home.

What is sealed is bound to its place: a token that somebody copies into another workspace's row does not open there.
"""

import os
import secrets
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

KEPT_KEYS = 2  # the newest seals; the one before opens what was sealed while the keys changed


class VaultError(Exception):
    """Nothing can be sealed or opened; the sentence says why and what to do."""


class Vault:
    """Seals and opens short texts. `keys` are read anew whenever they may have changed: the first seals, all open."""

    def __init__(self, keys: Callable[[], Sequence[str]]) -> None:
        self._keys = keys

    def seal(self, secret: str, *, place: str) -> str:
        """`place` says whose secret it is and which: the same words open it again."""
        return _box(self._keys()).encrypt(f"{place}\n{secret}".encode()).decode("ascii")

    def open(self, sealed: str, *, place: str) -> str:
        """Raises VaultError for what no key opens, and for what was sealed for another place."""
        try:
            kept, _, secret = _box(self._keys()).decrypt(sealed.encode("ascii")).decode().partition("\n")
        except InvalidToken:
            raise VaultError(
                f"The secret of {place} was sealed with another key. Put the former AFTERWORD_SECRET_KEY, or secret.key"
                " in home, back; without it the app has to be installed again."
            ) from None
        if kept != place:
            raise VaultError(f"The secret of {place} was sealed for {kept}. Install the app again.")
        return secret


def keys_of(given: str, file: Path) -> Callable[[], Sequence[str]]:
    """The keys in AFTERWORD_SECRET_KEY, or else those in the file, which is made at first use."""
    if given:
        listed = [key.strip() for key in given.split(",") if key.strip()]
        return lambda: listed
    return lambda: _read(file)


def add_key(file: Path) -> None:
    """Put a new key first in the file; the others stay, since they open what is not resealed yet."""
    _write(file, [new_key(), *_read(file)], replace=True)


def drop_keys(file: Path) -> None:
    """Once everything is sealed with the newest key, keep only the one before, for what was being sealed meanwhile."""
    _write(file, _read(file)[:KEPT_KEYS], replace=True)


def new_key() -> str:
    return Fernet.generate_key().decode("ascii")


def _box(keys: Sequence[str]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        raise VaultError(
            "A key in AFTERWORD_SECRET_KEY cannot be used. `afterword secrets key` makes one; several are separated by"
            " commas, the newest first."
        ) from None


def _read(file: Path) -> list[str]:
    if not file.exists():
        _write(file, [new_key()], replace=False)
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise VaultError(f"Others can read {file}. Take that away: chmod 600 {file}")
    return file.read_text("ascii").split()


def _write(file: Path, keys: Sequence[str], *, replace: bool) -> None:
    """Whole or not at all, for nobody else to read. Of two processes that make the first one, one wins for both."""
    file.parent.mkdir(parents=True, exist_ok=True)
    staging = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    staging.touch(mode=0o600, exist_ok=False)
    with staging.open("w", encoding="ascii") as out:
        out.write("\n".join(keys) + "\n")
        out.flush()
        os.fsync(out.fileno())
    if replace:
        staging.replace(file)
        return
    with suppress(FileExistsError):
        file.hardlink_to(staging)
    staging.unlink()
