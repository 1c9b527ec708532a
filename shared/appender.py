"""Group commit: appends that wait at the same moment share one statement and one commit."""

import asyncio
from collections import deque
from time import perf_counter

import asyncpg
import structlog

from shared.bell import Bell
from shared.database import Database
from shared.errors import NotReady
from shared.metrics import APPEND_ITEMS, APPEND_REFUSED, APPEND_RETRIES, APPEND_SECONDS
from shared.store import Item, Verdict, append_in

log = structlog.get_logger()

OUTBOX_CHANNEL = "guatu_outbox"

LANES = 2
"""While one lane's batch is on its way to the disk, the callers of the other decide (decisions/appending-lanes.md)."""
BATCH = 200
TRIES = 20
RACES = 3
_ROLLED_BACK = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.UniqueViolationError)
_BAD_ITEM = ("22", "23", "54")
"""SQLSTATE classes that say an item is at fault: data exception, constraint violation, limit exceeded."""

Waiting = tuple[Item, "asyncio.Future[Verdict]"]


class Appender:
    """Appends items in batches, in lanes that do not wait for each other. A single item never waits for company.

    A stream's items keep to one lane, and there their turn. A caller that is cancelled leaves its item to its fate:
    it is written or not, but never half.
    """

    def __init__(self, database: Database) -> None:
        self._bell = Bell(database, OUTBOX_CHANNEL)
        self._lanes = [_Lane(database, self._bell) for _ in range(LANES)]

    async def start(self) -> None:
        """Begin to take batches."""
        for lane in self._lanes:
            lane.start()

    async def stop(self) -> None:
        """Finish what is waiting, then end."""
        await asyncio.gather(*(lane.stop() for lane in self._lanes))
        await self._bell.stop()

    async def append(self, item: Item) -> Verdict:
        """Append one item and wait until it is durable, or for its loss.

        Raises:
            NotReady("outcome_unknown"): the database stayed out of reach; the same command id again tells.
            NotReady("store_full"): the database's disk is full.
            asyncpg.PostgresError: the item itself cannot be stored.
        """
        begun = perf_counter()
        verdict = await self._lanes[hash(item.stream) % LANES].append(item)
        APPEND_SECONDS.observe(perf_counter() - begun)
        return verdict

    def appended(self) -> None:
        """Tell the relay of what was appended in a transaction of somebody else's."""
        self._bell.ring()


class _Lane:
    """One connection and the items that wait for it.

    A batch holds one item a stream and one a command id; the others keep their turn.
    """

    def __init__(self, database: Database, bell: Bell) -> None:
        self._database = database
        self._bell = bell
        self._queue: deque[Waiting] = deque()
        self._wake = asyncio.Event()
        self._stopping = False
        self._connection: asyncpg.Connection | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="appender")

    async def stop(self) -> None:
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            await self._task
        await self._disconnect()

    async def append(self, item: Item) -> Verdict:
        future: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._queue.append((item, future))
        self._wake.set()
        return await future

    async def _run(self) -> None:
        while True:
            batch = self._take()
            if batch:
                APPEND_ITEMS.observe(len(batch))
                await self._flush(batch, maybe_written=False)
            elif self._stopping:
                return
            else:
                self._wake.clear()
                await self._wake.wait()

    def _take(self) -> list[Waiting]:
        """The next batch: items of distinct streams and command ids, in turn; who went away is left out."""
        batch: list[Waiting] = []
        later: deque[Waiting] = deque()
        taken: set[object] = set()
        while self._queue and len(batch) < BATCH:
            item, future = self._queue.popleft()
            if future.done():
                continue
            keys = {item.stream, item.command.command_id if item.command else item.stream}
            (later if keys & taken else batch).append((item, future))
            taken |= keys
        later.extend(self._queue)
        self._queue = later
        return batch

    async def _flush(self, batch: list[Waiting], *, maybe_written: bool) -> None:
        """Run one batch until its outcome is known. What was written by a lost try comes back as a duplicate."""
        for attempt in range(TRIES):
            try:
                verdicts = await append_in(await self._connected(), [item for item, _ in batch])
            except Exception as error:
                if isinstance(error, _ROLLED_BACK) and (
                    attempt < RACES or not isinstance(error, asyncpg.UniqueViolationError)
                ):
                    APPEND_RETRIES.labels(type(error).__name__).inc()
                    continue
                if _is_an_items_fault(error):
                    await self._one_by_one(batch, error, maybe_written=maybe_written)
                    return
                if isinstance(error, asyncpg.DiskFullError) and not maybe_written:
                    # Nothing is written, and it may last: nobody is helped by waiting here.
                    log.error("append_without_room", error=repr(error), items=len(batch))
                    APPEND_REFUSED.labels(type(error).__name__).inc(len(batch))
                    for _, future in batch:
                        _fail(future, NotReady("store_full", detail={"retry_after": 10}))
                    return
                log.warning("append_outcome_unknown", error=repr(error), items=len(batch), attempt=attempt)
                APPEND_RETRIES.labels("unknown").inc()
                maybe_written = True
                await self._disconnect()
                await asyncio.sleep(min(0.02 * 2**attempt, 1))
            else:
                self._settle(batch, verdicts)
                return
        for _, future in batch:
            _fail(future, NotReady("outcome_unknown"))

    async def _one_by_one(self, batch: list[Waiting], error: Exception, *, maybe_written: bool) -> None:
        """One bad item must not cost the others."""
        if len(batch) == 1:
            _fail(batch[0][1], error)
            return
        APPEND_RETRIES.labels("split").inc()
        for waiting in batch:
            await self._flush([waiting], maybe_written=maybe_written)

    def _settle(self, batch: list[Waiting], verdicts: list[Verdict]) -> None:
        for (_, future), verdict in zip(batch, verdicts, strict=True):
            if not future.done():
                future.set_result(verdict)
        self._bell.ring()

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._database.dedicated(statement_timeout="10000")
        return self._connection

    async def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


def _is_an_items_fault(error: Exception) -> bool:
    if isinstance(error, asyncpg.DataError):
        return True
    return isinstance(error, asyncpg.PostgresError) and (error.sqlstate or "")[:2] in _BAD_ITEM


def _fail(future: "asyncio.Future[Verdict]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
