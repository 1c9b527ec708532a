"""How far a view has come in each partition of its topics: the rows that everybody locks who writes into the view."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg

from shared.contracts.topics import Topic
from shared.view import View

Place = tuple[int, str]
"""A partition's number and a topic."""

DAY_TOPICS = frozenset({Topic.PROJECT, Topic.PROGRESS})
"""The topics in which days begin."""


@dataclass(frozen=True, slots=True)
class Offset:
    """One partition of one topic: `next` is the first offset that is not yet in the view, `day` the last that began.

    `live` is false once a newer version has taken over; `stopped` says why the partition stands still.
    """

    next: int
    day: date | None
    live: bool
    stopped: str | None


@dataclass(frozen=True, slots=True)
class Move:
    """What a batch makes of one partition's place."""

    next: int
    day: date | None
    stopped: str | None


class Days:
    """The days of the places of a transaction. A view's day in a partition is the lesser of its topics'."""

    def __init__(self, view: View[Any], places: Mapping[Place, Offset]) -> None:
        self._topics = [topic.value for topic in view.ordered_topics if topic in DAY_TOPICS]
        self._days = {place: offset.day for place, offset in places.items()}

    def __getitem__(self, place: Place) -> date | None:
        return self._days.get(place)

    def of(self, partition: int) -> date | None:
        """The view's day in this partition; None before the first, or if no topic of the view has days."""
        days = [day for topic in self._topics if (day := self._days.get((partition, topic))) is not None]
        return min(days) if days and len(days) == len(self._topics) else None

    def have_begun(self, partition: int, begun: Collection[Place]) -> bool:
        """Whether the view will have a day in this partition once days have begun in these places."""
        return bool(self._topics) and all(
            (partition, topic) in begun or self._days.get((partition, topic)) is not None for topic in self._topics
        )

    def begin(self, place: Place, day: date) -> None:
        """A day begins in one topic; one that began before changes nothing."""
        before = self._days.get(place)
        self._days[place] = day if before is None else max(before, day)


async def make(connection: asyncpg.Connection, view: View[Any], beginnings: Mapping[Place, int]) -> None:
    """Make the places that are not there yet, at these offsets: the topics' beginnings."""
    places = sorted(beginnings)
    await connection.execute(
        _MAKE,
        view.name,
        view.version,
        [partition for partition, _ in places],
        [topic for _, topic in places],
        [beginnings[place] for place in places],
    )


async def read(connection: asyncpg.Connection, view: View[Any]) -> dict[Place, Offset]:
    """All places of a view's version."""
    return _places(await connection.fetch(_READ, view.name, view.version))


async def lock(connection: asyncpg.Connection, view: View[Any], partitions: Collection[int]) -> dict[Place, Offset]:
    """Lock the places of these partitions in all the view's topics, in one order, until the transaction ends.

    Locks on the view's own rows would not do: they do not hold off a row that is not there yet.
    """
    return _places(await connection.fetch(_LOCK, view.name, view.version, list(partitions)))


async def move(connection: asyncpg.Connection, view: View[Any], moves: Mapping[Place, Move]) -> None:
    """Write where the places now are; the caller holds their locks."""
    places: Sequence[Place] = list(moves)
    await connection.execute(
        _MOVE,
        view.name,
        view.version,
        [partition for partition, _ in places],
        [topic for _, topic in places],
        [moves[place].next for place in places],
        [moves[place].day for place in places],
        [moves[place].stopped for place in places],
    )


async def go_on(connection: asyncpg.Connection, view: View[Any]) -> list[Place]:
    """Let the stopped partitions go on once their cause is mended; says which. Their owners notice in seconds."""
    return [(row["partition"], row["topic"]) for row in await connection.fetch(_GO_ON, view.name, view.version)]


def _places(rows: Sequence[asyncpg.Record]) -> dict[Place, Offset]:
    return {
        (row["partition"], row["topic"]): Offset(row["next"], row["day"], row["live"], row["stopped"]) for row in rows
    }


_MAKE = """
insert into offsets(view, version, partition, topic, next)
select $1, $2, partition, topic, next
from unnest($3::smallint[], $4::text[], $5::bigint[]) as t(partition, topic, next)
order by partition, topic on conflict do nothing"""

_READ = "select partition, topic, next, day, live, stopped from offsets where view = $1 and version = $2"

_LOCK = _READ + " and partition = any($3::smallint[]) order by partition, topic for update"

_MOVE = """
update offsets o set next = m.next, day = m.day, stopped = m.stopped
from unnest($3::smallint[], $4::text[], $5::bigint[], $6::date[], $7::text[]) as m(partition, topic, next, day, stopped)
where o.view = $1 and o.version = $2 and o.partition = m.partition and o.topic = m.topic"""

_GO_ON = """
with still as materialized (
    select partition, topic from offsets where view = $1 and version = $2 and stopped is not null
    order by partition, topic for update)
update offsets o set stopped = null from still
where o.view = $1 and o.version = $2 and o.partition = still.partition and o.topic = still.topic
returning o.partition, o.topic"""
