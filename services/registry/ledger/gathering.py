"""What a ledger is held against: counties, units, today's secretaries out of the views, projects out of the store."""

from collections.abc import Collection, Iterator
from datetime import date

from sqlalchemy import literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registry.ledger.places import Places, Secretary, places_of
from services.registry.reference.person import Person, Post
from services.registry.views import PROJECTS
from shared.authority import subtree
from shared.authority_views import PERSON, UNIT, PersonRow, UnitRow
from shared.contracts.divisions import Rank, rank_of
from shared.contracts.reference import SECRETARIES

_UNITS, _PERSONS, _PROJECTS = UNIT.table, PERSON.table, PROJECTS.table
_COUNTY_CODE = "______"


async def counties(connection: AsyncConnection, *, with_ended: bool = False) -> dict[str, str]:
    """The names of all counties, and zones of county rank, by code; those that have ended are left out by default."""
    query = select(_UNITS.c.code, _UNITS.c.name).where(_UNITS.c.code.like(_COUNTY_CODE))
    if not with_ended:
        query = query.where(_UNITS.c.ended.is_(None))
    return {row.code: row.name for row in await connection.execute(query) if rank_of(row.code) is Rank.COUNTY}


async def places(connection: AsyncConnection, known: dict[str, str], allowed: Collection[str], today: date) -> Places:
    """What the rows of these counties are matched with."""
    inside = subtree(allowed)
    rows = await connection.execute(select(*UNIT.core_columns).where(_UNITS.c.code.in_(select(inside.c.code))))
    units: list[UnitRow] = [UNIT.decode(tuple(row)) for row in rows]
    codes = {unit.code for unit in units}
    held = [_PERSONS.c.appointments.contains(literal([{"role": role}], JSONB)) for role in sorted(SECRETARIES)]
    found = await connection.execute(select(_PERSONS.c.key, *PERSON.core_columns).where(or_(*held)))
    leading = [
        pair for row in found for pair in _leads(row.key.partition("-")[2], PERSON.decode(tuple(row)[1:]), codes, today)
    ]
    return places_of(known, allowed, units, leading)


async def titled(
    connection: AsyncConnection, wanted: Collection[tuple[str, int]]
) -> list[tuple[str, str, str, int, str]]:
    """The projects of these counties and years: id, county, owner, year, title."""
    columns = (_PROJECTS.c.key, _PROJECTS.c.county, _PROJECTS.c.owner, _PROJECTS.c.year, _PROJECTS.c.title)
    query = select(*columns).where(
        _PROJECTS.c.county.in_({county for county, _ in wanted}), _PROJECTS.c.year.in_({year for _, year in wanted})
    )
    return [(row.key.partition("-")[2], *tuple(row)[1:]) for row in await connection.execute(query)]


def _leads(id: str, row: PersonRow, units: Collection[str], today: date) -> Iterator[tuple[str, Secretary]]:
    posts = tuple(Post(each.role, each.unit, each.since, each.until) for each in row.appointments)
    person = Person(row.name, posts)
    for unit in {
        post.unit for post in posts if post.unit in units and post.role in SECRETARIES and post.held_on(today)
    }:
        yield unit, Secretary(id, row.name, person)
