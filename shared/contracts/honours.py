"""Honours and labels of units: what they were given by others. Written by the registry."""

from enum import StrEnum

from shared.contracts.event import EventData
from shared.contracts.topics import Topic
from shared.contracts.values import Day, OptionalText, ShortText, UnitCode


class HonourKind(StrEnum):
    """批示, 典型案例, 先进集体, 示范点."""

    INSTRUCTION = "instruction"
    CASE = "case"
    COLLECTIVE = "collective"
    DEMONSTRATION = "demonstration"


class HonourLevel(StrEnum):
    """Whose honour it is: 国家级, 省级, 市级, 县级."""

    NATION = "nation"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


class HonourRecorded(EventData, topic=Topic.REFERENCE, name="reference.honour-recorded.v1"):
    """A unit was honoured on a day, `given_by` in words (stream `honour-<uuid>`)."""

    kind: HonourKind
    level: HonourLevel
    unit: UnitCode
    county: UnitCode
    title: ShortText
    day: Day
    given_by: ShortText
    note: OptionalText = ""


class UnitLabelled(EventData, topic=Topic.REFERENCE, name="reference.unit-labelled.v1"):
    """A unit bears a label from a day on, such as 信用村 or 皖美红色物业 (stream `label-<uuid>`)."""

    label: ShortText
    unit: UnitCode
    county: UnitCode
    since: Day
    note: OptionalText = ""
