"""The tone that was asked for, what came of it, and whether an edit was shown under its card."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In one statement, as SQLite adds a constraint later only by making the table anew, and its reviews go with it.
    known = "CONSTRAINT tone_known CHECK (tone IN ('shorter', 'warmer', 'more direct'))"
    op.execute(f"ALTER TABLE draft ADD COLUMN tone VARCHAR {known}")
    op.add_column("draft", sa.Column("toned", sa.JSON(), nullable=True))
    op.add_column("review", sa.Column("redline_ts", sqltypes.AutoString(), nullable=True))
