"""The view `schedule`: a row a project with its plan, its progress and the lamp that follows from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from services.alerts.lamp import Course, State, lamp_on, next_change
from shared.contracts.event import Event
from shared.contracts.months import REPORT_DAY
from shared.contracts.progress import (
    Extended,
    ExtensionGranted,
    MilestoneCorrected,
    MilestoneReached,
    ProblemFound,
    ProgressCorrected,
    ProgressReported,
    RectificationRefused,
    RectificationReported,
)
from shared.contracts.project import (
    AcceptanceFailed,
    AcceptanceRequested,
    Milestone,
    PlanApproved,
    PlanSubmitted,
    ProjectClosed,
    ProjectHandedOver,
    ProjectProposed,
    ProjectReopened,
    ProjectStarted,
    ProjectTerminated,
)
from shared.contracts.schedule import extended
from shared.contracts.topics import Topic
from shared.contracts.values import Month, Slug
from shared.lamps import DEFAULT, ByCounty
from shared.view import View


@dataclass(frozen=True, slots=True)
class Schedule:
    """A project's schedule. The project topic feeds the first part, the progress topic the second, where `deadlines`
    has the problems that have still to be rectified, and `granted` the later due days of milestones.

    On the days in `paused` acceptance was asked for or the project terminated, on those in `resumed` acceptance failed
    or the project was reopened.

    The rest is settled from both: `state` is the lamp and what it comes from, None before approval; on
    `changes_on` it may change by itself.
    """

    title: str = ""
    owner: str = ""
    county: str = ""
    secretary: str = ""
    starts: date | None = None
    milestones: tuple[Milestone, ...] = ()
    approved: date | None = None
    report_day: int = REPORT_DAY
    started: date | None = None
    paused: tuple[date, ...] = ()
    resumed: tuple[date, ...] = ()
    closed: date | None = None
    terminated: date | None = None

    reports: Mapping[Month, Decimal] = field(default_factory=dict[Month, Decimal])
    reached: Mapping[Slug, date] = field(default_factory=dict[Slug, date])
    deadlines: Mapping[Slug, date] = field(default_factory=dict[Slug, date])
    granted: Mapping[Slug, date] = field(default_factory=dict[Slug, date])

    state: State | None = None
    changes_on: date | None = None


def evolve(row: Schedule, event: Event[Any]) -> Schedule:
    """The row after one more event of either topic. The plan that counts is the last one submitted."""
    match event.data:
        case ProjectProposed() as e:
            return replace(row, title=e.title, owner=e.owner, county=e.county, secretary=e.secretary)
        case PlanSubmitted() as e:
            return replace(row, starts=e.starts, milestones=e.milestones)
        case PlanApproved() as e:
            return replace(row, approved=event.effective, report_day=e.report_day)
        case ProjectStarted():
            return replace(row, started=event.effective)
        case AcceptanceRequested():
            return replace(row, paused=(*row.paused, event.effective))
        case AcceptanceFailed():
            return replace(row, resumed=(*row.resumed, event.effective))
        case ProjectClosed():
            return replace(row, closed=event.effective)
        case ProjectReopened():
            return replace(row, closed=None, resumed=(*row.resumed, event.effective))
        case ProjectTerminated():
            return replace(row, terminated=event.effective, paused=(*row.paused, event.effective))
        case ProjectHandedOver() as e:
            return replace(row, secretary=e.secretary)
        case _:
            return _carried_out(row, event)


def _carried_out(row: Schedule, event: Event[Any]) -> Schedule:
    match event.data:
        case ProgressReported() | ProgressCorrected() as e:
            return replace(row, reports={**row.reports, e.month: e.percent})
        case MilestoneReached() as e:
            return replace(row, reached={**row.reached, e.milestone: e.on})
        case MilestoneCorrected() as e:
            others = {id: on for id, on in row.reached.items() if id != e.milestone}
            return replace(row, reached={**others, e.milestone: e.on} if e.on else others)
        case ExtensionGranted(of=Extended.MILESTONE) as e:
            return replace(row, granted={**row.granted, e.subject: e.due})
        case ExtensionGranted(of=Extended.PROBLEM) as e:
            return replace(row, deadlines={**row.deadlines, e.subject: e.due})
        case ProblemFound() | RectificationRefused() as e:
            return replace(row, deadlines={**row.deadlines, e.problem: e.due})
        case RectificationReported() as e:
            return replace(row, deadlines={id: due for id, due in row.deadlines.items() if id != e.problem})
        case _:
            return row


def settle(row: Schedule, day: date | None, *, thresholds: ByCounty) -> Schedule:
    """The row with the lamp of this day; before the first day it waits for whichever comes."""
    if row.approved is None or row.starts is None:
        return row
    if day is None:
        return replace(row, changes_on=date.min)
    course = Course(
        row.starts,
        extended(row.milestones, row.granted),
        row.approved,
        row.started,
        row.closed,
        row.reports,
        row.reached,
        row.deadlines,
        row.report_day,
        row.paused,
        row.resumed,
        row.terminated,
    )
    chosen = thresholds.get(row.county, DEFAULT)
    return replace(row, state=lamp_on(course, day, chosen), changes_on=next_change(course, day, chosen))


def next_due(row: Schedule) -> date | None:
    """The next day on which the row may change by itself."""
    return row.changes_on


def schedule_view(thresholds: ByCounty) -> View[Schedule]:
    """The view with the thresholds of this deployment."""
    return View(
        "schedule",
        4,
        Schedule,
        {Topic.PROJECT: frozenset({"project"}), Topic.PROGRESS: frozenset({"project"})},
        evolve,
        settle=partial(settle, thresholds=thresholds),
        next_due=next_due,
        indexes=[("owner",)],
    )
