"""When a project waits for somebody, by kind of work, and since when: conditions on the rows of the view."""

from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, Date, TableValuedAlias, and_, case, cast, func, not_, select

from services.registry.project.state import ProblemStage, Stage
from services.registry.views import PROJECTS
from shared.contracts.months import last_day, month_of
from shared.contracts.progress import Extended

_T = PROJECTS.table


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


def waits(kind: Waiting, today: date) -> ColumnElement[bool]:
    """Whether a project waits in that way; where it is problems that wait, whether it has any that are open."""
    match kind:
        case Waiting.PLAN:
            return _T.c.stage == Stage.PROPOSED
        case Waiting.RETURNED:
            return _T.c.stage == Stage.RETURNED
        case Waiting.START:
            return _T.c.stage == Stage.APPROVED
        case Waiting.REPORT:
            return and_(carried_out(), _T.c.next_report_due <= last_day(month_of(today)))
        case Waiting.RECTIFY | Waiting.VERIFY:
            return and_(carried_out(), _T.c.open_problems > 0)
        case Waiting.REQUEST:
            whole = func.jsonb_array_length(_T.c.milestones)
            return and_(_T.c.stage == Stage.STARTED, _T.c.open_problems == 0, _T.c.milestones_reached == whole)
        case Waiting.REVIEW:
            return _T.c.stage == Stage.SUBMITTED
        case Waiting.ENDORSE | Waiting.GRANT:
            line = extensions()
            undone = select(1).select_from(line).where(at_step(kind, line), _still_to_be_done(line)).exists()
            return and_(carried_out(), _T.c.pending_extensions > 0, undone)
        case Waiting.ACCEPT:
            return and_(_T.c.stage == Stage.ACCEPTANCE_REQUESTED, _T.c.open_problems == 0)
        case Waiting.ANNOUNCE:
            return _T.c.stage == Stage.ACCEPTED
        case Waiting.NOTICE | Waiting.CLOSE:
            over = _T.c.notice_ends < today
            return and_(_T.c.stage == Stage.ANNOUNCED, over if kind is Waiting.CLOSE else not_(over))


def carried_out() -> ColumnElement[bool]:
    """Whether a project is being carried out."""
    return _T.c.stage.in_((Stage.STARTED, Stage.ACCEPTANCE_REQUESTED))


def problems(*stages: ProblemStage) -> ColumnElement[int]:
    """How many problems of a project stand at one of these stages."""
    each = func.jsonb_each(_T.c.problems).table_valued("key", "value", name="problem")
    stage = func.jsonb_extract_path_text(each.c.value, "stage")
    return select(func.count()).select_from(each).where(stage.in_(stages)).scalar_subquery()


def extensions() -> TableValuedAlias:
    """The extensions of a project that wait to be decided, a line each."""
    return func.jsonb_each(_T.c.extensions).table_valued("key", "value", name="extension")


def value_of(line: TableValuedAlias, name: str) -> ColumnElement[str]:
    """A value of such a line."""
    return func.jsonb_extract_path_text(line.c.value, name)


def at_step(kind: Waiting, line: TableValuedAlias) -> ColumnElement[bool]:
    """Whether an extension waits for the step that a kind of work is."""
    return value_of(line, "endorsed") == ("true" if kind is Waiting.GRANT else "false")


def _still_to_be_done(line: TableValuedAlias) -> ColumnElement[bool]:
    """Whether what an extension was asked for is not reached, or not rectified, yet."""
    subject = value_of(line, "subject")
    stage = func.jsonb_extract_path_text(_T.c.problems, subject, "stage")
    return case(
        (value_of(line, "of") == Extended.MILESTONE, not_(func.jsonb_exists(_T.c.reached, subject))),
        else_=stage.in_((ProblemStage.FOUND, ProblemStage.REFUSED)),
    )


def _asked_on(kind: Waiting) -> ColumnElement[date]:
    """The day of the first request that waits for the step; only of projects that have one."""
    line = extensions()
    first = func.min(cast(value_of(line, "asked_on"), Date))
    return select(first).select_from(line).where(at_step(kind, line), _still_to_be_done(line)).scalar_subquery()


def since(kind: Waiting) -> ColumnElement[date]:
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
