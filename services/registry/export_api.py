"""Every list of the registry as a spreadsheet, with the filters of the list and within the caller's sight.

What is taken out is written into the access log first, with the purpose that the caller says.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registry import exporting
from services.registry.api import Words, administered
from services.registry.exporting import ROWS, Exported, Names
from services.registry.kept.access_log import write_down
from services.registry.project import listing
from services.registry.project.listing import Filter, ProjectLine
from services.registry.project.state import Stage
from services.registry.reference import directory
from services.registry.rights import ADMIN_ANYWHERE
from services.registry.sight import narrowed
from shared import problems
from shared.auth import Principal, principal
from shared.authority_table import Reads, does, reads
from shared.authority_views import PERSON
from shared.contracts.project import ProjectKind
from shared.contracts.reference import AccessKind, DataRead
from shared.contracts.values import UnitCode, Year
from shared.kit import Kit, kit
from shared.rights import NATION
from shared.spreadsheet import XLSX

_BOOK: dict[int | str, dict[str, Any]] = {200: {"content": {XLSX: {}}, "description": "A workbook"}}
PAGE = 2000
Purpose = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]
"""What a list is taken out for; without one the list's title stands in the access log."""

router = APIRouter(
    prefix="/registry", tags=["exports"], default_response_class=Response, responses={**problems.RESPONSES, **_BOOK}
)


@router.get("/projects.xlsx", openapi_extra=reads(Reads.SUBTREE, "the projects' owners"))
async def projects(
    county: UnitCode | None = None,
    owner: UnitCode | None = None,
    stage: Annotated[list[Stage] | None, Query()] = None,
    kind: ProjectKind | None = None,
    year: Year | None = None,
    q: Words = "",
    purpose: Purpose = "",
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Response:
    """Projects in the caller's subtree, the last proposed first."""
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    within = await narrowed(kit, roots)
    wanted, lines = Filter(county, owner, stage or (), kind, year, q), list[ProjectLine]()
    before: str | None = None
    async with kit.database.core() as connection:
        while len(lines) <= ROWS:
            page = await listing.projects(connection, wanted, within, before=before, limit=PAGE)
            lines += page.items
            before = page.next
            if before is None:
                break
        units = {code for line in lines for code in (line.county, line.owner)}
        names = await _names(connection, units, {line.secretary for line in lines})
    exported = exporting.projects(lines[:ROWS], names)
    return await _given(kit, who, exported, _one(owner or county) or roots, purpose, more=len(lines) > ROWS)


@router.get("/units.xlsx", openapi_extra=reads(Reads.SUBTREE, "the units"))
async def units(purpose: Purpose = "", kit: Kit = Depends(kit), who: Principal = Depends(principal)) -> Response:
    """All units in the caller's subtree, by code."""
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    within = await narrowed(kit, roots)
    async with kit.database.core() as connection:
        lines = await directory.units_in_sight(connection, within, ROWS + 1)
        names = await _names(connection, {line.parent for line in lines if line.parent}, ())
    exported = exporting.units(lines[:ROWS], names)
    return await _given(kit, who, exported, roots, purpose, more=len(lines) > ROWS)


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
    return await _given(kit, who, exported, roots, purpose, more=len(lines) > ROWS)


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
        names = await _names(connection, {line.county for line in lines}, members)
    exported = exporting.campaigns(lines[:ROWS], names)
    return await _given(kit, who, exported, _one(county) or roots, purpose, more=len(lines) > ROWS)


async def _names(connection: AsyncConnection, units: Iterable[str], persons: Iterable[str]) -> Names:
    named = {unit.code: unit.name for unit in await directory.units(connection, set(units))}
    table = PERSON.table
    query = select(table.c.key, table.c.name).where(table.c.key.in_({f"person-{id}" for id in persons}))
    people = {row.key.partition("-")[2]: row.name for row in await connection.execute(query)}
    return Names(named, people)


def _one(unit: str | None) -> Collection[str]:
    return [unit] if unit else []


async def _given(
    kit: Kit, who: Principal, exported: Exported, units: Collection[str], purpose: str, *, more: bool
) -> Response:
    """A list as a workbook, once it stands in the access log that the caller takes it out, at each of these units.

    They are those that it was asked of, else those at which it begins: whoever audits one of them sees the reading.
    """
    why, count = purpose.strip() or exported.title, len(exported.rows)
    for unit in sorted(units) or [NATION]:
        read = DataRead(kind=AccessKind.EXPORT, what=exported.title, unit=unit, purpose=why, rows=count)
        await write_down(kit, who.person, read)
    moment = await kit.moments.of(None)
    content = await exporting.workbook(exported, as_of=moment.now, more=more)
    name = quote(f"{exported.title}-{moment.today}.xlsx")
    return Response(content, media_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"})
