"""What scoring answers: schemes, results, rankings, a unit's score, each within the caller's sight."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.scoring import queries
from services.scoring.queries import PublishedPeriod, Ranking, Results, Scheme, UnitScore
from services.scoring.views import RESULTS, SCHEME
from shared import problems
from shared.auth import Principal, principal
from shared.authority_table import Reads, reads
from shared.contracts.values import Period, UnitCode
from shared.errors import NotFound
from shared.kit import AtLeastHeader, Kit, kit
from shared.tree import county_among

router = APIRouter(prefix="/scoring", tags=["queries"], responses=problems.RESPONSES)


@router.get("/schemes/{county}", openapi_extra=reads(Reads.REACH, "the county"))
async def scheme(
    county: UnitCode,
    version: Annotated[int | None, Query(ge=1, le=9999)] = None,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Scheme:
    """A county's scheme, the present version or an older one, for all who hold a post in the county or above it."""
    await kit.at_least(at_least, (SCHEME,))
    await kit.authority.require_reach(who.person, county, await kit.moments.today())
    async with kit.database.core() as connection:
        found = await queries.scheme(connection, county, version)
    if found is None:
        raise NotFound("no_such_scheme")
    return found


@router.get("/periods", openapi_extra=reads(Reads.REACH, "the county"))
async def periods(
    county: UnitCode, at_least: AtLeastHeader = None, kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> list[PublishedPeriod]:
    """The periods of a county whose results are published, the last one first; for the same people."""
    await kit.at_least(at_least, (RESULTS,))
    await kit.authority.require_reach(who.person, county, await kit.moments.today())
    async with kit.database.core() as connection:
        return await queries.periods(connection, county)


@router.get("/results", openapi_extra=reads(Reads.SUBTREE, "the units of results"))
async def results(
    county: UnitCode,
    period: Period | None = None,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Results:
    """A county's exact results of a period, or of the last published one, for the units in the caller's subtree."""
    await kit.at_least(at_least, (RESULTS,))
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    async with kit.database.core() as connection:
        found = await queries.results(connection, county, period, roots)
    if found is None or not found.results:
        raise NotFound("no_such_results")
    return found


@router.get("/ranking", openapi_extra=reads(Reads.SUBTREE, "the units in the ranking"))
async def ranking(
    county: UnitCode,
    period: Period | None = None,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Ranking:
    """The places of the units in the caller's subtree in the ranking of a period, or of the last published one."""
    await kit.at_least(at_least, (RESULTS,))
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    async with kit.database.core() as connection:
        found = await queries.ranking(connection, county, period, roots)
    if found is None or not found.places:
        raise NotFound("no_such_results")
    return found


@router.get("/units/{unit}/score", openapi_extra=reads(Reads.SIGHT, "the unit"))
async def unit_score(
    unit: UnitCode,
    period: Period | None = None,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> UnitScore:
    """A unit's score in the results of the county that it lies in, of a period or of the last published one."""
    await kit.at_least(at_least, (RESULTS, SCHEME))
    await kit.authority.require_sight(who.person, unit, await kit.moments.today())
    county = county_among(await kit.authority.standing_above(unit))
    if county is None:
        raise NotFound("no_such_results")
    async with kit.database.core() as connection:
        found = await queries.unit_score(connection, county, unit, period)
    if found is None:
        raise NotFound("no_such_results")
    return found
