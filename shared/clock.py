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


def scenario_time(told: datetime | None, last_day: date | None, latest: datetime | None = None) -> datetime:
    """The time of a fact in scenario time: as told, but never before the last day that began.

    Without being told, it is the present time of day on the last day that began; but after `latest`, the latest moment
    that is known of that day.
    """
    present = now()
    if last_day is None:
        return told or present
    begun = start_of(last_day)
    if told is not None:
        return max(told, begun)
    time = begun + (present - start_of(day_of(present)))
    if latest is None or day_of(latest) != last_day:
        return time
    last_of_the_day = start_of(last_day + timedelta(days=1)) - _INSTANT
    return min(max(time, latest + _INSTANT), last_of_the_day)


_INSTANT = timedelta(microseconds=1)
"""The least by which two times of facts differ."""
