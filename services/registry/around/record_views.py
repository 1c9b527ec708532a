"""The registry's views of what units have to show: cases, brands, honours, labels, and what was measured of them."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from shared.contracts.cases import CaseColumn, CasePublished, CaseSelected
from shared.contracts.event import Event
from shared.contracts.honours import HonourKind, HonourLevel, HonourRecorded, UnitLabelled
from shared.contracts.project import BrandRecognised
from shared.contracts.topics import Topic
from shared.contracts.unit_metrics import MetricCorrected, MetricDefined, MetricRecorded
from shared.view import View


@dataclass(frozen=True)
class PublicationLine:
    """A case in a column, under the title that it has there."""

    title: str
    text: str
    on: date


@dataclass(frozen=True)
class CaseRow:
    """A case, with its publications by column; `selected_on` is None before it is selected."""

    title: str = ""
    unit: str = ""
    county: str = ""
    project: str | None = None
    summary: str = ""
    selected_on: date | None = None
    publications: dict[CaseColumn, PublicationLine] = field(default_factory=dict[CaseColumn, PublicationLine])


@dataclass(frozen=True)
class BrandRow:
    """A brand; `recognised_on` is None before it is recognised."""

    name: str = ""
    unit: str = ""
    county: str = ""
    project: str | None = None
    recognised_on: date | None = None


@dataclass(frozen=True)
class HonourRow:
    """An honour; `kind` is None before it is recorded."""

    kind: HonourKind | None = None
    level: HonourLevel | None = None
    unit: str = ""
    county: str = ""
    title: str = ""
    day: date | None = None
    given_by: str = ""
    note: str = ""


@dataclass(frozen=True)
class LabelRow:
    """A label of a unit."""

    label: str = ""
    unit: str = ""
    county: str = ""
    since: date | None = None
    note: str = ""


@dataclass(frozen=True)
class MetricRow:
    """An entry of a unit's catalogue."""

    metric: str = ""
    name: str = ""
    measure: str = ""
    unit: str = ""


@dataclass(frozen=True)
class MeasureLine:
    """A value as it stands, of a day; `was` is what it said before its last correction, and `reason` why."""

    metric: str
    day: date
    value: Decimal
    measure: str
    was: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True)
class MeasuresRow:
    """What was measured of one unit."""

    unit: str = ""
    county: str = ""
    readings: tuple[MeasureLine, ...] = ()


def evolve_case(row: CaseRow, event: Event[Any]) -> CaseRow:
    """Fold one event."""
    match event.data:
        case CaseSelected() as e:
            return CaseRow(e.title, e.unit, e.county, e.project, e.summary, event.effective)
        case CasePublished() as e:
            line = PublicationLine(e.title, e.text, event.effective)
            return replace(row, publications={**row.publications, e.column: line})
        case _:
            return row


def evolve_brand(row: BrandRow, event: Event[Any]) -> BrandRow:
    """Fold one event."""
    match event.data:
        case BrandRecognised() as e:
            return BrandRow(e.name, e.unit, e.county, e.project, event.effective)
        case _:
            return row


def evolve_honour(row: HonourRow, event: Event[Any]) -> HonourRow:
    """Fold one event."""
    match event.data:
        case HonourRecorded() as e:
            return HonourRow(e.kind, e.level, e.unit, e.county, e.title, e.day, e.given_by, e.note)
        case _:
            return row


def evolve_label(row: LabelRow, event: Event[Any]) -> LabelRow:
    """Fold one event."""
    match event.data:
        case UnitLabelled() as e:
            return LabelRow(e.label, e.unit, e.county, e.since, e.note)
        case _:
            return row


def evolve_metric(row: MetricRow, event: Event[Any]) -> MetricRow:
    """Fold one event."""
    match event.data:
        case MetricDefined() as e:
            return MetricRow(e.metric, e.name, e.measure, e.unit)
        case _:
            return row


def evolve_measures(row: MeasuresRow, event: Event[Any]) -> MeasuresRow:
    """Fold one event."""
    match event.data:
        case MetricRecorded() as e:
            line = MeasureLine(e.metric, e.day, e.value, e.measure)
            return MeasuresRow(e.unit, e.county, (*row.readings, line))
        case MetricCorrected() as e:
            return replace(row, readings=tuple(_corrected(line, e) for line in row.readings))
        case _:
            return row


def _corrected(line: MeasureLine, e: MetricCorrected) -> MeasureLine:
    if (line.metric, line.day) != (e.metric, e.day):
        return line
    return replace(line, value=e.value, was=e.was, reason=e.reason)


CASES = View(
    name="case",
    version=1,
    row=CaseRow,
    topics={Topic.PROJECT: frozenset({"case"})},
    evolve=evolve_case,
    indexes=(("county",),),
)
BRANDS = View(
    name="brand",
    version=1,
    row=BrandRow,
    topics={Topic.PROJECT: frozenset({"brand"})},
    evolve=evolve_brand,
    indexes=(("county",), ("unit",)),
)
HONOURS = View(
    name="honour",
    version=1,
    row=HonourRow,
    topics={Topic.REFERENCE: frozenset({"honour"})},
    evolve=evolve_honour,
    indexes=(("county",),),
)
LABELS = View(
    name="label",
    version=1,
    row=LabelRow,
    topics={Topic.REFERENCE: frozenset({"label"})},
    evolve=evolve_label,
    indexes=(("county",),),
)
METRICS = View(
    name="metric",
    version=1,
    row=MetricRow,
    topics={Topic.REFERENCE: frozenset({"metric"})},
    evolve=evolve_metric,
    indexes=(("unit",),),
)
MEASURES = View(
    name="measures",
    version=1,
    row=MeasuresRow,
    topics={Topic.REFERENCE: frozenset({"metrics"})},
    evolve=evolve_measures,
    indexes=(("county",), ("unit",)),
)
VIEWS = (CASES, BRANDS, HONOURS, LABELS, METRICS, MEASURES)
