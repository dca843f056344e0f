"""Which voice a workspace writes in: `voice.yml` in home, read again when it changes."""

import logging
from pathlib import Path

from model.voice import Voice, VoiceError, read

log = logging.getLogger(__name__)

PLAIN = Voice(company="our company", what_we_do="we help our customers")


class Voices:
    """The voice by workspace. A file with a mistake is logged, and the last good one stays in service."""

    def __init__(self, home: Path) -> None:
        self._path = home / "voice.yml"
        self._seen: float | None = None
        self._voice = PLAIN

    def __call__(self, workspace_id: int) -> Voice:
        if self._path.exists() and (changed := self._path.stat().st_mtime) != self._seen:
            self._seen = changed
            try:
                self._voice = read(self._path)
            except VoiceError as error:
                log.error("%s The last good voice stays in service.", error)
        return self._voice
