"""The way up the tree of units as it stands today: a unit's code does not say it, since units are moved."""

from collections.abc import Iterable, Sequence

import asyncpg

from shared.authority_views import UNIT, UnitRow
from shared.contracts.divisions import Rank, rank_of
from shared.contracts.values import UnitCode

DEEPEST = 16
"""Levels of the tree: it has five, and a loop in it must end."""
_BELOW_COUNTIES = frozenset({Rank.TOWNSHIP, Rank.BRANCH})


async def climb(connection: asyncpg.Connection, unit: UnitCode) -> Sequence[UnitRow]:
    """A unit and those above it, the nearest first, as far as this service's view has them."""
    statement = _CLIMB.format(unit=UNIT.sql_name, columns=", ".join(UNIT.sql_columns("u")))
    return [UNIT.decode(tuple(row)[1:]) for row in await connection.fetch(statement, unit, DEEPEST)]


def county_among(above: Iterable[UnitCode]) -> UnitCode | None:
    """The county, district or zone among the units above one, the nearest first.

    It is the city or province of what lies right below that, such as a city's department; None if there is none.
    """
    return next((code for code in above if rank_of(code) not in _BELOW_COUNTIES), None)


async def county_above(connection: asyncpg.Connection, unit: UnitCode) -> UnitCode | None:
    """The same of a unit in this service's view; None of one that it does not have."""
    return county_among(each.parent for each in await climb(connection, unit) if each.parent is not None)


_CLIMB = """
with recursive way as (
    select 1 as level, {columns} from {unit} u where u.code = $1
    union all select level + 1, {columns} from {unit} u join way w on u.code = w.parent where level < $2)
select * from way order by level"""
