"""Time: the only place that knows what time it is for the facts. Days are those of Asia/Shanghai."""

from datetime import UTC, date, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has had one time without summer time since 1992."""


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def day_of(moment: datetime) -> date:
    """The day of a moment, in Asia/Shanghai."""
    return moment.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """The first moment of a day in Asia/Shanghai, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)


def scenario_time(told: datetime | None, last_day: date | None) -> datetime:
    """The time of a fact in scenario time: as told, but never before the last day that began.

    Without being told, it is the present time of day on the last day that began.
    """
    present = now()
    if last_day is None:
        return told or present
    begun = start_of(last_day)
    if told is None:
        since_midnight = present - start_of(day_of(present))
        return begun + since_midnight
    return max(told, begun)
