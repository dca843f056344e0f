"""The outbox: a folder of `.eml` files, each named by its Message-ID. The way without any configuration."""

import errno
import os
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

from bot.mail import NotNow, Refused

LOCKED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR)


class Outbox:
    """At most once because a second write is the same file. A double click on it opens a draft in a mail program."""

    name = "outbox"
    looks_first = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, message: EmailMessage, *, again: bool, begin: Callable[[], None]) -> str:
        token = message["Message-ID"].strip("<>").partition("@")[0]
        target = self._folder / f"{token}.eml"
        if target.exists():
            return f"In the outbox: {target.name}"
        begin()
        try:
            self._write(target, message)
        except OSError as error:
            said = f"The outbox {self._folder} cannot be written to ({error.strerror})."
            if error.errno in LOCKED:
                raise Refused(f"{said} Give Afterword the right to.") from None
            raise NotNow(f"{said} Make room there.") from None
        return f"In the outbox: {target.name}"

    def _write(self, target: Path, message: EmailMessage) -> None:
        """All of it or nothing, whenever the power goes."""
        self._folder.mkdir(parents=True, exist_ok=True)
        message["X-Unsent"] = "1"
        part = target.with_suffix(".part")
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        with part.open("wb") as file:
            file.write(message.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
