"""Set-up of the services' databases: makes each, its roles and its store, or brings them to the present revision."""

from collections.abc import Iterable
from importlib.resources import files

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from shared.database import APP_ROLE, database_name, database_url, engine_url


async def migrate_all_async(owner_url: str, services: Iterable[str]) -> None:
    """Make or bring up to date the database of each service; safe to run again, and by several at once.

    `owner_url` is a server's URL whose user may make databases and roles. Services connect with any user
    that is a member of the role `guatu_app`, and act as that role.
    """
    names = list(services)
    await _make_role_and_databases(owner_url, [database_name(name) for name in names])
    for name in names:
        await _migrate(database_url(owner_url, name))


async def _make_role_and_databases(owner_url: str, databases: Iterable[str]) -> None:
    url = make_url(owner_url)
    server = url.set(drivername="postgresql", database=url.database or "postgres")
    connection = await asyncpg.connect(server.render_as_string(hide_password=False))
    try:
        await connection.execute("select pg_advisory_lock(hashtext('guatu set-up'))")
        if not await connection.fetchval("select 1 from pg_roles where rolname = $1", APP_ROLE):
            await connection.execute(f"create role {APP_ROLE} nologin")
        await connection.execute(f"grant {APP_ROLE} to current_user")
        for name in databases:
            if not await connection.fetchval("select 1 from pg_database where datname = $1", name):
                await connection.execute(f'create database "{name}"')
    finally:
        await connection.close()


async def _migrate(url: str) -> None:
    engine = create_async_engine(engine_url(url))
    try:
        async with engine.connect() as connection:
            await connection.execute(text("select pg_advisory_lock(hashtext('guatu migrations'))"))
            await connection.commit()
            await connection.run_sync(_upgrade)
            await connection.commit()
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(files("shared") / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
