"""Versions of the voice: added when one is good and new, never changed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage.queries.writing import in_turn, insert_into
from storage.tables import VoiceSource, VoiceVersion


def add_voice_version(
    session: Session,
    *,
    workspace_id: int,
    text: str,
    sha256: str,
    source: VoiceSource,
    who: str,
    now: datetime,
    after: int | None = None,
) -> bool:
    """Add a version under the next number; False when the newest of this source says the same.

    A file that did not change so never hides what was written in the app since. With `after` the version is added
    whatever it says, but only behind the one of that number: False when another has come meanwhile.
    """
    in_turn(session, workspace_id=workspace_id)
    newest = newest_voice(session, workspace_id=workspace_id, source=source)
    if after is None and newest and newest.sha256 == sha256:
        return False
    known = select(func.max(VoiceVersion.number)).where(VoiceVersion.workspace_id == workspace_id)
    latest = session.exec(known).one() or 0
    if after is not None and latest != after:
        return False
    insert = insert_into(session, VoiceVersion, workspace_id=workspace_id).values(
        workspace_id=workspace_id,
        number=latest + 1,
        text=text,
        sha256=sha256,
        source=source,
        who=who,
        at=now,
    )
    session.execute(insert)
    return True


def voice_version(session: Session, *, workspace_id: int, number: int) -> VoiceVersion | None:
    query = select(VoiceVersion).where(VoiceVersion.workspace_id == workspace_id, VoiceVersion.number == number)
    return session.exec(query).first()


def newest_voice(session: Session, *, workspace_id: int, source: VoiceSource | None = None) -> VoiceVersion | None:
    """The newest version, or the newest of one source."""
    query = select(VoiceVersion).where(VoiceVersion.workspace_id == workspace_id)
    if source is not None:
        query = query.where(VoiceVersion.source == source)
    return session.exec(query.order_by(col(VoiceVersion.number).desc()).limit(1)).first()


def voice_versions(session: Session, *, workspace_id: int) -> Sequence[VoiceVersion]:
    """Newest first."""
    query = select(VoiceVersion).where(VoiceVersion.workspace_id == workspace_id)
    return session.exec(query.order_by(col(VoiceVersion.number).desc())).all()
