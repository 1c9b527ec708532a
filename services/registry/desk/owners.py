"""For which units the caller may propose projects, and who their secretaries are today."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import cast, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from services.registry.desk.access import Caller
from services.registry.desk.frame import person_names, unit_names
from shared.authority_views import PERSON, UNIT
from shared.command import Who
from shared.contracts.divisions import Rank, rank_of
from shared.contracts.reference import SECRETARIES
from shared.tree import climb, left_to

MOST = 2000
"""Units that a county's office chooses from."""


@dataclass(frozen=True, slots=True)
class OwnUnit:
    """A unit whose projects the caller may propose, with its secretary."""

    code: str
    name: str
    secretary: str
    secretary_name: str


async def own_units(caller: Caller, code: str | None = None) -> Sequence[OwnUnit]:
    """The caller's own units, and those below the own offices that have a secretary today; with `code` that one.

    None of them has ended.
    """
    seats = caller.seats
    roles = [role.value for role in SECRETARIES]
    async with caller.kit.database.driver() as connection:
        rows = await connection.fetch(
            _OWN, sorted(seats.secretary), sorted(seats.office), roles, caller.today, code, caller.person, MOST
        )
    return [OwnUnit(row["code"], row["unit"], row["key"].removeprefix("person-"), row["person"]) for row in rows]


async def answering_for(caller: Caller, day: date) -> Sequence[OwnUnit]:
    """The own units, and those left to them that had not ended on a day, whose secretary is then their heir's."""
    own: dict[str, list[OwnUnit]] = {}
    for each in await own_units(caller):
        own.setdefault(each.code, []).append(each)
    async with caller.kit.database.driver() as connection:
        left = [each for each in await left_to(connection, own) if each.ended is None or day < each.ended]
    names = await unit_names(caller, {each.code for each in left})
    return [
        replace(seat, code=each.code, name=names.get(each.code, each.code)) for each in left for seat in own[each.heir]
    ]


async def county_of(caller: Caller, unit: str) -> str | None:
    """The county, or zone of county rank, that a unit lies in or is; None if there is none above it."""
    return await _nearest(caller, unit, Rank.COUNTY)


async def township_of(caller: Caller, unit: str) -> str | None:
    """The township that a unit lies in or is; None if there is none above it."""
    return await _nearest(caller, unit, Rank.TOWNSHIP)


async def _nearest(caller: Caller, unit: str, rank: Rank) -> str | None:
    async with caller.kit.database.driver() as connection:
        way = await climb(connection, unit)
    return next((each.code for each in way if rank_of(each.code) is rank and each.ended is None), None)


async def seat_of(caller: Caller, unit: str) -> str:
    """The unit at which posts of a unit are held today: the unit itself, or of one that has ended its heir."""
    async with caller.kit.database.driver() as connection:
        way = await climb(connection, unit)
    return next((each.code for each in way if each.ended is None), unit)


async def secretaries_of(caller: Caller, unit: str) -> Sequence[tuple[str, str]]:
    """Today's secretaries of a unit, or of the heir of one that has ended: the id and the name of each."""
    unit = await seat_of(caller, unit)
    table = PERSON.table
    at_unit = cast(literal([{"unit": unit}], JSONB), JSONB)
    query = select(table.c.key, *PERSON.core_columns).where(table.c.appointments.contains(at_unit))
    async with caller.kit.database.reading() as connection:
        rows = (await connection.execute(query.order_by(table.c.key))).all()
    persons = ((row.key.removeprefix("person-"), PERSON.decode(row[1:])) for row in rows)
    return [
        (id, person.name)
        for id, person in persons
        if any(p.unit == unit and p.role in SECRETARIES and p.holds_on(caller.today) for p in person.appointments)
    ]


async def to_act_for(caller: Caller, who: Who[Any, Any], unit: str) -> Sequence[tuple[str, str]]:
    """Those among whom an office of the caller chooses whom it acts for, with their names; empty without a choice."""
    authority = caller.kit.authority
    right = await authority.may(caller.person, who.roles, unit, caller.today, exactly=who.exactly)
    if right is None or not right.office:
        return ()
    there = await authority.leaders(who, unit, right.unit, caller.today)
    return sorted((await person_names(caller, there)).items()) if len(there) > 1 else ()


_OWN = f"""
with recursive below as (
    select code from {UNIT.sql_name} where code = any($2)
    union select u.code from {UNIT.sql_name} u join below b on u.parent = b.code)
select distinct u.code, u.name as unit, p.key, p.name as person
from {PERSON.sql_name} p cross join jsonb_array_elements(p.appointments) a
  join {UNIT.sql_name} u on u.code = a ->> 'unit'
where a ->> 'role' = any($3) and (a ->> 'since')::date <= $4
  and (a ->> 'until' is null or (a ->> 'until')::date >= $4)
  and ($5::text is null or u.code = $5) and u.ended is null
  and ((u.code = any($1) and p.key = 'person-' || $6) or u.code in (select code from below))
order by u.code, p.key limit $7"""  # noqa: S608
