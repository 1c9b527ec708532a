"""What alerts answers: lamps, alerts, notices, each within the caller's sight."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.alerts import queries
from services.alerts.queries import AlertLine, LampPage, NoticeLine
from services.alerts.views import ALERTS, LAMPS, NOTICES, Stage
from shared import problems
from shared.auth import Principal, principal
from shared.authority_table import Reads, reads
from shared.contracts.alert import Lamp
from shared.contracts.values import UnitCode
from shared.errors import NotFound
from shared.kit import AtLeastHeader, Kit, kit

router = APIRouter(prefix="/alerts", tags=["queries"], responses=problems.RESPONSES)


@router.get("/lamps", openapi_extra=reads(Reads.SUBTREE, "the owners of projects"))
async def lamps(
    county: UnitCode | None = None,
    lamp: Annotated[list[Lamp] | None, Query()] = None,
    after: Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> LampPage:
    """The lamps of the projects in the caller's subtree, the gravest first."""
    await kit.at_least(at_least, (LAMPS,))
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    async with kit.database.core() as connection:
        return await queries.lamps(connection, roots, county=county, wanted=lamp or (), after=after, limit=limit)


@router.get("/open-alerts", openapi_extra=reads(Reads.SUBTREE, "the owners of what they are about"))
async def open_alerts(
    county: UnitCode | None = None,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> list[AlertLine]:
    """The open alerts about what is in the caller's subtree, the last raised first."""
    return await _alerts(kit, who, at_least, county, cleared=False)


@router.get("/cleared-alerts", openapi_extra=reads(Reads.SUBTREE, "the owners of what they were about"))
async def cleared_alerts(
    county: UnitCode | None = None,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> list[AlertLine]:
    """The alerts that are over, each with its last episode, the last raised first."""
    return await _alerts(kit, who, at_least, county, cleared=True)


@router.get("/notices", openapi_extra=reads(Reads.SUBTREE, "the units that they go to"))
async def notices(
    county: UnitCode | None = None,
    stage: Stage | None = None,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> list[NoticeLine]:
    """The notices to units in the caller's subtree, the last issued first."""
    await kit.at_least(at_least, (NOTICES,))
    today = await kit.moments.today()
    roots = await kit.authority.visible_units(who.person, today)
    async with kit.database.core() as connection:
        return await queries.notices(connection, roots, today, county=county, stage=stage)


@router.get("/notices/{id}", openapi_extra=reads(Reads.SIGHT, "the notice's unit"))
async def notice(
    id: UUID, at_least: AtLeastHeader = None, kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> NoticeLine:
    """One notice."""
    await kit.at_least(at_least, (NOTICES,))
    today = await kit.moments.today()
    async with kit.database.core() as connection:
        found = await queries.notice(connection, str(id), today)
    if found is None:
        raise NotFound("no_such_notice")
    await kit.authority.require_sight(who.person, found.unit, today)
    return found


async def _alerts(
    kit: Kit, who: Principal, at_least: str | None, county: UnitCode | None, *, cleared: bool
) -> list[AlertLine]:
    await kit.at_least(at_least, (ALERTS,))
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    async with kit.database.core() as connection:
        return await queries.alerts(connection, roots, county=county, cleared=cleared)
