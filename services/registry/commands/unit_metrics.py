"""Commands about the metrics of units: the catalogue, and what was measured."""

from shared.command import Command
from shared.contracts.values import Amount, Day, PersonId, ShortText, Slug, Text, UnitCode


class DefineMetric(Command, route="/metrics/define"):
    """Define a metric of a county, a city or a province and of all below, with its unit of measure."""

    metric: Slug
    name: ShortText
    measure: ShortText
    unit: UnitCode


class RecordMetric(Command, route="/metrics/record"):
    """Record a unit's value of a metric as of a day; of several `secretary` is whom an office acts for."""

    metric: Slug
    unit: UnitCode
    value: Amount
    day: Day
    secretary: PersonId | None = None


class CorrectMetric(Command, route="/metrics/correct"):
    """Correct a unit's value of a metric as of a day (更正); the old value stays visible; `secretary` as above."""

    metric: Slug
    unit: UnitCode
    value: Amount
    day: Day
    reason: Text
    secretary: PersonId | None = None
