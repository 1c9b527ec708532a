"""Whether views have caught up once: they hold everything that was in their topics when this process began."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import func, select

from shared.contracts.topics import PARTITIONS
from shared.database import Database
from shared.schema import offsets
from shared.view import View

logger = structlog.get_logger()

POLL = 0.1
"""Seconds between two looks at the database while they have not."""
PAUSE = 1.0
"""Seconds before Kafka is asked again, or the database after an error."""


class CaughtUp:
    """Looks in the background, whichever process folds the views; once true it stays so."""

    def __init__(self, database: Database, kafka: str, views: Sequence[View[Any]]) -> None:
        self._database = database
        self._kafka = kafka
        self._views = views
        self._task: asyncio.Task[None] | None = None
        self._true = False

    def __call__(self) -> bool:
        """Whether they have."""
        return self._true

    async def start(self) -> None:
        """Begin to look; nobody waits for it."""
        self._task = asyncio.create_task(self._run(), name="caught up")

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        ends: Mapping[TopicPartition, int] | None = None
        while not self._true:
            try:
                ends = ends or await ends_of(self._kafka, self._views)
                self._true = await self._reached(ends)
            except Exception as error:
                logger.warning("not_caught_up", error=repr(error))
                await asyncio.sleep(PAUSE)
            else:
                await asyncio.sleep(POLL)
        logger.info("caught_up", views=[view.table_name for view in self._views])

    async def _reached(self, ends: Mapping[TopicPartition, int]) -> bool:
        names = [view.name for view in self._views]
        tables = [view.sql_name for view in self._views]
        async with self._database.core() as connection:
            for table in tables:
                if await connection.scalar(select(func.to_regclass(table))) is None:
                    return False
            rows = (await connection.execute(select(offsets).where(offsets.c.view.in_(names)))).all()
        come = {(row.view, row.version, row.topic, row.partition): row.next for row in rows}
        return all(
            come.get((view.name, view.version, end.topic, end.partition), 0) >= offset
            for view in self._views
            for end, offset in ends.items()
            if end.topic in view.topics
        )


async def ends_of(kafka: str, views: Sequence[View[Any]]) -> Mapping[TopicPartition, int]:
    """Where the topics that these views read end now: the next offset of each partition."""
    topics = sorted({topic.value for view in views for topic in view.topics})
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False)
    try:
        await consumer.start()
        return await consumer.end_offsets([TopicPartition(t, p) for t in topics for p in range(PARTITIONS)])
    finally:
        await consumer.stop()
