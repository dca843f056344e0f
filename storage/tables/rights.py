"""Who may do what in a workspace, where somebody has chosen."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.tables.columns import utc_now


class Rights(SQLModel, table=True):
    """One row per workspace. Without it the defaults of `bot/rights.py` hold, which also says what the texts mean."""

    workspace_id: int = Field(primary_key=True, foreign_key="workspace.id", ondelete="CASCADE")
    drafters: str = "members"
    approvers: str = "members"
    four_eyes: bool = False
    slack_admins: bool | None = None  # None: as long as AFTERWORD_ADMINS names nobody
    changed_by: str
    changed_at: datetime = Field(default_factory=utc_now)
