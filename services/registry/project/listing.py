"""The list of projects, cut to what the caller may read: filters, and pages by key."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ARRAY, ColumnElement, Text, any_, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registry.keyset import Part
from services.registry.project.pace import Pace, pace
from services.registry.project.state import Stage
from services.registry.views import PROJECTS
from shared.authority import subtree
from shared.authority_views import UNIT
from shared.contracts.project import ProjectKind
from shared.searching import grams, words

_T = PROJECTS.table
PREFIX = "project-"
MOST_UNITS = 300
"""Units that a list offers to be cut by."""


class ProjectLine(BaseModel):
    """A project in a list or on a card; the days of steps that have not come are null, numbers empty."""

    id: str
    title: str
    kind: ProjectKind
    category: str
    owner: str
    county: str
    secretary: str
    year: int
    carried_into: int | None
    stage: Stage
    round: int
    approval_number: str
    notice_number: str
    closure_number: str
    proposed_on: date
    submitted_on: date | None
    decided_on: date | None
    approved_on: date | None
    started_on: date | None
    acceptance_requested_on: date | None
    accepted_on: date | None
    announced_on: date | None
    notice_ends: date | None
    closed_on: date | None
    reopened_on: date | None
    reopened_from: tuple[str, ...]
    ended_on: date | None
    starts: date | None
    ends: date | None
    inspections: int
    inspected_on: date | None
    reported_month: str
    percent: Decimal
    milestones_reached: int
    milestone_percent: Decimal
    next_milestone: str
    next_milestone_due: date | None
    open_problems: int
    next_deadline: date | None
    pending_extensions: int
    open_difficulties: int


@dataclass(frozen=True)
class Filter:
    """Which projects are asked for; None and empty mean all. `q` are words that each stand in the title or a number.

    Of a `year` are its plan's projects, and those carried over into it. `unit` stands for itself and all below today,
    `county` is the one that a project was proposed in, whose numbers it has.
    """

    county: str | None = None
    owner: str | None = None
    stages: Collection[Stage] = ()
    kind: ProjectKind | None = None
    year: int | None = None
    q: str = ""
    unit: str | None = None
    category: str = ""


COLUMNS = [_T.c[name] for name in ProjectLine.model_fields if name != "id"]
"""What a line is read from, besides the key."""


async def projects(
    connection: AsyncConnection, wanted: Filter, roots: Collection[str] | None, *, after: str | None, limit: int
) -> Part[ProjectLine]:
    """A part of the projects, the last proposed first, whose owners lie in the subtrees of `roots`; None: of all."""
    asked = [*_conditions(wanted), _T.c.stage.is_not(None)]
    mine = await _codes(connection, wanted, roots)
    if mine is not None:
        asked.append(_T.c.owner == any_(bindparam(None, mine, type_=ARRAY(Text))))
    if after:
        asked.append(_T.c.key < PREFIX + after)
    query = select(_T.c.key, *COLUMNS).where(*asked).order_by(_T.c.key.desc()).limit(limit + 1)
    lines = [line_of(row) for row in (await connection.execute(query)).mappings()]
    more = len(lines) > limit
    return Part(items=lines[:limit], next=lines[limit - 1].id if more else None)


async def paces(connection: AsyncConnection, ids: Collection[str], today: date) -> Mapping[str, Pace]:
    """How far projects are today against 序时, by id; one that is not approved is left out."""
    query = select(_T.c.key, *PROJECTS.core_columns).where(_T.c.key.in_([PREFIX + id for id in ids]))
    rows = {key: PROJECTS.decode(values) for key, *values in await connection.execute(query)}
    return {key.removeprefix(PREFIX): held for key, row in rows.items() if (held := pace(row, today))}


async def _codes(connection: AsyncConnection, wanted: Filter, roots: Collection[str] | None) -> list[str] | None:
    """The owners whose projects are asked for and within sight, told to the planner one by one; None: all."""
    cuts = [each for each in (roots, None if wanted.unit is None else [wanted.unit]) if each is not None]
    found = [set(await connection.scalars(select(subtree(each).c.code))) for each in cuts]
    return sorted(set.intersection(*found)) if found else None


async def units_to_choose(connection: AsyncConnection, roots: Collection[str]) -> list[tuple[str, str]]:
    """Codes and names of the units by which a list may be cut: those at which sight begins, and right below them."""
    units = UNIT.table
    near = or_(units.c.code.in_(sorted(roots)), units.c.parent.in_(sorted(roots)))
    query = select(units.c.code, units.c.name).where(near).order_by(units.c.code).limit(MOST_UNITS)
    return [(code, name) for code, name in await connection.execute(query)]


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """What a project must meet that is asked for."""
    equal = (
        (_T.c.county, wanted.county),
        (_T.c.owner, wanted.owner),
        (_T.c.kind, wanted.kind),
        (_T.c.category, wanted.category or None),
    )
    conditions = [column == value for column, value in equal if value is not None]
    if wanted.year is not None:
        conditions += (_T.c.year <= wanted.year, func.coalesce(_T.c.carried_into, _T.c.year) >= wanted.year)
    if wanted.stages:
        conditions.append(_T.c.stage.in_(wanted.stages))
    for word in words(wanted.q):
        conditions += (
            _T.c.grams.has_all(bindparam(None, list(grams(word)), type_=ARRAY(Text))),
            _T.c.searched.contains(word, autoescape=True),
        )
    return conditions


def line_in(values: Sequence[Any]) -> ProjectLine:
    """A line of the values of `key` and COLUMNS."""
    return line_of(dict(zip(("key", *(column.name for column in COLUMNS)), values, strict=True)))


def line_of(row: Mapping[Any, Any]) -> ProjectLine:
    """A row of the columns `key` and COLUMNS."""
    return ProjectLine.model_validate({"id": row["key"].removeprefix(PREFIX), **row})
