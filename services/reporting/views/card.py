"""The row of the view `card`: what totals, figures and pages say of a project."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from shared.contracts.months import REPORT_DAY
from shared.contracts.project import FourOnes, Milestone, ProjectKind


class Stage(StrEnum):
    """How far a project's life has come."""

    PROPOSED = "proposed"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    REJECTED = "rejected"
    APPROVED = "approved"
    STARTED = "started"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    ANNOUNCED = "announced"
    CLOSED = "closed"


class ProblemState(StrEnum):
    """The life of a problem: found (or refused) → rectified → verified by somebody else."""

    FOUND = "found"
    RECTIFIED = "rectified"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class Reached:
    """A milestone that was reached, and the day."""

    milestone: str
    on: date


@dataclass(frozen=True, slots=True)
class Report:
    """A month's report as it stands now; `was` is what it said before its last correction."""

    month: str
    percent: Decimal
    was: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """A visit of a campaign's group; `township` is empty for a project that lies in none."""

    campaign: str
    group: str
    township: str
    day: date
    recorded: datetime


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem that an inspection found: `day` is when, `due` the deadline that holds now."""

    id: str
    campaign: str
    group: str
    severity: str
    text: str
    day: date
    due: date
    recorded: datetime
    state: ProblemState = ProblemState.FOUND


@dataclass(frozen=True)
class Card:
    """A project. Days are those that the facts hold for; `changed` is the time of its latest event.

    `percent` is the share done by the day `held`, `scheduled` the share that should be done by it (序时进度): the same
    two, by the same rules, that the project's lamp is decided on. On `moves_on` it may be held against a later day.
    `overdue` counts the problems open past their deadline. `asked` and `failed` are the days on which acceptance was
    asked for and refused, `approved_at` and `closed_at` the times at which these two were recorded.
    What stands between `problems` and `changed` is settled from the parts of both topics and the day.
    """

    title: str = ""
    kind: ProjectKind | None = None
    category: str = ""
    owner: str = ""
    county: str = ""
    secretary: str = ""
    year: int | None = None
    stage: Stage | None = None
    rounds: int = 0
    proposed: date | None = None
    submitted: date | None = None
    approved: date | None = None
    approved_at: datetime | None = None
    report_day: int = REPORT_DAY
    started: date | None = None
    requested: date | None = None
    asked: tuple[date, ...] = ()
    failed: tuple[date, ...] = ()
    accepted: date | None = None
    announced: date | None = None
    notice_ends: date | None = None
    closed: date | None = None
    closed_at: datetime | None = None
    number: str = ""
    closure: str = ""
    goal: str = ""
    starts: date | None = None
    ends: date | None = None
    four_ones: FourOnes | None = None
    milestones: tuple[Milestone, ...] = ()

    reports: tuple[Report, ...] = ()
    reached: tuple[Reached, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    problems: tuple[Problem, ...] = ()

    percent: Decimal | None = None
    scheduled: Decimal | None = None
    held: date | None = None
    moves_on: date | None = None
    overdue: int = 0

    changed: datetime | None = None

    @property
    def open_problems(self) -> int:
        """Problems whose rectification nobody has verified."""
        return sum(problem.state is not ProblemState.VERIFIED for problem in self.problems)
