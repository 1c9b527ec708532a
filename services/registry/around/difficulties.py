"""The difficulties that are not solved, of visits and of projects, cut to what the caller may read."""

from collections.abc import Collection
from typing import Any, Literal

from pydantic import BaseModel
from sqlalchemy import CTE, Select, Text, column, func, select, true, union_all
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registry.around.visit_views import VISITS, DifficultyLine
from services.registry.keyset import Found, Paging, part_of
from services.registry.views import PROJECTS
from shared.authority import subtree


class OpenDifficulty(BaseModel):
    """A difficulty that is not solved; `of` and `id` say whose it is, `unit` where that was or who owns it."""

    of: Literal["visit", "project"]
    id: str
    difficulty: str
    unit: str
    county: str
    line: DifficultyLine


async def open_difficulties(
    connection: AsyncConnection, roots: Collection[str], county: str | None, page: Paging
) -> Found[OpenDifficulty]:
    """Those within the subtrees of `roots`, and in a county of today if one is named, the oldest first."""
    mine = subtree(roots)
    asked = None if county is None else subtree([county], "asked")
    found = union_all(_open(VISITS.table, "unit", mine, asked), _open(PROJECTS.table, "owner", mine, asked)).subquery()
    query, by = select(found), (found.c.line["raised_on"].astext, found.c.key, found.c.difficulty)
    part = await part_of(connection, query, by, page, falling=False)
    return Found([_reply(dict(zip(found.c.keys(), row, strict=True))) for row in part.rows], part.next)


def _open(table: Any, unit: str, mine: CTE, asked: CTE | None) -> Select[Any, Any, Any, Any, Any]:
    each = func.jsonb_each(table.c.difficulties).table_valued(column("key", Text), column("value", JSONB)).alias("each")
    query = (
        select(
            table.c.key,
            each.c.key.label("difficulty"),
            table.c[unit].label("unit"),
            table.c.county,
            each.c.value.label("line"),
        )
        .join_from(table, each, true())
        .where(table.c.open_difficulties > 0, each.c.value["solved_on"].astext.is_(None))
        .where(table.c[unit].in_(select(mine.c.code)))
    )
    return query if asked is None else query.where(table.c[unit].in_(select(asked.c.code)))


def _reply(row: dict[str, Any]) -> OpenDifficulty:
    of, _, id = row.pop("key").partition("-")
    return OpenDifficulty.model_validate({"of": of, "id": id, **row})
