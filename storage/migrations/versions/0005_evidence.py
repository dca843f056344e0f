"""What each sentence of a draft rests on, and what the checks said of the text that went out."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, name in (("draft", "evidence"), ("review", "findings")):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
