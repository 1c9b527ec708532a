"""A report as its form is first filled in: which month is owed, what the milestones say, how it stands to 序时."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.registry.project.state import Project, Stage
from shared.contracts.months import last_day, month_before, month_of, next_month
from shared.contracts.project import Milestone
from shared.contracts.schedule import extended, owes, percent_done, scheduled_percent
from shared.contracts.values import Month


@dataclass(frozen=True, slots=True)
class Due:
    """A month to report, with what the system already knows of it.

    `percent` is what the reached milestones come to, and no less than what was last reported; `before` is that
    last report's month and percent, `after` those of the next, of a month that is made up for. `scheduled` is the share
    that should be done by the day `on`.
    """

    month: Month
    percent: Decimal
    before: tuple[Month, Decimal] | None
    after: tuple[Month, Decimal] | None
    scheduled: Decimal
    on: date
    note: str
    reached: int
    owed: int

    @property
    def behind(self) -> Decimal:
        """Percentage points behind schedule; below zero when ahead."""
        return self.scheduled - self.percent


def due(project: Project, today: date) -> Due | None:
    """The first month that is owed, else the present one; None if nothing can be reported."""
    plan, started = project.plan, project.days.get(Stage.STARTED)
    if plan is None or started is None or not project.being_carried_out:
        return None
    owed = owed_months(project, today)
    month = owed[0] if owed else month_of(today)
    if month in project.reports:
        return None
    on = min(last_day(month), today)
    last = max((each for each in project.reports if each < month), default=None)
    coming = min((each for each in project.reports if each > month), default=None)
    milestones = extended(plan.milestones, project.granted)
    done = percent_done(milestones, project.reached, project.reports, on)
    if last is not None:
        done = max(done, project.reports[last])
    if coming is not None:
        done = min(done, project.reports[coming])
    return Due(
        month,
        done,
        (last, project.reports[last]) if last else None,
        (coming, project.reports[coming]) if coming else None,
        scheduled_percent(milestones, plan.starts, on),
        on,
        _drafted(milestones, project, month),
        sum(1 for milestone in milestones if milestone.id in project.reached),
        len(owed),
    )


def owed_months(project: Project, today: date) -> list[Month]:
    """The months from the start to the last whole one that owe a report and have none."""
    started = project.days.get(Stage.STARTED)
    month = month_of(started) if started else month_of(today)
    owed: list[Month] = []
    while month <= month_before(month_of(today)):
        if month not in project.reports and owes(project.reporting, month):
            owed.append(month)
        month = next_month(month)
    return owed


def _drafted(milestones: tuple[Milestone, ...], project: Project, month: Month) -> str:
    """What the reached milestones of the month say; the writer changes it."""
    done = [m.title for m in milestones if month_of(project.reached.get(m.id, date.min)) == month]
    ahead = min((m for m in milestones if m.id not in project.reached), key=lambda m: m.due, default=None)
    said = f"完成{'、'.join(f'“{title}”' for title in done)}。" if done else ""
    coming = f"继续推进“{ahead.title}”（计划 {ahead.due.month}月{ahead.due.day}日）。" if ahead else ""
    return said + coming


def months_back(today: date, most: int) -> list[Month]:
    """So many months that can be chosen, the present one first."""
    found = [month_of(today)]
    while len(found) < most:
        found.append(month_before(found[-1]))
    return found
