"""What the registry answers about data requests: what is held, what was asked, and what that burdens townships with."""

from typing import Annotated

from fastapi import Depends, Query
from pydantic import BaseModel

from services.registry.asking import burden
from services.registry.asking.gathering import held_of
from services.registry.asking.held import ALWAYS_HELD, holder_of
from services.registry.asking.views import DATA_ANSWERS, DATA_REQUESTS
from services.registry.sight import queries
from services.registry.views import PROJECTS
from shared.auth import Principal, principal
from shared.authority_table import Reads, reads
from shared.authority_views import UNIT
from shared.contracts.values import Month, UnitCode, Year
from shared.kit import AtLeastHeader, Kit, kit

router = queries()


class Place(BaseModel):
    """Where the platform holds something; null if it does not."""

    where: str | None


@router.get("/held", openapi_extra=reads(Reads.SIGNED_IN, "what the platform holds of every county"))
async def held(
    name: Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$")],
    county: UnitCode | None = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Place:
    """Whether what units might be asked for by this name is held already, for all; of a county with its metrics."""
    async with kit.database.driver() as connection:
        known = await held_of(connection, county) if county else ALWAYS_HELD
    found = holder_of(name, known)
    return Place(where=found.where if found else None)


@router.get("/data-requests", openapi_extra=reads(Reads.SUBTREE, "the units that were asked"))
async def data_requests(
    county: UnitCode,
    year: Year,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> list[burden.DataRequestState]:
    """What a county asked units in the caller's subtree for in a year, and what these answered."""
    await kit.at_least(at_least, (DATA_REQUESTS, DATA_ANSWERS, UNIT))
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    async with kit.database.core() as connection:
        return await burden.data_requests(connection, county, year, roots)


@router.get("/burden", openapi_extra=reads(Reads.SUBTREE, "the townships"))
async def burden_ledger(
    county: UnitCode,
    month: Month,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> list[burden.BurdenLine]:
    """What each township of a county was asked for in a month, of those in the caller's subtree."""
    await kit.at_least(at_least, (DATA_REQUESTS, PROJECTS, UNIT))
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    async with kit.database.core() as connection:
        return await burden.burden(connection, county, month, roots)
