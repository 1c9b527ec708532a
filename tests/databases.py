"""Databases of services, migrated once in a run: each that is wanted is a copy."""

from uuid import uuid4

import asyncpg

from shared.database import database_name
from shared.migrate import migrate_all_async

_migrated: dict[str, str] = {}


async def make_database(postgres: str, service: str) -> None:
    """Make the database of a service on a server as `migrate_all_async` would make it anew."""
    if postgres not in _migrated:
        name = f"m{uuid4().hex[:8]}"
        await migrate_all_async(postgres, [name])
        _migrated[postgres] = database_name(name)
    connection = await asyncpg.connect(postgres)
    try:
        await connection.execute(f'create database "{database_name(service)}" template "{_migrated[postgres]}"')
    finally:
        await connection.close()
