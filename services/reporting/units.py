"""The tree of units in SQL and rows: names, counties of a city, the way up."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg

from shared.authority_views import PERSON, UNIT
from shared.contracts.divisions import UnitKind
from shared.errors import NotFound
from shared.tree import climb, parent_on, stands_on

UNITS = UNIT.sql_name
PERSONS = PERSON.sql_name


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit with its name and kind, and its heir if it has ended."""

    code: str
    name: str
    kind: UnitKind
    ended: date | None = None
    heir: str | None = None


async def counties_of(connection: asyncpg.Connection, unit: str) -> tuple[str, ...]:
    """The counties and zones of county rank that lie in a unit, those that have ended too, by code.

    A county's is itself, with those that were merged into it.
    """
    return tuple(row["code"] for row in await connection.fetch(_COUNTIES, unit))


async def cities_below(connection: asyncpg.Connection, unit: str) -> tuple[str, ...]:
    """The cities right below a province."""
    rows = await connection.fetch(f"select code from {UNITS} where parent = $1 and kind = 'city'", unit)  # noqa: S608
    return tuple(row["code"] for row in rows)


async def path_to(connection: asyncpg.Connection, unit: str) -> Sequence[UnitName]:
    """The units from the top of the tree down to this one, without those above it that have ended.

    Raises:
        NotFound("no_such_unit").
    """
    way = await climb(connection, unit)
    if not way:
        raise NotFound("no_such_unit", None, {"unit": unit})
    return [
        UnitName(each.code, each.name, each.kind, each.ended, each.heir)
        for each in reversed(way)
        if each.ended is None or each is way[0]
    ]


@dataclass(frozen=True, slots=True)
class Below:
    """The `codes` of a unit and of all below it, and for each the unit right below this one that it is or lies in.

    The unit itself stands for its own level, and for those right below it that have ended.
    """

    codes: tuple[str, ...]
    children: tuple[str, ...]

    @property
    def own(self) -> tuple[str, ...]:
        """The unit, and those right below it that have ended."""
        unit = self.codes[-1]
        return tuple(code for code, child in zip(self.codes, self.children, strict=True) if child == unit)


async def tree_below(connection: asyncpg.Connection, unit: str, boundaries: date | None = None) -> Below:
    """A unit and all below it in today's tree, or in the tree as it stood on a day; the unit itself comes last."""
    if boundaries is None:
        rows = await connection.fetch(_TREE, unit)
    else:
        rows = await connection.fetch(_TREE_ON, unit, boundaries)
    return Below(tuple(row["code"] for row in rows), tuple(row["child"] for row in rows))


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
    select code, kind, ended from {UNITS} where code = $1
    union
    select u.code, u.kind, u.ended from {UNITS} u join tree t on u.parent = t.code
    where t.kind in ('province', 'city') or u.ended is not null)
select code from tree where kind = 'county' or (kind = 'zone' and length(code) = 6) order by code"""  # noqa: S608

_DOWN = """
tree(code, child) as (
    select code, case when stands then code else $1 end from placed where parent = $1
    union
    select u.code, case when t.child = $1 and u.stands then u.code else t.child end
    from placed u join tree t on u.parent = t.code where u.code <> $1)
select code, child from tree union all select $1, $1"""

_TREE = f"""
with recursive placed as (select code, parent, ended is null as stands from {UNITS}), {_DOWN}"""  # noqa: S608

_TREE_ON = f"""
with recursive placed as materialized (
    select u.code, {parent_on("u", "$2")} as parent, {stands_on("u", "$2")} as stands from {UNITS} u), {_DOWN}"""  # noqa: S608
