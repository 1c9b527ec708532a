"""Months and their reports: the report of a month is due on a day of the next."""

from datetime import date, timedelta

from shared.contracts.values import Month

REPORT_DAY = 5
"""The day of the next month at whose end (24:00) a month's report is due, unless a plan's approval says another."""
LAST_REPORT_DAY = 28
"""Every month has it."""


def month_of(day: date) -> Month:
    """The month that a day lies in, as `2023-03`."""
    return f"{day.year:04}-{day.month:02}"


def first_day(month: Month) -> date:
    """The first day of a month."""
    return date.fromisoformat(f"{month}-01")


def next_month(month: Month) -> Month:
    """The month after."""
    return month_of(first_day(month) + timedelta(days=31))


def month_before(month: Month) -> Month:
    """The month before."""
    return month_of(first_day(month) - timedelta(days=1))


def last_day(month: Month) -> date:
    """The last day of a month."""
    return first_day(next_month(month)) - timedelta(days=1)


def report_due(month: Month, report_day: int) -> date:
    """The last day on which the month's report is in time."""
    return first_day(next_month(month)).replace(day=report_day)


def last_due_month(day: date, report_day: int) -> Month:
    """The last month whose report had to be there when this day began."""
    back = 1 if day.day > report_day else 2
    month = day.year * 12 + day.month - 1 - back
    return f"{month // 12:04}-{month % 12 + 1:02}"
