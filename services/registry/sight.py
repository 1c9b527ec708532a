"""Rows of a view within a caller's sight, by their columns, a part at a time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registry.keyset import After, Found, Paging, Part, part_of
from shared import problems
from shared.auth import Principal, principal
from shared.authority import subtree
from shared.contracts.values import UnitCode
from shared.etags import DESCRIBED, Tagged
from shared.kit import AtLeastHeader, Kit, kit
from shared.view import View

R = TypeVar("R")
M = TypeVar("M", bound=BaseModel)

Limit = Annotated[int, Query(ge=1, le=500)]
Words = Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")]
"""What is looked for; PostgreSQL's texts hold no NUL."""


def queries() -> APIRouter:
    """A router whose routes answer what is known, to who has the same already with no more than that."""
    answers = {**problems.RESPONSES, **DESCRIBED}
    return APIRouter(prefix="/registry", tags=["queries"], responses=answers, route_class=Tagged)


@dataclass(frozen=True)
class Listing:
    """Who asks for which part of a list of what belongs to units."""

    kit: Kit
    person: str
    county: UnitCode | None
    unit: UnitCode | None
    page: Paging
    at_least: str | None

    async def lines(self, line: type[M], view: View[R], *, latest: str, **filters: object) -> Part[M]:
        """The rows in the caller's subtree as lines, by the column `latest` from its greatest value on."""
        await self.kit.at_least(self.at_least, (view,))
        roots = await self.kit.authority.visible_units(self.person, await self.kit.moments.today())
        wanted, within = {"county": self.county, "unit": self.unit, **filters}, await narrowed(self.kit, roots)
        async with self.kit.database.core() as connection:
            found = await rows_in_sight(connection, view, within, wanted, self.page, latest=latest)
        lines = [line.model_validate({"id": id, **vars(row)}) for id, row in found.rows]
        return Part[line](items=lines, next=found.next)


def listing(
    county: UnitCode | None = None,
    unit: UnitCode | None = None,
    limit: Limit = 50,
    after: After = "",
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Listing:
    """The dependency that gives such a list's route what is asked for."""
    return Listing(kit, who.person, county, unit, Paging(limit, after), at_least)


async def narrowed(kit: Kit, roots: Collection[str]) -> Collection[str] | None:
    """The roots that a list is cut by; None where their subtrees are the whole tree: then it need not be cut."""
    return None if await kit.authority.is_whole(roots) else roots


async def rows_in_sight(
    connection: AsyncConnection,
    view: View[R],
    roots: Collection[str] | None,
    filters: Mapping[str, object],
    page: Paging,
    *,
    latest: str,
) -> Found[tuple[str, R]]:
    """The rows whose `unit` lies in the subtrees of `roots` (None: all), with their ids without the category.

    They are those whose columns have the values of `filters`, as far as these are not None, by the column `latest`
    from its greatest value on.
    """
    table = view.table
    query = select(table.c.key, *view.core_columns)
    if roots is None:
        query = query.where(table.c.unit != "")
    else:
        query = query.where(table.c.unit.in_(select(subtree(roots).c.code)))
    for name, value in filters.items():
        if value is not None:
            query = query.where(table.c[name] == value)
    found = await part_of(connection, query, (table.c[latest], table.c.key), page, falling=True)
    return Found([(row[0].partition("-")[2], view.decode(row[1:])) for row in found.rows], found.next)
