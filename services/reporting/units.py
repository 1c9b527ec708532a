"""The tree of units in SQL and rows: names, counties of a city, the way up."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import asyncpg

from shared.authority_views import PERSON, UNIT
from shared.contracts.divisions import UnitKind
from shared.errors import NotFound
from shared.tree import climb

UNITS = UNIT.sql_name
PERSONS = PERSON.sql_name


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit with its name and kind."""

    code: str
    name: str
    kind: UnitKind


async def counties_of(connection: asyncpg.Connection, unit: str) -> tuple[str, ...]:
    """The counties and zones of county rank that lie in a unit, by code; a county's is itself."""
    return tuple(row["code"] for row in await connection.fetch(_COUNTIES, unit))


async def cities_below(connection: asyncpg.Connection, unit: str) -> tuple[str, ...]:
    """The cities right below a province."""
    rows = await connection.fetch(f"select code from {UNITS} where parent = $1 and kind = 'city'", unit)  # noqa: S608
    return tuple(row["code"] for row in rows)


async def path_to(connection: asyncpg.Connection, unit: str) -> Sequence[UnitName]:
    """The units from the top of the tree down to this one.

    Raises:
        NotFound("no_such_unit").
    """
    way = await climb(connection, unit)
    if not way:
        raise NotFound("no_such_unit", None, {"unit": unit})
    return [UnitName(each.code, each.name, each.kind) for each in reversed(way) if each.kind is not None]


async def tree_below(connection: asyncpg.Connection, unit: str) -> tuple[list[str], list[str]]:
    """The codes of a unit and of all below it, and for each the unit right below this one that it is or lies in.

    The unit itself stands for its own level.
    """
    rows = await connection.fetch(_TREE, unit)
    return [row["code"] for row in rows], [row["child"] for row in rows]


async def names_of(connection: asyncpg.Connection, units: Sequence[str]) -> dict[str, str]:
    """The names of units; a code that no unit has is not among them."""
    rows = await connection.fetch(f"select code, name from {UNITS} where code = any($1)", list(units))  # noqa: S608
    return {row["code"]: row["name"] for row in rows}


async def person_names(connection: asyncpg.Connection, persons: Collection[str]) -> dict[str, str]:
    """The names of persons by their ids."""
    keys = [f"person-{person}" for person in persons]
    rows = await connection.fetch(f"select key, name from {PERSONS} where key = any($1)", keys)  # noqa: S608
    return {row["key"].removeprefix("person-"): row["name"] for row in rows}


_COUNTIES = f"""
with recursive tree as (
    select code, kind from {UNITS} where code = $1
    union all
    select u.code, u.kind from {UNITS} u join tree t on u.parent = t.code where t.kind in ('province', 'city'))
select code from tree where kind = 'county' or (kind = 'zone' and length(code) = 6) order by code"""  # noqa: S608

_TREE = f"""
with recursive tree as (
    select code, code as child from {UNITS} where parent = $1
    union all select u.code, t.child from {UNITS} u join tree t on u.parent = t.code)
select code, child from tree union all select $1, $1"""  # noqa: S608
