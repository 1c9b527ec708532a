"""The row of the view `card`: what totals, figures and pages say of a project."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from shared.contracts.months import REPORT_DAY
from shared.contracts.project import FourOnes, Milestone, ProjectKind
from shared.contracts.schedule import extended


class Stage(StrEnum):
    """How far a project's life has come."""

    PROPOSED = "proposed"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    STARTED = "started"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    ANNOUNCED = "announced"
    CLOSED = "closed"
    TERMINATED = "terminated"


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
    """A problem that an inspection found: `day` is when, `due` the deadline that holds now, `first_due` the first."""

    id: str
    campaign: str
    group: str
    severity: str
    text: str
    day: date
    due: date
    first_due: date
    recorded: datetime
    state: ProblemState = ProblemState.FOUND


@dataclass(frozen=True, slots=True)
class Granted:
    """A later due day that a milestone was granted."""

    milestone: str
    due: date


@dataclass(frozen=True, slots=True)
class Closing:
    """A closing (销号) with its number, the day that it holds for and the time of its record; and of its reopening."""

    number: str
    day: date
    recorded: datetime
    reopened: date | None = None
    reopened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A round of review that ended without approval: the plan was returned, or `rejected` for good."""

    round: int
    rejected: bool
    day: date
    recorded: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """An opinion that asks for a change of the plan."""

    id: str
    text: str
    day: date
    recorded: datetime


@dataclass(frozen=True)
class Card:
    """A project. Days are those that the facts hold for; `changed` is the time of its latest event.

    `percent` is the share done by the day `held`, `scheduled` the share that should be done by it (序时进度): the same
    two, by the same rules, that the project's lamp is decided on. On `moves_on` it may be held against a later day.
    `overdue` counts the problems open past their deadline. No report is owed from the days in `paused`, on which
    acceptance was asked for or the project terminated, until those in `resumed`, on which acceptance failed or it was
    reopened. `closed` and `closure` are of a closing that holds, `closings` has all. `year` is the plan year, and
    `carried_into` the last one that an unfinished project was carried over into. `approved_at` is the time at which the
    approval was recorded. `milestones` are the plan's; with the due days that hold they are `timed`.
    What stands between `problems` and `changed` is settled from the parts of both topics and the day.
    """

    title: str = ""
    kind: ProjectKind | None = None
    category: str = ""
    owner: str = ""
    county: str = ""
    secretary: str = ""
    year: int | None = None
    carried_into: int | None = None
    stage: Stage | None = None
    rounds: int = 0
    proposed: date | None = None
    submitted: date | None = None
    approved: date | None = None
    approved_at: datetime | None = None
    report_day: int = REPORT_DAY
    started: date | None = None
    requested: date | None = None
    paused: tuple[date, ...] = ()
    resumed: tuple[date, ...] = ()
    accepted: date | None = None
    announced: date | None = None
    notice_ends: date | None = None
    closed: date | None = None
    closings: tuple[Closing, ...] = ()
    terminated: date | None = None
    number: str = ""
    closure: str = ""
    goal: str = ""
    starts: date | None = None
    ends: date | None = None
    four_ones: FourOnes | None = None
    milestones: tuple[Milestone, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    changes: tuple[Change, ...] = ()

    reports: tuple[Report, ...] = ()
    reached: tuple[Reached, ...] = ()
    granted: tuple[Granted, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    problems: tuple[Problem, ...] = ()

    percent: Decimal | None = None
    scheduled: Decimal | None = None
    held: date | None = None
    moves_on: date | None = None
    overdue: int = 0

    changed: datetime | None = None

    @property
    def timed(self) -> tuple[Milestone, ...]:
        """The milestones with the due days that hold: the granted ones, else the plan's."""
        return extended(self.milestones, {each.milestone: each.due for each in self.granted})

    @property
    def ended(self) -> date | None:
        """The day of closing or termination, if it has come."""
        return self.closed or self.terminated

    @property
    def reopened_from(self) -> tuple[str, ...]:
        """The closure numbers of before, which no longer hold."""
        return tuple(closing.number for closing in self.closings if closing.reopened)

    @property
    def open_problems(self) -> int:
        """Problems whose rectification nobody has verified."""
        return sum(problem.state is not ProblemState.VERIFIED for problem in self.problems)
