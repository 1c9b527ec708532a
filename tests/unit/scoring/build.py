"""Schemes, sheets and facts of scoring, each in one line."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from services.scoring.commands import PublishResults, PublishScheme, SubmitSheet
from services.scoring.handlers import HANDLERS
from services.scoring.index import UnitFacts
from shared.contracts.assessment import Channel, ScoreSheetSubmitted, SheetValue
from shared.contracts.scoring import (
    ChannelWeight,
    Deduct,
    Index,
    IndexId,
    Indicator,
    Metric,
    Ratio,
    SchemePublished,
    Sheets,
    Source,
    Target,
)
from tests.unit.deciding import Desk

COUNTY = "340822"
TOWN = "340822100"
ASSESSOR = "340822-assessor-1"
PERIOD = "2023-Q1"
DESK = Desk(HANDLERS, today=date(2023, 4, 8))

CLOSED_RATIO = Ratio(done=Metric.PROJECTS_CLOSED, of=Metric.PROJECTS_APPROVED)
FIELD_TEST = ChannelWeight(channel=Channel.FIELD_TEST, weight=Decimal(100))


def sheets(**weights: str) -> Sheets:
    """Points from channels with these weights: `sheets(field_test="40", review="60")`."""
    return Sheets(
        channels=tuple(ChannelWeight(channel=Channel(name), weight=Decimal(w)) for name, w in weights.items())
    )


def indicator(id: str, weight: str = "100", source: Source | None = None) -> Indicator:
    """An indicator, by the field test unless a source is given."""
    return Indicator(id=id, name=f"指标{id}", weight=Decimal(weight), source=source or sheets(field_test="100"))


def index(id: IndexId, weight: str, *indicators: Indicator) -> Index:
    """An index with its indicators."""
    return Index(id=id, name=id.value, weight=Decimal(weight), indicators=indicators)


INDICES = (
    index(
        IndexId.COMMITTEE,
        "40",
        indicator("c1", "30", CLOSED_RATIO),
        indicator("c2", "70", sheets(field_test="40", review="60")),
    ),
    index(
        IndexId.BRANCH,
        "35",
        indicator("b1", "50", Target(done=Metric.PROJECTS_APPROVED, target=Decimal(12))),
        indicator("b2", "50"),
    ),
    index(
        IndexId.MEMBER,
        "25",
        indicator("m1", "40", Deduct(occurrences=Metric.PROBLEMS_FOUND, each=Decimal(2), floor=Decimal(60))),
        indicator("m2", "60", sheets(spot_check="100")),
    ),
)


def publish_scheme(**changes: Any) -> PublishScheme:
    """The command for a sound scheme, with changes."""
    return PublishScheme.model_validate({"county": COUNTY, "name": "指数", "version": 1, "indices": INDICES} | changes)


def scheme_published(version: int = 1, indices: tuple[Index, ...] = INDICES) -> SchemePublished:
    """A version of the scheme."""
    return SchemePublished(county=COUNTY, name="指数", version=version, indices=indices)


def submit_sheet(**changes: Any) -> SubmitSheet:
    """The command for a sound field test sheet, with changes."""
    values = (value("c2", "80"), value("b2", "90"))
    sound = {"county": COUNTY, "period": PERIOD, "unit": TOWN, "channel": Channel.FIELD_TEST, "values": values}
    return SubmitSheet.model_validate(sound | changes)


def value(indicator: str, points: str) -> SheetValue:
    """A sheet's value."""
    return SheetValue(indicator=indicator, points=Decimal(points))


def sheet_submitted(**changes: Any) -> ScoreSheetSubmitted:
    """What comes of `submit_sheet()`."""
    fields = submit_sheet(**changes).model_dump(exclude={"effective", "effective_reason"})
    return ScoreSheetSubmitted.model_validate({**fields, "assessor": ASSESSOR})


def publish_results(**changes: Any) -> PublishResults:
    """The command to publish the first quarter."""
    return PublishResults.model_validate({"county": COUNTY, "period": PERIOD} | changes)


def unit(
    code: str = TOWN,
    *,
    sheets: Mapping[tuple[Channel, str], Sequence[Decimal]] | None = None,
    **counts: int,
) -> UnitFacts:
    """A unit's facts, with these counts and zero of the others."""
    return UnitFacts(code, dict.fromkeys(Metric, 0) | {Metric(name): n for name, n in counts.items()}, sheets or {})
