"""Answers to emails, how far mailboxes are read, and the Message-ID under which a draft was sent."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0013"
down_revision = "0015"  # which came into service first
branch_labels = None
depends_on = None

KINDS = ("positive", "negative", "question", "out_of_office", "unsubscribe", "bounce", "other")
LOOKED_UP = {"delivery_message": ["message_id"], "delivery_sent_as": ["sent_as"], "delivery_recipient": ["recipient"]}


def upgrade() -> None:
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    op.create_table(
        "outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("message_id", sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(f"kind IN ({kinds})", name="kind_known"),
        sa.CheckConstraint("source IN ('mailbox', 'crm')", name="source_known"),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "message_id"),
    )
    op.create_index("ix_outcome_draft_id", "outcome", ["draft_id"])
    op.create_table(
        "mailbox",
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=True),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("read_after", sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.add_column("delivery", sa.Column("sent_as", sqltypes.AutoString(), nullable=True))
    for name, columns in LOOKED_UP.items():
        op.create_index(name, "delivery", columns)


def downgrade() -> None:
    for name in LOOKED_UP:
        op.drop_index(name, "delivery")
    op.drop_column("delivery", "sent_as")
    op.drop_table("mailbox")
    op.drop_index("ix_outcome_draft_id", "outcome")
    op.drop_table("outcome")
