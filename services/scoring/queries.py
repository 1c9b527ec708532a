"""What scoring's views answer, cut to what the caller may read."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import BaseModel, PlainSerializer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.scoring.periods import span
from services.scoring.views import RESULTS, SCHEME, ResultsRow, SchemeVersion
from shared.authority import subtree
from shared.authority_views import UNIT
from shared.contracts.scoring import Grade, Index, IndexId, UnitResult
from shared.contracts.values import Period, Slug, UnitCode
from shared.errors import NotReady

Shown = Annotated[Decimal, PlainSerializer(str)]
"""A number as a decimal string."""


class Place(BaseModel):
    """A unit's place in a ranking. `total` is shown with two decimals, half up; `change` is by how much it rose."""

    unit: UnitCode
    name: str
    rank: int | None
    rank_before: int | None
    change: int | None
    total: Shown | None
    grade: Grade | None


class Ranking(BaseModel):
    """The ranking of a county's period, as far as the caller may see it; those pending have no rank and come last."""

    county: UnitCode
    period: Period
    scheme_version: int
    published: date
    places: list[Place]


class Results(BaseModel):
    """The published results of a county's period, exact, as far as the caller may see them."""

    county: UnitCode
    period: Period
    scheme_version: int
    published: date
    results: list[UnitResult]


class PublishedPeriod(BaseModel):
    """A period whose results are published."""

    county: UnitCode
    period: Period
    scheme_version: int
    published: date


class Scheme(BaseModel):
    """A version of a county's scheme; `versions` are all that were published."""

    county: UnitCode
    name: str
    version: int
    versions: list[int]
    published: date
    indices: tuple[Index, ...]


class IndicatorLine(BaseModel):
    """An indicator's points, to 10^-6; None while pending."""

    id: Slug
    name: str
    weight: Shown
    points: Shown | None


class IndexLine(BaseModel):
    """An index's exact points and its indicators; None while pending."""

    id: IndexId
    name: str
    weight: Shown
    points: Shown | None
    indicators: list[IndicatorLine]


class UnitScore(BaseModel):
    """A unit's published score with all that it is the sum of."""

    county: UnitCode
    period: Period
    scheme: str
    scheme_version: int
    place: Place
    indices: list[IndexLine]


async def periods(connection: AsyncConnection, county: UnitCode) -> list[PublishedPeriod]:
    """The periods of a county whose results are published, the last one first."""
    return [
        PublishedPeriod(county=row.county, period=row.period, scheme_version=row.scheme_version, published=day)
        for row in reversed(await _published(connection, county))
        if (day := row.published) is not None
    ]


async def results(
    connection: AsyncConnection, county: UnitCode, period: Period | None, roots: Collection[UnitCode]
) -> Results | None:
    """The results of a period, or of the last published one; None if there are none."""
    row = await _period(connection, county, period)
    if row is None or row.published is None:
        return None
    seen = await _names(connection, [result.unit for result in row.results], roots)
    return Results(
        county=row.county,
        period=row.period,
        scheme_version=row.scheme_version,
        published=row.published,
        results=[result for result in row.results if result.unit in seen],
    )


async def ranking(
    connection: AsyncConnection, county: UnitCode, period: Period | None, roots: Collection[UnitCode]
) -> Ranking | None:
    """The ranking of a period, or of the last published one; None if there is none."""
    row = await _period(connection, county, period)
    if row is None or row.published is None:
        return None
    names = await _names(connection, [result.unit for result in row.results], roots)
    return Ranking(
        county=row.county,
        period=row.period,
        scheme_version=row.scheme_version,
        published=row.published,
        places=[place(result, names[result.unit]) for result in row.results if result.unit in names],
    )


async def unit_score(
    connection: AsyncConnection, county: UnitCode, unit: UnitCode, period: Period | None
) -> UnitScore | None:
    """A unit's score of a period, or of the last published one; None if it has none.

    Raises:
        NotReady("scheme_not_here_yet"): the results are known, the scheme that they are of is not yet.
    """
    row = await _period(connection, county, period)
    result = next((result for result in row.results if result.unit == unit), None) if row else None
    if row is None or result is None:
        return None
    versions = await _scheme_versions(connection, county)
    version = next((v for v in versions if v.version == row.scheme_version), None)
    if version is None:
        raise NotReady("scheme_not_here_yet")
    names = await _names(connection, [unit], [unit])
    return UnitScore(
        county=row.county,
        period=row.period,
        scheme=version.name,
        scheme_version=version.version,
        place=place(result, names[unit]),
        indices=lines(result, version.indices),
    )


async def scheme(connection: AsyncConnection, county: UnitCode, number: int | None) -> Scheme | None:
    """A version of a county's scheme, or the present one; None if there is none."""
    versions = await _scheme_versions(connection, county)
    chosen = next((v for v in reversed(versions) if number in (None, v.version)), None)
    if chosen is None:
        return None
    return Scheme(
        county=county,
        name=chosen.name,
        version=chosen.version,
        versions=[version.version for version in versions],
        published=chosen.published,
        indices=chosen.indices,
    )


def place(result: UnitResult, name: str) -> Place:
    """A result as its place in the ranking."""
    rank, before = result.rank, result.rank_before
    return Place(
        unit=result.unit,
        name=name,
        rank=rank,
        rank_before=before,
        change=None if rank is None or before is None else before - rank,
        total=None if result.total is None else result.total.quantize(Decimal("0.01"), ROUND_HALF_UP),
        grade=result.grade,
    )


def lines(result: UnitResult, indices: Sequence[Index]) -> list[IndexLine]:
    """A result beside the scheme that it was computed under."""
    index_points = {score.id: score.points for score in result.indices}
    points = {score.id: score.points for score in result.indicators}
    return [
        IndexLine(
            id=index.id,
            name=index.name,
            weight=index.weight,
            points=index_points[index.id],
            indicators=[
                IndicatorLine(id=i.id, name=i.name, weight=i.weight, points=points[i.id]) for i in index.indicators
            ],
        )
        for index in indices
    ]


async def _published(connection: AsyncConnection, county: UnitCode) -> list[ResultsRow]:
    """The results of a county, by period."""
    query = select(*RESULTS.core_columns).where(RESULTS.table.c.county == county)
    found = [RESULTS.decode(row) for row in await connection.execute(query)]
    return sorted(found, key=lambda row: (span(row.period).last, span(row.period).first))


async def _period(connection: AsyncConnection, county: UnitCode, period: Period | None) -> ResultsRow | None:
    found = await _published(connection, county)
    return next((row for row in reversed(found) if period in (None, row.period)), None)


async def _scheme_versions(connection: AsyncConnection, county: UnitCode) -> Sequence[SchemeVersion]:
    query = select(*SCHEME.core_columns).where(SCHEME.table.c.key == f"scheme-{county}")
    values = (await connection.execute(query)).one_or_none()
    return SCHEME.decode(values).versions if values else ()


async def _names(
    connection: AsyncConnection, units: Sequence[UnitCode], roots: Collection[UnitCode]
) -> dict[UnitCode, str]:
    """The names of those of the units that lie in the subtrees of `roots`."""
    table, mine = UNIT.table, subtree(roots)
    seen = select(table.c.code, table.c.name).where(table.c.code.in_(units), table.c.code.in_(select(mine.c.code)))
    return {row.code: row.name for row in await connection.execute(seen)}
