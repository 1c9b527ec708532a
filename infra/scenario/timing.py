"""The days and hours of a scenario: things happen on working days, in office hours."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from infra.scenario.model import Range, Scenario
from shared.clock import SHANGHAI
from shared.contracts.working_days import YearCalendar, is_weekday, is_working_day

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Timing:
    """Draws days and times; `calendars` are the scenario's, by year."""

    first: date
    last: date
    calendars: Mapping[int, YearCalendar]
    opens: time
    closes: time

    def works(self, day: date) -> bool:
        """Whether people work on that day; in a year without a calendar, which nobody comes to, on every weekday."""
        return is_working_day(day, self.calendars) if day.year in self.calendars else is_weekday(day)

    def workday(self, day: date) -> date:
        """That day, or the next one that is worked."""
        while not self.works(day):
            day += DAY
        return day

    def drawn(self, rng: random.Random, days: tuple[date, date]) -> date:
        """A working day between the two, as far as there is one."""
        return self.workday(days[0] + DAY * rng.randint(0, (days[1] - days[0]).days))

    def later(self, rng: random.Random, day: date, after: Range) -> date:
        """A working day so many days after another."""
        return self.workday(day + DAY * rng.randint(*after))

    def working_days_after(self, day: date, count: int) -> date:
        """The count-th working day after a day."""
        for _ in range(count):
            day = self.workday(day + DAY)
        return day

    def moment(self, rng: random.Random, day: date) -> datetime:
        """A moment in the office hours of a day."""
        opens = datetime.combine(day, self.opens, SHANGHAI)
        closes = datetime.combine(day, self.closes, SHANGHAI)
        return opens + timedelta(seconds=rng.randrange(int((closes - opens).total_seconds())))


def timing_of(scenario: Scenario) -> Timing:
    """The timing that a scenario's calendar and office hours give."""
    return Timing(
        scenario.first_day,
        scenario.last_day,
        {int(year): days for year, days in scenario.calendar.items() if year.isdecimal()},
        scenario.started,
        scenario.ended,
    )
