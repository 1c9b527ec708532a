"""Projects, units, persons and campaigns as spreadsheets, with the lists' filters and within the caller's sight."""

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Query, Response

from services.registry import exporting
from services.registry.exporting import ROWS
from services.registry.giving_out import Purpose, given, names_of, workbooks
from services.registry.project import listing
from services.registry.project.listing import Filter, ProjectLine
from services.registry.project.state import Stage
from services.registry.reference import directory
from services.registry.reference.reference_api import administered
from services.registry.rights import ADMIN_ANYWHERE
from services.registry.sight import Words, narrowed
from shared.auth import Principal, principal
from shared.authority_table import Reads, does, reads
from shared.contracts.project import ProjectKind
from shared.contracts.values import UnitCode, Year
from shared.kit import Kit, kit

PAGE = 2000
router = workbooks()


@router.get("/projects.xlsx", openapi_extra=reads(Reads.SUBTREE, "the projects' owners"))
async def projects(
    county: UnitCode | None = None,
    owner: UnitCode | None = None,
    stage: Annotated[list[Stage] | None, Query()] = None,
    kind: ProjectKind | None = None,
    year: Year | None = None,
    q: Words = "",
    unit: UnitCode | None = None,
    category: Words = "",
    purpose: Purpose = "",
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Response:
    """Projects in the caller's subtree, the last proposed first."""
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    within = await narrowed(kit, roots)
    wanted, lines = Filter(county, owner, stage or (), kind, year, q, unit, category), list[ProjectLine]()
    after: str | None = None
    async with kit.database.core() as connection:
        while len(lines) <= ROWS:
            page = await listing.projects(connection, wanted, within, after=after, limit=PAGE)
            lines += page.items
            after = page.next
            if after is None:
                break
        units = {code for line in lines for code in (line.county, line.owner)}
        names = await names_of(connection, units, {line.secretary for line in lines})
    exported, asked = exporting.projects(lines[:ROWS], names), owner or unit or county
    return await given(kit, who.person, exported, [asked] if asked else roots, purpose, more=len(lines) > ROWS)


@router.get("/units.xlsx", openapi_extra=reads(Reads.SUBTREE, "the units"))
async def units(purpose: Purpose = "", kit: Kit = Depends(kit), who: Principal = Depends(principal)) -> Response:
    """All units in the caller's subtree, by code."""
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    within = await narrowed(kit, roots)
    async with kit.database.core() as connection:
        lines = await directory.units_in_sight(connection, within, ROWS + 1)
        names = await names_of(connection, {code for line in lines for code in (line.parent, line.heir)})
    exported = exporting.units(lines[:ROWS], names)
    return await given(kit, who.person, exported, roots, purpose, more=len(lines) > ROWS)


@router.get("/persons.xlsx", openapi_extra=does(replace(ADMIN_ANYWHERE, besides="of the persons that are listed")))
async def persons(
    q: Words = "", purpose: Purpose = "", kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> Response:
    """Persons with today's posts, by id: those that the caller administers."""
    today = await kit.moments.today()
    within = await administered(kit, who.person, today)
    async with kit.database.core() as connection:
        lines = await directory.persons(connection, today, q=q, after="", limit=ROWS + 1, within=within)
    exported = exporting.persons(lines[:ROWS])
    roots = within or await kit.authority.visible_units(who.person, today, ADMIN_ANYWHERE.roles)
    return await given(kit, who.person, exported, roots, purpose, more=len(lines) > ROWS)


@router.get("/campaigns.xlsx", openapi_extra=reads(Reads.SUBTREE, "the campaigns' counties"))
async def campaigns(
    county: UnitCode | None = None,
    year: Year | None = None,
    purpose: Purpose = "",
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Response:
    """Campaigns of inspections in the caller's subtree, the last opened first."""
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    within = await narrowed(kit, roots)
    async with kit.database.core() as connection:
        lines = await directory.campaigns(connection, within, county=county, year=year)
        members = {member for line in lines for group in line.groups for member in group.members}
        names = await names_of(connection, {line.county for line in lines}, members)
    exported = exporting.campaigns(lines[:ROWS], names)
    return await given(kit, who.person, exported, [county] if county else roots, purpose, more=len(lines) > ROWS)
