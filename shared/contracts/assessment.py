"""Assessment facts: the score sheets. Written by scoring, one event a sheet."""

from enum import StrEnum

from pydantic import Field

from shared.contracts.event import EventData, Part
from shared.contracts.topics import Topic
from shared.contracts.values import OptionalText, Period, PersonId, Points, Slug, UnitCode


class Channel(StrEnum):
    """实地测评, 考评, 综合研究确定, 县级抽查督查."""

    FIELD_TEST = "field_test"
    REVIEW = "review"
    JOINT_DECISION = "joint_decision"
    SPOT_CHECK = "spot_check"


class SheetValue(Part):
    """Points from 0 to 100 for one indicator, with a reason where the assessor gives one."""

    indicator: Slug
    points: Points = Field(le=100)
    reason: OptionalText = ""


class AssessmentData(EventData, topic=Topic.ASSESSMENT):
    """The base of this module's events."""


class ScoreSheetSubmitted(AssessmentData, name="assessment.score-sheet-submitted.v1"):
    """One assessor's sheet of one channel about one unit and period: there is no second one.

    Its stream says all of these: `sheet-<county>-<period>-<unit>-<channel>-<assessor>`.
    """

    county: UnitCode
    period: Period
    unit: UnitCode
    channel: Channel
    assessor: PersonId
    values: tuple[SheetValue, ...] = Field(min_length=1)
