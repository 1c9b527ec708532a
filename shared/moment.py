"""What time and day it is for a fact: the real one, or the one that a scenario tells."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic

from sqlalchemy import func, select, text

from shared import clock
from shared.cache import Cache
from shared.contracts.values import FIRST_YEAR, LAST_YEAR
from shared.database import Database
from shared.errors import InvalidValue, NotReady
from shared.schema import offsets
from shared.settings import ClockMode, Settings

STALE = 0.2
"""Seconds for which a day that was read is taken for the last one."""
HEARD_WITHIN, LOOK = 2.0, 0.02
"""Seconds within which a service hears of a day that has begun, if its views keep up; how often it looks."""
TAIL = 500
"""So many of the last facts of the log are asked when they were."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in UTC and its day in Asia/Shanghai."""

    now: datetime
    today: date


class Moments:
    """Tells the moment of a command. In scenario time the last day is the one that this service has seen begin.

    There a command that tells no time comes after every one that this process has taken, and after the facts that its
    service published last.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        self._scenario = settings.clock is ClockMode.SCENARIO
        self._database = database
        self._last_day = Cache[None, date | None](1, keeps=lambda: True)
        self._asked = -STALE
        self._latest: datetime | None = None
        self._looked = -STALE

    async def of(self, told: str | None) -> Moment:
        """The moment, `told` being the request header Guatu-Now, which counts in scenario time alone.

        Raises:
            InvalidValue: what was told is no RFC 3339 time, or of a year that no fact is about.
            NotReady("day_not_begun"): it is of a day that has not begun, or that this service has not heard of.
        """
        if not self._scenario:
            now = clock.now()
            return Moment(now, clock.day_of(now))
        moment, day = _parsed(told), await self.last_day()
        if moment is not None and day is not None:
            day = await self._begun(clock.day_of(moment))
        elif day is not None:
            await self._look_for_latest(day)
        now = clock.scenario_time(moment, day, self._latest)
        if moment is None:
            self._noted(now, day)
        return Moment(now, clock.day_of(now))

    async def took(self, moment: Moment) -> None:
        """A command of this moment was carried out: those that tell no time come after it."""
        if self._scenario:
            self._noted(moment.now, await self.last_day())

    async def today(self) -> date:
        """The day in Asia/Shanghai: in scenario time the last one that began."""
        begun = await self.last_day() if self._scenario else None
        return begun or clock.day_of(clock.now())

    async def last_day(self, stale: float = STALE) -> date | None:
        """The last day that began, as far as this service's views have come, and a moment ago at the latest."""
        if monotonic() - self._asked > stale:
            self._asked = monotonic()
            self._last_day.drop()
        return await self._last_day.get(None, self._read_last_day)

    async def _begun(self, told: date) -> date | None:
        """The last day, once it is the one that was told or a later one."""
        until = monotonic() + HEARD_WITHIN
        day = await self.last_day()
        while day is not None and day < told:
            if monotonic() > until:
                raise NotReady("day_not_begun", "Guatu-Now", {"day": told.isoformat(), "last": day.isoformat()})
            await asyncio.sleep(LOOK)
            day = await self.last_day(LOOK)
        return day

    def _noted(self, moment: datetime | None, day: date | None) -> None:
        """Keep the latest moment of the last day that has begun; another day's is not."""
        if moment is None or day is None or clock.day_of(moment) != day:
            return
        if self._latest is None or clock.day_of(self._latest) != day or moment > self._latest:
            self._latest = moment

    async def _look_for_latest(self, day: date) -> None:
        """Other processes of the service have taken commands of the day, and so has this one before it began anew."""
        if monotonic() - self._looked > STALE:
            self._looked = monotonic()
            self._noted(await self._read_latest(day), day)

    async def _read_latest(self, day: date) -> datetime | None:
        span = {"begin": clock.start_of(day), "end": clock.start_of(day + timedelta(days=1)), "tail": TAIL}
        async with self._database.reading() as connection:
            return await connection.scalar(_LATEST, span)

    async def _read_last_day(self, _: None) -> date | None:
        async with self._database.reading() as connection:
            return await connection.scalar(select(func.max(offsets.c.day)))


def _parsed(told: str | None) -> datetime | None:
    if told is None:
        return None
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        raise InvalidValue("not_a_time", "Guatu-Now") from None
    if moment.tzinfo is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise InvalidValue("not_a_time", "Guatu-Now")
    return moment


_LATEST = text("""
select max(time) from (
    select (convert_from(e.body, 'UTF8')::json ->> 'time')::timestamptz as time
    from (select stream, version from log order by pos desc limit :tail) l join events e using (stream, version)) t
where time >= :begin and time < :end""")
