"""A view as services have them, for the tests of the runtime: a project's row, fed by two topics, with a lamp."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from shared.contracts.event import Event
from shared.contracts.progress import ProblemFound, ProgressReported, RectificationVerified
from shared.contracts.project import Milestone, PlanApproved, PlanSubmitted, ProjectClosed, ProjectProposed
from shared.contracts.topics import Topic
from shared.view import View


class Lamp(StrEnum):
    """Whether a project keeps to its plan."""

    NONE = "none"
    GREEN = "green"
    RED = "red"


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A project on the board. The first part is the project topic's, the second the progress topic's."""

    title: str = ""
    category: str = ""
    owner: str = ""
    county: str = ""
    secretary: str = ""
    year: int = 0
    round: int = 0
    number: str | None = None
    starts: date | None = None
    ends: date | None = None
    milestones: tuple[Milestone, ...] = ()
    closed: bool = False

    month: str = ""
    percent: Decimal = Decimal(0)
    trail: int = 0
    problems: frozenset[str] = frozenset()

    lamp: Lamp = Lamp.NONE
    as_of: date | None = None


def evolve(row: BoardRow, event: Event[Any]) -> BoardRow:
    """Fold one event."""
    match event.data:
        case ProjectProposed() as e:
            return replace(
                row,
                title=e.title,
                category=e.category,
                owner=e.owner,
                county=e.county,
                secretary=e.secretary,
                year=e.year,
            )
        case PlanSubmitted() as e:
            return replace(row, round=e.round, starts=e.starts, ends=e.ends, milestones=e.milestones)
        case PlanApproved() as e:
            return replace(row, number=e.number)
        case ProjectClosed():
            return replace(row, closed=True)
        case ProgressReported() as e:
            # The trail tells the order of the reports and how often each was folded.
            trail = (row.trail * 31 + int(e.percent) + 1) % 1_000_003
            return replace(row, month=e.month, percent=e.percent, trail=trail)
        case ProblemFound() as e:
            return replace(row, problems=row.problems | {e.problem})
        case RectificationVerified() as e:
            return replace(row, problems=row.problems - {e.problem})
        case _:
            return row


def settle(row: BoardRow, day: date | None) -> BoardRow:
    """Red from the day after a milestone that the progress has not come to."""
    if day is None or not row.milestones or row.closed:
        return replace(row, lamp=Lamp.NONE, as_of=None)
    wanted = sum((m.weight for m in row.milestones if m.due < day), Decimal(0))
    last = max((m.due for m in row.milestones if m.due < day), default=None)
    return replace(row, lamp=Lamp.GREEN if row.percent >= wanted else Lamp.RED, as_of=last)


def next_due(row: BoardRow) -> date | None:
    """The day after the next milestone."""
    if row.closed:
        return None
    days = [m.due + timedelta(days=1) for m in row.milestones]
    return min((day for day in days if row.as_of is None or day > row.as_of + timedelta(days=1)), default=None)


BOARD = View(
    name="board",
    version=1,
    row=BoardRow,
    topics={Topic.PROJECT: frozenset({"project"}), Topic.PROGRESS: frozenset({"project"})},
    evolve=evolve,
    settle=settle,
    next_due=next_due,
    indexes=(("county", "year"),),
)
