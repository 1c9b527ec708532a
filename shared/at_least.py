"""Read your writes: a query that names what it must know waits until the view has come that far."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

import asyncpg

from shared.consume import VIEW_CHANNEL
from shared.contracts.topics import Topic
from shared.contracts.values import StreamId
from shared.database import Database
from shared.errors import InvalidValue, NotReady
from shared.listener import Listener
from shared.partition import partition_of
from shared.store import at_token
from shared.view import View

HEADER = "Guatu-At-Least"
POLL = 0.1
"""Seconds after which a waiting query looks by itself: a notification may be lost."""

_TOKEN = re.compile(r"([a-z]{1,32}-[^@\s]{1,200})@([a-z]+=\d{1,9}(?:,[a-z]+=\d{1,9})*)")
_TOPICS = {topic.family: topic for topic in Topic}


@dataclass(frozen=True, slots=True)
class At:
    """A stream and how many of its events there are in each topic, as a reply's `at` tells it."""

    stream: StreamId
    versions: Mapping[Topic, int]

    @classmethod
    def parse(cls, token: str) -> "At":
        """Read `project-<id>@progress=3,project=5`.

        Raises:
            InvalidValue("not_a_position"): it has another form, or names no topic.
        """
        match = _TOKEN.fullmatch(token.strip())
        if match is None:
            raise InvalidValue("not_a_position", HEADER)
        versions: dict[Topic, int] = {}
        for part in match[2].split(","):
            family, _, version = part.partition("=")
            if family not in _TOPICS or _TOPICS[family] in versions:
                raise InvalidValue("not_a_position", HEADER)
            versions[_TOPICS[family]] = int(version)
        return cls(StreamId(match[1]), versions)

    def __str__(self) -> str:
        return at_token(self.stream, {topic.value: version for topic, version in self.versions.items()})

    def wanted(self, view: View[Any]) -> dict[Topic, int]:
        """The versions that a view will come to: those of the topics from which it folds this stream."""
        category = self.stream.partition("-")[0]
        return {topic: n for topic, n in self.versions.items() if category in view.topics.get(topic, ())}


Asking = tuple[StreamId, "asyncio.Future[asyncpg.Record | None]"]


class AtLeast:
    """Waits for views. One listener a process hears which of them has moved.

    All who wait for a view look at once when it has moved: those who ask at the same moment share a statement.
    """

    def __init__(self, database: Database, views: Sequence[View[Any]]) -> None:
        """`views` are the service's, for queries that do not name theirs."""
        self._database = database
        self._views = views
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._asking: dict[str, list[Asking]] = defaultdict(list)
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._listener = Listener(database, VIEW_CHANNEL)
        self._listener.subscribe(self._heard)

    async def start(self) -> None:
        """Begin to listen."""
        await self._listener.start()

    async def stop(self) -> None:
        """End the listener."""
        await self._listener.stop()

    def listens(self) -> bool:
        """Whether it hears of every move just now; without that it polls."""
        return self._listener.connected

    async def __call__(self, token: str | None, views: Sequence[View[Any]] | None = None, timeout: float = 2) -> None:
        """Wait until the views, or all of the service's, have what the header's token names, if there is one.

        Raises:
            InvalidValue("not_a_position"): the token is none.
            NotReady("view_behind"): not within `timeout` seconds.
            NotReady("events_parked"), NotReady("view_stopped"): the view will not come to it by itself.
        """
        if token:
            at = At.parse(token)
            deadline = monotonic() + timeout
            for view in self._views if views is None else views:
                if wanted := at.wanted(view):
                    await self._wait(view, at.stream, wanted, deadline)

    async def _wait(self, view: View[Any], stream: StreamId, wanted: Mapping[Topic, int], deadline: float) -> None:
        moved = asyncio.Event()
        self._waiting[view.name].add(moved)
        try:
            while True:
                moved.clear()
                if await self._has(view, stream, wanted):
                    return
                left = deadline - monotonic()
                if left <= 0:
                    raise NotReady("view_behind", detail={"view": view.name, "retry_after": 1})
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(left, POLL)):
                        await moved.wait()
        finally:
            self._waiting[view.name].discard(moved)

    async def _has(self, view: View[Any], stream: StreamId, wanted: Mapping[Topic, int]) -> bool:
        """Whether the row has seen these versions; NotReady if it cannot come to that."""
        row = await self._look_at(view, stream)
        if row is None:
            return False
        seen = dict(zip(view.ordered_topics, row["seen"] or (), strict=False))
        if all(seen.get(topic, 0) >= version for topic, version in wanted.items()):
            return True
        if row["parked"]:
            raise NotReady("events_parked", detail={"view": view.name, "stream": stream, "retry_after": 60})
        stopped: Sequence[str] = row["stopped"] or ()
        if any(topic.value in stopped and seen.get(topic, 0) < version for topic, version in wanted.items()):
            raise NotReady("view_stopped", detail={"view": view.name, "retry_after": 60})
        return False

    async def _look_at(self, view: View[Any], stream: StreamId) -> asyncpg.Record | None:
        """What the view has of a stream; None while no projector of this version has made the table."""
        future: asyncio.Future[asyncpg.Record | None] = asyncio.get_running_loop().create_future()
        self._asking[view.table_name].append((stream, future))
        if view.table_name not in self._looking:
            self._looking[view.table_name] = asyncio.create_task(self._look(view), name=f"look at {view.name}")
        return await future

    async def _look(self, view: View[Any]) -> None:
        """Answer those who ask of a view, all at once, until nobody does."""
        try:
            while asking := self._asking.pop(view.table_name, None):
                try:
                    rows = await self._read(view, [stream for stream, _ in asking])
                except Exception as error:
                    for _, future in asking:
                        if not future.done():
                            future.set_exception(error)
                else:
                    for (_, future), row in zip(asking, rows, strict=True):
                        if not future.done():
                            future.set_result(row)
        finally:
            del self._looking[view.table_name]

    async def _read(self, view: View[Any], streams: Sequence[StreamId]) -> Sequence[asyncpg.Record | None]:
        statement = _SEEN.format(table=view.sql_name)
        partitions = [partition_of(stream) for stream in streams]
        async with self._database.driver() as connection:
            try:
                return await connection.fetch(statement, streams, view.name, view.version, partitions)
            except asyncpg.UndefinedTableError:
                return [None] * len(streams)

    def _heard(self, name: str | None) -> None:
        waiting = self._waiting.values() if name is None else [self._waiting.get(name, set())]
        for events in waiting:
            for moved in events:
                moved.set()


_SEEN = """
select (select t.seen from {table} t where t.key = k.stream) as seen,
       exists (select 1 from parked where view = $2 and version = $3 and key = k.stream) as parked,
       (select array_agg(topic) from offsets o
        where o.view = $2 and o.version = $3 and o.partition = k.partition and o.stopped is not null) as stopped
from unnest($1::text[], $4::smallint[]) with ordinality as k(stream, partition, n) order by n"""
