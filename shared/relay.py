"""The relay: what was appended goes from the outbox to Kafka, in order and at least once, by one leader a database."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import asyncpg
import structlog

from shared.appender import OUTBOX_CHANNEL
from shared.contracts.topics import Topic
from shared.database import Database
from shared.days import Days
from shared.metrics import OUTBOX_AGE, RELAY_ERRORS, RELAY_LEADER, RELAY_PUBLISHED
from shared.publisher import Message, Publisher

log = structlog.get_logger()

T = TypeVar("T")

ROUND = 500
"""Rows of the outbox that are published at once."""
LOOKBACK = 20 * ROUND
"""How far back in the log there may be positions of a round that was not finished: more than any version's round."""
POLL_SECONDS = 0.5
"""A notification may be lost: then the outbox is looked at so often."""
STANDBY_SECONDS = 0.5
TOUCH_SECONDS = 1.0
IDLE_MILLISECONDS = 3000
"""A leader that stands still for so long loses its session, and with it the lock."""
STUCK_SECONDS = 30.0
"""A round that takes longer is given up: the producer may be at fault."""
GRACE_SECONDS = 1.5
"""For a round that is under way when the relay is stopped; then for its connections to close."""
LONGEST_PAUSE = 1.0


class NotConfirmed(Exception):
    """Kafka did not confirm a part of a round; the cause says why."""


def pause_after(failures: int) -> float:
    """Seconds to wait after so many failures in a row: 0.05 to 1, with jitter."""
    return min(LONGEST_PAUSE, 0.1 * 2 ** min(failures - 1, 10)) * random.uniform(0.5, 1)  # noqa: S311


