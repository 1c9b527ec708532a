"""The day as an event: each partition of the project and the progress topic is told that a day has begun.

The streams are `day-00` to `day-11`, one a partition; each day is one event in either topic.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import asyncpg
import orjson

from shared import clock
from shared.contracts import progress, project
from shared.contracts.event import Context, read
from shared.contracts.topics import PARTITIONS
from shared.contracts.values import StreamId
from shared.errors import NotReady, require
from shared.reconcile import ACTOR
from shared.rights import NATION
from shared.store import Item, Outcome, Stream, append_in, make_item

LONGEST_JUMP = 366
"""Days that a scenario may begin at once."""

_NAMESPACE = uuid5(NAMESPACE_URL, "urn:guatu:days")
_STREAMS = [StreamId(f"day-{partition:02}") for partition in range(PARTITIONS)]


class Days:
    """Begins the real days, each once, by whichever process leads. The first ever is the day on which it starts."""

    def __init__(self, source: str, *, now: Callable[[], datetime] = clock.now) -> None:
        self._source = source
        self._now = now
        self._last: date | None = None

    async def begin(self, connection: asyncpg.Connection) -> None:
        """Begin today and the days that were missed, in order; costs nothing when today has begun."""
        now = self._now()
        today = clock.day_of(now)
        if self._last is not None and self._last >= today:
            return
        self._last = await last_day(connection)
        while self._last is None or self._last < today:
            day = today if self._last is None else self._last + timedelta(days=1)
            async with connection.transaction():
                await begin_day(connection, day, self._source, ACTOR, time=now)
            self._last = day


async def begin_day(
    connection: asyncpg.Connection, day: date, source: str, actor: str, *, time: datetime | None = None
) -> list[date]:
    """Begin a day, and before it each one since the last, within the caller's transaction; returns those begun.

    It is none if the day is the last one already. The events' time is `time`, else the first moment of their day.

    Raises:
        RuleViolation: `day_already_began` if it lies before the last; `day_too_far` beyond 366 days after it.
    """
    # Two that begin a day at once take turns: the streams of the first day ever are not there to be locked.
    await connection.execute("select pg_advisory_xact_lock(hashtextextended('guatu days', 0))")
    days = days_to_begin(await last_day(connection), day)
    if days:
        streams = await _without_events(connection)
        for each in days:
            items = items_of(each, streams, source, actor, time or clock.start_of(each))
            if any(verdict.outcome is not Outcome.OK for verdict in await append_in(connection, items)):
                raise NotReady("too_many_conflicts")
            streams = {item.stream: _after(item) for item in items}
    return days


async def last_day(connection: asyncpg.Connection) -> date | None:
    """The last day that began, as this service's own store has it."""
    body = await connection.fetchval(_LAST, _STREAMS[0])
    return None if body is None else read(body).effective


def days_to_begin(last: date | None, day: date) -> list[date]:
    """The days after the last one up to `day`; the first ever is begun alone. RuleViolation as in `begin_day`."""
    if last is None:
        return [day]
    jump = (day - last).days
    require(jump >= 0, "day_already_began", field="day", last=last.isoformat())
    require(jump <= LONGEST_JUMP, "day_too_far", field="day", last=last.isoformat())
    return [last + timedelta(days=n) for n in range(1, jump + 1)]


def items_of(day: date, streams: Mapping[StreamId, Stream], source: str, actor: str, time: datetime) -> Sequence[Item]:
    """The day's two events for each partition. Their ids come from day and partition alone: none can be doubled."""
    return [
        make_item(
            streams.get(stream) or Stream(stream),
            [project.DayBegan(day=day), progress.DayBegan(day=day)],
            Context(
                command_id=uuid5(_NAMESPACE, f"{day.isoformat()}/{partition}"),
                source=source,
                time=time,
                actor=actor,
                org=NATION,
                effective=day,
            ),
            partition=partition,
        )
        for partition, stream in enumerate(_STREAMS)
    ]


def _after(item: Item) -> Stream:
    return Stream(item.stream, item.version, item.topic_versions, item.head)


async def _without_events(connection: asyncpg.Connection) -> dict[StreamId, Stream]:
    """The streams of the days as they stand. They grow by two events a day, for ever: none is ever read whole."""
    rows = await connection.fetch(_HEADS, _STREAMS)
    return {
        row["stream"]: Stream(row["stream"], row["version"], orjson.loads(row["counts"]), row["head"]) for row in rows
    }


_LAST = "select body from events where stream = $1 order by version desc limit 1"

_HEADS = "select stream, version, topic_versions::text as counts, head from streams where stream = any($1)"
