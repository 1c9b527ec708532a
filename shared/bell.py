"""NOTIFY, outside of any append and seldom: it takes a lock of the whole database until its commit."""

import asyncio
from time import perf_counter

import asyncpg
import structlog

from shared.database import Database

log = structlog.get_logger()

SHORTEST_PAUSE = 0.001
"""Seconds between two notifications of one process; when they take longer, as long as the last one took."""


class Bell:
    """Tells the listeners of a channel that there is something new. Who misses it still finds it by polling.

    Its connection is its own: a notification is a commit, which here need not wait for the disk.
    """

    def __init__(self, database: Database, channel: str) -> None:
        self._database = database
        self._channel = channel
        self._payloads: set[str] = set()
        self._connection: asyncpg.Connection | None = None
        self._task: asyncio.Task[None] | None = None

    def ring(self, payload: str = "") -> None:
        """Notify soon; the same payload rung meanwhile is told once."""
        self._payloads.add(payload)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._tell(), name=f"bell {self._channel}")

    async def stop(self) -> None:
        """Tell what was rung, then end."""
        if self._task is not None:
            await self._task
        self._disconnect()

    async def _tell(self) -> None:
        while self._payloads:
            payloads, self._payloads = self._payloads, set()
            begun = perf_counter()
            try:
                if self._connection is None or self._connection.is_closed():
                    self._connection = await self._database.dedicated(synchronous_commit="off")
                await self._connection.execute(_NOTIFY, self._channel, list(payloads))
            except Exception as error:
                log.info("notify_failed", channel=self._channel, error=repr(error))
                self._disconnect()
            await asyncio.sleep(max(SHORTEST_PAUSE, perf_counter() - begun))

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


_NOTIFY = "select pg_notify($1, payload) from unnest($2::text[]) payload"
