"""The dated facts of projects and brands, and what a metric counts of them at a period's end."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import assert_never

from services.scoring.periods import Span
from shared.contracts.months import REPORT_DAY
from shared.contracts.schedule import Reporting, months_due
from shared.contracts.scoring import Metric
from shared.contracts.values import Month


@dataclass(frozen=True, slots=True)
class Problem:
    """The days on which a problem was found and its rectification verified."""

    found: date
    rectified: date | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """A later plan year that a project was carried over into, and when that was decided."""

    year: int
    on: date


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """A project with the days of its facts. `reports` has the day on which each month's report was made,
    due on the `report_day` of the next month.

    From the days in `paused` on, until those in `resumed`, no report is owed, nor before the month `reports_from`.
    `closed` and `reopened` are the days of each, `carried` the plan years that it was carried over into, with the days
    on which it was.
    """

    owner: str = ""
    county: str = ""
    title: str = ""
    year: int = 0
    approved: date | None = None
    report_day: int = REPORT_DAY
    started: date | None = None
    paused: tuple[date, ...] = ()
    resumed: tuple[date, ...] = ()
    reports_from: Month | None = None
    closed: tuple[date, ...] = ()
    reopened: tuple[date, ...] = ()
    carried: tuple[Carried, ...] = ()
    reports: Mapping[Month, date] = field(default_factory=dict[Month, date])
    problems: Mapping[str, Problem] = field(default_factory=dict[str, Problem])


@dataclass(frozen=True, slots=True)
class BrandFacts:
    """A brand: the unit that it is recognised for, and when."""

    unit: str = ""
    county: str = ""
    name: str = ""
    recognised: date | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """All that a unit's subtree has: its projects and brands."""

    projects: Sequence[ProjectFacts]
    brands: Sequence[BrandFacts]


def counts(holding: Holding, period: Span) -> dict[Metric, int]:
    """Every metric of a unit's subtree for a period."""
    return {metric: count(metric, holding, period) for metric in Metric}


def count(metric: Metric, holding: Holding, period: Span) -> int:
    """What a metric counts.

    Projects approved and closed, and brands, are those of the plan year up to the period's last day; what was carried
    over is of both years, what was terminated stays approved, what was reopened is not closed. Reports due
    are those whose deadline lies in the period, reports made those of them that were there on its last day.
    Problems are those found in the period, rectified those of them that were verified by its last day. Facts
    dated after the last day do not count, whenever they are known.
    """
    projects = [project for project in holding.projects if _by(project.approved, period.last)]
    of_year = [project for project in projects if _of_year(project, period)]
    match metric:
        case Metric.PROJECTS_APPROVED:
            return len(of_year)
        case Metric.PROJECTS_CLOSED:
            return sum(_closed_by(project, period.last) for project in of_year)
        case Metric.REPORTS_DUE:
            return sum(1 for project in projects for _ in _months_due(project, period))
        case Metric.REPORTS_MADE:
            return sum(
                _by(project.reports.get(month), period.last)
                for project in projects
                for month in _months_due(project, period)
            )
        case Metric.PROBLEMS_FOUND:
            return sum(1 for _ in _found(projects, period))
        case Metric.PROBLEMS_RECTIFIED:
            return sum(_by(problem.rectified, period.last) for problem in _found(projects, period))
        case Metric.BRANDS:
            in_year = (brand.recognised for brand in holding.brands if _by(brand.recognised, period.last))
            return sum(day is not None and day.year == period.year for day in in_year)
        case _:
            assert_never(metric)


def _months_due(project: ProjectFacts, period: Span) -> Iterator[Month]:
    reporting = Reporting(project.started, project.report_day, project.paused, project.resumed, project.reports_from)
    return months_due(reporting, period.first, period.last)


def _of_year(project: ProjectFacts, period: Span) -> bool:
    carried = (each.year for each in project.carried if each.on <= period.last)
    return period.year in (project.year, *carried)


def _closed_by(project: ProjectFacts, last: date) -> bool:
    return sum(day <= last for day in project.closed) > sum(day <= last for day in project.reopened)


def _found(projects: Sequence[ProjectFacts], period: Span) -> Iterator[Problem]:
    for project in projects:
        for problem in project.problems.values():
            if period.first <= problem.found <= period.last:
                yield problem


def _by(day: date | None, last: date) -> bool:
    return day is not None and day <= last
