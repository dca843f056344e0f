"""Alembic's entry: migrations run on the connection that `Database.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

from storage import tables  # noqa: F401  (fills the metadata)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    user_module_prefix="sqltypes.",
)
with context.begin_transaction():
    context.run_migrations()
