"""The list of projects, cut to what the caller may read: filters, and pages by key."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import BaseModel
from sqlalchemy import RowMapping, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registry.state import Stage
from services.registry.views import PROJECTS
from shared.authority import subtree
from shared.contracts.project import ProjectKind

_T = PROJECTS.table
PREFIX = "project-"


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


class ProjectPage(BaseModel):
    """Projects, the last proposed first; `next` is the `before` of the next page, null on the last one."""

    items: list[ProjectLine]
    next: str | None


@dataclass(frozen=True)
class Filter:
    """Which projects are asked for; None and empty mean all. `q` is a part of a title or of a number.

    Of a `year` are its plan's projects, and those that were carried over into it.
    """

    county: str | None = None
    owner: str | None = None
    stages: Collection[Stage] = ()
    kind: ProjectKind | None = None
    year: int | None = None
    q: str = ""


_COLUMNS = [_T.c[name] for name in ProjectLine.model_fields if name != "id"]


async def projects(
    connection: AsyncConnection, wanted: Filter, roots: Collection[str], *, before: str | None, limit: int
) -> ProjectPage:
    """A page of the projects whose owners lie in the subtrees of `roots`."""
    query = _filtered(wanted, roots).order_by(_T.c.key.desc()).limit(limit + 1)
    if before:
        query = query.where(_T.c.key < PREFIX + before)
    lines = [_line(row) for row in (await connection.execute(query)).mappings()]
    more = len(lines) > limit
    return ProjectPage(items=lines[:limit], next=lines[limit - 1].id if more else None)


def _filtered(wanted: Filter, roots: Collection[str]) -> Select[tuple[object, ...]]:
    mine = subtree(roots)
    query = select(_T.c.key, *_COLUMNS).where(_T.c.stage.is_not(None), _T.c.owner.in_(select(mine.c.code)))
    for column, value in (
        (_T.c.county, wanted.county),
        (_T.c.owner, wanted.owner),
        (_T.c.kind, wanted.kind),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.year is not None:
        query = query.where(_T.c.year <= wanted.year, func.coalesce(_T.c.carried_into, _T.c.year) >= wanted.year)
    if wanted.stages:
        query = query.where(_T.c.stage.in_(wanted.stages))
    if wanted.q:
        words = (column.icontains(wanted.q, autoescape=True) for column in (_T.c.title, _T.c.approval_number))
        query = query.where(or_(*words))
    return query


def _line(row: RowMapping) -> ProjectLine:
    return ProjectLine.model_validate({"id": row["key"].removeprefix(PREFIX), **row})
