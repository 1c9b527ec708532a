"""Rows of a view within a caller's sight, by their columns, a page at a time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Query
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.authority import subtree
from shared.view import View

R = TypeVar("R")

Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]


@dataclass(frozen=True)
class Page:
    """Which part of a list is asked for."""

    limit: int
    offset: int = 0


async def rows_in_sight(
    connection: AsyncConnection,
    view: View[R],
    roots: Collection[str],
    filters: Mapping[str, object],
    page: Page,
    *,
    latest: str,
) -> list[tuple[str, R]]:
    """The rows whose `unit` lies in the subtrees of `roots`, with their ids without the category.

    They are those whose columns have the values of `filters`, as far as these are not None, by the column `latest`
    from its greatest value on.
    """
    table, mine = view.table, subtree(roots)
    query = select(table.c.key, *view.core_columns).where(table.c.unit.in_(select(mine.c.code)))
    for name, value in filters.items():
        if value is not None:
            query = query.where(table.c[name] == value)
    query = query.order_by(table.c[latest].desc(), table.c.key.desc()).limit(page.limit).offset(page.offset)
    found = (await connection.execute(query)).all()
    return [(row[0].partition("-")[2], view.decode(row[1:])) for row in found]
