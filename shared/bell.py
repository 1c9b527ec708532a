"""NOTIFY, outside of any append and seldom: it takes a lock of the whole database until its commit."""

import asyncio

import structlog

from shared.database import Database

log = structlog.get_logger()

PAUSE = 0.004
"""Seconds between two notifications of one process."""


class Bell:
    """Tells the listeners of a channel that there is something new. Who misses it still finds it by polling."""

    def __init__(self, database: Database, channel: str) -> None:
        self._database = database
        self._channel = channel
        self._payloads: set[str] = set()
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

    async def _tell(self) -> None:
        while self._payloads:
            payloads, self._payloads = self._payloads, set()
            try:
                async with self._database.driver() as connection:
                    await connection.execute(
                        "select pg_notify($1, payload) from unnest($2::text[]) payload", self._channel, list(payloads)
                    )
            except Exception as error:
                log.info("notify_failed", channel=self._channel, error=repr(error))
            await asyncio.sleep(PAUSE)
