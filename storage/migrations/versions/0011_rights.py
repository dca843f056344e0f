"""Who may do what in a workspace."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0011"
down_revision = "0005"
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


def downgrade() -> None:
    op.drop_table("rights")
