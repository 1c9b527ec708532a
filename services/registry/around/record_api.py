"""What the registry answers about what units have to show: cases, brands, honours, labels, metrics."""

from collections.abc import Mapping
from datetime import date

from fastapi import Depends
from pydantic import BaseModel
from sqlalchemy import select

from services.registry.around.record_views import (
    BRANDS,
    CASES,
    HONOURS,
    LABELS,
    MEASURES,
    METRICS,
    MeasureLine,
    PublicationLine,
)
from services.registry.keyset import After, Paging, Part, part_of
from services.registry.sight import Limit, Listing, listing, queries
from shared.auth import Principal, principal
from shared.authority_table import Reads, reads
from shared.contracts.cases import CaseColumn
from shared.contracts.honours import HonourKind, HonourLevel
from shared.kit import AtLeastHeader, Kit, kit

router = queries()


class CaseLine(BaseModel):
    """A case with its publications by column."""

    id: str
    title: str
    unit: str
    county: str
    project: str | None
    summary: str
    selected_on: date
    publications: Mapping[CaseColumn, PublicationLine]


class BrandLine(BaseModel):
    """A brand of a unit, and perhaps of one of its projects."""

    id: str
    name: str
    unit: str
    county: str
    project: str | None
    recognised_on: date


class HonourLine(BaseModel):
    """An honour of a unit."""

    id: str
    kind: HonourKind
    level: HonourLevel
    unit: str
    county: str
    title: str
    day: date
    given_by: str
    note: str


class LabelLine(BaseModel):
    """A label of a unit."""

    id: str
    label: str
    unit: str
    county: str
    since: date
    note: str


class MetricLine(BaseModel):
    """A metric of a unit's catalogue, which holds for all below it."""

    metric: str
    name: str
    measure: str
    unit: str


class MeasuresLine(BaseModel):
    """What was measured of a unit, as it stands."""

    unit: str
    county: str
    readings: list[MeasureLine]


@router.get("/cases", openapi_extra=reads(Reads.SUBTREE, "the cases' units"))
async def cases(asked: Listing = Depends(listing)) -> Part[CaseLine]:
    """Cases of units in the caller's subtree, the last selected first."""
    return await asked.lines(CaseLine, CASES, latest="selected_on")


@router.get("/brands", openapi_extra=reads(Reads.SUBTREE, "the brands' units"))
async def brands(asked: Listing = Depends(listing)) -> Part[BrandLine]:
    """Brands of units in the caller's subtree, the last recognised first."""
    return await asked.lines(BrandLine, BRANDS, latest="recognised_on")


@router.get("/honours", openapi_extra=reads(Reads.SUBTREE, "the honours' units"))
async def honours(level: HonourLevel | None = None, asked: Listing = Depends(listing)) -> Part[HonourLine]:
    """Honours of units in the caller's subtree, the latest first."""
    return await asked.lines(HonourLine, HONOURS, latest="day", level=level)


@router.get("/labels", openapi_extra=reads(Reads.SUBTREE, "the labels' units"))
async def labels(asked: Listing = Depends(listing)) -> Part[LabelLine]:
    """Labels of units in the caller's subtree, the latest first."""
    return await asked.lines(LabelLine, LABELS, latest="since")


@router.get("/metrics", openapi_extra=reads(Reads.SIGNED_IN, "the catalogues of all units"))
async def metrics(
    limit: Limit = 500,
    after: After = "",
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    _: Principal = Depends(principal),
) -> Part[MetricLine]:
    """The catalogues of metrics: whoever signs in may know what is measured, and where."""
    await kit.at_least(at_least, (METRICS,))
    table = METRICS.table
    query = select(*METRICS.core_columns).where(table.c.unit != "")
    async with kit.database.core() as connection:
        found = await part_of(connection, query, (table.c.unit, table.c.metric), Paging(limit, after), falling=False)
    lines = [MetricLine.model_validate(vars(METRICS.decode(row))) for row in found.rows]
    return Part(items=lines, next=found.next)


@router.get("/measures", openapi_extra=reads(Reads.SUBTREE, "the measured units"))
async def measures(asked: Listing = Depends(listing)) -> Part[MeasuresLine]:
    """What was measured of units in the caller's subtree; a corrected value stands with what it was."""
    return await asked.lines(MeasuresLine, MEASURES, latest="unit")
