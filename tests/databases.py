"""Databases of services, migrated once in a run: each that is wanted is a copy."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg

from shared.database import Database, database_name, database_url
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


@asynccontextmanager
async def fresh_database(postgres: str) -> AsyncGenerator[Database]:
    """A service database in which nothing is yet, acting as the services' role."""
    name = f"t{uuid4().hex[:8]}"
    await make_database(postgres, name)
    database = Database(database_url(postgres, name), name=f"test-{name}")
    yield database
    await database.dispose()
