"""Whether speed stays as the store grows: appends and views with 10⁵ and with 10⁶ events behind them.

Two databases are filled, one with a tenth of the other's; then both are measured in turn, on projects drawn at
random from all that each has. The small one's view reads the same topics, from the place at which they had a tenth.
"""

import asyncio
import random
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from time import perf_counter
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.history import EVENTS_OF_A_LIFE, History, context, messages, reported
from bench.report import Report
from bench.servers import Servers
from bench.views import consumer_of, timed
from services.reporting.views import CARD
from services.reporting.views.card import Card
from shared.appender import Appender
from shared.database import Database
from shared.loader import Loader
from shared.projection import Projection
from shared.rebuild import BATCH
from shared.store import CommandRecord, Outcome, append_in, make_item
from shared.view_table import make_tables

SMALL, LARGE = 100_000, 1_000_000
CHUNK = 500
"""Projects whose lives go on at the same time."""
SLICE = 10_000
"""Events of a round's view."""
WRITERS = 32
SECONDS = 1.5

Ends = Mapping[TopicPartition, int]


@dataclass
class Store:
    """A database with so many projects, and its view's way through the topics: to `filled`, then slice by slice."""

    database: Database
    consumer: AIOKafkaConsumer
    projection: Projection[Card]
    projects: int = 0
    filled: Ends = field(default_factory=dict[TopicPartition, int])
    slices: list[Ends] = field(default_factory=list[Ends])

    @classmethod
    async def made(cls, servers: Servers, stack: AsyncExitStack) -> "Store":
        """An empty one."""
        database = await stack.enter_async_context(servers.database())
        consumer = await stack.enter_async_context(consumer_of(servers.kafka, CARD))
        await make_tables(database, [CARD])
        projection = Projection(database, CARD, "reporting")
        projection.consumer = consumer
        await projection.take_over(consumer.assignment())
        return cls(database, consumer, projection)

    async def fold(self, ends: Ends) -> int:
        """Bring the view to these ends; says how many events it took."""
        reached = dict(self.projection.positions)
        begun = sum(reached.values())
        self.consumer.resume(*ends)
        while any(reached[tp] < end for tp, end in ends.items()):
            self.consumer.pause(*(tp for tp, end in ends.items() if reached[tp] >= end))
            got = await self.consumer.getmany(timeout_ms=100, max_records=BATCH)
            records = [one for tp, found in got.items() for one in found if one.offset < ends[tp]]
            for tp, found in got.items():
                reached[tp] = min(ends[tp], found[-1].offset + 1)
                if found[-1].offset >= ends[tp]:
                    self.consumer.seek(tp, ends[tp])
            await self.projection.hand_over(records)
        await self.projection.idle()
        assert self.projection.positions == ends, self.projection.stopped
        return sum(ends.values()) - begun


async def fill(servers: Servers, history: History, events: int, stores: list[Store]) -> None:
    """Append so many more events to these stores, and publish them."""
    for _ in range(events // EVENTS_OF_A_LIFE // CHUNK):
        items = list(history.lives(CHUNK))
        for store in stores:
            async with store.database.driver() as connection:
                for begin in range(0, len(items), CHUNK):
                    await append_in(connection, items[begin : begin + CHUNK])
                await connection.execute(_PUBLISHED)
                await connection.execute("delete from outbox")
            store.projects = len(history.streams)
        await servers.publish(messages(items))


async def slices(servers: Servers, history: History, store: Store, rounds: int) -> None:
    """Publish what the rounds' views are measured by: reports of projects drawn from all of the store's."""
    store.filled = await store.consumer.end_offsets(store.consumer.assignment())
    for _ in range(rounds):
        drawn = [random.randrange(store.projects) for _ in range(SLICE)]
        await servers.publish(messages(history.reports(drawn)))
        store.slices.append(await store.consumer.end_offsets(store.consumer.assignment()))


async def settle(store: Store) -> None:
    """Fold what the store was filled with, and tidy up as autovacuum would in time."""
    await store.fold(store.filled)
    async with store.database.driver() as connection:
        await connection.execute("reset role")
        await connection.execute("vacuum analyze")
        await connection.execute("set role guatu_app")


async def appends(store: Store, history: History) -> float:
    """Load + decide + append a second, of many writers, on projects drawn from all of the store's."""
    async with AsyncExitStack() as stack:
        appender, loader = Appender(store.database), Loader(store.database)
        await appender.start()
        stack.push_async_callback(appender.stop)
        await loader.start()
        stack.push_async_callback(loader.stop)
        begun = perf_counter()

        async def write(writer: int) -> int:
            done = 0
            while perf_counter() < begun + SECONDS:
                number = random.randrange(writer, store.projects, WRITERS)
                stream = await loader.load(history.streams[number].id)
                record = CommandRecord(uuid4(), "340822100-office-1", b"digest")
                item = make_item(stream, [reported(stream.version)], context(record.command_id), command=record)
                assert (await appender.append(item)).outcome is Outcome.OK
                done += 1
            return done

        done = sum(await asyncio.gather(*(write(writer) for writer in range(WRITERS))))
        return done / (perf_counter() - begun)


async def measure(servers: Servers, rounds: int) -> Report:
    """Fill both, then interleave their rounds."""
    report = Report("Growth", "a second, and µs of the process's CPU an event")
    history = History()
    async with AsyncExitStack() as stack:
        await servers.clear()
        small, large = await Store.made(servers, stack), await Store.made(servers, stack)
        await fill(servers, history, SMALL, [small, large])
        await slices(servers, history, small, rounds)
        # The large store has the events of the small one's slices in its view alone, which is no matter.
        await fill(servers, history, LARGE - SMALL, [large])
        await slices(servers, history, large, rounds)
        for store in (small, large):
            await settle(store)
        for number in range(rounds):
            for name, store in ((f"{SMALL:,}", small), (f"{LARGE:,}", large)):
                report.add(f"load + decide + append at {name} events", await appends(store, history))
                pace = await timed(lambda store=store, ends=store.slices[number]: store.fold(ends))
                report.add(f"view at {name} events", pace.rate)
                report.add(f"view at {name} events, CPU µs", pace.cpu)
    for row in ("load + decide + append", "view"):
        report.at_least(f"{row} at {LARGE:,} events", 0.8, f"{row} at {SMALL:,} events")
    return report


_PUBLISHED = """
insert into log(pos, stream, version)
select last.pos + row_number() over (order by id), stream, version
from outbox, (select coalesce(max(pos), -1) as pos from log) last"""
