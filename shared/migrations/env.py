"""Alembic's environment: runs on the connection that shared/migrate.py hands over."""

from alembic import context

from shared.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
