"""Metrics of units, such as 村级集体经营性收入: a catalogue that is data, and what was measured.

Written by the registry. `village_income`, in 万元, is the one that figures are counted from.
"""

from typing import Final

from shared.contracts.event import EventData
from shared.contracts.topics import Topic
from shared.contracts.values import Amount, Day, ShortText, Slug, Text, UnitCode

VILLAGE_INCOME: Final = "village_income"
"""村级集体经营性收入 of a year."""
TEN_THOUSAND_YUAN: Final = "万元"
"""The measure that figures take `village_income` in."""


class MetricDefined(EventData, topic=Topic.REFERENCE, name="reference.metric-defined.v1"):
    """A metric of `unit` and all below it, with its unit of measure (stream `metric-<unit>-<metric>`)."""

    metric: Slug
    name: ShortText
    measure: ShortText
    unit: UnitCode


class MetricRecorded(EventData, topic=Topic.REFERENCE, name="reference.metric-recorded.v1"):
    """A unit's value of a metric as of a day (stream `metrics-<unit>`), in the measure of that time."""

    metric: Slug
    unit: UnitCode
    county: UnitCode
    value: Amount
    measure: ShortText
    day: Day


class MetricCorrected(EventData, topic=Topic.REFERENCE, name="reference.metric-corrected.v1"):
    """The value of a day was corrected (更正); the old one stays visible."""

    metric: Slug
    day: Day
    was: Amount
    value: Amount
    reason: Text


MeasureEvent = MetricRecorded | MetricCorrected
