"""Alembic's entry: one connection, given by `backend.storage.migrate`."""

from alembic import context

from backend.storage.migrate import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables(),
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
