"""The reference lists: units of the tree, persons with their posts, campaigns of inspections."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from pydantic import BaseModel
from sqlalchemy import (
    ColumnElement,
    Date,
    TableValuedAlias,
    Text,
    and_,
    cast,
    column,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registry.reference.words import ROLES
from services.registry.views import CAMPAIGNS
from shared.authority import subtree
from shared.authority_views import PERSON, UNIT, UnitRow
from shared.contracts.boundaries import Placed, name_on, placed_on
from shared.contracts.divisions import UnitKind
from shared.contracts.progress import CampaignKind, Group
from shared.contracts.reference import Role

_UNITS = UNIT.table
_PERSONS = PERSON.table
_CAMPAIGNS = CAMPAIGNS.table


class UnitLine(BaseModel):
    """An org unit; one that has ended (merged, split, closed) lies below its heir."""

    code: str
    name: str
    kind: UnitKind
    parent: str | None
    ended: date | None
    heir: str | None


class Post(BaseModel):
    """A post that a person holds today; `unit_name` is empty for a unit that the view does not know yet."""

    role: Role
    unit: str
    unit_name: str
    title: str


class PersonLine(BaseModel):
    """A person with today's posts."""

    id: str
    name: str
    posts: list[Post]


class CampaignLine(BaseModel):
    """A campaign of inspections with its groups."""

    id: str
    name: str
    kind: CampaignKind
    county: str
    year: int
    groups: list[Group]
    opened_on: date


async def units_below(
    connection: AsyncConnection, parent: str, roots: Collection[str], day: date | None = None
) -> list[UnitLine]:
    """The units right below one, by code; with a day those that lay there then, as far as `roots` has them today."""
    if day is None:
        return [_line(row) for row in await _rows(connection, _UNITS.c.parent == parent)]
    mine = subtree(roots)
    once = _UNITS.c.parents.contains(cast(literal([{"parent": parent}], JSONB), JSONB))
    rows = await _rows(connection, and_(once, _UNITS.c.code.in_(select(mine.c.code))))
    placed = ((row, placed_on(row.parents, day)) for row in rows)
    return [_line_on(row, place, day) for row, place in placed if place is not None and place.parent == parent]


async def units_in_sight(connection: AsyncConnection, roots: Collection[str] | None, limit: int) -> list[UnitLine]:
    """The units in the subtrees of `roots` (None: all), by code."""
    there = _UNITS.c.code != ""
    within = there if roots is None else _UNITS.c.code.in_(select(subtree(roots).c.code))
    return [_line(row) for row in await _rows(connection, within, limit)]


async def units(connection: AsyncConnection, codes: Collection[str]) -> list[UnitLine]:
    """These units, by code; one that is not there is left out."""
    return [_line(row) for row in await _rows(connection, _UNITS.c.code.in_(codes))]


async def _rows(connection: AsyncConnection, condition: ColumnElement[bool], limit: int | None = None) -> list[UnitRow]:
    query = select(*UNIT.core_columns).where(condition).order_by(_UNITS.c.code).limit(limit)
    return [UNIT.decode(tuple(row)) for row in await connection.execute(query)]


def _line(row: UnitRow) -> UnitLine:
    assert row.kind is not None
    return UnitLine(code=row.code, name=row.name, kind=row.kind, parent=row.parent, ended=row.ended, heir=row.heir)


def _line_on(row: UnitRow, place: Placed, day: date) -> UnitLine:
    """A unit as it stood on a day."""
    ended = row.ended is not None and row.ended <= day
    then = replace(
        row,
        name=name_on(row.names, day),
        parent=place.parent,
        ended=row.ended if ended else None,
        heir=row.heir if ended else None,
    )
    return _line(then)


