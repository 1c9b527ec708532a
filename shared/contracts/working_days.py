"""Working days in China: weekdays but for holidays, and the weekend days that are worked instead."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

NOTICE_DAYS = 5
"""Working days of a public notice (公示); the first is the one after the announcement."""


class YearCalendar(Protocol):
    """A year's weekdays off and weekend days worked; CalendarPublished is one."""

    @property
    def holidays(self) -> Collection[date]:
        """Weekdays that are off."""
        ...

    @property
    def workdays(self) -> Collection[date]:
        """Weekend days that are worked."""
        ...


@dataclass
class NoCalendar(LookupError):
    """The calendar of the year that a count of days runs into is not known."""

    year: int


def is_working_day(day: date, calendars: Mapping[int, YearCalendar]) -> bool:
    """Whether the day is worked; `calendars` by year.

    Raises:
        NoCalendar: its year has none.
    """
    calendar = calendars.get(day.year)
    if calendar is None:
        raise NoCalendar(day.year)
    return day not in calendar.holidays if is_weekday(day) else day in calendar.workdays


def is_weekday(day: date) -> bool:
    """Monday to Friday."""
    return day.weekday() < 5


def nth_working_day_after(day: date, n: int, calendars: Mapping[int, YearCalendar]) -> date:
    """The n-th working day after a day, which is not counted itself; n from 1.

    Raises:
        NoCalendar: the days run into a year without one.
    """
    while n > 0:
        day += timedelta(days=1)
        n -= is_working_day(day, calendars)
    return day
