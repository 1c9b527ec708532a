"""The rhythm of a county's year: what is due when, and what was held (每月通报、每季调度、中期评估、年底述评).

Written by the registry (stream `rhythm-<county>-<year>`).
"""

from enum import StrEnum

from pydantic import Field

from shared.contracts.event import EventData, Part
from shared.contracts.topics import Topic
from shared.contracts.values import Day, OptionalText, ShortText, Slug, UnitCode, Year


class RhythmKind(StrEnum):
    """每月通报, 每季调度, 中期评估, 年底述评."""

    MONTHLY_BULLETIN = "monthly_bulletin"
    QUARTERLY_REVIEW = "quarterly_review"
    MID_TERM = "mid_term"
    YEAR_END = "year_end"


class RhythmItem(Part):
    """What is due by the end of a day."""

    id: Slug
    kind: RhythmKind
    title: ShortText
    due: Day


class RhythmSet(EventData, topic=Topic.PROGRESS, name="progress.rhythm-set.v1"):
    """The calendar of a county and year; set again, it replaces what was set before."""

    county: UnitCode
    year: Year
    items: tuple[RhythmItem, ...] = Field(min_length=1)


class RhythmHeld(EventData, topic=Topic.PROGRESS, name="progress.rhythm-held.v1"):
    """What was due was held, on the day `on`; `link` leads to what came of it."""

    item: Slug
    on: Day
    note: OptionalText = ""
    link: OptionalText = ""


RhythmEvent = RhythmSet | RhythmHeld
