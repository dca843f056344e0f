"""Which voice a workspace writes in: `voice.yml` in home, read again when it changes, and the rules it accepted."""

import logging
from pathlib import Path

from bot import house_rules
from model.rules import merged
from model.voice import Voice, VoiceError, read
from storage.database import Database

log = logging.getLogger(__name__)

PLAIN = Voice(company="our company", what_we_do="we help our customers")


class Voices:
    """The voice by workspace. A file with a mistake is logged, and the last good one stays in service.

    With a database the rules that the workspace accepted are part of it, as they stand at each call; a rule in the
    file goes before a learned one about the same thing.
    """

    def __init__(self, home: Path, database: Database | None = None) -> None:
        self._path = home / "voice.yml"
        self._database = database
        self._seen: float | None = None
        self._voice = PLAIN

    def __call__(self, workspace_id: int) -> Voice:
        if self._path.exists() and (changed := self._path.stat().st_mtime) != self._seen:
            self._seen = changed
            try:
                self._voice = read(self._path)
            except VoiceError as error:
                log.error("%s The last good voice stays in service.", error)
        if self._database is None:
            return self._voice
        learned = house_rules.accepted(self._database, workspace_id)
        return self._voice.model_copy(update={"rules": merged(self._voice.rules, learned)})
