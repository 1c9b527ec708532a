"""Days begin in the store and reach every partition of both topics."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from infra import topics
from shared.contracts import project
from shared.contracts.event import Context, Event, EventData, read
from shared.contracts.topics import PARTITIONS, Topic
from shared.contracts.values import StreamId
from shared.database import Database, driver_url
from shared.days import Days, begin_day, last_day
from shared.errors import NotReady, RuleViolation
from shared.relay import Relay
from shared.store import Stream, append_in, load, make_item
from tests.chaos.relay_topics import Tail
from tests.waiting import until

SOURCE = "/guatu/registry"
DAY = date(2023, 8, 22)


async def begin(database: Database, day: date) -> list[date]:
    async with database.driver() as connection, connection.transaction():
        return await begin_day(connection, day, SOURCE, "p-1")


async def last(database: Database) -> date | None:
    async with database.driver() as connection:
        return await last_day(connection)


async def told(database: Database, partition: int = 0) -> list[Event[EventData]]:
    async with database.driver() as connection:
        return list((await load(connection, StreamId(f"day-{partition:02}"))).events)


async def begin_real(database: Database, days: Days) -> None:
    async with database.driver() as connection:
        await days.begin(connection)


async def test_before_any_day_there_is_no_last_one(database: Database) -> None:
    assert await last(database) is None


async def test_a_told_day_begins_for_every_partition_with_the_day_s_own_time(database: Database) -> None:
    assert await begin(database, DAY) == [DAY]
    assert await last(database) == DAY
    for partition in range(PARTITIONS):
        events = await told(database, partition)
        assert [(event.type, event.effective, event.time, event.actor) for event in events] == [
            ("cn.guatu.project.day-began.v1", DAY, datetime(2023, 8, 21, 16, tzinfo=UTC), "p-1"),
            ("cn.guatu.progress.day-began.v1", DAY, datetime(2023, 8, 21, 16, tzinfo=UTC), "p-1"),
        ]


async def test_the_same_day_again_changes_nothing(database: Database) -> None:
    await begin(database, DAY)
    assert await begin(database, DAY) == []
    assert len(await told(database)) == 2


async def test_a_day_before_the_last_is_refused(database: Database) -> None:
    await begin(database, DAY)
    with pytest.raises(RuleViolation, match="day_already_began"):
        await begin(database, DAY - timedelta(days=1))
    assert await last(database) == DAY


async def test_a_jump_begins_each_day_on_the_way(database: Database) -> None:
    await begin(database, DAY)
    week = [DAY + timedelta(days=n) for n in range(1, 8)]
    assert await begin(database, week[-1]) == week
    days = [event.effective for event in await told(database, 11) if event.type.startswith("cn.guatu.progress")]
    assert days == [DAY, *week]


async def test_a_day_begun_at_once_from_two_sides_begins_once(database: Database) -> None:
    begun = await asyncio.gather(*(begin(database, DAY) for _ in range(4)))
    assert sorted(begun) == [[], [], [], [DAY]]
    assert len(await told(database)) == 2


async def test_a_day_that_cannot_begin_everywhere_begins_nowhere(database: Database) -> None:
    alien = StreamId("day-05")
    context = Context(uuid4(), SOURCE, datetime.now(UTC), "p-1", "340822", DAY)
    owner = await asyncpg.connect(driver_url(database.url))
    async with database.driver() as other:
        async with other.transaction():
            await append_in(other, [make_item(Stream(alien), [project.DayBegan(day=DAY)], context)])
            beginning = asyncio.create_task(begin(database, DAY))

            async def waits() -> bool:
                return await owner.fetchval("select exists(select from pg_locks where not granted)")

            await until(waits)
        with pytest.raises(NotReady):
            await beginning
    await owner.close()
    assert await last(database) is None


async def test_the_first_real_day_is_today_alone(database: Database) -> None:
    now = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)  # half past midnight in Shanghai
    await begin_real(database, Days(SOURCE, now=lambda: now))
    [event, _] = await told(database)
    assert (event.effective, event.time, event.actor) == (date(2026, 11, 23), now, "system")


async def test_missed_real_days_are_caught_up_in_order_by_any_leader(database: Database) -> None:
    first, now = Days(SOURCE, now=lambda: now), datetime(2026, 11, 23, 4, tzinfo=UTC)
    await begin_real(database, first)
    now += timedelta(days=3)
    await begin_real(database, Days(SOURCE, now=lambda: now))
    await begin_real(database, first)
    days = [event.effective for event in (await told(database))[::2]]
    assert days == [date(2026, 11, 23) + timedelta(days=n) for n in range(4)]


async def test_the_relay_tells_each_partition_of_both_topics(database: Database, kafka: str) -> None:
    await topics.apply(kafka)
    tail = Tail(kafka, [Topic.PROJECT, Topic.PROGRESS])
    await tail.start()
    now = datetime(2026, 11, 23, 4, tzinfo=UTC)
    relay = Relay(database, kafka, "test", days=Days(SOURCE, now=lambda: now))
    task = asyncio.create_task(relay.run())

    async def published(days: int) -> bool:
        return len(await tail.records()) == days * 2 * PARTITIONS

    await until(lambda: published(1))
    now += timedelta(days=2)
    await until(lambda: published(3))
    await relay.stop()
    await task
    places: dict[tuple[str, int], list[tuple[str, date]]] = {}
    for record in await tail.records():
        places.setdefault((record.topic, record.partition), []).append((record.key, read(record.value).effective))
    days = [date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)]
    assert places == {
        (topic, n): [(f"day-{n:02}", day) for day in days]
        for topic in (Topic.PROJECT, Topic.PROGRESS)
        for n in range(PARTITIONS)
    }
