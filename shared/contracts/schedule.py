"""序时进度, the share of a project's work that should be done by a day; what was done; which months owe a report."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from shared.contracts.months import (
    REPORT_DAY,
    first_day,
    last_day,
    last_due_month,
    month_before,
    month_of,
    next_month,
    report_due,
)
from shared.contracts.project import Milestone
from shared.contracts.values import Month, Slug

_NOTHING = Decimal(0)
_HUNDREDTH = Decimal("0.01")


def scheduled_percent(milestones: Sequence[Milestone], starts: date, day: date) -> Decimal:
    """Percent from 0 to 100, two decimals, half up; linear between the plan's start and its milestones.

    At a milestone's due day the share is the sum of the weights up to it; milestones due on one day count
    together. Before the start it is 0, after the last milestone the sum of all weights.
    """
    weights: dict[date, Decimal] = {}
    for milestone in milestones:
        weights[milestone.due] = weights.get(milestone.due, _NOTHING) + milestone.weight
    before, share = starts, _NOTHING
    for due, weight in sorted(weights.items()):
        if day < due:
            if day <= before:
                return _rounded(share)
            # Sums and products of such numbers are exact; the one quotient has more digits than a half needs.
            whole, passed = (due - before).days, (day - before).days
            return _rounded((share * whole + weight * passed) / whole)
        before, share = max(before, due), share + weight
    return _rounded(share)


def extended(milestones: Sequence[Milestone], granted: Mapping[Slug, date]) -> tuple[Milestone, ...]:
    """The milestones of a plan with the due days that hold now: the granted ones, else the first."""
    if not granted:
        return tuple(milestones)
    return tuple(each.model_copy(update={"due": granted.get(each.id, each.due)}) for each in milestones)


def percent_done(
    milestones: Sequence[Milestone], reached: Mapping[Slug, date], reports: Mapping[Month, Decimal], day: date
) -> Decimal:
    """What was done by a month end: its month's report says so.

    Without that report it is the last one before, or the milestones reached by then where these are more.
    """
    month = max((month for month in reports if last_day(month) <= day), default=None)
    percent = _NOTHING if month is None else reports[month]
    if month == month_of(day):
        return percent
    weights = (m.weight for m in milestones if m.id in reached and reached[m.id] <= day)
    return max(percent, _rounded(sum(weights, _NOTHING)))


@dataclass(frozen=True, slots=True)
class Reporting:
    """What decides for which months a project owes a report, due on the `report_day` of the next.

    It owes one for every month in which the work is under way. `paused` has the days on which acceptance was asked for
    or the project terminated: who does so before the deadline owes no report any more. `resumed` has the days on which
    acceptance failed or a closed project was reopened: the month that it falls in is the first that is owed again.
    A project of a ledger owes none before the month `reports_from`: what the ledger says stands for those.
    """

    started: date | None
    report_day: int = REPORT_DAY
    paused: Sequence[date] = ()
    resumed: Sequence[date] = ()
    reports_from: Month | None = None


def owes(of: Reporting, month: Month) -> bool:
    """Whether a project owes the report of a month, which may be due only later."""
    first = first_owed(of)
    return first is not None and month >= first and not _rests(of, month)


def first_owed(of: Reporting) -> Month | None:
    """The month from which on reports are owed; None before the start."""
    return max(month_of(of.started), of.reports_from or "") if of.started else None


def first_missing(of: Reporting, reports: Collection[Month]) -> Month | None:
    """The first month that owes a report and is not among these, which may lie ahead; None if no such month comes."""
    month = first_owed(of)
    rests_for_good = len(of.paused) > len(of.resumed)
    while month is not None and (month in reports or _rests(of, month)):
        over = rests_for_good and first_day(month) > max(of.paused)
        month = None if over else next_month(month)
    return month


def months_due(of: Reporting, first: date, last: date) -> Iterator[Month]:
    """The months whose report was due between two days, both included."""
    owed = first_owed(of)
    if owed is None:
        return
    month = max(owed, next_month(last_due_month(first, of.report_day)))
    while report_due(month, of.report_day) <= last:
        if owes(of, month):
            yield month
        month = next_month(month)


def last_month_due(of: Reporting, day: date) -> Month | None:
    """The last month whose report was due when this day began; None before the first: nobody is behind yet.

    Of a project of a ledger it may be one before `reports_from`, for which the ledger speaks.
    """
    if of.started is None:
        return None
    month = last_due_month(day, of.report_day)
    while month >= month_of(of.started):
        if not _rests(of, month):
            return month
        month = month_before(month)
    return None


def held_on(of: Reporting, approved: date, day: date) -> date:
    """The day whose 序时 an approved project is held against: the last month end that a report was due for.

    Of a project of a ledger it is that also of the months before its reports, for which the ledger speaks.

    Before the first report is due it is the day of the start, before that of approval.
    """
    month = last_month_due(of, day)
    return last_day(month) if month else of.started or approved


def next_report_missing(report_day: int, day: date) -> date:
    """The next day after this one on which the report of one more month is missing, if it is."""
    missing = first_day(month_of(day)) + timedelta(days=report_day)
    return missing if missing > day else first_day(next_month(month_of(day))) + timedelta(days=report_day)


def _rests(of: Reporting, month: Month) -> bool:
    days = (last_day(month), report_due(month, of.report_day))
    return any(_until(of.paused, day) > _until(of.resumed, day) for day in days)


def _until(days: Collection[date], last: date) -> int:
    return sum(day <= last for day in days)


def _rounded(share: Decimal) -> Decimal:
    return share.quantize(_HUNDREDTH, ROUND_HALF_UP)
