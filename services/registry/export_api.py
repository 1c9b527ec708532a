"""Every list of the registry as a spreadsheet, with the filters of the list and within the caller's sight."""

from collections.abc import Iterable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registry import directory, exporting, listing
from services.registry.api import Words
from services.registry.exporting import ROWS, Exported, Names
from services.registry.listing import Filter, ProjectLine
from services.registry.rights import ADMIN_ANYWHERE
from services.registry.state import Stage
from shared import problems
from shared.auth import Principal, principal
from shared.authority import subtree
from shared.authority_table import Reads, does, reads
from shared.authority_views import PERSON, UNIT
from shared.contracts.project import ProjectKind
from shared.contracts.values import UnitCode, Year
from shared.kit import Kit, kit
from shared.rights import NATION
from shared.settings import AuthMode
from shared.spreadsheet import XLSX

_BOOK: dict[int | str, dict[str, Any]] = {200: {"content": {XLSX: {}}, "description": "A workbook"}}
PAGE = 2000

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
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Response:
    """Projects in the caller's subtree, the last proposed first."""
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    wanted, lines = Filter(county, owner, stage or (), kind, year, q), list[ProjectLine]()
    before: str | None = None
    async with kit.database.core() as connection:
        while len(lines) <= ROWS:
            page = await listing.projects(connection, wanted, roots, before=before, limit=PAGE)
            lines += page.items
            before = page.next
            if before is None:
                break
        units = {code for line in lines for code in (line.county, line.owner)}
        names = await _names(connection, units, {line.secretary for line in lines})
    return await _book(kit, exporting.projects(lines[:ROWS], names), more=len(lines) > ROWS)


@router.get("/units.xlsx", openapi_extra=reads(Reads.SUBTREE, "the units"))
async def units(kit: Kit = Depends(kit), who: Principal = Depends(principal)) -> Response:
    """All units in the caller's subtree, by code."""
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    mine, table = subtree(roots), UNIT.table
    query = select(table).where(table.c.code.in_(select(mine.c.code))).order_by(table.c.code).limit(ROWS + 1)
    async with kit.database.core() as connection:
        rows = (await connection.execute(query)).mappings()
        lines = [directory.UnitLine.model_validate(dict(row)) for row in rows]
        names = await _names(connection, {line.parent for line in lines if line.parent}, ())
    return await _book(kit, exporting.units(lines[:ROWS], names), more=len(lines) > ROWS)


@router.get("/persons.xlsx", openapi_extra=does(ADMIN_ANYWHERE))
async def persons(request: Request, q: Words = "", kit: Kit = Depends(kit)) -> Response:
    """Persons with today's posts, by id: with local sign-in for everybody, else for administrators."""
    today = await kit.moments.today()
    if kit.settings.auth is not AuthMode.LOCAL:
        await kit.authority.grant((await principal(request)).person, ADMIN_ANYWHERE, NATION, today)
    async with kit.database.core() as connection:
        lines = await directory.persons(connection, today, q=q, after="", limit=ROWS + 1)
    return await _book(kit, exporting.persons(lines[:ROWS]), more=len(lines) > ROWS)


@router.get("/campaigns.xlsx", openapi_extra=reads(Reads.SUBTREE, "the campaigns' counties"))
async def campaigns(
    county: UnitCode | None = None,
    year: Year | None = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Response:
    """Campaigns of inspections in the caller's subtree, the last opened first."""
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    async with kit.database.core() as connection:
        lines = await directory.campaigns(connection, roots, county=county, year=year)
        members = {member for line in lines for group in line.groups for member in group.members}
        names = await _names(connection, {line.county for line in lines}, members)
    return await _book(kit, exporting.campaigns(lines[:ROWS], names), more=len(lines) > ROWS)


async def _names(connection: AsyncConnection, units: Iterable[str], persons: Iterable[str]) -> Names:
    named = {unit.code: unit.name for unit in await directory.units(connection, set(units))}
    table = PERSON.table
    query = select(table.c.key, table.c.name).where(table.c.key.in_({f"person-{id}" for id in persons}))
    people = {row.key.partition("-")[2]: row.name for row in await connection.execute(query)}
    return Names(named, people)


async def _book(kit: Kit, exported: Exported, *, more: bool) -> Response:
    moment = await kit.moments.of(None)
    content = await exporting.workbook(exported, as_of=moment.now, more=more)
    name = quote(f"{exported.title}-{moment.today}.xlsx")
    return Response(content, media_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"})
