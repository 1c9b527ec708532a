"""What waits for a person at the desks, by kind: counts, and lists by key, the longest waiting first."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    Date,
    TableValuedAlias,
    and_,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registry.desk.access import Seats
from services.registry.project.listing import COLUMNS, PREFIX, ProjectLine, line_of
from services.registry.project.state import ProblemStage, Stage
from services.registry.views import PROJECTS
from shared.authority import subtree
from shared.contracts.months import last_day, month_of
from shared.contracts.progress import Extended

_T = PROJECTS.table
_TOWNSHIP_DIGITS = 9
"""Digits of a township's code, by which the first step of an extension is known to be a township's."""


class Waiting(StrEnum):
    """The kinds of work that wait, first the owner's, then the county's."""

    PLAN = "plan"
    RETURNED = "returned"
    START = "start"
    REPORT = "report"
    RECTIFY = "rectify"
    REQUEST = "request"
    REVIEW = "review"
    VERIFY = "verify"
    ENDORSE = "endorse"
    GRANT = "grant"
    ACCEPT = "accept"
    ANNOUNCE = "announce"
    NOTICE = "notice"
    CLOSE = "close"


OWNERS = (Waiting.PLAN, Waiting.RETURNED, Waiting.START, Waiting.REPORT, Waiting.RECTIFY, Waiting.REQUEST)
COUNTYS = (
    Waiting.REVIEW,
    Waiting.VERIFY,
    Waiting.ENDORSE,
    Waiting.GRANT,
    Waiting.ACCEPT,
    Waiting.ANNOUNCE,
    Waiting.CLOSE,
)
"""What somebody must do, if only the township of a branch's extension; a notice that runs is at the acceptance desk."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a queue a page of it begins: after this day and project."""

    day: date
    id: str

    @classmethod
    def parse(cls, text: str) -> "Place | None":
        """Read `2023-03-01~<id>`; None if it is no such place."""
        day, _, id = text.partition("~")
        try:
            return cls(date.fromisoformat(day), id)
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.day}~{self.id}"


@dataclass(frozen=True, slots=True)
class Queued:
    """A project in a queue, since when it waits, and how many problems of it wait."""

    line: ProjectLine
    since: date
    problems: int = 0


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of a queue; `next` is where the next one begins, empty on the last."""

    items: tuple[Queued, ...]
    next: str


async def counts(connection: AsyncConnection, seats: Seats, today: date) -> Mapping[Waiting, int]:
    """How many projects wait for a person, by kind; kinds that none of the person's seats concerns are left out."""
    kinds = [each for each in (*OWNERS, *COUNTYS) if _concerns(each, seats)]
    if not kinds:
        return {}
    scopes = {side: _scope(side, seats) for side in {_side(each) for each in kinds}}
    columns = [func.count().filter(and_(scopes[_side(each)], waits(each, today))) for each in kinds]
    row = (await connection.execute(select(*columns).where(or_(*scopes.values())))).one()
    return dict(zip(kinds, row, strict=True))


