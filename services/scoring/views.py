"""The views of scoring: facts of projects and brands, sheets, schemes, results."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from services.scoring.facts import BrandFacts, Carried, Problem, ProjectFacts
from shared.contracts.assessment import Channel, ScoreSheetSubmitted
from shared.contracts.event import Event
from shared.contracts.progress import ProblemFound, ProgressReported, RectificationVerified
from shared.contracts.project import (
    AcceptanceFailed,
    AcceptanceRequested,
    BrandRecognised,
    PlanApproved,
    ProjectCarriedOver,
    ProjectClosed,
    ProjectProposed,
    ProjectReopened,
    ProjectStarted,
    ProjectTerminated,
)
from shared.contracts.scoring import Index, ResultsPublished, SchemePublished, UnitResult
from shared.contracts.topics import Topic
from shared.contracts.values import Slug
from shared.view import View


def fold_project(row: ProjectFacts, event: Event[Any]) -> ProjectFacts:
    """A project's facts after one more event of either topic."""
    match event.data:
        case ProjectProposed() as e:
            return replace(row, owner=e.owner, county=e.county, title=e.title, year=e.year)
        case PlanApproved() as e:
            return replace(row, approved=event.effective, report_day=e.report_day)
        case ProjectStarted() as e:
            return replace(row, started=event.effective, reports_from=e.reports_from)
        case AcceptanceRequested():
            return replace(row, paused=(*row.paused, event.effective))
        case AcceptanceFailed():
            return replace(row, resumed=(*row.resumed, event.effective))
        case ProjectClosed():
            return replace(row, closed=(*row.closed, event.effective))
        case ProjectReopened():
            reopened = (*row.reopened, event.effective)
            return replace(row, reopened=reopened, resumed=(*row.resumed, event.effective))
        case ProjectTerminated():
            return replace(row, paused=(*row.paused, event.effective))
        case ProjectCarriedOver() as e:
            return replace(row, carried=(*row.carried, Carried(e.year, event.effective)))
        case _:
            return _carried_out(row, event)


def _carried_out(row: ProjectFacts, event: Event[Any]) -> ProjectFacts:
    match event.data:
        case ProgressReported() as e:
            return replace(row, reports={**row.reports, e.month: event.effective})
        case ProblemFound() as e:
            return replace(row, problems={**row.problems, e.problem: Problem(event.effective)})
        case RectificationVerified() as e:
            rectified = replace(row.problems[e.problem], rectified=event.effective)
            return replace(row, problems={**row.problems, e.problem: rectified})
        case _:
            return row


def fold_brand(row: BrandFacts, event: Event[Any]) -> BrandFacts:
    """A brand's facts after one more event."""
    match event.data:
        case BrandRecognised() as e:
            return BrandFacts(e.unit, e.county, e.name, event.effective)
        case _:
            return row


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A score sheet: `points` by indicator."""

    county: str = ""
    period: str = ""
    unit: str = ""
    channel: Channel = Channel.FIELD_TEST
    assessor: str = ""
    submitted: date | None = None
    points: Mapping[Slug, Decimal] = field(default_factory=dict[Slug, Decimal])


def fold_sheet(row: SheetRow, event: Event[Any]) -> SheetRow:
    """A sheet after one more event."""
    match event.data:
        case ScoreSheetSubmitted() as e:
            points = {value.indicator: value.points for value in e.values}
            return SheetRow(e.county, e.period, e.unit, e.channel, e.assessor, event.effective, points)
        case _:
            return row


@dataclass(frozen=True, slots=True)
class SchemeVersion:
    """A published version of a scheme."""

    version: int
    name: str
    published: date
    indices: tuple[Index, ...]


@dataclass(frozen=True, slots=True)
class SchemeRow:
    """A county's scheme with all its versions, the present one last."""

    county: str = ""
    versions: tuple[SchemeVersion, ...] = ()


def fold_scheme(row: SchemeRow, event: Event[Any]) -> SchemeRow:
    """A scheme after one more version."""
    match event.data:
        case SchemePublished() as e:
            version = SchemeVersion(e.version, e.name, event.effective, e.indices)
            return SchemeRow(e.county, (*row.versions, version))
        case _:
            return row


@dataclass(frozen=True, slots=True)
class ResultsRow:
    """A county's published results of a period, as they were published."""

    county: str = ""
    period: str = ""
    scheme_version: int = 0
    published: date | None = None
    results: tuple[UnitResult, ...] = ()


def fold_results(row: ResultsRow, event: Event[Any]) -> ResultsRow:
    """A period's results after one more event."""
    match event.data:
        case ResultsPublished() as e:
            return ResultsRow(e.county, e.period, e.scheme_version, event.effective, e.results)
        case _:
            return row


PROJECT = View(
    "project_facts",
    4,
    ProjectFacts,
    {Topic.PROJECT: frozenset({"project"}), Topic.PROGRESS: frozenset({"project"})},
    fold_project,
    indexes=[("owner",)],
)
BRAND = View("brand_facts", 1, BrandFacts, {Topic.PROJECT: frozenset({"brand"})}, fold_brand, indexes=[("unit",)])
SHEET = View(
    "sheet",
    1,
    SheetRow,
    {Topic.ASSESSMENT: frozenset({"sheet"})},
    fold_sheet,
    indexes=[("county", "period", "unit")],
)
SCHEME = View("scheme", 1, SchemeRow, {Topic.SCORING: frozenset({"scheme"})}, fold_scheme)
RESULTS = View(
    "results", 1, ResultsRow, {Topic.SCORING: frozenset({"period"})}, fold_results, indexes=[("county", "period")]
)
