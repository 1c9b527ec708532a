"""The lamp of a project: held against 序时进度 as of the last month end that a report was due for.

Red (红): too far behind, or not started too long after approval. Yellow (黄): behind. Blue (蓝): a milestone or the
deadline of a problem is near. Grey (灰): closed or terminated. Else green (绿). Red goes before yellow, yellow before
blue. There is no lamp before approval. How far, how long and how near is configuration: `shared.lamps.Thresholds`.

What is here depends on the project's facts and the day alone, and changes only on the days that `next_change`
gives: between two of them every day has the same lamp, reason and figures.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from shared.contracts.alert import Lamp
from shared.contracts.months import REPORT_DAY, last_day, month_of, next_month
from shared.contracts.project import Milestone
from shared.contracts.schedule import (
    Reporting,
    held_on,
    last_month_due,
    next_report_missing,
    percent_done,
    scheduled_percent,
)
from shared.contracts.values import Month, Slug
from shared.lamps import Thresholds

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Course:
    """The facts of an approved project that its lamp is decided on.

    The `milestones` are those with the due days that hold: the granted ones, else the plan's. `reports` has the percent
    of each month's report, due on the `report_day` of the next, `reached` the days on which milestones were reached,
    `deadlines` the last days for the problems that have still to be rectified, `paused` and `resumed` the days from and
    until which no report is owed.
    """

    starts: date
    milestones: Sequence[Milestone]
    approved: date
    started: date | None
    closed: date | None
    reports: Mapping[Month, Decimal]
    reached: Mapping[Slug, date]
    deadlines: Mapping[Slug, date]
    report_day: int = REPORT_DAY
    paused: Sequence[date] = ()
    resumed: Sequence[date] = ()
    terminated: date | None = None

    @property
    def reporting(self) -> Reporting:
        """What decides for which months it owes a report."""
        return Reporting(self.started, self.report_day, self.paused, self.resumed)

    @property
    def ended(self) -> date | None:
        """The day of closing or termination, if it has come."""
        return self.closed or self.terminated

    @property
    def finished(self) -> bool:
        """Whether every milestone has been reached: what is left is acceptance and closing."""
        return all(milestone.id in self.reached for milestone in self.milestones)


@dataclass(frozen=True, slots=True)
class State:
    """A lamp with its reason, and what was held against what: percent on the day `as_of`.

    That is a month end; before the first report is due it is the day of the start, before that of approval.
    """

    lamp: Lamp
    reason: str
    as_of: date
    scheduled: Decimal
    actual: Decimal


def lamp_on(course: Course, day: date, thresholds: Thresholds) -> State:
    """The lamp on a day, by what is known."""
    month = last_month_due(course.reporting, course.ended or day)
    as_of = held_on(course.reporting, course.approved, course.ended or day)
    scheduled = scheduled_percent(course.milestones, course.starts, as_of)
    actual = percent_done(course.milestones, course.reached, course.reports, as_of)
    lamp, reason = _decided(course, day, thresholds, scheduled - actual if month else Decimal(0))
    if lamp in (Lamp.RED, Lamp.YELLOW) and month:
        reason = f"截至{_written(as_of)}应完成{_plain(scheduled)}%，实际完成{_plain(actual)}%，{reason}"
    return State(lamp, reason, as_of, scheduled, actual)


def _decided(course: Course, day: date, thresholds: Thresholds, behind: Decimal) -> tuple[Lamp, str]:
    if course.closed is not None:
        return Lamp.GREY, f"{_written(course.closed)}销号"
    if course.terminated is not None:
        return Lamp.GREY, f"{_written(course.terminated)}终止"
    if course.started is None:
        if day > _start_limit(course, thresholds):
            return Lamp.RED, f"{_written(course.approved)}立项，{thresholds.start_months}个月后仍未启动"
    elif behind >= thresholds.yellow and not course.finished:
        return (Lamp.RED if behind > thresholds.red else Lamp.YELLOW), f"落后{_plain(behind)}个百分点"
    near = _near(course, day, thresholds)
    if near is not None:
        return Lamp.BLUE, f"{_written(near.day)}前应{near.what}"
    if course.started is None:
        return Lamp.GREEN, "已立项，待启动"
    return Lamp.GREEN, "节点全部完成，待验收销号" if course.finished else "按序时进度推进"


def next_change(course: Course, day: date, thresholds: Thresholds) -> date | None:
    """The next day after this one on which the lamp may change by itself; None when only an event can change it."""
    return min((change for change in _changes(course, day, thresholds) if change > day), default=None)


def _changes(course: Course, day: date, thresholds: Thresholds) -> Iterator[date]:
    if course.ended is not None:
        return
    if course.started is None:
        yield _start_limit(course, thresholds) + DAY
    else:
        yield next_report_missing(course.report_day, day)
    for due in _open(course):
        yield due.day - DAY * thresholds.near_days
        yield due.day + DAY


class _Due(NamedTuple):
    """A day by whose end something is to be done."""

    day: date
    what: str


def _near(course: Course, day: date, thresholds: Thresholds) -> _Due | None:
    return min((due for due in _open(course) if day <= due.day <= day + DAY * thresholds.near_days), default=None)


def _open(course: Course) -> Iterator[_Due]:
    for milestone in course.milestones:
        if milestone.id not in course.reached:
            yield _Due(milestone.due, f"完成“{milestone.title[:100]}”")
    for deadline in course.deadlines.values():
        yield _Due(deadline, "整改检查指出的问题")


def _start_limit(course: Course, thresholds: Thresholds) -> date:
    """The last day on which a start is in time: the same day some months after approval, or the last of the month."""
    month = month_of(course.approved)
    for _ in range(thresholds.start_months):
        month = next_month(month)
    end = last_day(month)
    return end.replace(day=min(course.approved.day, end.day))


def _written(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