async def persons(
    connection: AsyncConnection,
    today: date,
    *,
    q: str,
    after: str,
    limit: int,
    within: Collection[str] | None = None,
) -> list[PersonLine]:
    """Persons by id, from the one after `after` on.

    Each word of `q` is a part of the id, of the name, or of a post of today: of its unit's name, its title or its role.

    With `within` they are those who have, or last had, a post in the subtrees of these units, or never had one.
    """
    query = select(_PERSONS.c.key, *PERSON.core_columns).where(
        _PERSONS.c.name != "", _PERSONS.c.key > f"person-{after}"
    )
    if within is not None:
        query = query.where(or_(_PERSONS.c.appointments == cast(literal([], JSONB), JSONB), _seated(within)))
    query = query.where(*(_has(word, today) for word in q.split()))
    rows = (await connection.execute(query.order_by(_PERSONS.c.key).limit(limit))).all()
    found = {row.key: PERSON.decode(row[1:]) for row in rows}
    held = {key: [each for each in person.appointments if each.holds_on(today)] for key, person in found.items()}
    names = {
        unit.code: unit.name for unit in await units(connection, {p.unit for posts in held.values() for p in posts})
    }
    return [
        PersonLine(
            id=key.removeprefix("person-"),
            name=person.name,
            posts=[
                Post(role=post.role, unit=post.unit, unit_name=names.get(post.unit, ""), title=post.title)
                for post in held[key]
            ],
        )
        for key, person in found.items()
    ]


def _posts() -> TableValuedAlias:
    """A person's posts, those of all days."""
    columns = {"role": Text, "unit": Text, "title": Text, "since": Date, "until": Date}
    posts = func.jsonb_to_recordset(_PERSONS.c.appointments)
    named = posts.table_valued(*(column(name, kind) for name, kind in columns.items()), name="post")
    return named.render_derived(with_types=True)


def _has(word: str, today: date) -> ColumnElement[bool]:
    """Whether a person's id, name or one of today's posts has a word in it."""
    post = _posts()
    held = and_(post.c.since <= today, or_(post.c.until.is_(None), post.c.until >= today))
    named = or_(
        post.c.title.contains(word, autoescape=True),
        post.c.role.in_([role for role, words in ROLES.items() if word in words]),
        post.c.unit.in_(select(_UNITS.c.code).where(_UNITS.c.name.contains(word, autoescape=True))),
    )
    return or_(
        _PERSONS.c.key.contains(word, autoescape=True),
        _PERSONS.c.name.contains(word, autoescape=True),
        exists().where(held, named),
    )


def _seated(roots: Collection[str]) -> ColumnElement[bool]:
    """Whether a person has a seat in the subtrees of `roots` (`Person.seats`)."""
    mine = subtree(roots)
    post = _posts()
    latest = func.row_number().over(order_by=(post.c.until.desc().nulls_first(), post.c.since.desc()))
    held = select(post.c.unit, post.c.until, latest.label("place")).correlate(_PERSONS).subquery("held")
    seat = and_(or_(held.c.until.is_(None), held.c.place == 1), held.c.unit.in_(select(mine.c.code)))
    return exists().where(seat)


async def campaigns(
    connection: AsyncConnection, roots: Collection[str] | None, *, county: str | None, year: int | None
) -> list[CampaignLine]:
    """The campaigns of the counties in the subtrees of `roots` (None: all), the last opened first."""
    query = select(_CAMPAIGNS).where(_CAMPAIGNS.c.county != "")
    if roots is not None:
        query = query.where(_CAMPAIGNS.c.county.in_(select(subtree(roots).c.code)))
    if county is not None:
        query = query.where(_CAMPAIGNS.c.county == county)
    if year is not None:
        query = query.where(_CAMPAIGNS.c.year == year)
    rows = await connection.execute(query.order_by(_CAMPAIGNS.c.opened_on.desc(), _CAMPAIGNS.c.key))
    return [CampaignLine.model_validate({"id": row["key"].removeprefix("campaign-"), **row}) for row in rows.mappings()]
