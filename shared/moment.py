"""What time and day it is for a fact: the real one, or the one that a scenario tells."""

from dataclasses import dataclass
from datetime import date, datetime
from time import monotonic

from sqlalchemy import func, select

from shared import clock
from shared.cache import Cache
from shared.database import Database
from shared.errors import InvalidValue
from shared.schema import offsets
from shared.settings import ClockMode, Settings

STALE = 0.2
"""Seconds for which a day that was read is taken for the last one."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in UTC and its day in Asia/Shanghai."""

    now: datetime
    today: date


class Moments:
    """Tells the moment of a command. In scenario time the last day is the one that this service has seen begin."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._scenario = settings.clock is ClockMode.SCENARIO
        self._database = database
        self._last_day = Cache[None, date | None](1, keeps=lambda: True)
        self._asked = -STALE

    async def of(self, told: str | None) -> Moment:
        """The moment, `told` being the request header Guatu-Now, which counts in scenario time alone.

        Raises:
            InvalidValue: what was told is no RFC 3339 time.
        """
        if not self._scenario:
            now = clock.now()
            return Moment(now, clock.day_of(now))
        now = clock.scenario_time(_parsed(told), await self.last_day())
        return Moment(now, clock.day_of(now))

    async def today(self) -> date:
        """The day in Asia/Shanghai."""
        return (await self.of(None)).today

    async def last_day(self) -> date | None:
        """The last day that began, as far as this service's views have come, and a moment ago at the latest."""
        if monotonic() - self._asked > STALE:
            self._asked = monotonic()
            self._last_day.drop()
        return await self._last_day.get(None, self._read_last_day)

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
    if moment.tzinfo is None:
        raise InvalidValue("not_a_time", "Guatu-Now")
    return moment
