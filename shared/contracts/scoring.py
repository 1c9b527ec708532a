"""Schemes and results of the 红色指数. Written by scoring."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.assessment import Channel
from shared.contracts.event import EventData, Part
from shared.contracts.topics import Topic
from shared.contracts.values import Amount, Period, Points, ShortText, Slug, UnitCode, Weight

ExactPoints = Annotated[Decimal, Field(ge=0, le=100, decimal_places=18)]
"""An exact sum over weights: up to 12 decimals for an index, 18 for a total. Never rounded but to be shown."""


class IndexId(StrEnum):
    """党委引领指数, 支部堡垒指数, 党员先锋指数."""

    COMMITTEE = "committee_index"
    BRANCH = "branch_index"
    MEMBER = "member_index"


class Grade(StrEnum):
    """优 [90,100], 良 [80,90), 中 [60,80), 差 below 60."""

    EXCELLENT = "excellent"
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


class Metric(StrEnum):
    """What the system counts of a unit's subtree from facts it holds, for a period."""

    PROJECTS_APPROVED = "projects_approved"
    PROJECTS_CLOSED = "projects_closed"
    REPORTS_DUE = "reports_due"
    REPORTS_MADE = "reports_made"
    PROBLEMS_FOUND = "problems_found"
    PROBLEMS_RECTIFIED = "problems_rectified"
    BRANDS = "brands"


class Ratio(Part):
    """Points = 100 × done / of, capped at 100; pending while there is nothing to be done."""

    method: Literal["ratio"] = "ratio"
    done: Metric
    of: Metric


class Target(Part):
    """Points = 100 × done / target, capped at 100."""

    method: Literal["target"] = "target"
    done: Metric
    target: Amount = Field(gt=0)


class Deduct(Part):
    """Points = 100 − each × occurrences, not below `floor`."""

    method: Literal["deduct"] = "deduct"
    occurrences: Metric
    each: Points
    floor: Points


class ChannelWeight(Part):
    """A channel's share of an indicator; the shares of an indicator sum to 100."""

    channel: Channel
    weight: Weight


class Sheets(Part):
    """Points = the weighted means of the channels' sheets."""

    method: Literal["sheets"] = "sheets"
    channels: tuple[ChannelWeight, ...] = Field(min_length=1)


Source = Annotated[Ratio | Target | Deduct | Sheets, Field(discriminator="method")]


class Indicator(Part):
    """A core indicator; the weights of an index's indicators sum to 100."""

    id: Slug
    name: ShortText
    weight: Weight
    source: Source


class Index(Part):
    """One of the three indices; their weights sum to 100."""

    id: IndexId
    name: ShortText
    weight: Weight
    indicators: tuple[Indicator, ...] = Field(min_length=1)


class IndexScore(Part):
    """An index's exact points, None while pending (待报)."""

    id: IndexId
    points: ExactPoints | None


class IndicatorScore(Part):
    """An indicator's points, rounded once to 10^-6; None while pending."""

    id: Slug
    points: Points | None


class UnitResult(Part):
    """A unit's standing in a period. `rank` and `grade` come from the exact total; None while pending.

    `workload` is the number of its projects approved: of two equal totals the heavier workload stands first.
    """

    unit: UnitCode
    total: ExactPoints | None
    grade: Grade | None
    rank: int | None
    rank_before: int | None
    indices: tuple[IndexScore, ...]
    indicators: tuple[IndicatorScore, ...]
    workload: int = Field(default=0, ge=0)


class ScoringData(EventData, topic=Topic.SCORING):
    """The base of this module's events."""


class SchemePublished(ScoringData, name="scoring.scheme-published.v1"):
    """A version of a county's scheme (stream `scheme-<county>`); it is never edited once published."""

    county: UnitCode
    name: ShortText
    version: int = Field(ge=1)
    indices: tuple[Index, ...] = Field(min_length=3, max_length=3)


class ResultsPublished(ScoringData, name="scoring.results-published.v1"):
    """The results of a county's period (stream `period-<county>-<period>`), of units of one kind."""

    county: UnitCode
    period: Period
    scheme_version: int
    results: tuple[UnitResult, ...] = Field(min_length=1)
