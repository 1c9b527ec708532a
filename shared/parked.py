"""Parked events: what could not be folded, and what came after it for the same key. Listed, tried again, dropped.

All of it happens under the locks of the key's partition, in the order in which the events were parked.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Generic, TypeVar

import asyncpg
import structlog

from shared import offsets
from shared.contracts.event import Event
from shared.contracts.topics import Topic
from shared.contracts.values import StreamId
from shared.folding import Change, decoded, settle_row
from shared.offsets import Days
from shared.reconcile import Reactions
from shared.view import View
from shared.view_table import Kept, ViewTable

R = TypeVar("R")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ParkedKey:
    """A key of which events are parked: how many, since when, and why the first of them could not be folded."""

    key: str
    partition: int
    events: int
    topic: str
    topic_version: int
    error: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of a key's parked events: how many are in the view now, how many are left and why."""

    folded: int
    left: int
    error: str | None = None


async def list_parked(connection: asyncpg.Connection, view: View[Any]) -> list[ParkedKey]:
    """The keys that are parked, the longest parked first."""
    keys = [ParkedKey(**dict(row)) for row in await connection.fetch(_LIST, view.name, view.version)]
    return sorted(keys, key=lambda one: one.since)


async def retry(connection: asyncpg.Connection, view: View[R], key: str, reactions: Reactions | None = None) -> Retried:
    """Fold the parked events of a key, in order, up to the first that still fails: it and the rest stay parked.

    With `reactions`, of the service's reconcilers, what follows from the row is reconciled as in the live view.
    Once nothing of the key is parked, the live view folds its next events by itself.
    """
    async with connection.transaction():
        waiting = await _Waiting.of(connection, view, key)
        return await waiting.go_on(connection, reactions)


async def drop(
    connection: asyncpg.Connection,
    view: View[R],
    key: str,
    *,
    reason: str,
    by: str,
    reactions: Reactions | None = None,
    wanted: ParkedKey | None = None,
) -> Retried:
    """Leave the first parked event of a key out of the view for good, and go on with the later ones as in `retry`.

    The row has then "seen" the event's version, as if the view ignored its type; a rebuild will meet the event
    again. A body in which no version can be read counts as the one before the topic's next parked event; if
    there is none the row has seen nothing by it, and a following event may stop the partition as a gap. `reason`
    and `by`, a person, are kept in the log beside the event. With `wanted`, what somebody was shown and agreed
    to, nothing is left out if another event has become the first meanwhile.
    """
    async with connection.transaction():
        waiting = await _Waiting.of(connection, view, key)
        agreed = wanted is None or waiting.begins_with(wanted)
        first = await waiting.pass_over(connection) if agreed else None
        if first is not None:
            log.warning(
                "parked_event_dropped",
                audit=True,
                view=view.name,
                view_version=view.version,
                stream=key,
                topic=first["topic"],
                topic_version=first["topic_version"],
                body=first["body"].decode(errors="replace"),
                error=first["error"],
                reason=reason,
                by=by,
            )
        return await waiting.go_on(connection, reactions)


@dataclass(slots=True)
class _Waiting(Generic[R]):
    """A key's row and its parked events, under the locks of its partition."""

    view: View[R]
    table: ViewTable[R]
    kept: Kept[R]
    day: date | None
    events: list[asyncpg.Record]

    @classmethod
    async def of(cls, connection: asyncpg.Connection, view: View[R], key: str) -> "_Waiting[R]":
        partition = await connection.fetchval(_PARTITION, view.name, view.version, key)
        places = await offsets.lock(connection, view, [] if partition is None else [partition])
        table = ViewTable(view)
        rows, _ = await table.load(connection, [key])
        kept = rows.get(key) or Kept(key, partition or 0, view.row(), [0] * len(view.topics))
        day = None if partition is None else Days(view, places).of(partition)
        return cls(view, table, kept, day, await connection.fetch(_EVENTS, view.name, view.version, key))

    def begins_with(self, shown: ParkedKey) -> bool:
        """Whether the first event is the one that was shown."""
        return bool(self.events) and (self.events[0]["topic"], self.events[0]["topic_version"]) == (
            shown.topic,
            shown.topic_version,
        )

    async def pass_over(self, connection: asyncpg.Connection) -> asyncpg.Record | None:
        """Take the first event away, as one that the row has seen."""
        if not self.events:
            return None
        first = self.events.pop(0)
        position = self.view.ordered_topics.index(Topic(first["topic"]))
        version = first["topic_version"]
        if version < 0:
            later = (one["topic_version"] for one in self.events if one["topic"] == first["topic"])
            version = next((known - 1 for known in later if known > 0), 0)
        self.kept.seen[position] = max(self.kept.seen[position], version)
        settle_row(self.view, self.kept, self.day)
        await self.table.upsert(connection, [self.kept])
        await connection.execute(_DELETE, [first["id"]])
        return first

    async def go_on(self, connection: asyncpg.Connection, reactions: Reactions | None) -> Retried:
        """Fold event after event, up to the first that fails."""
        changes: list[Change[R]] = []
        folded: list[int] = []
        error: str | None = None
        for one in self.events:
            before = self.kept.row
            event, error = await self._fold(connection, one)
            if error is not None:
                await connection.execute("update parked set error = $2 where id = $1", one["id"], error)
                break
            folded.append(one["id"])
            if event is not None:
                changes.append(Change(StreamId(self.kept.key), before, self.kept.row, event, self.day))
        await connection.execute(_DELETE, folded)
        if reactions is not None:
            await reactions.consider(connection, changes)
            await reactions.append(connection)
        left = len(self.events) - len(folded)
        log.info("parked_tried", view=self.view.name, stream=self.kept.key, folded=len(folded), left=left, error=error)
        return Retried(len(folded), left, error)

    async def _fold(self, connection: asyncpg.Connection, one: asyncpg.Record) -> tuple[Event[Any] | None, str | None]:
        """Fold one event into the row and store it; gives the event, if it was folded, or else the error."""
        body: bytes = one["body"]
        position = self.view.ordered_topics.index(Topic(one["topic"]))
        seen = self.kept.seen[position]
        event, version, error = decoded(body)
        if version is None or error is not None:
            return None, error
        if version <= seen:
            return None, None
        if version > seen + 1:
            return None, f"gap: version {seen} has been folded, this is {version}"
        kept = replace(self.kept, seen=[*self.kept.seen])
        kept.seen[position] = version
        try:
            if event is not None:
                kept.row = self.view.evolve(kept.row, event)
            settle_row(self.view, kept, self.day)
        except Exception as error:
            return None, repr(error)
        try:
            async with connection.transaction():
                await self.table.upsert(connection, [kept])
        except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, TypeError) as error:
            return None, repr(error)
        self.kept = kept
        return event, None


_LIST = """
select distinct on (p.key) p.key, p.partition, p.topic, p.topic_version, p.error, p.parked_at as since,
       count(*) over (partition by p.key) as events
from parked p where p.view = $1 and p.version = $2 order by p.key, p.id"""

_PARTITION = "select partition from parked where view = $1 and version = $2 and key = $3 limit 1"

_EVENTS = """
select id, topic, topic_version, body, error from parked
where view = $1 and version = $2 and key = $3 order by id"""

_DELETE = "delete from parked where id = any($1::bigint[])"
