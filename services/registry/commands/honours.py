"""Commands about what units were given: honours and labels."""

from shared.command import Command
from shared.contracts.honours import HonourKind, HonourLevel
from shared.contracts.values import Day, OptionalText, ShortText, UnitCode
from shared.unit_codes import CountyCode


class RecordHonour(Command, route="/honours/record"):
    """Record that a unit of the county was honoured, by whom and on which day."""

    kind: HonourKind
    level: HonourLevel
    unit: UnitCode
    county: CountyCode
    title: ShortText
    day: Day
    given_by: ShortText
    note: OptionalText = ""


class LabelUnit(Command, route="/labels/record"):
    """Record that a unit of the county bears a label from a day on."""

    label: ShortText
    unit: UnitCode
    county: CountyCode
    since: Day
    note: OptionalText = ""