class Relay:
    """Publishes the outbox of one database. Any number of processes may run one: all but the leader stand by.

    Every statement runs on the session that holds the lock, so that a leader that lost it cannot do anything to
    the database any more. What it still has under way to Kafka may arrive late and double, never out of order:
    consumers drop what they have seen.
    """

    def __init__(
        self,
        database: Database,
        kafka: str,
        lock_name: str,
        *,
        days: Days | None = None,
        topics: Sequence[str] = tuple(Topic),
    ) -> None:
        """`days` are begun by the leader; `topics` must be there before anything is published."""
        self.leading = False
        self._database = database
        self._kafka = kafka
        self._lock_name = lock_name
        self._days = days
        self._topics = topics
        self._failures = 0
        self._rung = asyncio.Event()
        self._stopping = asyncio.Event()
        self._closing: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Lead or stand by until stopped or cancelled; a round that is under way gets a moment to end."""
        work = asyncio.create_task(self._work(), name="relay work")
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({work}, timeout=GRACE_SECONDS)
            if work.done():
                work.result()
        finally:
            stopping.cancel()
            self._stopping.set()
            work.cancel()
            await asyncio.wait({work})
            if self._closing:
                await asyncio.wait(self._closing, timeout=GRACE_SECONDS / 2)
            for task in self._closing:
                task.cancel()

    async def stop(self) -> None:
        """Have `run` end."""
        self._stopping.set()
        self._rung.set()

    async def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._lead()
            except Exception as error:
                self._failures += 1
                cause = error.__cause__ if isinstance(error, NotConfirmed) and error.__cause__ else error
                RELAY_ERRORS.labels(type(cause).__name__).inc()
                log.warning("relay_begins_again", error=repr(cause), failures=self._failures)
                await self._pause(pause_after(self._failures))

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def _lead(self) -> None:
        """Wait for the lock, then publish until stopped or an error."""
        async with self._session() as session:
            while not await session.fetchval("select pg_try_advisory_lock(hashtextextended($1, 0))", self._lock_name):
                # A waiting lock statement would hold a snapshot, and keep VACUUM from the outbox.
                await self._pause(STANDBY_SECONDS)
                if self._stopping.is_set():
                    return
            await self._touch(session)
            async with self._listening() as listener, self._publishing(session) as publisher:
                await self._finish(session, publisher)
                while not self._stopping.is_set():
                    if listener.is_closed():
                        raise ConnectionResetError("the listening session has ended")
                    self._rung.clear()
                    if self._days is not None:
                        await self._days.begin(session)
                    if await self._round(session, publisher) < ROUND:
                        await self._until_rung()

    @asynccontextmanager
    async def _session(self) -> AsyncGenerator[asyncpg.Connection]:
        limit = str(IDLE_MILLISECONDS)
        session = await self._database.dedicated(
            idle_session_timeout=limit, idle_in_transaction_session_timeout=limit, lock_timeout=limit
        )
        try:
            yield session
        finally:
            session.terminate()

    @asynccontextmanager
    async def _listening(self) -> AsyncGenerator[asyncpg.Connection]:
        """A session on which the appenders' notifications arrive."""
        listener = await self._database.dedicated()
        try:
            await listener.add_listener(OUTBOX_CHANNEL, self._ring)
            yield listener
        finally:
            listener.terminate()

    @asynccontextmanager
    async def _publishing(self, session: asyncpg.Connection) -> AsyncGenerator[Publisher]:
        publisher = Publisher(self._kafka, client_id=f"guatu-relay-{self._lock_name}")
        try:
            await self._touching(session, publisher.start(self._topics))
            self.leading = True
            RELAY_LEADER.set(1)
            log.info("relay_leads", lock=self._lock_name)
            yield publisher
        finally:
            self.leading = False
            RELAY_LEADER.set(0)
            task = asyncio.create_task(publisher.discard(), name="relay discards its producer")
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def _ring(self, *_: object) -> None:
        self._rung.set()

    async def _until_rung(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._rung.wait()

    async def _finish(self, session: asyncpg.Connection, publisher: Publisher) -> None:
        """Publish first what got its positions in a round that was not finished, so that the log tells the order."""
        if messages := [_message(row) for row in await session.fetch(_UNFINISHED)]:
            await self._publish(session, publisher, messages)

    async def _round(self, session: asyncpg.Connection, publisher: Publisher) -> int:
        """Publish the oldest rows of the outbox; returns how many."""
        messages = await self._take(session)
        if messages:
            await self._publish(session, publisher, messages)
        self._failures = 0
        return len(messages)

    async def _take(self, session: asyncpg.Connection) -> list[Message]:
        """The oldest rows of the outbox, now with positions in the log."""
        rows = await session.fetch(_TAKE)
        OUTBOX_AGE.set(rows[0]["age"] if rows else 0)
        return [_message(row) for row in rows]

    async def _publish(self, session: asyncpg.Connection, publisher: Publisher, messages: Sequence[Message]) -> None:
        sent = await self._touching(session, publisher.publish(messages))
        await self._confirm(session, sent.confirmed)
        if sent.error is not None:
            raise NotConfirmed from sent.error

    async def _confirm(self, session: asyncpg.Connection, messages: Sequence[Message]) -> None:
        await session.execute(_CONFIRM, [message.id for message in messages])
        for topic, count in Counter(message.topic for message in messages).items():
            RELAY_PUBLISHED.labels(topic).inc(count)

    async def _touching(self, session: asyncpg.Connection, work: Coroutine[Any, Any, T]) -> T:
        """Wait for what Kafka may delay, and keep the session alive meanwhile; if it is lost, that raises here."""
        task = asyncio.create_task(work)
        try:
            async with asyncio.timeout(STUCK_SECONDS):
                while not (await asyncio.wait({task}, timeout=TOUCH_SECONDS))[0]:
                    await self._touch(session)
            if task.cancelled():
                raise ConnectionAbortedError("the producer broke it off")
            return task.result()
        finally:
            task.cancel()

    async def _touch(self, session: asyncpg.Connection) -> None:
        OUTBOX_AGE.set(await session.fetchval(_AGE) or 0)


def _message(row: asyncpg.Record) -> Message:
    return Message(row["id"], row["pos"], row["stream"].encode(), row["topic"], row["partition"], row["body"])


_TAKE = f"""
with taken as materialized (
    select o.id, o.stream, o.version, o.topic, o.partition, last.pos + row_number() over (order by o.id) as pos
    from (select * from outbox order by id limit {ROUND}) o, (select coalesce(max(pos), -1) as pos from log) last),
placed as (
    insert into log(pos, stream, version) select pos, stream, version from taken)
select t.id, t.pos, t.stream, t.topic, t.partition, e.body,
       extract(epoch from clock_timestamp() - e.recorded_at)::float8 as age
from taken t cross join lateral (
    select body, recorded_at from events where stream = t.stream and version = t.version offset 0) e
order by t.pos"""  # noqa: S608
"""Each body is looked up by its key (`offset 0` keeps the planner to it), however few events there were when it was
planned: this session may keep the plan for days."""

_UNFINISHED = f"""
with recent as materialized (select * from log order by pos desc limit {LOOKBACK})
select o.id, l.pos, o.stream, o.topic, o.partition, e.body
from recent l join outbox o using (stream, version) join events e using (stream, version) order by l.pos"""  # noqa: S608

_CONFIRM = """
with hasty as materialized (select set_config('synchronous_commit', 'off', true))
delete from outbox using hasty where id = any($1::bigint[])"""
"""Nobody waits for the disk here: what a crash of the database brings back is published once more."""

_AGE = """
select extract(epoch from clock_timestamp() - e.recorded_at)::float8
from (select stream, version from outbox order by id limit 1) o join events e using (stream, version)"""
