"""Lists as workbooks: what is taken out is written into the access log first, with the purpose that the caller says."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registry import exporting
from services.registry.exporting import ROWS, Exported, Names
from services.registry.kept.access_log import write_down
from services.registry.keyset import Paging
from services.registry.reference import directory
from services.registry.sight import narrowed, rows_in_sight
from shared import problems
from shared.auth import Principal, principal
from shared.authority_views import PERSON
from shared.contracts.reference import AccessKind, DataRead
from shared.contracts.values import UnitCode
from shared.kit import Kit, kit
from shared.rights import NATION
from shared.spreadsheet import XLSX
from shared.view import View

R = TypeVar("R")
Purpose = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]
"""What a list is taken out for; without one the list's title stands in the access log."""
_BOOK: dict[int | str, dict[str, Any]] = {200: {"content": {XLSX: {}}, "description": "A workbook"}}


def workbooks() -> APIRouter:
    """A router whose routes answer with workbooks."""
    answers = {**problems.RESPONSES, **_BOOK}
    return APIRouter(prefix="/registry", tags=["exports"], default_response_class=Response, responses=answers)


@dataclass(frozen=True)
class Taking:
    """Who takes a list out, and what for; `unit` is the one that it is asked of, None for all within sight."""

    kit: Kit
    person: str
    county: UnitCode | None
    unit: UnitCode | None
    purpose: str

    async def roots(self) -> Collection[str]:
        """Where the caller's sight begins."""
        return await self.kit.authority.visible_units(self.person, await self.kit.moments.today())

    async def rows(self, view: View[R], *, latest: str) -> list[tuple[str, R]]:
        """The rows of a list of what belongs to units, with their ids: one more than is given out, if there are."""
        wanted, within = {"county": self.county, "unit": self.unit}, await narrowed(self.kit, await self.roots())
        async with self.kit.database.core() as connection:
            return (await rows_in_sight(connection, view, within, wanted, Paging(ROWS + 1), latest=latest)).rows

    async def names(self, units: Iterable[str | None], persons: Iterable[str | None] = ()) -> Names:
        """What units and persons are called."""
        async with self.kit.database.core() as connection:
            return await names_of(connection, units, persons)

    async def given(self, exported: Exported, *, more: bool = False) -> Response:
        """The list, once the access log has it."""
        asked = self.unit or self.county
        units = [asked] if asked else await self.roots()
        return await given(self.kit, self.person, exported, units, self.purpose, more=more)


def taking(
    county: UnitCode | None = None,
    unit: UnitCode | None = None,
    purpose: Purpose = "",
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Taking:
    """The dependency that gives such a list's route what is asked for."""
    return Taking(kit, who.person, county, unit, purpose)


def taking_all(purpose: Purpose = "", kit: Kit = Depends(kit), who: Principal = Depends(principal)) -> Taking:
    """The same of a list that is not cut by units."""
    return Taking(kit, who.person, None, None, purpose)


def taking_in_county(
    county: UnitCode | None = None,
    purpose: Purpose = "",
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Taking:
    """The same of a list that may be cut by a county alone."""
    return Taking(kit, who.person, county, None, purpose)


def taking_of_county(
    county: UnitCode, purpose: Purpose = "", kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> Taking:
    """The same of a list that is one county's."""
    return Taking(kit, who.person, county, None, purpose)


async def names_of(
    connection: AsyncConnection, units: Iterable[str | None], persons: Iterable[str | None] = ()
) -> Names:
    """What units and persons are called."""
    named = {unit.code: unit.name for unit in await directory.units(connection, {each for each in units if each})}
    table = PERSON.table
    keys = {f"person-{id}" for id in persons if id}
    query = select(table.c.key, table.c.name).where(table.c.key.in_(keys))
    people = {row.key.partition("-")[2]: row.name for row in await connection.execute(query)}
    return Names(named, people)


async def given(
    kit: Kit, person: str, exported: Exported, units: Collection[str], purpose: str, *, more: bool
) -> Response:
    """A list as a workbook, once it stands in the access log that the caller takes it out, at each of these units.

    They are those that it was asked of, else those at which it begins: whoever audits one of them sees the reading.
    """
    why, count = purpose.strip() or exported.title, len(exported.rows)
    for unit in sorted(units) or [NATION]:
        read = DataRead(kind=AccessKind.EXPORT, what=exported.title, unit=unit, purpose=why, rows=count)
        await write_down(kit, person, read)
    moment = await kit.moments.of(None)
    content = await exporting.workbook(exported, as_of=moment.now, more=more)
    name = quote(f"{exported.title}-{moment.today}.xlsx")
    return Response(content, media_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"})