async def queue(
    connection: AsyncConnection, kind: Waiting, seats: Seats, today: date, *, after: Place | None = None, limit: int
) -> Queue:
    """A page of what waits of a kind, the longest waiting first."""
    since = _since(kind)
    problems = _problems(*_PROBLEM_STAGES.get(kind, (ProblemStage.FOUND,)))
    query = (
        select(_T.c.key, *COLUMNS, since.label("waits_since"), problems.label("problems"))
        .where(_scope(_side(kind), seats), waits(kind, today))
        .order_by(since, _T.c.key)
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(tuple_(since, _T.c.key) > tuple_(literal(after.day, Date), literal(PREFIX + after.id)))
    rows = (await connection.execute(query)).mappings().all()
    items = tuple(Queued(line_of(row), row["waits_since"], row["problems"]) for row in rows[:limit])
    place = Place(items[-1].since, items[-1].line.id) if len(rows) > limit else None
    return Queue(items, str(place or ""))


def waits(kind: Waiting, today: date) -> ColumnElement[bool]:
    """Whether a project waits in that way."""
    match kind:
        case Waiting.PLAN:
            return _T.c.stage == Stage.PROPOSED
        case Waiting.RETURNED:
            return _T.c.stage == Stage.RETURNED
        case Waiting.START:
            return _T.c.stage == Stage.APPROVED
        case Waiting.REPORT:
            return and_(_carried_out(), _T.c.next_report_due <= last_day(month_of(today)))
        case Waiting.RECTIFY:
            return and_(_carried_out(), _problems(ProblemStage.FOUND, ProblemStage.REFUSED) > 0)
        case Waiting.REQUEST:
            whole = func.jsonb_array_length(_T.c.milestones)
            return and_(_T.c.stage == Stage.STARTED, _T.c.open_problems == 0, _T.c.milestones_reached == whole)
        case Waiting.REVIEW:
            return _T.c.stage == Stage.SUBMITTED
        case Waiting.VERIFY:
            return and_(_carried_out(), _problems(ProblemStage.RECTIFIED) > 0)
        case Waiting.ENDORSE | Waiting.GRANT:
            line = _extensions()
            undone = select(1).select_from(line).where(_at_step(kind, line), _still_to_be_done(line)).exists()
            return and_(_carried_out(), _T.c.pending_extensions > 0, undone)
        case Waiting.ACCEPT:
            return and_(_T.c.stage == Stage.ACCEPTANCE_REQUESTED, _T.c.open_problems == 0)
        case Waiting.ANNOUNCE:
            return _T.c.stage == Stage.ACCEPTED
        case Waiting.NOTICE | Waiting.CLOSE:
            over = _T.c.notice_ends < today
            return and_(_T.c.stage == Stage.ANNOUNCED, over if kind is Waiting.CLOSE else not_(over))


_PROBLEM_STAGES = {
    Waiting.RECTIFY: (ProblemStage.FOUND, ProblemStage.REFUSED),
    Waiting.VERIFY: (ProblemStage.RECTIFIED,),
}


def _carried_out() -> ColumnElement[bool]:
    return _T.c.stage.in_((Stage.STARTED, Stage.ACCEPTANCE_REQUESTED))


def _problems(*stages: ProblemStage) -> ColumnElement[int]:
    """How many problems of a project stand at one of these stages."""
    each = func.jsonb_each(_T.c.problems).table_valued("key", "value", name="problem")
    stage = func.jsonb_extract_path_text(each.c.value, "stage")
    return select(func.count()).select_from(each).where(stage.in_(stages)).scalar_subquery()


def _extensions() -> TableValuedAlias:
    return func.jsonb_each(_T.c.extensions).table_valued("key", "value", name="extension")


def _of(line: TableValuedAlias, name: str) -> ColumnElement[str]:
    return func.jsonb_extract_path_text(line.c.value, name)


def _at_step(kind: Waiting, line: TableValuedAlias) -> ColumnElement[bool]:
    return _of(line, "endorsed") == ("true" if kind is Waiting.GRANT else "false")


def _still_to_be_done(line: TableValuedAlias) -> ColumnElement[bool]:
    """Whether what an extension was asked for is not reached, or not rectified, yet."""
    subject = _of(line, "subject")
    stage = func.jsonb_extract_path_text(_T.c.problems, subject, "stage")
    return case(
        (_of(line, "of") == Extended.MILESTONE, not_(func.jsonb_exists(_T.c.reached, subject))),
        else_=stage.in_((ProblemStage.FOUND, ProblemStage.REFUSED)),
    )


def _asked_on(kind: Waiting) -> ColumnElement[date]:
    """The day of the first request that waits for the step; only of projects that have one."""
    line = _extensions()
    first = func.min(cast(_of(line, "asked_on"), Date))
    return select(first).select_from(line).where(_at_step(kind, line), _still_to_be_done(line)).scalar_subquery()


def _since(kind: Waiting) -> ColumnElement[date]:
    """Since when a project waits; the deadline for what has one, so that the nearest comes first."""
    match kind:
        case Waiting.REVIEW:
            return _T.c.submitted_on
        case Waiting.RETURNED:
            return _T.c.decided_on
        case Waiting.START:
            return _T.c.approved_on
        case Waiting.RECTIFY | Waiting.VERIFY:
            return func.coalesce(_T.c.next_deadline, _T.c.proposed_on)
        case Waiting.ENDORSE | Waiting.GRANT:
            return _asked_on(kind)
        case Waiting.ACCEPT:
            return _T.c.acceptance_requested_on
        case Waiting.ANNOUNCE:
            return _T.c.accepted_on
        case Waiting.NOTICE | Waiting.CLOSE:
            return _T.c.notice_ends
        case Waiting.REPORT:
            return _T.c.next_report_due
        case Waiting.REQUEST:
            return _T.c.started_on
        case Waiting.PLAN:
            return _T.c.proposed_on


def _side(kind: Waiting) -> str:
    match kind:
        case Waiting.VERIFY:
            return "check"
        case Waiting.ENDORSE:
            return "first"
        case _:
            return "owner" if kind in OWNERS else "county"


def _concerns(kind: Waiting, seats: Seats) -> bool:
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
            line = _extensions()
            of_township = func.length(_of(line, "at")) == _TOWNSHIP_DIGITS
            in_township, in_county = _below(seats.townships, "townships"), _below(seats.reviewer, "endorsing_units")
            here = or_(and_(of_township, in_township), and_(not_(of_township), in_county))
            return select(1).select_from(line).where(_at_step(Waiting.ENDORSE, line), here).exists()
        case _:
            return _below(seats.reviewer, "reviewing_units")


def _below(roots: Collection[str], name: str) -> ColumnElement[bool]:
    below = subtree(roots, name)
    return _T.c.owner.in_(select(below.c.code))
