"""Until when a card, or the report of a night, is in the hands of one replica."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NOT_BEFORE = (("draft", "post_after"), ("run", "report_after"))


def upgrade() -> None:
    for table, name in NOT_BEFORE:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(name, sqltypes.UTCDateTime(), nullable=True))


def downgrade() -> None:
    for table, name in NOT_BEFORE:
        with op.batch_alter_table(table) as batch:
            batch.drop_column(name)
