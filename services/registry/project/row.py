"""The row of the view `project`: a project as lists and cards show it."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from services.registry.around.visit_views import DifficultyLine, still_open
from services.registry.project.state import ProblemStage, Stage
from shared.changed import changed
from shared.contracts.months import REPORT_DAY, report_due
from shared.contracts.progress import Extended
from shared.contracts.project import Milestone, ProjectKind
from shared.contracts.schedule import Reporting, extended, first_missing
from shared.contracts.values import Month


@dataclass(frozen=True)
class ProblemLine:
    """A problem's deadline, where it stands, and the group of the campaign that found it."""

    due: date
    stage: ProblemStage
    campaign: str
    group: str


@dataclass(frozen=True)
class ExtensionLine:
    """An extension that waits for its first step at the unit `at`, or once `endorsed` for its second."""

    of: Extended
    subject: str
    at: str
    asked_on: date
    endorsed: bool = False


@dataclass(frozen=True)
class ProjectRow:
    """A project. The first part is the project topic's, the second the progress topic's, the third comes of both.

    Days are those on which the facts hold. `stage` is None before the proposal is read. `percent` is that of the
    last reported month, `milestone_percent` the weights of the milestones that are reached, which a report is
    prefilled with; `unanswered` are the opinions that ask for a change and have no answer. `year` is the plan year,
    `carried_into` the last one that an unfinished project was carried over into. `granted` has the later due days of
    milestones, `extensions` those that wait to be decided, `inspected_by` the groups that were there (`group_key`).
    `report_day`, `paused`, `resumed` and `reports_from` say which monthly reports it owes (`Reporting`). `searched` is
    what the project is found by, its title and numbers, with its `grams` (shared/searching.py).
    """

    title: str = ""
    kind: ProjectKind | None = None
    category: str = ""
    owner: str = ""
    county: str = ""
    secretary: str = ""
    year: int = 0
    carried_into: int | None = None
    stage: Stage | None = None
    round: int = 0
    approval_number: str = ""
    notice_number: str = ""
    closure_number: str = ""
    proposed_on: date | None = None
    submitted_on: date | None = None
    decided_on: date | None = None
    approved_on: date | None = None
    started_on: date | None = None
    acceptance_requested_on: date | None = None
    accepted_on: date | None = None
    announced_on: date | None = None
    notice_ends: date | None = None
    closed_on: date | None = None
    reopened_on: date | None = None
    reopened_from: tuple[str, ...] = ()
    ended_on: date | None = None
    report_day: int = REPORT_DAY
    paused: tuple[date, ...] = ()
    resumed: tuple[date, ...] = ()
    reports_from: Month | None = None
    starts: date | None = None
    ends: date | None = None
    milestones: tuple[Milestone, ...] = ()
    unanswered: frozenset[str] = frozenset()
    searched: str = ""
    grams: tuple[str, ...] = ()

    reports: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    reached: dict[str, date] = field(default_factory=dict[str, date])
    granted: dict[str, date] = field(default_factory=dict[str, date])
    extensions: dict[str, ExtensionLine] = field(default_factory=dict[str, ExtensionLine])
    problems: dict[str, ProblemLine] = field(default_factory=dict[str, ProblemLine])
    difficulties: dict[str, DifficultyLine] = field(default_factory=dict[str, DifficultyLine])
    inspections: int = 0
    inspected_by: frozenset[str] = frozenset()
    inspected_on: date | None = None

    reported_month: str = ""
    next_report_due: date | None = None
    percent: Decimal = Decimal(0)
    milestones_reached: int = 0
    milestone_percent: Decimal = Decimal(0)
    next_milestone: str = ""
    next_milestone_due: date | None = None
    open_problems: int = 0
    next_deadline: date | None = None
    pending_extensions: int = 0
    open_difficulties: int = 0

    @property
    def reporting(self) -> Reporting:
        """What decides which monthly reports it owes."""
        return Reporting(self.started_on, self.report_day, self.paused, self.resumed, self.reports_from)


def group_key(campaign: str, group: str) -> str:
    """A group of a campaign in one: the two with a blank between."""
    return f"{campaign} {group}"


def settle(row: ProjectRow, _: date | None) -> ProjectRow:
    """What comes of both parts: what is next, of which there is nothing after an end; the last report; what is open.

    `next_report_due` is of the first month that owes a report and has none, and may be of one that is not over.
    """
    timed = extended(row.milestones, row.granted)
    missing = [milestone for milestone in timed if milestone.id not in row.reached]
    upcoming = None if row.ended_on else min(missing, key=lambda milestone: milestone.due, default=None)
    month = max(row.reports, default="")
    unreported = None if row.ended_on else first_missing(row.reporting, row.reports)
    open_problems = [] if row.ended_on else [p for p in row.problems.values() if p.stage is not ProblemStage.VERIFIED]
    return changed(
        row,
        reported_month=month,
        next_report_due=report_due(unreported, row.report_day) if unreported else None,
        percent=row.reports.get(month, Decimal(0)),
        milestones_reached=len(row.milestones) - len(missing),
        milestone_percent=sum((milestone.weight for milestone in timed if milestone not in missing), Decimal(0)),
        next_milestone=upcoming.title if upcoming else "",
        next_milestone_due=upcoming.due if upcoming else None,
        open_problems=len(open_problems),
        next_deadline=min((line.due for line in open_problems), default=None),
        pending_extensions=0 if row.ended_on else sum(_waits(row, line) for line in row.extensions.values()),
        open_difficulties=still_open(row.difficulties),
    )


def _waits(row: ProjectRow, extension: ExtensionLine) -> bool:
    """Whether what an extension was asked for is still to be done."""
    if extension.of is Extended.MILESTONE:
        return extension.subject not in row.reached
    return row.problems[extension.subject].stage in (ProblemStage.FOUND, ProblemStage.REFUSED)
