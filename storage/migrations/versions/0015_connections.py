"""CRMs that are read as they change, and the copies of emails in their timelines."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0015"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crm_connection",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("crm", sqltypes.AutoString(), nullable=False),
        sa.Column("address", sqltypes.AutoString(), nullable=False),
        sa.Column("account", sqltypes.AutoString(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("connected_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("cursors", sa.JSON(), nullable=False),
        sa.Column("due_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_until", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("finished_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workspace_id", "crm"),
    )
    op.create_table(
        "timeline_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("crm", sqltypes.AutoString(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_until", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("their_id", sqltypes.AutoString(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("logged_at", sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("status IN ('waiting', 'logging', 'logged', 'failed')", name="status_known"),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "draft_id"),
    )
    op.create_index("timeline_queue", "timeline_entry", ["workspace_id", "crm", "status"])
    op.create_index("ix_timeline_entry_draft_id", "timeline_entry", ["draft_id"])


def downgrade() -> None:
    op.drop_table("timeline_entry")
    op.drop_table("crm_connection")
