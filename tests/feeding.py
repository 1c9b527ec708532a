"""Feeding a projection: into real topics that are emptied before, or from a tape in memory, record by record."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from infra import topics
from shared.contracts.topics import PARTITIONS, Topic
from shared.database import Database
from shared.partition import partition_of
from shared.projection import Projection
from shared.view import View
from shared.view_table import ViewTable
from tests.projecting import History, Told
from tests.telling import Sent

FED = (Topic.PROGRESS, Topic.PROJECT)


async def empty(kafka: str, fed: Sequence[Topic] = FED) -> None:
    """Make the topics if need be, and drop what is in them: each then begins where it ended."""
    await topics.apply(kafka)
    partitions = [TopicPartition(topic.value, number) for topic in fed for number in range(PARTITIONS)]
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka)
    await consumer.start()
    ends = await consumer.end_offsets(partitions)
    await consumer.stop()
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.delete_records({tp: RecordsToDelete(before_offset=end) for tp, end in ends.items()})
    await admin.close()


class Feed:
    """Sends events and other records to the topics, as the relay would."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    @classmethod
    @asynccontextmanager
    async def to(cls, kafka: str) -> AsyncGenerator["Feed"]:
        producer = AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True)
        await producer.start()
        try:
            yield cls(producer)
        finally:
            await producer.stop()

    async def send(self, history: History, events: Iterable[Told], *, partition: int | None = None) -> None:
        """Send events in this order, each to its topic."""
        await self.send_raw(
            [(e.data.topic, e.subject.encode(), history.bodies[e.id]) for e in events], partition=partition
        )

    async def send_raw(
        self,
        records: Iterable[tuple[Topic, bytes | None, bytes | None]],
        *,
        partition: int | None = None,
        headers: Sequence[tuple[str, Any]] = (),
    ) -> None:
        """Send records as they are: topic, key, value."""
        sent = [
            await self._producer.send(topic.value, value, key=key, partition=partition, headers=list(headers))
            for topic, key, value in records
        ]
        await asyncio.gather(*sent)


class Tape:
    """A consumer of topics in memory, for the runtime alone. `play` hands over what stands at its position."""

    def __init__(self) -> None:
        self.records: dict[TopicPartition, list[Sent]] = {}
        self.at: dict[TopicPartition, int] = {}
        self.paused: set[TopicPartition] = set()

    def add(self, history: History, events: Iterable[Told], *, partition: int | None = None) -> None:
        for event in events:
            number = partition_of(event.subject) if partition is None else partition
            self.add_raw(event.data.topic, number, event.subject.encode(), history.bodies[event.id])

    def add_raw(self, topic: Topic, number: int, key: bytes | None, value: bytes | None) -> None:
        records = self.records.setdefault(TopicPartition(topic.value, number), [])
        records.append(Sent(topic.value, number, len(records), key, value))

    async def play(self, projection: Projection[Any], *, at_a_time: int = 1000) -> None:
        """Hand over all there is, until nothing that is not paused is left."""
        while records := self.next(at_a_time):
            await projection.batch(records)

    def next(self, at_most: int) -> list[Sent]:
        taken: list[Sent] = []
        for tp in sorted(self.at.keys() - self.paused):
            found = self.records.get(tp, [])[self.at[tp] : self.at[tp] + at_most - len(taken)]
            self.at[tp] += len(found)
            taken += found
        return taken

    def assign(self, view: View[Any], numbers: Iterable[int] = range(PARTITIONS)) -> list[TopicPartition]:
        assigned = [TopicPartition(topic.value, number) for number in numbers for topic in view.topics]
        self.at |= dict.fromkeys(assigned, 0)
        return assigned

    def assignment(self) -> Collection[TopicPartition]:
        return self.at.keys()

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.at[partition] = offset

    def pause(self, *partitions: TopicPartition) -> None:
        self.paused.update(partitions)

    def resume(self, *partitions: TopicPartition) -> None:
        self.paused.difference_update(partitions)

    def highwater(self, partition: TopicPartition) -> int | None:
        return len(self.records.get(partition, ()))

    async def beginning_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return {tp: len(self.records.get(tp, ())) for tp in partitions}


async def rows_of(database: Database, view: View[Any]) -> dict[str, Any]:
    """The rows of a view's table by key, as the view has them."""
    table = ViewTable(view)
    async with database.driver() as connection:
        return {kept.key: kept.row for number in range(PARTITIONS) for kept in await table.load_all(connection, number)}
