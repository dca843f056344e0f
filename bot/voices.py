"""Which voice a workspace writes in: the newest version that was good, `voice.yml` being read when it changes.

The versions stand in the database, so that the last good voice outlives its file. On top come the rules that the
workspace accepted.
"""

import hashlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session

from bot import house_rules
from model.rules import merged
from model.voice import Voice, parse, text_of
from model.yaml_file import FileMistake
from storage import queries
from storage.database import Database
from storage.tables import VoiceSource, VoiceVersion

log = logging.getLogger(__name__)

PLAIN = Voice(company="our company", what_we_do="we help our customers")
FILE = "voice.yml"


def keep(
    session: Session,
    *,
    workspace_id: int,
    text: str,
    where: str,
    source: VoiceSource,
    who: str,
    now: datetime,
    after: int | None = None,
) -> bool:
    """Put a voice into service as the newest version; FileMistake if it is wrong.

    False when nothing is new or, with `after`, when that is no longer the newest version.
    """
    parse(text, where)
    return queries.add_voice_version(
        session,
        workspace_id=workspace_id,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        source=source,
        who=who,
        now=now,
        after=after,
    )


def save(session: Session, *, workspace_id: int, text: str, where: str, who: str, now: datetime, after: int) -> bool:
    """Keep a person's version from the app; False when `after` is not the newest any more. May raise FileMistake."""
    scope = {"workspace_id": workspace_id}
    saved = keep(session, **scope, text=text, where=where, source=VoiceSource.app, who=who, now=now, after=after)
    if saved:
        queries.audit(session, **scope, actor=who, action="edit voice", subject=f"version {after + 1}", detail={})
    return saved


class Voices:
    """The voice by workspace. A file with a mistake is logged once, and the last good voice stays in service.

    What was written last serves, be it the file or a version from the app. Rules in it go before learned ones about
    the same thing. Without a database there is the file alone.
    """

    def __init__(
        self, home: Path, database: Database | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._path = home / FILE
        self._database = database
        self._clock = clock
        self._seen: tuple[int, int] | None = None  # when the file last changed, and its size
        self._good: tuple[str, Voice] | None = None  # its text when it last was good
        self._kept: dict[int, str] = {}  # by workspace: the text that is stored
        self._parsed: dict[int, tuple[int, Voice]] = {}  # by workspace: number and voice

    def __call__(self, workspace_id: int) -> Voice:
        self._look()
        if self._database is None:
            return self._good[1] if self._good else PLAIN
        self._store(self._database, workspace_id)
        voice = self._newest(self._database, workspace_id)
        learned = house_rules.accepted(self._database, workspace_id)
        return voice.model_copy(update={"rules": merged(voice.rules, learned)})

    def _look(self) -> None:
        """Read the file if it changed."""
        changed = _changed(self._path)
        if changed is None or changed == self._seen:
            return
        self._seen = changed
        try:
            text = text_of(self._path)
            self._good = text, parse(text, str(self._path))
        except FileMistake as error:
            log.error("%s The last good voice stays in service.", error)

    def _store(self, database: Database, workspace_id: int) -> None:
        if self._good is None or self._kept.get(workspace_id) == self._good[0]:
            return
        text = self._good[0]
        with database.writing() as session:
            source = {"source": VoiceSource.file, "who": FILE, "where": str(self._path)}
            keep(session, workspace_id=workspace_id, text=text, now=self._clock(), **source)  # type: ignore[arg-type]
        self._kept[workspace_id] = text

    def _newest(self, database: Database, workspace_id: int) -> Voice:
        with database.reading() as session:
            row = queries.newest_voice(session, workspace_id=workspace_id)
            if row is None:
                return PLAIN
            known = self._parsed.get(workspace_id)
            if known is None or known[0] != row.number:
                known = self._parsed[workspace_id] = row.number, _readable(session, row)
        return known[1]


def _changed(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _readable(session: Session, newest: VoiceVersion) -> Voice:
    """The newest version that this release can still read."""
    for row in (newest, *queries.voice_versions(session, workspace_id=newest.workspace_id)):
        try:
            return parse(row.text, f"version {row.number} of the voice")
        except FileMistake as error:
            log.error("%s The one before it serves.", error)
    return PLAIN
