"""What has to be remembered to speak in Microsoft Teams: nothing can be sent to a conversation never seen."""

from sqlmodel import Field, SQLModel


class TeamsConversation(SQLModel, table=True):
    """A conversation that the bot was spoken to in. `channel` is its name in our rows (`bot/teams/payloads.py`)."""

    __tablename__ = "teams_conversation"
    workspace_id: int = Field(primary_key=True, foreign_key="workspace.id", ondelete="CASCADE")
    channel: str = Field(primary_key=True)
    service_url: str  # where this conversation is spoken to; it may change
    shared: bool = False  # people of other organisations read it


class TeamsMember(SQLModel, table=True):
    """Somebody who spoke to the bot. `user_id` is the id in Entra."""

    __tablename__ = "teams_member"
    workspace_id: int = Field(primary_key=True, foreign_key="workspace.id", ondelete="CASCADE")
    user_id: str = Field(primary_key=True)
    mri: str  # what Teams calls them to this bot
    name: str
    channel: str  # where they spoke last
    direct: str | None = None  # their conversation with the bot alone, once they had one
