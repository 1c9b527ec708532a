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
from aiokafka.partitioner import murmur2

from shared.consume import VIEW_CHANNEL
from shared.contracts.topics import PARTITIONS, Topic
from shared.contracts.values import StreamId
from shared.database import Database
from shared.errors import InvalidValue, NotReady
from shared.listener import Listener
from shared.store import at_token
from shared.view import View
from shared.view_table import table_in_sql

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


class AtLeast:
    """Waits for views. One listener a process hears which of them has moved."""

    def __init__(self, database: Database, views: Sequence[View[Any]]) -> None:
        """`views` are the service's, for queries that do not name theirs."""
        self._database = database
        self._views = views
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
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
        statement = _SEEN.format(table=table_in_sql(view))
        async with self._database.driver() as connection:
            try:
                row = await connection.fetchrow(statement, stream, view.name, view.version, partition_of(stream))
            except asyncpg.UndefinedTableError:
                # No projector of this version has been started yet.
                return False
        assert row is not None
        seen = dict(zip(view.ordered_topics, row["seen"] or (), strict=False))
        if all(seen.get(topic, 0) >= version for topic, version in wanted.items()):
            return True
        if row["parked"]:
            raise NotReady("events_parked", detail={"view": view.name, "stream": stream, "retry_after": 60})
        stopped: Sequence[str] = row["stopped"] or ()
        if any(topic.value in stopped and seen.get(topic, 0) < version for topic, version in wanted.items()):
            raise NotReady("view_stopped", detail={"view": view.name, "retry_after": 60})
        return False

    def _heard(self, name: str | None) -> None:
        waiting = self._waiting.values() if name is None else [self._waiting.get(name, set())]
        for events in waiting:
            for moved in events:
                moved.set()


def partition_of(stream: str) -> int:
    """The partition of a stream's events: Kafka's own hash of the key, as the relay's producer has it."""
    return (murmur2(stream.encode()) & 0x7FFFFFFF) % PARTITIONS


_SEEN = """
select (select seen from {table} where key = $1) as seen,
       exists (select 1 from parked where view = $2 and version = $3 and key = $1) as parked,
       (select array_agg(topic) from offsets
        where view = $2 and version = $3 and partition = $4 and stopped is not null) as stopped"""
