"""Which county a unit lies in, by today's tree: a unit's code does not say it, since units are moved."""

from collections.abc import Iterable

import asyncpg

from shared.authority_views import UNIT
from shared.contracts.divisions import Rank, rank_of
from shared.contracts.values import UnitCode

_BELOW_COUNTIES = frozenset({Rank.TOWNSHIP, Rank.BRANCH})


def county_among(above: Iterable[UnitCode]) -> UnitCode | None:
    """The county, district or zone among the units above one, the nearest first.

    It is the city or province of what lies right below that, such as a city's department; None if there is none.
    """
    return next((code for code in above if rank_of(code) not in _BELOW_COUNTIES), None)


async def county_above(connection: asyncpg.Connection, unit: UnitCode) -> UnitCode | None:
    """The same, read from this service's view on a command's own connection; None of a unit that it does not have."""
    above = await connection.fetch(_ABOVE.format(unit=UNIT.sql_name), unit)
    return county_among(row["code"] for row in above)


_ABOVE = """
with recursive above(code, level) as (
    select parent, 1 from {unit} where code = $1
    union all select u.parent, level + 1 from {unit} u join above a on u.code = a.code where level < 16)
select code from above where code is not null order by level"""
"""The tree has five levels; a loop in it must end."""
