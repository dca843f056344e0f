"""Rules mined from edits, drafts by lot, whose account a pair is, and which runs were tested."""

import json

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("out_of", sa.Integer(), nullable=False),
        sa.Column("decided_by", sqltypes.AutoString(), nullable=True),
        sa.Column("proposed_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("decided_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("posted_at", sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('replace', 'delete', 'greeting', 'sign_off', 'length')", name="kind_known"),
        sa.CheckConstraint("status IN ('proposed', 'accepted', 'declined')", name="status_known"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "kind", "old"),
    )
    for table, name in (("draft", "control"), ("run", "tested")):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("pair") as batch:
        batch.add_column(sa.Column("account", sqltypes.AutoString(), nullable=False, server_default=""))
    _name_accounts()


def _name_accounts() -> None:
    """Pairs that were written before: the account stands in their brief."""
    connection = op.get_bind()
    pair = sa.table("pair", sa.column("id", sa.Integer), sa.column("account", sa.String), sa.column("brief", sa.Text))
    for row in connection.execute(sa.select(pair.c.id, pair.c.brief)).all():
        brief = row.brief if isinstance(row.brief, dict) else json.loads(row.brief)
        company = brief.get("company")
        account = company["name"] if company else brief["contact"]["email"].partition("@")[2]
        connection.execute(sa.update(pair).where(pair.c.id == row.id).values(account=account))
