"""A projector on real Kafka and a real database: it follows, stops cleanly, shares partitions, and picks itself up."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from aiokafka import TopicPartition
from prometheus_client import REGISTRY

from shared import offsets
from shared.batch import Limits
from shared.consume import VIEW_CHANNEL, Pace, Projector
from shared.contracts.topics import PARTITIONS, Topic
from shared.database import Database
from shared.partition import partition_of
from shared.view import View
from tests.boards import BOARD, Lamp
from tests.feeding import Feed, rows_of
from tests.projecting import History, Told, fold_all
from tests.telling import lives, proposed, reported, submitted
from tests.waiting import until

PROJECT, PROGRESS = Topic.PROJECT, Topic.PROGRESS
PACE = Pace(look=0.1, ends=0.5, retry=0.1)


@asynccontextmanager
async def projecting(
    database: Database, kafka: str, *views: View[Any], pace: Pace = PACE, limits: Limits | None = None
) -> AsyncIterator[Projector]:
    projector = Projector(database, kafka, views or (BOARD,), "test", pace=pace, limits=limits)
    await projector.start()
    try:
        yield projector
    finally:
        await projector.stop()


async def come_to(database: Database, view: View[Any], events: Iterable[Told]) -> None:
    expected = fold_all(view, events)

    async def same() -> bool:
        return await rows_of(database, view) == expected

    await until(same, within=60, what="the rows of a plain fold")


async def test_views_follow_their_topics(database: Database, kafka: str, feed: Feed) -> None:
    history = lives()
    half = len(history.events) // 2
    await feed.send(history, history.events[:half])
    other = replace(BOARD, name="titles", topics={PROJECT: frozenset({"project"})}, settle=None, next_due=None)
    async with projecting(database, kafka, BOARD, other) as projector:
        await until(projector.ready, what="ready")
        await feed.send(history, history.events[half:])
        await come_to(database, BOARD, history.events)
        await come_to(database, other, history.events)
        await until(lambda: projector.lag() == {"board": 0, "titles": 0})
        assert projector.stopped() == {"board": {}, "titles": {}}


async def test_it_is_not_ready_before_it_has_caught_up(database: Database, kafka: str, feed: Feed) -> None:
    history = lives()
    await feed.send(history, history.events)
    ready_at: list[int] = []
    async with projecting(database, kafka, pace=replace(PACE, ready_lag=0, batch=20)) as projector:

        async def looked() -> bool:
            if projector.ready():
                ready_at.append(len(await rows_of(database, BOARD)))
            return bool(ready_at)

        await until(looked)
    assert ready_at == [len(fold_all(BOARD, history.events))]


async def test_after_a_stop_the_next_process_has_the_partitions_at_once_and_goes_on(
    database: Database, kafka: str, feed: Feed
) -> None:
    history = lives()
    half = len(history.events) // 2
    await feed.send(history, history.events[:half])
    pace = replace(PACE, session=30)
    async with projecting(database, kafka, pace=pace) as projector:
        await until(projector.ready)
        await come_to(database, BOARD, history.events[:half])
    await feed.send(history, history.events[half:])
    async with projecting(database, kafka, pace=pace) as projector:
        await until(projector.ready, within=15, what="partitions that were given back, not those of a dead member")
        await come_to(database, BOARD, history.events)


async def test_processes_share_the_partitions_and_take_over_from_each_other(
    database: Database, kafka: str, feed: Feed
) -> None:
    history = lives(80)
    third = len(history.events) // 3
    async with projecting(database, kafka) as one:
        await until(one.ready)
        async with projecting(database, kafka) as other:
            await until(lambda: one.ready() and other.ready() and _shared(one, other), what="both have some")
            await feed.send(history, history.events[:third])
            await come_to(database, BOARD, history.events[:third])
            await feed.send(history, history.events[third : 2 * third])
        await feed.send(history, history.events[2 * third :])
        await come_to(database, BOARD, history.events)


def _shared(*projectors: Projector) -> bool:
    held = [set(p.broker.subscribers[0].consumer.assignment()) for p in projectors]  # type: ignore[attr-defined]
    numbers = [{tp.partition for tp in one} for one in held]
    assert not (held[0] & held[1]) or not all(held)
    return all(numbers) and not numbers[0] & numbers[1] and sum(map(len, held)) == 2 * PARTITIONS


async def test_headers_of_any_kind_do_no_harm(database: Database, kafka: str, feed: Feed) -> None:
    history = History()
    history.tell("project-1", reported(5), reported(6))
    headers: list[tuple[str, Any]] = [("pos", b"\xff\xfe\x00"), ("none", None)]
    await feed.send_raw([(PROGRESS, b"project-1", history.bodies[e.id]) for e in history.events], headers=headers)
    async with projecting(database, kafka):
        await come_to(database, BOARD, history.events)


async def test_a_partition_that_stops_leaves_the_others_going(database: Database, kafka: str, feed: Feed) -> None:
    history = lives()
    missing = next(e for e in history.events if e.subject == "project-r7" and e.data.topic is PROGRESS)
    await feed.send(history, [event for event in history.events if event is not missing])
    number = partition_of("project-r7")
    name = f"{PROGRESS.value}/{number}"
    async with projecting(database, kafka) as projector:
        await until(lambda: name in projector.stopped()["board"])
        assert projector.stopped()["board"].keys() == {name}
        elsewhere = {k: row for k, row in fold_all(BOARD, history.events).items() if partition_of(k) != number}

        async def others() -> bool:
            rows = await rows_of(database, BOARD)
            return {k: row for k, row in rows.items() if partition_of(k) != number} == elsewhere

        await until(others)
        labels = {"view": "board", "topic": PROGRESS.value, "partition": str(number)}
        assert REGISTRY.get_sample_value("guatu_view_stopped", labels) == 1
        await until(lambda: bool(REGISTRY.get_sample_value("guatu_view_lag", labels)), what="a lag for all to see")


async def test_a_stop_that_was_mended_is_noticed(database: Database, kafka: str, feed: Feed) -> None:
    history = History()
    history.tell("project-1", reported(5), reported(6))
    await feed.send(history, history.events[1:])
    async with projecting(database, kafka) as projector:
        await until(lambda: bool(projector.stopped()["board"]))
        async with database.driver() as connection, connection.transaction():
            [place] = await offsets.go_on(connection, BOARD)
            moved = await connection.execute(
                "update offsets set next = next + 1 where partition = $1 and topic = $2", *place
            )
        assert moved == "UPDATE 1"
        await feed.send(history, history.events)
        await come_to(database, BOARD, history.events)


async def test_a_consumer_that_is_stuck_is_started_anew(database: Database, kafka: str, feed: Feed) -> None:
    history = lives(5)
    async with projecting(database, kafka, pace=replace(PACE, stuck=1)) as projector:
        await until(projector.ready)
        consumer: Any = projector.broker.subscribers[0].consumer  # type: ignore[attr-defined]
        consumer.pause(*consumer.assignment())
        await feed.send(history, history.events)
        await come_to(database, BOARD, history.events)
        assert projector.broker.subscribers[0].consumer is not consumer  # type: ignore[attr-defined]


async def test_days_begin_partition_by_partition(database: Database, kafka: str, feed: Feed) -> None:
    history, days = History(), History()
    for n in range(24):
        history.tell(f"project-b{n}", proposed(), submitted(date(2023, 4, 1), date(2023, 9, 1)))
    await feed.send(history, history.events)
    for n in range(40):
        for number in range(PARTITIONS):
            told = days.begin_day(date(2023, 3, 1) + timedelta(days=n), partition=number)
            await feed.send(days, told, partition=number)
    async with projecting(database, kafka):

        async def red() -> bool:
            return {row.lamp for row in (await rows_of(database, BOARD)).values()} == {Lamp.RED}

        async def everywhere() -> bool:
            async with database.driver() as connection:
                there = await offsets.read(connection, BOARD)
            return {place.day for place in there.values()} == {date(2023, 4, 9)}

        await until(red)
        await until(everywhere)


async def test_what_has_moved_is_told(database: Database, kafka: str, feed: Feed) -> None:
    heard: list[object] = []
    connection = await database.dedicated()
    await connection.add_listener(VIEW_CHANNEL, lambda *told: heard.append(told[3]))
    history = lives(3)
    async with projecting(database, kafka) as projector:
        await until(projector.ready)
        heard.clear()
        await feed.send(history, history.events)
        await until(lambda: bool(heard))
    await connection.close()
    assert set(heard) == {"board"}


async def test_it_starts_while_kafka_is_away(database: Database) -> None:
    async with projecting(database, "127.0.0.1:1") as projector:
        await asyncio.sleep(0)
        assert not projector.ready()


async def test_group_offsets_are_written_for_lag_graphs(database: Database, kafka: str, feed: Feed) -> None:
    history = lives(5)
    await feed.send(history, history.events)
    async with projecting(database, kafka) as projector:
        await come_to(database, BOARD, history.events)
        consumer: Any = projector.broker.subscribers[0].consumer  # type: ignore[attr-defined]
        tp = TopicPartition(PROJECT.value, partition_of("project-r1"))
        async with database.driver() as connection:
            place = (await offsets.read(connection, BOARD))[tp.partition, tp.topic]

        async def written() -> bool:
            return await consumer.committed(tp) == place.next

        await until(written)
