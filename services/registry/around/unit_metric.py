"""Metrics of units: defined in a catalogue, recorded once a unit and day, corrected with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from services.registry.checks import found
from services.registry.commands.unit_metrics import CorrectMetric, DefineMetric, RecordMetric
from services.registry.reference.unit import check_standing
from shared.command import Aggregate
from shared.contracts.divisions import Rank, rank_of
from shared.contracts.event import Event
from shared.contracts.unit_metrics import MeasureEvent, MetricCorrected, MetricDefined, MetricRecorded
from shared.errors import require

DEFINED_AT = frozenset({Rank.PROVINCE, Rank.CITY, Rank.COUNTY})
"""The ranks of the units that have a catalogue."""


@dataclass(frozen=True)
class Metric:
    """An entry of a catalogue, or the want of one."""

    defined: MetricDefined | None = None


@dataclass(frozen=True)
class Measures:
    """What was measured of one unit, by metric and day, as it stands."""

    values: Mapping[tuple[str, date], Decimal] = field(default_factory=dict[tuple[str, date], Decimal])


@dataclass(frozen=True)
class CatalogueFacts:
    """The metric of the name in the catalogues above the unit's own, and the day on which the unit ended.

    `otherwise` are the units below whose catalogues have it in another measure.
    """

    above: MetricDefined | None = None
    ended: date | None = None
    otherwise: tuple[str, ...] = ()


@dataclass(frozen=True)
class MeasureFacts:
    """The county that the unit lies in (None without one), and the metric in the nearest catalogue that has it.

    `ended` is the day on which the unit did.
    """

    county: str | None
    defined: MetricDefined | None
    ended: date | None = None


def evolve_metric(_: Metric, event: Event[MetricDefined]) -> Metric:
    """Fold one event."""
    return Metric(event.data)


def evolve_measures(measures: Measures, event: Event[MeasureEvent]) -> Measures:
    """Fold one event."""
    return Measures({**measures.values, (event.data.metric, event.data.day): event.data.value})


METRIC = Aggregate("metric", Metric(), evolve_metric)
MEASURES = Aggregate("metrics", Measures(), evolve_measures)


def metric_id(unit: str, metric: str) -> str:
    """The id of a catalogue's entry."""
    return f"{unit}-{metric}"


def define_metric(metric: Metric, cmd: DefineMetric, facts: CatalogueFacts, day: date) -> list[MetricDefined]:
    """Define a metric that neither this catalogue has nor one above it, nor one below it in another measure."""
    require(rank_of(cmd.unit) in DEFINED_AT, "no_catalogue_there", field="unit", unit=cmd.unit)
    check_standing(facts.ended, cmd.unit, day)
    standing = metric.defined or facts.above
    require(standing is None, "metric_exists", field="metric", metric=cmd.metric, unit=standing and standing.unit)
    below = ", ".join(facts.otherwise)
    require(not below, "metric_measured_otherwise", field="measure", metric=cmd.metric, unit=below)
    return [MetricDefined(metric=cmd.metric, name=cmd.name, measure=cmd.measure, unit=cmd.unit)]


def record_metric(measures: Measures, cmd: RecordMetric, facts: MeasureFacts, today: date) -> list[MetricRecorded]:
    """Record the one value of a metric and day, in the measure that the catalogue says today."""
    county = found(facts.county, "unit_in_no_county", "unit", unit=cmd.unit)
    defined = found(facts.defined, "no_such_metric", "metric", metric=cmd.metric)
    require(cmd.day <= today, "in_the_future", field="day")
    check_standing(facts.ended, cmd.unit, cmd.day)
    require((cmd.metric, cmd.day) not in measures.values, "metric_already_recorded", field="day", day=str(cmd.day))
    return [
        MetricRecorded(
            metric=cmd.metric, unit=cmd.unit, county=county, value=cmd.value, measure=defined.measure, day=cmd.day
        )
    ]


def correct_metric(measures: Measures, cmd: CorrectMetric) -> list[MetricCorrected]:
    """Correct the value of a metric and day."""
    was = found(measures.values.get((cmd.metric, cmd.day)), "metric_not_recorded", "day", day=str(cmd.day))
    require(was != cmd.value, "nothing_to_correct", field="value")
    return [MetricCorrected(metric=cmd.metric, day=cmd.day, was=was, value=cmd.value, reason=cmd.reason)]
