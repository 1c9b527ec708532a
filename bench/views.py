"""Events a second from the log into a view, beside the ceiling: the same records fetched and parsed, and no view.

The view is the one that bulletins are counted from (reporting's card of a project), the events are the registry's:
projects' lives, all going on at the same time, so that nearly every event of a batch is of another row. The
ceiling, the rebuild and the live projector read the same topics in the same round, each in one process.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from time import perf_counter, process_time
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.history import History, days_begun, messages
from bench.report import Report
from bench.servers import Servers
from services.reporting.views import CARD
from shared.consume import Projector
from shared.contracts.topics import PARTITIONS
from shared.database import Database
from shared.rebuild import BATCH
from shared.renewal import renew
from shared.view import View

PROJECTS = 4000

_versions = count(1000)


@dataclass(frozen=True, slots=True)
class Pace:
    """Events a second, and this process's CPU for each in µs."""

    rate: float
    cpu: float

    @classmethod
    def of(cls, events: int, seconds: float, cpu: float) -> "Pace":
        """So many events in so many seconds, of which so many of this process's CPU."""
        return cls(events / seconds, cpu / events * 1e6)


def fresh(view: View[Any]) -> View[Any]:
    """The same view with a table of its own."""
    return replace(view, version=next(_versions))


async def timed(work: Callable[[], Awaitable[int]]) -> Pace:
    """The pace of work that says how many events it took in."""
    begun, cpu = perf_counter(), process_time()
    events = await work()
    return Pace.of(events, perf_counter() - begun, process_time() - cpu)


@asynccontextmanager
async def consumer_of(kafka: str, view: View[Any]) -> AsyncGenerator[AIOKafkaConsumer]:
    """A consumer of all partitions of a view's topics, as the rebuild has it, at their beginning."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    consumer.assign([TopicPartition(topic.value, n) for topic in view.topics for n in range(PARTITIONS)])
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def ceiling(kafka: str, view: View[Any]) -> Pace:
    """Fetch and parse every record, and do nothing with it."""
    async with consumer_of(kafka, view) as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
        total = sum(ends.values()) - sum((await consumer.beginning_offsets(consumer.assignment())).values())

        async def parse() -> int:
            done = 0
            while done < total:
                for records in (await consumer.getmany(timeout_ms=100, max_records=BATCH)).values():
                    for record in records:
                        assert record.value is not None
                        orjson.loads(record.value)
                    done += len(records)
            return done

        return await timed(parse)


async def rebuilt(database: Database, kafka: str, view: View[Any]) -> Pace:
    """Build the view from the topics' beginning, with all that belongs to it: connecting, tables, places."""

    async def build() -> int:
        done = await renew(database, kafka, view, "reporting")
        assert done.ready, done.stopped
        return done.records

    return await timed(build)


async def live(database: Database, kafka: str, view: View[Any]) -> Pace:
    """Have a projector catch up from the topics' beginning; timed from its first batch on."""
    projector = Projector(database, kafka, [view], "reporting")
    await projector.start()
    try:
        most, begun, cpu = 0, 0.0, 0.0
        while True:
            await asyncio.sleep(0.02)
            behind = projector.lag()[view.name]
            if behind >= most:
                most, begun, cpu = behind, perf_counter(), process_time()
            elif behind == 0:
                break
        assert not any(projector.stopped().values()), projector.stopped()
        return Pace.of(most, perf_counter() - begun, process_time() - cpu)
    finally:
        await projector.stop()


async def measure(servers: Servers, rounds: int) -> Report:
    """Interleaved rounds of the three."""
    report = Report("Log into a view", "events/s, and µs of the process's CPU an event")
    await servers.clear()
    await servers.publish(messages([*days_begun(), *History().lives(PROJECTS)]))
    async with servers.database() as database:
        for _ in range(rounds):
            rows = {
                "ceiling: fetch and parse": await ceiling(servers.kafka, CARD),
                "rebuild": await rebuilt(database, servers.kafka, fresh(CARD)),
                "live": await live(database, servers.kafka, fresh(CARD)),
            }
            for row, pace in rows.items():
                report.add(row, pace.rate)
                report.add(f"{row}, CPU µs", pace.cpu)
    report.at_least("rebuild", 0.5, "ceiling: fetch and parse")
    report.at_least("live", 0.4, "ceiling: fetch and parse")
    return report
