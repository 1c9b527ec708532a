"""The calendar of a year: which weekdays are off, which weekend days are worked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter

from services.registry.checks import check_id
from services.registry.commands.reference import PublishCalendar
from shared.command import Aggregate
from shared.contracts.event import Event
from shared.contracts.reference import CalendarPublished
from shared.contracts.working_days import is_weekday
from shared.errors import require

_YEARS = "^20[0-9]{2}$"
_YEAR = TypeAdapter[str](Annotated[str, StringConstraints(pattern=_YEARS)])


@dataclass(frozen=True)
class Calendar:
    """What was last published for a year."""

    published: CalendarPublished | None = None


def evolve(_: Calendar, event: Event[CalendarPublished]) -> Calendar:
    """Fold one event."""
    return Calendar(event.data)


CALENDAR = Aggregate("calendar", Calendar(), evolve, ids=_YEARS)


def publish_calendar(calendar: Calendar, cmd: PublishCalendar, id: str) -> list[CalendarPublished]:
    """Publish a year's calendar, or what has changed since; the same again is no event.

    Source: the State Council's yearly notice on public holidays, which names days off and days worked instead.
    """
    check_id(id, _YEAR, "not_a_year")
    year = int(id)
    require(_all_in(year, cmd.holidays), "day_of_another_year", field="holidays", year=year)
    require(_all_in(year, cmd.workdays), "day_of_another_year", field="workdays", year=year)
    require(all(is_weekday(day) for day in cmd.holidays), "holiday_on_a_weekend", field="holidays")
    require(not any(is_weekday(day) for day in cmd.workdays), "workday_on_a_weekday", field="workdays")
    published = CalendarPublished(year=year, holidays=_sorted(cmd.holidays), workdays=_sorted(cmd.workdays))
    return [] if published == calendar.published else [published]


def _all_in(year: int, days: Iterable[date]) -> bool:
    return all(day.year == year for day in days)


def _sorted(days: Iterable[date]) -> tuple[date, ...]:
    return tuple(sorted(set(days)))
