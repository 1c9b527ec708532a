"""Group load: streams that are asked for at the same moment are read by one statement."""

import asyncio
from collections.abc import Sequence

import asyncpg
import structlog

from shared.contracts.values import StreamId
from shared.database import Database
from shared.errors import NotReady
from shared.store import Stream, load_many

log = structlog.get_logger()

BATCH = 200
TRIES = 10

Waiting = tuple[StreamId, "asyncio.Future[Stream]"]


class Loader:
    """Reads streams over one connection of its own. A single caller never waits for company."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: list[Waiting] = []
        self._wake = asyncio.Event()
        self._connection: asyncpg.Connection | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to read."""
        self._task = asyncio.create_task(self._run(), name="loader")

    async def stop(self) -> None:
        """End; who still waits is told NotReady."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        self._fail(self._queue)
        self._disconnect()

    async def load(self, stream: StreamId) -> Stream:
        """The stream as it stands, or version 0.

        Raises:
            NotReady("database_unreachable"): it could not be read for some seconds.
        """
        future: asyncio.Future[Stream] = asyncio.get_running_loop().create_future()
        self._queue.append((stream, future))
        self._wake.set()
        return await future

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            batch, self._queue = self._queue[:BATCH], self._queue[BATCH:]
            if not self._queue:
                self._wake.clear()
            await self._read(batch)

    async def _read(self, batch: Sequence[Waiting]) -> None:
        """Reading again does no harm, so whatever fails is tried again on a new connection."""
        for attempt in range(TRIES):
            try:
                if self._connection is None or self._connection.is_closed():
                    self._connection = await self._database.dedicated()
                found = await load_many(self._connection, list({stream for stream, _ in batch}))
            except Exception as error:
                log.warning("load_failed", error=repr(error), streams=len(batch), attempt=attempt)
                self._disconnect()
                await asyncio.sleep(min(0.02 * 2**attempt, 1))
            else:
                for stream, future in batch:
                    if not future.done():
                        future.set_result(found[stream])
                return
        self._fail(batch)

    def _fail(self, batch: Sequence[Waiting]) -> None:
        for _, future in batch:
            if not future.done():
                future.set_exception(NotReady("database_unreachable"))

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
