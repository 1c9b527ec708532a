"""Topics in memory: what stories tell is folded into the database by the real runtime, without a broker."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from shared.contracts import progress, project
from shared.contracts.topics import PARTITIONS, Topic
from shared.database import Database
from shared.partition import partition_of
from shared.projection import Projection
from shared.view import View
from shared.view_table import make_tables
from tests.feeding import Tape
from tests.unit.reporting.builders import Story


class Stream(Protocol):
    """The events of a stream so far, in their order, each with its topic."""

    stream: Any
    bodies: list[tuple[Topic, bytes]]


@dataclass
class Stored:
    """A stream as a store has it."""

    stream: str
    bodies: list[tuple[Topic, bytes]]


class Topics:
    """Everything that was published."""

    def __init__(self) -> None:
        self._tape = Tape()
        self._told: dict[str, int] = defaultdict(int)
        self._days = [Story(f"day-{n:02}") for n in range(PARTITIONS)]

    def publish(self, *stories: Stream) -> None:
        """What has happened in these streams since they were last published."""
        for story in stories:
            self._put(story, partition_of(story.stream))

    def begin(self, day: str) -> None:
        """A day begins in every partition."""
        for partition, story in enumerate(self._days):
            began = date.fromisoformat(day)
            story.then(day, project.DayBegan(day=began), progress.DayBegan(day=began))
            self._put(story, partition)

    def _put(self, story: Stream, partition: int) -> None:
        for topic, body in story.bodies[self._told[story.stream] :]:
            self._tape.add_raw(topic, partition, story.stream.encode(), body)
        self._told[story.stream] = len(story.bodies)

    async def fold(self, database: Database, views: Sequence[View[Any]]) -> None:
        """Bring these views to the topics' end; nothing may be parked, and nothing may stop."""
        await make_tables(database, views)
        for view in views:
            projection = Projection(database, view, "reporting")
            projection.consumer = self._tape
            self._tape.at.clear()
            await projection.take_over(self._tape.assign(view))
            await self._tape.play(projection)
            assert not projection.stopped, projection.stopped
        async with database.driver() as connection:
            assert await connection.fetch("select view, key, error from parked") == []


async def forgotten(database: Database, views: Sequence[View[Any]]) -> None:
    """These views know nothing any more."""
    await make_tables(database, views)
    async with database.driver() as connection:
        await connection.execute(f"truncate {', '.join(view.sql_name for view in views)}")
        await connection.execute("delete from offsets")
