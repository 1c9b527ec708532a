"""The counties that a caller works in, above or below, and the units and projects of one that a form chooses from."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from services.registry.desk.access import Caller
from services.registry.project.state import ENDED
from services.registry.views import PROJECTS
from shared.authority import subtree
from shared.authority_views import UNIT
from shared.contracts.divisions import Rank, UnitKind, rank_of
from shared.tree import climb

MOST = 2000
"""Units of a county that are chosen from."""
MOST_PROJECTS = 300
"""Projects of a unit that are chosen from."""
_KINDS = (UnitKind.COUNTY, UnitKind.ZONE)


async def counties(caller: Caller) -> Mapping[str, str]:
    """The counties that stand today at the caller's seats, above or below them: their names by code."""
    found: dict[str, str] = {}
    async with caller.kit.database.driver() as connection:
        for seat in caller.seats.sight:
            way = await climb(connection, seat)
            found |= {each.code: each.name for each in way if each.ended is None and rank_of(each.code) is Rank.COUNTY}
    table, mine = UNIT.table, subtree(caller.seats.sight)
    below = select(table.c.code, table.c.name).where(
        table.c.code.in_(select(mine.c.code)), table.c.kind.in_(_KINDS), table.c.ended.is_(None)
    )
    async with caller.kit.database.core() as connection:
        rows = await connection.execute(below)
        found |= {row.code: row.name for row in rows if rank_of(row.code) is Rank.COUNTY}
    return dict(sorted(found.items()))


async def units_of(caller: Caller, county: str) -> Sequence[tuple[str, str]]:
    """The units of a county that stand today, with the county itself, as a choice: a village after its township."""
    table, inside = UNIT.table, subtree([county])
    above = table.alias("above")
    query = (
        select(table.c.code, table.c.name, above.c.name.label("parent"))
        .join_from(table, above, above.c.code == table.c.parent, isouter=True)
        .where(table.c.code.in_(select(inside.c.code)), table.c.ended.is_(None))
        .order_by(table.c.code)
        .limit(MOST)
    )
    async with caller.kit.database.core() as connection:
        rows = (await connection.execute(query)).all()
    branch = {row.code for row in rows if rank_of(row.code) is Rank.BRANCH}
    return [(row.code, f"{row.parent}　{row.name}" if row.code in branch else row.name) for row in rows]


async def projects_of(caller: Caller, unit: str) -> Sequence[tuple[str, str]]:
    """The projects of a unit and of those below it that have not ended, as a choice."""
    table, inside = PROJECTS.table, subtree([unit])
    query = (
        select(table.c.key, table.c.title)
        .where(table.c.owner.in_(select(inside.c.code)), table.c.stage.not_in(ENDED))
        .order_by(table.c.title, table.c.key)
        .limit(MOST_PROJECTS)
    )
    async with caller.kit.database.core() as connection:
        rows = await connection.execute(query)
        return [(row.key.partition("-")[2], row.title) for row in rows]


async def titles(caller: Caller, ids: Sequence[str]) -> Mapping[str, str]:
    """The titles by id of those of the projects that lie within the caller's sight."""
    table, mine = PROJECTS.table, subtree(caller.seats.sight)
    query = select(table.c.key, table.c.title).where(
        table.c.key.in_([f"project-{id}" for id in ids]), table.c.owner.in_(select(mine.c.code))
    )
    async with caller.kit.database.core() as connection:
        rows = await connection.execute(query)
        return {row.key.partition("-")[2]: row.title for row in rows}
