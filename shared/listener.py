"""LISTEN: hears what other processes notify on a channel of the database, on a connection that is kept alive."""

import asyncio
from collections.abc import Callable

import asyncpg
import structlog

from shared.database import Database

logger = structlog.get_logger()

Hear = Callable[[str | None], None]
"""Called with each payload, and with None whenever some may have been missed."""

TOUCH = 10.0
"""Seconds between two signs of life: a connection that is gone without a word is noticed by them."""
PAUSE = 0.5
"""Seconds before connecting again."""


class Listener:
    """One connection that listens to one channel; what it hears is handed to every subscriber in turn."""

    def __init__(self, database: Database, channel: str) -> None:
        self._database = database
        self._channel = channel
        self._subscribers: list[Hear] = []
        self._task: asyncio.Task[None] | None = None
        self.connected = False
        """Whether it hears everything just now."""

    def subscribe(self, hear: Hear) -> None:
        """Hand what is heard from now on to `hear`, which must not fail and must not wait."""
        self._subscribers.append(hear)

    async def start(self) -> None:
        """Begin to connect; nobody waits for it."""
        self._task = asyncio.create_task(self._run(), name=f"listener {self._channel}")

    async def stop(self) -> None:
        """Hear nothing more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except Exception as error:
                logger.warning("listener_lost", channel=self._channel, error=repr(error))
            await asyncio.sleep(PAUSE)

    async def _listen(self) -> None:
        connection = await self._database.dedicated()
        ended = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: ended.set())
            await connection.add_listener(self._channel, lambda _c, _p, _n, payload: self._tell(str(payload)))
            self.connected = True
            self._tell(None)
            while not ended.is_set():
                await self._touched(connection, ended)
        finally:
            self.connected = False
            self._tell(None)
            connection.terminate()

    async def _touched(self, connection: asyncpg.Connection, ended: asyncio.Event) -> None:
        try:
            await asyncio.wait_for(ended.wait(), TOUCH)
        except TimeoutError:
            await connection.execute("select 1", timeout=TOUCH)

    def _tell(self, payload: str | None) -> None:
        for hear in self._subscribers:
            hear(payload)
