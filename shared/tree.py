"""The way up and down the tree of units, today's and that of any day: a unit's code does not say it.

A unit that has ended lies below its heir. Where rank matters it is passed over, as if all that lies below it lay right
below the heir.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import NamedTuple

import asyncpg

from shared.authority_views import UNIT
from shared.contracts.divisions import Rank, UnitKind, rank_of
from shared.contracts.values import UnitCode

DEEPEST = 16
"""Levels of the tree: it has five, and a loop in it must end."""
_BELOW_COUNTIES = frozenset({Rank.TOWNSHIP, Rank.BRANCH})


class Step(NamedTuple):
    """A unit on the way up: what rights and paths need of its row, since every command climbs."""

    code: str
    name: str
    kind: UnitKind
    parent: str | None
    ended: date | None
    heir: str | None


async def climb(connection: asyncpg.Connection, unit: UnitCode) -> Sequence[Step]:
    """A unit and those above it, the nearest first, as far as this service's view has them."""
    rows = await connection.fetch(_CLIMB, unit, DEEPEST)
    return [Step(code, name, UnitKind(kind), *rest) for code, name, kind, *rest in rows]


def county_among(above: Iterable[UnitCode]) -> UnitCode | None:
    """The county, district or zone among the units above one, the nearest first.

    It is the city or province of what lies right below that, such as a city's department; None if there is none.
    """
    return next((code for code in above if rank_of(code) not in _BELOW_COUNTIES), None)


async def county_above(connection: asyncpg.Connection, unit: UnitCode) -> UnitCode | None:
    """The same of a unit in this service's view, without those that have ended; None of one that it does not have."""
    way = await climb(connection, unit)
    ended = {each.code for each in way if each.ended is not None}
    return county_among(each.parent for each in way if each.parent is not None and each.parent not in ended)


class Left(NamedTuple):
    """A unit with the one that acts for it: its heir if it has ended, else the unit itself."""

    code: str
    heir: str
    ended: date | None


async def left_to(connection: asyncpg.Connection, units: Collection[UnitCode]) -> Sequence[Left]:
    """Those of the units that have not ended, and all whose heirs they are, also by way of others that have ended."""
    return [Left(*row) for row in await connection.fetch(_LEFT_TO, sorted(units))]


async def standing_below(connection: asyncpg.Connection, unit: UnitCode, kind: UnitKind) -> Sequence[UnitCode]:
    """The units of a kind right below one that have not ended, by code."""
    return [row["code"] for row in await connection.fetch(_STANDING_BELOW, unit, kind)]


def parent_on(unit: str, day: str) -> str:
    """SQL: the parent of a row of the view on a day, both as a statement names them.

    A unit that was not there yet lies below the one that it came out of by a split, else where it lay first: so what it
    owns is in the sums of any day.
    """
    there = _there_on(unit, day)
    return f"""
case when jsonb_array_length({unit}.parents) = 1 and {there} then {unit}.parent else coalesce(
    (select s.code from {UNIT.sql_name} s where not {there} and s.parts ? {unit}.code and s.ended > {day}
     order by s.ended limit 1),
    {_held_on(unit, "parents", "parent", day)}) end"""  # noqa: S608


def name_on(unit: str, day: str) -> str:
    """SQL: the name of a row of the view on a day, the first one before it was there."""
    return _held_on(unit, "names", "name", day)


def stands_on(unit: str, day: str) -> str:
    """SQL: whether a row's unit was there on a day and had not ended."""
    return f"({_there_on(unit, day)} and coalesce({unit}.ended > {day}, true))"


def _there_on(unit: str, day: str) -> str:
    return f"coalesce(({unit}.parents -> 0 ->> 'since')::date <= {day}, true)"


def _held_on(unit: str, history: str, value: str, day: str) -> str:
    """What a history last had by a day, else what it had first."""
    later = f"coalesce((h.at ->> 'since')::date > {day}, false)"
    return (
        f"(select h.at ->> '{value}' from jsonb_array_elements({unit}.{history}) with ordinality as h(at, n) "  # noqa: S608
        f"order by {later}, case when {later} then h.n else -h.n end limit 1)"
    )


_STANDING_BELOW = f"""
with recursive tree as (
    select code, kind, ended from {UNIT.sql_name} where parent = $1
    union
    select u.code, u.kind, u.ended from {UNIT.sql_name} u join tree t on u.parent = t.code where t.ended is not null)
select code from tree where ended is null and kind = $2 order by code"""  # noqa: S608

_LEFT_TO = f"""
with recursive estate as (
    select code, code as heir, ended from {UNIT.sql_name} where code = any($1) and ended is null
    union select u.code, e.heir, u.ended
    from {UNIT.sql_name} u join estate e on u.parent = e.code where u.ended is not null)
select {", ".join(Left._fields)} from estate order by heir, code"""  # noqa: S608

_STEP = ", ".join(f"u.{name}" for name in Step._fields)

_CLIMB = f"""
with recursive way as (
    select 1 as level, {_STEP} from {UNIT.sql_name} u where u.code = $1
    union all select level + 1, {_STEP} from {UNIT.sql_name} u join way w on u.code = w.parent where level < $2)
select {", ".join(Step._fields)} from way order by level"""  # noqa: S608
