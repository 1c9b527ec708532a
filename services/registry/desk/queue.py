"""What waits for a person at the desks, by kind: counts, and lists by key, the longest waiting first."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, literal, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registry.desk.access import Seats
from services.registry.desk.verifying import verifiable
from services.registry.desk.waiting import (
    COUNTYS,
    OWNERS,
    Waiting,
    at_step,
    extensions,
    problems,
    since,
    value_of,
    waits,
)
from services.registry.keyset import Paging, part_of
from services.registry.project.listing import COLUMNS, ProjectLine, line_in
from services.registry.project.state import ProblemStage
from services.registry.views import PROJECTS
from shared.authority import subtree
from shared.contracts.divisions import TOWNSHIP_DIGITS

_T = PROJECTS.table


@dataclass(frozen=True, slots=True)
class Queued:
    """A project in a queue, since when it waits, and how many problems of it wait."""

    line: ProjectLine
    since: date
    problems: int = 0


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of a queue; `next` is the place after which the next one begins, None on the last."""

    items: tuple[Queued, ...]
    next: str | None


async def counts(connection: AsyncConnection, seats: Seats, today: date) -> Mapping[Waiting, int]:
    """How many projects wait for a person, by kind; kinds that none of the person's seats concerns are left out."""
    kinds = [each for each in (*OWNERS, *COUNTYS) if concerns(each, seats)]
    if not kinds:
        return {}
    scopes = {side: _scope(side, seats) for side in {_side(each) for each in kinds}}
    waiting = {each: _waits(each, today, _problems(each, seats)) for each in kinds}
    columns = [func.count().filter(and_(scopes[_side(each)], waiting[each])) for each in kinds]
    row = (await connection.execute(select(*columns).where(or_(*scopes.values())))).one()
    return dict(zip(kinds, row, strict=True))


async def queue(connection: AsyncConnection, kind: Waiting, seats: Seats, today: date, page: Paging) -> Queue:
    """A page of what waits of a kind, the longest waiting first."""
    day, number = since(kind), _problems(kind, seats)
    waiting = and_(_scope(_side(kind), seats), _waits(kind, today, number))
    query = select(day, number, _T.c.key, *COLUMNS).where(waiting)
    found = await part_of(connection, query, (day, _T.c.key), page, falling=False)
    items = (Queued(line_in(line), day, problems) for day, problems, *line in found.rows)
    return Queue(tuple(items), found.next)


def _problems(kind: Waiting, seats: Seats) -> ColumnElement[int]:
    """How many problems of a project are a person's work of that kind."""
    match kind:
        case Waiting.RECTIFY:
            return problems(ProblemStage.FOUND, ProblemStage.REFUSED)
        case Waiting.VERIFY:
            return verifiable(seats)
        case _:
            return literal(0)


def _waits(kind: Waiting, today: date, problems: ColumnElement[int]) -> ColumnElement[bool]:
    of_problems = kind in (Waiting.RECTIFY, Waiting.VERIFY)
    return and_(waits(kind, today), problems > 0) if of_problems else waits(kind, today)


def _side(kind: Waiting) -> str:
    match kind:
        case Waiting.VERIFY:
            return "check"
        case Waiting.ENDORSE:
            return "first"
        case _:
            return "owner" if kind in OWNERS else "county"


def concerns(kind: Waiting, seats: Seats) -> bool:
    """Whether a kind of work is a person's with these seats."""
    match _side(kind):
        case "owner":
            return seats.owns
        case "check":
            return bool(seats.checks)
        case "first":
            return bool(seats.townships | seats.reviewer)
        case _:
            return bool(seats.reviewer)


def _scope(side: str, seats: Seats) -> ColumnElement[bool]:
    """The projects that a side's work of a person may be about, by where their owners lie today."""
    match side:
        case "owner":
            return or_(_T.c.owner.in_(sorted(seats.secretary)), _below(seats.office, "offices"))
        case "check":
            return _below(seats.checks, "checking_units")
        case "first":
            line = extensions()
            of_township = func.length(value_of(line, "at")) == TOWNSHIP_DIGITS
            in_township, in_county = _below(seats.townships, "townships"), _below(seats.reviewer, "endorsing_units")
            here = or_(and_(of_township, in_township), and_(not_(of_township), in_county))
            return select(1).select_from(line).where(at_step(Waiting.ENDORSE, line), here).exists()
        case _:
            return _below(seats.reviewer, "reviewing_units")


def _below(roots: Collection[str], name: str) -> ColumnElement[bool]:
    below = subtree(roots, name)
    return _T.c.owner.in_(select(below.c.code))
