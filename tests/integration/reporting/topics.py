"""Topics in memory: what stories tell is folded into the database by the real runtime, without a broker."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zlib import crc32

from aiokafka import TopicPartition

from shared.contracts import progress, project
from shared.contracts.topics import PARTITIONS, Topic
from shared.database import Database
from shared.projection import Projection
from shared.view import View
from shared.view_table import make_tables
from tests.unit.reporting.builders import Story


@dataclass(frozen=True)
class Record:
    """A record as a consumer hands it over."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes


class Topics:
    """Everything that was published, by topic and partition; it is also the consumer that the runtime asks."""

    def __init__(self) -> None:
        self._records: dict[TopicPartition, list[Record]] = defaultdict(list)
        self._told: dict[str, int] = defaultdict(int)
        self._days = [Story(f"day-{n:02}") for n in range(PARTITIONS)]

    def publish(self, *stories: Story) -> None:
        """What has happened in these streams since they were last published."""
        for story in stories:
            partition = crc32(story.stream.encode()) % PARTITIONS
            for topic, body in story.bodies[self._told[story.stream] :]:
                self._put(topic, partition, story.stream, body)
            self._told[story.stream] = len(story.bodies)

    def begin(self, day: date) -> None:
        """A day begins in every partition."""
        for partition, story in enumerate(self._days):
            story.then(day.isoformat(), project.DayBegan(day=day), progress.DayBegan(day=day))
            for topic, body in story.bodies[-2:]:
                self._put(topic, partition, story.stream, body)

    def _put(self, topic: Topic, partition: int, stream: str, body: bytes) -> None:
        place = TopicPartition(topic.value, partition)
        self._records[place].append(Record(topic.value, partition, len(self._records[place]), stream.encode(), body))

    async def fold(self, database: Database, views: Sequence[View[Any]], *, step: int = 100) -> None:
        """Bring these views to the topics' end."""
        await make_tables(database, views)
        for view in views:
            projection = Projection(database, view, "reporting")
            projection.consumer = self
            places = [TopicPartition(topic.value, n) for topic in view.ordered_topics for n in range(PARTITIONS)]
            self._assigned = set(places)
            await projection.take_over(places)
            while waiting := [r for tp in places for r in self._records[tp][projection.positions[tp] :][:step]]:
                await projection.batch(waiting)
                assert not projection.stopped, projection.stopped
        async with database.driver() as connection:
            assert await connection.fetch("select view, key, error from parked") == []

    def assignment(self) -> Collection[TopicPartition]:
        return self._assigned

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Each round reads from where the projection stands."""

    def pause(self, *partitions: TopicPartition) -> None:
        """What is paused is stopped, which fails the test."""

    def resume(self, *partitions: TopicPartition) -> None:
        """Nothing was paused."""

    def highwater(self, partition: TopicPartition) -> int | None:
        return len(self._records[partition])

    async def beginning_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return {tp: len(self._records[tp]) for tp in partitions}
