"""What scoring answers: schemes, results, rankings, a unit's score, each within the caller's sight."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query

from services.scoring import queries
from services.scoring.queries import PublishedPeriod, Ranking, Results, Scheme, UnitScore
from services.scoring.views import RESULTS, SCHEME
from shared import problems
from shared.auth import Principal, principal
from shared.contracts.values import Period, UnitCode
from shared.errors import NotFound
from shared.kit import Kit, kit
from shared.tree import county_among

router = APIRouter(prefix="/scoring", tags=["queries"], responses=problems.RESPONSES)

AtLeast = Annotated[str | None, Header(alias="guatu-at-least")]


@router.get("/schemes/{county}")
async def scheme(
    county: UnitCode,
    version: Annotated[int | None, Query(ge=1, le=9999)] = None,
    at_least: AtLeast = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Scheme:
    """A county's scheme, the present version or an older one, for all who hold a post in the county or above it."""
    await kit.at_least(at_least, (SCHEME,))
    await _require_reach(kit, who, county)
    async with kit.database.core() as connection:
        found = await queries.scheme(connection, county, version)
    if found is None:
        raise NotFound("no_such_scheme")
    return found


@router.get("/periods")
async def periods(
    county: UnitCode, at_least: AtLeast = None, kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> list[PublishedPeriod]:
    """The periods of a county whose results are published, the last one first; for the same people."""
    await kit.at_least(at_least, (RESULTS,))
    await _require_reach(kit, who, county)
    async with kit.database.core() as connection:
        return await queries.periods(connection, county)


@router.get("/results")
async def results(
    county: UnitCode,
    period: Period | None = None,
    at_least: AtLeast = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Results:
    """A county's exact results of a period, or of the last published one, for the units in the caller's subtree."""
    await kit.at_least(at_least, (RESULTS,))
    roots = await kit.authority.visible_units(who.person, await _today(kit))
    async with kit.database.core() as connection:
        found = await queries.results(connection, county, period, roots)
    if found is None or not found.results:
        raise NotFound("no_such_results")
    return found


@router.get("/ranking")
async def ranking(
    county: UnitCode,
    period: Period | None = None,
    at_least: AtLeast = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Ranking:
    """The places of the units in the caller's subtree in the ranking of a period, or of the last published one."""
    await kit.at_least(at_least, (RESULTS,))
    roots = await kit.authority.visible_units(who.person, await _today(kit))
    async with kit.database.core() as connection:
        found = await queries.ranking(connection, county, period, roots)
    if found is None or not found.places:
        raise NotFound("no_such_results")
    return found


@router.get("/units/{unit}/score")
async def unit_score(
    unit: UnitCode,
    period: Period | None = None,
    at_least: AtLeast = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> UnitScore:
    """A unit's score in the results of the county that it lies in, of a period or of the last published one."""
    await kit.at_least(at_least, (RESULTS, SCHEME))
    await kit.authority.require_sight(who.person, unit, await _today(kit))
    county = county_among(await kit.authority.ancestors(unit))
    if county is None:
        raise NotFound("no_such_results")
    async with kit.database.core() as connection:
        found = await queries.unit_score(connection, county, unit, period)
    if found is None:
        raise NotFound("no_such_results")
    return found


async def _require_reach(kit: Kit, who: Principal, county: UnitCode) -> None:
    """Refuse who holds no post in the county, below or above it.

    Raises:
        NotFound("no_such_thing" | "no_such_unit").
    """
    above = {county, *await kit.authority.ancestors(county)}
    for seat in await kit.authority.visible_units(who.person, await _today(kit)):
        if seat in above or county in await kit.authority.ancestors(seat):
            return
    raise NotFound("no_such_thing")


async def _today(kit: Kit) -> date:
    return (await kit.moments.of(None)).today
