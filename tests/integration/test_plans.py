"""What began on an empty database keeps its plans, and yet looks nothing up by reading a table whole."""

import asyncio
from datetime import UTC, date, datetime
from uuid import uuid4

import asyncpg
from sqlalchemy import text

from infra import topics
from shared.appender import Appender
from shared.contracts.event import Context
from shared.contracts.reference import PersonRegistered
from shared.contracts.values import StreamId
from shared.database import Database, driver_url
from shared.loader import Loader
from shared.projection import Projection
from shared.relay import Relay
from shared.store import CommandRecord, Item, Outcome, Stream, make_item
from shared.view_table import make_tables
from tests.boards import BOARD
from tests.feeding import Tape
from tests.projecting import History
from tests.telling import a_life
from tests.waiting import until


def an_item() -> Item:
    record = CommandRecord(uuid4(), "p-1", b"d")
    context = Context(record.command_id, "/guatu/test", datetime.now(UTC), "p-1", "340822", date(2023, 8, 22))
    return make_item(Stream(StreamId(f"person-{uuid4()}")), [PersonRegistered(name="甲")], context, command=record)


async def read_whole(database: Database, table: str) -> int:
    """How often a table was read whole. All sessions must be ending: only then have they counted everything."""
    await database.dispose()
    connection = await asyncpg.connect(driver_url(database.url))

    async def ended() -> bool:
        return not await connection.fetchval(_OTHERS)

    await until(ended)
    times = await connection.fetchval("select seq_scan from pg_stat_user_tables where relname = $1", table)
    await connection.close()
    return times


_OTHERS = """
select count(*) from pg_stat_activity
where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()"""


async def test_an_append_does_not_read_all_commands(database: Database) -> None:
    before = await read_whole(database, "commands")
    appender = Appender(database)
    await appender.start()
    for _ in range(3):
        verdicts = await asyncio.gather(*(appender.append(an_item()) for _ in range(20)))
        assert {verdict.outcome for verdict in verdicts} == {Outcome.OK}
    await appender.stop()
    assert await read_whole(database, "commands") == before


async def test_neither_the_loader_nor_the_relay_reads_all_events(database: Database, kafka: str) -> None:
    await topics.apply(kafka)
    before = await read_whole(database, "events")
    appender, loader = Appender(database), Loader(database)
    await appender.start()
    await loader.start()
    relay = Relay(database, kafka, f"test-{uuid4()}")
    task = asyncio.create_task(relay.run())
    for _ in range(3):
        items = [an_item() for _ in range(20)]
        await asyncio.gather(*(appender.append(item) for item in items))
        await asyncio.gather(*(loader.load(item.stream) for item in items))

    async def relayed() -> bool:
        async with database.driver() as connection:
            return await connection.fetchval("select count(*) from outbox") == 0

    await until(relayed)
    await relay.stop()
    await task
    await loader.stop()
    await appender.stop()
    assert await read_whole(database, "events") == before


async def test_a_projection_does_not_read_its_whole_view(database: Database) -> None:
    await make_tables(database, [BOARD])
    before = await read_whole(database, BOARD.table_name)
    history, tape = History(), Tape()
    for n in range(30):
        history.tell(f"project-{n}", *a_life(6))
    projection = Projection(database, BOARD, "test")
    projection.consumer = tape
    await projection.take_over(tape.assign(BOARD))
    tape.add(history, history.events)
    await tape.play(projection, at_a_time=20)
    assert not projection.stopped
    assert await read_whole(database, BOARD.table_name) == before


async def test_a_list_is_planned_for_what_it_is_asked_for(database: Database) -> None:
    filled = (
        "create temporary table things on commit drop as select n, case when n = 7 then 'rare' else 'common' end kind"
        " from generate_series(1, 20000) n",
        "create index on things (kind)",
        "analyze things",
    )
    async with database.core() as connection:
        for statement in filled:
            await connection.execute(text(statement))
        found = text("explain select * from things where kind = :kind")
        plans = {
            kind: str((await connection.scalars(found, {"kind": kind})).first()).split(" on ")[0].split(" using ")[0]
            for kind in ("rare", "common")
        }
    assert plans == {"rare": "Index Scan", "common": "Seq Scan"}
