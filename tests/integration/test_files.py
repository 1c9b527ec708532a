"""Files that no stream names are removed: what is sent or named at the same moment stays."""

import asyncio
from datetime import timedelta

import asyncpg

from shared.database import Database, driver_url
from shared.kept import keep_file, remove_unnamed, use_file
from tests.waiting import until

AGE, OLDER = timedelta(days=2), timedelta(days=3)
BODY = b"%PDF-1.7 minutes"


async def sent(database: Database, person: str = "p-1", ago: timedelta = OLDER) -> str:
    """A file that a person sent some time ago."""
    async with database.driver() as connection:
        file = await keep_file(connection, person, BODY, "application/pdf")
    owner = await asyncpg.connect(driver_url(database.url))
    await owner.execute("update files set stored_at = now() - $1::interval where kept_by = $2", ago, person)
    await owner.close()
    return file.digest


async def removed(database: Database) -> int:
    async with database.driver() as connection:
        return await remove_unnamed(connection, AGE)


async def senders(database: Database) -> list[str]:
    async with database.driver() as connection:
        return [row["kept_by"] for row in await connection.fetch("select kept_by from files order by kept_by")]


async def waits_for_another(database: Database) -> bool:
    async with database.driver() as connection:
        return await connection.fetchval(
            "select exists(select from pg_locks where locktype = 'advisory' and not granted)"
        )


async def test_a_file_that_nobody_has_named_in_time_is_removed_of_each_who_sent_it_so_long_ago(
    database: Database,
) -> None:
    await sent(database, "p-1")
    await sent(database, "p-2", ago=timedelta(days=1))
    assert await removed(database) == 1
    assert await senders(database) == ["p-2"]


async def test_a_file_that_is_named_stays(database: Database) -> None:
    digest = await sent(database)
    async with database.keyed() as connection:
        assert await use_file(connection, digest, "project-1")
    assert await removed(database) == 0


async def test_a_file_that_is_sent_again_is_as_young_as_a_new_one(database: Database) -> None:
    await sent(database)
    async with database.driver() as connection:
        await keep_file(connection, "p-1", BODY, "application/pdf")
    assert await removed(database) == 0
    assert await senders(database) == ["p-1"]


async def test_a_file_that_is_named_at_the_same_moment_stays(database: Database) -> None:
    digest = await sent(database)
    async with database.keyed() as connection:
        assert await use_file(connection, digest, "project-1")
        removing = asyncio.create_task(removed(database))
        await until(lambda: waits_for_another(database), what="the removal to wait")
    assert await removing == 0
    assert await senders(database) == ["p-1"]


async def test_a_file_that_is_sent_again_at_the_same_moment_stays(database: Database) -> None:
    await sent(database)
    async with database.driver() as connection, connection.transaction():
        await keep_file(connection, "p-1", BODY, "application/pdf")
        removing = asyncio.create_task(removed(database))
        await until(lambda: waits_for_another(database), what="the removal to wait")
    assert await removing == 0
    assert await senders(database) == ["p-1"]


async def test_a_file_that_was_just_removed_cannot_be_named(database: Database) -> None:
    digest = await sent(database)
    await removed(database)
    async with database.keyed() as connection:
        assert not await use_file(connection, digest, "project-1")
