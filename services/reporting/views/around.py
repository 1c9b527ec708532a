"""The views of what happens around projects: visits, cases, honours, and what was measured of units."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from shared.contracts.cases import CaseColumn, CasePublished, CaseSelected
from shared.contracts.event import Event
from shared.contracts.honours import HonourKind, HonourLevel, HonourRecorded
from shared.contracts.topics import Topic
from shared.contracts.unit_metrics import MetricCorrected, MetricRecorded
from shared.contracts.visits import DifficultyRaised, DifficultySolved, SuggestionCollected, VisitHeld
from shared.view import View


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggestion that was collected."""

    id: str
    text: str
    day: date
    recorded: datetime


@dataclass(frozen=True, slots=True)
class Difficulty:
    """A difficulty, and when it was solved."""

    id: str
    text: str
    day: date
    recorded: datetime
    solved: date | None = None
    solved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SiteVisit:
    """A leader's visit on site; `changed` is the time of its latest event."""

    unit: str = ""
    county: str = ""
    held: date | None = None
    suggestions: tuple[Suggestion, ...] = ()
    difficulties: tuple[Difficulty, ...] = ()
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """A case in a column."""

    column: CaseColumn
    day: date
    recorded: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A case; `changed` is the time of its latest event."""

    title: str = ""
    unit: str = ""
    county: str = ""
    publications: tuple[Publication, ...] = ()
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Honour:
    """An honour of a unit."""

    kind: HonourKind | None = None
    level: HonourLevel | None = None
    title: str = ""
    unit: str = ""
    county: str = ""
    day: date | None = None
    recorded: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was said of a metric as of a day: at first, or as a correction, which comes after what it corrects."""

    metric: str
    day: date
    value: Decimal
    measure: str
    recorded: datetime


@dataclass(frozen=True, slots=True)
class Measures:
    """Everything that was said of one unit's metrics, in its order; `changed` is the time of the latest."""

    unit: str = ""
    county: str = ""
    readings: tuple[Reading, ...] = ()
    changed: datetime | None = None


def evolve_visit(visit: SiteVisit, event: Event[Any]) -> SiteVisit:
    """Fold one event of a visit."""
    on, at = event.effective, event.time
    visit = replace(visit, changed=at)
    match event.data:
        case VisitHeld() as e:
            return replace(visit, unit=e.unit, county=e.county, held=e.on)
        case SuggestionCollected() as e:
            return replace(visit, suggestions=(*visit.suggestions, Suggestion(e.suggestion, e.text, on, at)))
        case DifficultyRaised() as e:
            return replace(visit, difficulties=(*visit.difficulties, Difficulty(e.difficulty, e.text, on, at)))
        case DifficultySolved(difficulty=id):
            solved = (replace(d, solved=on, solved_at=at) if d.id == id else d for d in visit.difficulties)
            return replace(visit, difficulties=tuple(solved))
        case _:
            return visit


def evolve_case(case: Case, event: Event[Any]) -> Case:
    """Fold one event of a case."""
    match event.data:
        case CaseSelected() as e:
            return Case(e.title, e.unit, e.county, changed=event.time)
        case CasePublished() as e:
            published = Publication(e.column, event.effective, event.time)
            return replace(case, publications=(*case.publications, published), changed=event.time)
        case _:
            return case


def evolve_honour(honour: Honour, event: Event[Any]) -> Honour:
    """Fold one event of an honour."""
    match event.data:
        case HonourRecorded() as e:
            return Honour(e.kind, e.level, e.title, e.unit, e.county, e.day, event.time)
        case _:
            return honour


def evolve_measures(measures: Measures, event: Event[Any]) -> Measures:
    """Fold one event of a unit's metrics."""
    match event.data:
        case MetricRecorded() as e:
            reading = Reading(e.metric, e.day, e.value, e.measure, event.time)
            return Measures(e.unit, e.county, (*measures.readings, reading), event.time)
        case MetricCorrected() as e:
            measure = next(r.measure for r in measures.readings if (r.metric, r.day) == (e.metric, e.day))
            reading = Reading(e.metric, e.day, e.value, measure, event.time)
            return replace(measures, readings=(*measures.readings, reading), changed=event.time)
        case _:
            return measures


VISIT = View(
    name="site_visit",
    version=1,
    row=SiteVisit,
    topics={Topic.PROGRESS: frozenset({"visit"})},
    evolve=evolve_visit,
    indexes=[("county",)],
)
CASE = View(
    name="case",
    version=1,
    row=Case,
    topics={Topic.PROJECT: frozenset({"case"})},
    evolve=evolve_case,
    indexes=[("county",)],
)
HONOUR = View(
    name="honour",
    version=1,
    row=Honour,
    topics={Topic.REFERENCE: frozenset({"honour"})},
    evolve=evolve_honour,
    indexes=[("county", "day")],
)
MEASURES = View(
    name="measures",
    version=1,
    row=Measures,
    topics={Topic.REFERENCE: frozenset({"metrics"})},
    evolve=evolve_measures,
    indexes=[("county",)],
)
