"""The store's migrations (Alembic). Views have none: a changed view is a new table."""
