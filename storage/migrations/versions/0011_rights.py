"""Who may do what in a workspace; the app's installations, and which workspaces it was removed from."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rights",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("drafters", sqltypes.AutoString(), nullable=False, server_default="members"),
        sa.Column("approvers", sqltypes.AutoString(), nullable=False, server_default="members"),
        sa.Column("four_eyes", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("slack_admins", sa.Boolean(), nullable=True),
        sa.Column("changed_by", sqltypes.AutoString(), nullable=False),
        sa.Column("changed_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workspace_id"),
    )
    op.create_table(
        "installation",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sqltypes.AutoString(), nullable=True),
        sa.Column("team_id", sqltypes.AutoString(), nullable=True),
        sa.Column("bot_id", sqltypes.AutoString(), nullable=True),
        sa.Column("bot_user_id", sqltypes.AutoString(), nullable=True),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("installed_by", sqltypes.AutoString(), nullable=False),
        sa.Column("installed_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("refresh_token", sa.Text(), nullable=True),
        sa.Column("expires_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("refreshing_until", sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workspace_id"),
    )
    op.create_table(
        "install",
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("expires_at", sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("state"),
    )
    op.create_index("ix_install_expires_at", "install", ["expires_at"])
    with op.batch_alter_table("workspace") as batch:
        batch.add_column(sa.Column("removed_at", sqltypes.UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("workspace") as batch:
        batch.drop_column("removed_at")
    op.drop_table("install")
    op.drop_table("installation")
    op.drop_table("rights")
