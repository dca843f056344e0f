"""Conversations and people in Microsoft Teams."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, select

from storage.queries.writing import insert_into
from storage.tables import Draft, TeamsConversation, TeamsMember

TEAMS = "teams:"  # before the tenant, in `Workspace.team_id`


def teams_conversation(session: Session, *, workspace_id: int, channel: str) -> TeamsConversation | None:
    one = (TeamsConversation.workspace_id == workspace_id, TeamsConversation.channel == channel)
    return session.exec(select(TeamsConversation).where(*one)).first()


def teams_member(session: Session, *, workspace_id: int, user_id: str) -> TeamsMember | None:
    one = (TeamsMember.workspace_id == workspace_id, TeamsMember.user_id == user_id)
    return session.exec(select(TeamsMember).where(*one)).first()


def teams_names(session: Session, *, workspace_id: int) -> Mapping[str, str]:
    """The names of those who ever spoke to the bot, by id."""
    query = select(TeamsMember.user_id, TeamsMember.name).where(col(TeamsMember.workspace_id) == workspace_id)
    return dict(session.exec(query).all())


def remember_teams(session: Session, *, place: TeamsConversation, member: TeamsMember) -> None:
    """Keep where somebody spoke, and who it was; what is known already and not said again stays."""
    for row, keys in ((place, ("workspace_id", "channel")), (member, ("workspace_id", "user_id"))):
        values = row.model_dump()
        changes = {name: value for name, value in values.items() if name not in keys and value is not None}
        insert = insert_into(session, type(row), workspace_id=row.workspace_id).values(**values)
        session.execute(insert.on_conflict_do_update(index_elements=keys, set_=changes))


def draft_shown_in(session: Session, *, workspace_id: int, channel: str, message_ts: str) -> Draft | None:
    """The draft whose card is this message."""
    one = (Draft.workspace_id == workspace_id, Draft.channel == channel, Draft.message_ts == message_ts)
    return session.exec(select(Draft).where(*one)).first()


def teams_watchers(session: Session, *, workspace_id: int, channel: str) -> Sequence[str]:
    """What Teams calls those who spoke last in a conversation."""
    here = (TeamsMember.workspace_id == workspace_id, TeamsMember.channel == channel)
    return session.exec(select(TeamsMember.mri).where(*here).order_by(col(TeamsMember.user_id))).all()
