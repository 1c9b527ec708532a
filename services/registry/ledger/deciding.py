"""The facts that a row tells, made by the decisions that make them every day, held against the days of the ledger.

Not asked is who may: whoever imports may tell the whole life of a project, for the owner and for the reviewers of then.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from services.registry.ledger.columns import column_of
from services.registry.ledger.rows import Telling
from services.registry.project import carrying_out, proposing, reviewing
from services.registry.project.life import PROJECT
from services.registry.project.order import check_in_order
from services.registry.project.proposing import OwnerFacts
from services.registry.project.state import Project
from shared.contracts.event import Event, EventData
from shared.contracts.months import last_day, month_of
from shared.contracts.project import PlanApproved
from shared.contracts.values import StreamId
from shared.errors import GuatuError, require

LATER = "—"
"""A number that is not issued yet."""
NOBODY = "-"
"""Who acts, as far as the decisions need somebody: no person has such an id."""
_UNSET = UUID(int=0)
_MIDNIGHT = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Fact:
    """An event to be, the day it holds for, whether the ledger names that day, and the column that it came from."""

    data: EventData
    on: date
    dated: bool
    column: str

    @property
    def of_the_owner(self) -> bool:
        """Whether it was the owner's doing, so that it is told for the secretary."""
        return not isinstance(self.data, PlanApproved)


def facts_of(telling: Telling, today: date, report_day: int) -> list[Fact]:
    """The facts of a row.

    Raises:
        GuatuError: with the column as its field.
    """
    project = Project()
    facts: list[Fact] = []
    folded = 0
    for step in _steps(telling, today, report_day):
        for version, fact in enumerate(facts[folded:], folded + 1):
            project = PROJECT.evolve(project, _event(telling.id, fact.data, fact.on, version))
        folded = len(facts)
        try:
            require(step.on <= today, "effective_in_the_future", field="effective")
            check_in_order(project, step.on)
            made = step.decide(project)
        except GuatuError as error:
            raise type(error)(error.code, column_of(error.field or "", step.column), error.detail) from None
        facts += [Fact(data, step.on, step.dated, step.column) for data in made]
    return facts


@dataclass(frozen=True, slots=True)
class _Step:
    column: str
    on: date
    dated: bool
    decide: Callable[[Project], Sequence[EventData]]


def _steps(told: Telling, today: date, report_day: int) -> Iterator[_Step]:
    first = told.approved or today
    owner = OwnerFacts(told.propose.county, told.secretary.person)
    proposing_column = "title" if told.approved is None else "approved"
    yield _Step(
        proposing_column, first, False, lambda _: proposing.propose_project(told.propose, owner, today, proposed=first)
    )
    yield _Step("goal", first, False, lambda project: proposing.submit_plan(project, told.plan))
    if told.approved is not None:
        yield _Step(
            "approved",
            told.approved,
            True,
            lambda project: reviewing.approve_plan(project, LATER, "", report_day, told.former_number),
        )
    if told.started is not None:
        yield _Step(
            "started",
            told.started,
            True,
            lambda project: carrying_out.start_project(project, reports_from=month_of(today)),
        )
    if (report := told.report) is not None:
        reported = max(told.started or today, min(last_day(report.month), today))
        yield _Step("month", reported, False, lambda project: carrying_out.report_progress(project, report, today))


def _event(id: str, data: EventData, on: date, version: int) -> Event[EventData]:
    """A fact as the fold takes it; nobody has done it yet."""
    return Event(
        id=_UNSET,
        source="",
        type=data.type,
        subject=StreamId(f"{PROJECT.category}-{id}"),
        time=_MIDNIGHT,
        stream_version=version,
        topic_version=version,
        actor=NOBODY,
        on_behalf_of=None,
        org="",
        effective=on,
        correlation_id="",
        causation_id="",
        traceparent=None,
        data=data,
    )
