"""The registry's own views: projects as lists and cards show them, and campaigns."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from services.registry.project import ProblemStage, Stage
from shared.changed import changed
from shared.contracts.event import Event
from shared.contracts.progress import (
    CampaignKind,
    CampaignOpened,
    Group,
    MilestoneReached,
    ProblemFound,
    ProgressCorrected,
    ProgressReported,
    ProjectInspected,
    RectificationRefused,
    RectificationReported,
    RectificationVerified,
)
from shared.contracts.project import (
    AcceptanceFailed,
    AcceptanceRequested,
    Milestone,
    OpinionAnswered,
    OpinionGiven,
    OpinionKind,
    PlanApproved,
    PlanRejected,
    PlanReturned,
    PlanSubmitted,
    ProjectAccepted,
    ProjectClosed,
    ProjectKind,
    ProjectProposed,
    ProjectStarted,
    PublicNoticeIssued,
)
from shared.contracts.topics import Topic
from shared.view import View


@dataclass(frozen=True)
class ProblemLine:
    """A problem's deadline and where it stands."""

    due: date
    stage: ProblemStage


@dataclass(frozen=True)
class ProjectRow:
    """A project. The first part is the project topic's, the second the progress topic's, the third comes of both.

    Days are those on which the facts hold. `stage` is None before the proposal is read. `percent` is that of the
    last reported month, `milestone_percent` the weights of the milestones that are reached, which a report is
    prefilled with; `unanswered` are the opinions that ask for a change and have no answer.
    """

    title: str = ""
    kind: ProjectKind | None = None
    category: str = ""
    owner: str = ""
    county: str = ""
    secretary: str = ""
    year: int = 0
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
    starts: date | None = None
    ends: date | None = None
    milestones: tuple[Milestone, ...] = ()
    unanswered: frozenset[str] = frozenset()

    reports: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    reached: dict[str, date] = field(default_factory=dict[str, date])
    problems: dict[str, ProblemLine] = field(default_factory=dict[str, ProblemLine])
    inspections: int = 0
    inspected_on: date | None = None

    reported_month: str = ""
    percent: Decimal = Decimal(0)
    milestones_reached: int = 0
    milestone_percent: Decimal = Decimal(0)
    next_milestone: str = ""
    next_milestone_due: date | None = None
    open_problems: int = 0
    next_deadline: date | None = None


def evolve(row: ProjectRow, event: Event[Any]) -> ProjectRow:  # noqa: PLR0912 - one an event type
    """Fold one event into its topic's part."""
    day = event.effective
    match event.data:
        case ProjectProposed() as e:
            return changed(
                row,
                title=e.title,
                kind=e.kind,
                category=e.category,
                owner=e.owner,
                county=e.county,
                secretary=e.secretary,
                year=e.year,
                stage=Stage.PROPOSED,
                proposed_on=day,
            )
        case PlanSubmitted() as e:
            plan = changed(row, round=e.round, starts=e.starts, ends=e.ends, milestones=e.milestones)
            return changed(plan, stage=Stage.SUBMITTED, submitted_on=day)
        case OpinionGiven() as e if e.kind is OpinionKind.CHANGE:
            return changed(row, unanswered=row.unanswered | {e.opinion})
        case OpinionAnswered() as e:
            return changed(row, unanswered=row.unanswered - {e.opinion})
        case PlanReturned():
            return changed(row, stage=Stage.RETURNED, decided_on=day)
        case PlanRejected():
            return changed(row, stage=Stage.REJECTED, decided_on=day)
        case PlanApproved() as e:
            return changed(row, stage=Stage.APPROVED, decided_on=day, approved_on=day, approval_number=e.number)
        case ProjectStarted():
            return changed(row, stage=Stage.STARTED, started_on=day)
        case AcceptanceRequested():
            return changed(row, stage=Stage.ACCEPTANCE_REQUESTED, acceptance_requested_on=day)
        case AcceptanceFailed():
            return changed(row, stage=Stage.STARTED)
        case ProjectAccepted():
            return changed(row, stage=Stage.ACCEPTED, accepted_on=day)
        case PublicNoticeIssued() as e:
            announced = changed(row, stage=Stage.ANNOUNCED, announced_on=day)
            return changed(announced, notice_number=e.number, notice_ends=e.ends)
        case ProjectClosed() as e:
            return changed(row, stage=Stage.CLOSED, closed_on=day, closure_number=e.number)
        case _:
            return _carried_out(row, event)


def _carried_out(row: ProjectRow, event: Event[Any]) -> ProjectRow:
    match event.data:
        case ProgressReported() | ProgressCorrected() as e:
            return changed(row, reports={**row.reports, e.month: e.percent})
        case MilestoneReached() as e:
            return changed(row, reached={**row.reached, e.milestone: e.on})
        case ProjectInspected():
            return changed(row, inspections=row.inspections + 1, inspected_on=event.effective)
        case ProblemFound() as e:
            return _with_problem(row, e.problem, ProblemLine(e.due, ProblemStage.FOUND))
        case RectificationReported() as e:
            return _with_problem(row, e.problem, replace(row.problems[e.problem], stage=ProblemStage.RECTIFIED))
        case RectificationVerified() as e:
            return _with_problem(row, e.problem, replace(row.problems[e.problem], stage=ProblemStage.VERIFIED))
        case RectificationRefused() as e:
            return _with_problem(row, e.problem, ProblemLine(e.due, ProblemStage.REFUSED))
        case _:
            return row


def _with_problem(row: ProjectRow, problem: str, line: ProblemLine) -> ProjectRow:
    return changed(row, problems={**row.problems, problem: line})


def settle(row: ProjectRow, _: date | None) -> ProjectRow:
    """What comes of both parts: the next milestone of the plan, the last report, the open problems."""
    missing = [milestone for milestone in row.milestones if milestone.id not in row.reached]
    upcoming = min(missing, key=lambda milestone: milestone.due, default=None)
    month = max(row.reports, default="")
    unverified = [line for line in row.problems.values() if line.stage is not ProblemStage.VERIFIED]
    return changed(
        row,
        reported_month=month,
        percent=row.reports.get(month, Decimal(0)),
        milestones_reached=len(row.milestones) - len(missing),
        milestone_percent=sum(
            (milestone.weight for milestone in row.milestones if milestone not in missing), Decimal(0)
        ),
        next_milestone=upcoming.title if upcoming else "",
        next_milestone_due=upcoming.due if upcoming else None,
        open_problems=len(unverified),
        next_deadline=min((line.due for line in unverified), default=None),
    )


PROJECTS = View(
    name="project",
    version=1,
    row=ProjectRow,
    topics={Topic.PROJECT: frozenset({"project"}), Topic.PROGRESS: frozenset({"project"})},
    evolve=evolve,
    settle=settle,
    indexes=(("county", "key"), ("owner", "key")),
)


@dataclass(frozen=True)
class CampaignRow:
    """A campaign of inspections; `kind` is None before it is opened."""

    name: str = ""
    kind: CampaignKind | None = None
    county: str = ""
    year: int = 0
    groups: tuple[Group, ...] = ()
    opened_on: date | None = None


def evolve_campaign(row: CampaignRow, event: Event[Any]) -> CampaignRow:
    """Fold one event."""
    match event.data:
        case CampaignOpened() as e:
            return CampaignRow(e.name, e.kind, e.county, e.year, e.groups, event.effective)
        case _:
            return row


CAMPAIGNS = View(
    name="campaign",
    version=1,
    row=CampaignRow,
    topics={Topic.PROGRESS: frozenset({"campaign"})},
    evolve=evolve_campaign,
    indexes=(("county",),),
)
