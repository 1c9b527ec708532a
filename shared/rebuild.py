"""Building a view from its topics' beginning: mute, and able to be killed and continued."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.contracts.topics import PARTITIONS
from shared.database import Database
from shared.errors import NotReady
from shared.metrics import REBUILD_PROGRESS
from shared.projection import Projection
from shared.view import View

BATCH = 5000
CLOSE = 500
"""Records that may be left: the live consumer takes them in at once."""

Progress = Callable[[int, int], None]
Goal = Mapping[TopicPartition, int]
"""Up to where to fold: the first offset of each partition that is not wanted."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild came to: records folded by it, and partitions that stand still with the reason."""

    records: int
    stopped: dict[str, str]

    @property
    def ready(self) -> bool:
        """Whether the live consumer can go on from here."""
        return not self.stopped


@asynccontextmanager
async def guarded(database: Database, view: View[Any]) -> AsyncGenerator[None]:
    """Be the only one that builds a view's version.

    Raises:
        NotReady("rebuild_running"): another process is building it.
    """
    guard = await database.dedicated()
    try:
        if not await guard.fetchval("select pg_try_advisory_lock(hashtext($1))", _guarded(view)):
            raise _running(view)
        yield
    finally:
        await guard.close()


async def require_not_built(connection: asyncpg.Connection, view: View[Any]) -> None:
    """Keep everybody from building a view's version until the connection's transaction ends.

    Raises:
        NotReady("rebuild_running"): a process is building it.
    """
    if not await connection.fetchval("select pg_try_advisory_xact_lock(hashtext($1))", _guarded(view)):
        raise _running(view)


class Build:
    """The consumer and the runtime of a view that is being built."""

    def __init__(
        self, projection: Projection[Any], consumer: AIOKafkaConsumer, batch: int, progress: Progress | None
    ) -> None:
        self._projection = projection
        self._consumer = consumer
        self._batch = batch
        self._progress = progress
        self._partitions: Sequence[TopicPartition] = ()
        self._beginnings: Goal = {}
        self._begun = 0
        self.outcome = Rebuilt(0, {})

    async def begin(self, partitions: Sequence[TopicPartition]) -> None:
        """Take these partitions over, each from the database's offset."""
        self._partitions = partitions
        await self._projection.take_over(partitions)
        self._beginnings = await self._consumer.beginning_offsets(partitions)
        self._begun = sum(self._projection.positions.values())

    async def end(self) -> None:
        """Give them back, and note what came of it."""
        stopped = {f"{tp.topic}/{tp.partition}": stop.reason for tp, stop in self._projection.stopped.items()}
        self.outcome = Rebuilt(sum(self._projection.positions.values()) - self._begun, stopped)
        await self._projection.give_back(self._partitions)

    @property
    def ready(self) -> bool:
        """Whether no partition stands still."""
        return not self._projection.stopped

    async def ends(self) -> Goal:
        """Where the topics end now."""
        return await self._consumer.end_offsets(self._partitions)

    async def come_close(self, goal: Callable[[], Awaitable[Goal]]) -> None:
        """Fold until little is left; the goal is asked for again when it has been reached."""
        close = False
        while not close:
            wanted = await goal()
            close = self._left(wanted) <= CLOSE
            await self.reach(wanted)

    async def reach(self, goal: Goal) -> None:
        """Fold exactly up to this goal, as far as partitions do not stand still."""
        self._resume()
        positions = self._projection.positions
        while True:
            self._tell(goal)
            if not self._left(goal):
                return
            self._consumer.pause(*(tp for tp, end in goal.items() if positions[tp] >= end))
            got = await self._consumer.getmany(timeout_ms=100, max_records=self._batch)
            records = [one for tp, found in got.items() for one in found if one.offset < goal[tp]]
            if records:
                await self._projection.hand_over(records)
            else:
                await self._projection.idle()

    def _left(self, goal: Goal) -> int:
        positions = self._projection.positions
        return sum(max(0, end - positions[tp]) for tp, end in goal.items() if tp not in self._projection.stopped)

    def _tell(self, goal: Goal) -> None:
        """Say how far it is, in records."""
        positions = self._projection.positions
        total = sum(max(0, end - self._beginnings[tp]) for tp, end in goal.items())
        done = sum(max(0, min(end, positions[tp]) - self._beginnings[tp]) for tp, end in goal.items())
        REBUILD_PROGRESS.labels(self._projection.view.name).set(done / total if total else 1)
        if self._progress is not None:
            self._progress(done, total)

    def _resume(self) -> None:
        for tp in self._partitions:
            if tp not in self._projection.stopped:
                self._consumer.seek(tp, self._projection.positions[tp])
                self._consumer.resume(tp)


@asynccontextmanager
async def building(
    projection: Projection[Any], kafka: str, batch: int, progress: Progress | None
) -> AsyncGenerator[Build]:
    """A build of a view by a consumer of its own."""
    topics = projection.view.ordered_topics
    partitions = [TopicPartition(topic.value, number) for topic in topics for number in range(PARTITIONS)]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    consumer.assign(partitions)
    try:
        await consumer.start()
        projection.consumer = consumer
        build = Build(projection, consumer, batch, progress)
        await build.begin(partitions)
        try:
            yield build
        finally:
            await build.end()
    finally:
        await consumer.stop()


def _guarded(view: View[Any]) -> str:
    return f"guatu rebuild {view.table_name}"


def _running(view: View[Any]) -> NotReady:
    return NotReady("rebuild_running", detail={"view": view.name, "version": view.version})
