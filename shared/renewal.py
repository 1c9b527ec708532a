"""Building a view again beside itself, and putting what was built in its place at the offsets that it has come to."""

from dataclasses import replace
from typing import Any

import asyncpg
import structlog
from aiokafka import TopicPartition

from shared.batch import Limits
from shared.consume import VIEW_CHANNEL
from shared.database import Database
from shared.projection import Projection
from shared.rebuild import BATCH, Build, Goal, Progress, Rebuilt, building, guarded
from shared.view import SCHEMA, View
from shared.view_table import LOCK_TABLES, drop_table, make_tables

log = structlog.get_logger()

SUFFIX = "_anew"


def beside(view: View[Any]) -> View[Any]:
    """The same view under the name that it has while it is being built again."""
    return replace(view, name=view.name + SUFFIX)


async def renew(
    database: Database,
    kafka: str,
    view: View[Any],
    service: str,
    *,
    resume: bool = False,
    progress: Progress | None = None,
    limits: Limits | None = None,
    batch: int = BATCH,
) -> Rebuilt:
    """Build a view from its topics' beginning in a table of its own, and let that take the view's place.

    Until then the view goes on as it was: it is read, and followed by its projectors. For the change, which takes
    the time of the last few records, these wait. What takes the place has come exactly as far as the view had, or
    its last version if that was further, so that reconcilers, who are mute before, miss nothing and do nothing
    twice; where nobody has followed the view yet it has come to the topics' end. What is parked is tried again,
    and what was dropped comes again.

    A build that was killed is continued with `resume`, by the code that began it; else it begins anew. If a
    partition of it stands still, nothing takes the view's place.

    Raises:
        NotReady("rebuild_running"): another process is building this view again.
    """
    new = beside(view)
    async with guarded(database, new):
        if not resume:
            async with database.driver() as connection, connection.transaction():
                await drop_table(connection, new.name, new.version)
        await make_tables(database, [new])
        projection = Projection(database, new, service, limits=limits)
        async with building(projection, kafka, batch, progress) as build:
            async with database.driver() as connection:
                await build.come_close(lambda: _goal(connection, build, view))
                await connection.execute(f"analyze {new.sql_name}")
            if build.ready:
                await _put_in_place(database, build, view, new)
    return build.outcome


async def _goal(connection: asyncpg.Connection, build: Build, view: View[Any], *, lock: bool = False) -> Goal:
    """How far the view has come or, where it has no place, the topics' ends.

    The ends are asked for last: a batch that held the places may have folded what came meanwhile.
    """
    rows = await connection.fetch(_COME_TO + (" for update" if lock else ""), view.name, view.version)
    come: dict[TopicPartition, int] = {}
    for row in rows:
        tp = TopicPartition(row["topic"], row["partition"])
        come[tp] = max(row["next"], come.get(tp, 0))
    return {tp: min(end, come.get(tp, end)) for tp, end in (await build.ends()).items()}


async def _put_in_place(database: Database, build: Build, view: View[Any], new: View[Any]) -> None:
    """Hold the view where it is, fold what is left up to there, and change the two over."""
    async with database.driver() as connection, connection.transaction():
        await connection.execute(LOCK_TABLES)
        await build.reach(await _goal(connection, build, view, lock=True))
        if not build.ready:
            return
        names = view.name, view.version, new.name
        await connection.execute(f"drop table if exists {view.sql_name}")
        await _rename(connection, new.table_name, view.table_name)
        await connection.execute(_KEEP_PLACES, *names)
        await connection.execute(_END_PLACES, *names)
        await connection.execute(_MOVE_PLACES, *names)
        await connection.execute("delete from parked where view = $1 and version = $2", view.name, view.version)
        await connection.execute("update parked set view = $1 where view = $3 and version = $2", *names)
        await connection.execute("select pg_notify($1, $2)", VIEW_CHANNEL, view.name)
    log.info("view_renewed", view=view.name, version=view.version)


async def _rename(connection: asyncpg.Connection, old: str, name: str) -> None:
    """Rename a table and its indexes."""
    for row in await connection.fetch(_INDEXES, SCHEMA, old):
        index: str = row["indexname"]
        await connection.execute(f'alter index {SCHEMA}."{index}" rename to "{name}{index.removeprefix(old)}"')
    await connection.execute(f'alter table {SCHEMA}."{old}" rename to "{name}"')


_COME_TO = """
select topic, partition, next from offsets where view = $1 and version <= $2 order by partition, topic, version"""

_INDEXES = "select indexname from pg_indexes where schemaname = $1 and tablename = $2"

_KEEP_PLACES = """
update offsets o set next = n.next, day = n.day, stopped = n.stopped
from offsets n
where o.view = $1 and o.version = $2 and n.view = $3 and n.version = $2
    and (n.partition, n.topic) = (o.partition, o.topic)"""

_END_PLACES = """
delete from offsets o where view = $1 and version = $2 and not exists (
    select 1 from offsets n where n.view = $3 and n.version = $2 and (n.partition, n.topic) = (o.partition, o.topic))"""

_MOVE_PLACES = """
with moved as (delete from offsets where view = $3 and version = $2 returning *)
insert into offsets(view, version, partition, topic, next, day)
select $1, $2, partition, topic, next, day from moved on conflict do nothing"""
