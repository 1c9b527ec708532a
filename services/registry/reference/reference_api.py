"""What the registry answers about units, persons and campaigns, within the caller's sight."""

from collections.abc import Collection
from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request

from services.registry.keyset import Part
from services.registry.reference import directory
from services.registry.rights import ADMIN_ANYWHERE
from services.registry.sight import Words, narrowed, queries
from services.registry.views import CAMPAIGNS
from shared.auth import Principal, principal
from shared.authority_table import Reads, reads
from shared.authority_views import PERSON, UNIT
from shared.contracts.values import PersonId, UnitCode, Year
from shared.errors import NotFound
from shared.kit import AtLeastHeader, Kit, kit
from shared.rights import NATION
from shared.settings import AuthMode

router = queries()


@router.get("/units", openapi_extra=reads(Reads.SIGHT, "the parent, without one the caller's own posts"))
async def units(
    parent: UnitCode | None = None,
    day: date | None = None,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> list[directory.UnitLine]:
    """The units right below one, today or as they lay on a day; without `parent` those where the caller's sight begins.

    What has left the caller's sight since that day is not among them.
    """
    await kit.at_least(at_least, (UNIT,))
    today = await kit.moments.today()
    roots = await kit.authority.visible_units(who.person, today)
    if parent is not None:
        await kit.authority.require_sight(who.person, parent, today)
    async with kit.database.core() as connection:
        if parent is None:
            return await directory.units(connection, roots)
        return await directory.units_below(connection, parent, roots, day)


@router.get("/units/{code}", openapi_extra=reads(Reads.SIGHT, "the unit"))
async def unit(
    code: UnitCode, at_least: AtLeastHeader = None, kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> directory.UnitLine:
    """One unit."""
    await kit.at_least(at_least, (UNIT,))
    await kit.authority.require_sight(who.person, code, await kit.moments.today())
    async with kit.database.core() as connection:
        found = await directory.units(connection, [code])
    if not found:
        raise NotFound("no_such_unit", None, {"unit": code})
    return found[0]


@router.get("/persons", openapi_extra=reads(Reads.OPEN, "with local sign-in", "else a `platform_admin` of the persons"))
async def persons(
    request: Request,
    q: Words = "",
    after: PersonId | None = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 200,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
) -> Part[directory.PersonLine]:
    """Persons with today's posts, by id: with local sign-in for everybody, else for their administrators.

    Each word of `q` is a part of the id, of the name, or of a post: its unit's name, its title or its role in words.
    """
    today = await kit.moments.today()
    within = None
    if kit.settings.auth is not AuthMode.LOCAL:
        within = await administered(kit, (await principal(request)).person, today)
    await kit.at_least(at_least, (PERSON, UNIT))
    async with kit.database.core() as connection:
        found = await directory.persons(connection, today, q=q, after=after or "", limit=limit + 1, within=within)
    return Part(items=found[:limit], next=found[limit - 1].id if len(found) > limit else None)


async def administered(kit: Kit, person: str, today: date) -> Collection[str] | None:
    """The roots of the subtrees whose persons an administrator may list; None if they are the whole tree.

    Raises:
        Forbidden("not_allowed").
    """
    await kit.authority.grant(person, ADMIN_ANYWHERE, NATION, today)
    roots = await kit.authority.visible_units(person, today, ADMIN_ANYWHERE.roles)
    return await narrowed(kit, roots)


@router.get("/campaigns", openapi_extra=reads(Reads.SUBTREE, "the counties of campaigns"))
async def campaigns(
    county: UnitCode | None = None,
    year: Year | None = None,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> list[directory.CampaignLine]:
    """Campaigns of inspections in the caller's subtree, the last opened first."""
    await kit.at_least(at_least, (CAMPAIGNS,))
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    async with kit.database.core() as connection:
        return await directory.campaigns(connection, roots, county=county, year=year)
