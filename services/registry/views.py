"""The registry's own views: projects as lists and cards show them, campaigns, and which units they inspected."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.registry.around.visit_views import with_difficulty
from services.registry.project.row import ExtensionLine, ProblemLine, ProjectRow, group_key, settle
from services.registry.project.state import ProblemStage, Stage
from shared.changed import changed
from shared.contracts.event import Event
from shared.contracts.progress import (
    CampaignKind,
    CampaignOpened,
    Extended,
    ExtensionEndorsed,
    ExtensionGranted,
    ExtensionRefused,
    ExtensionRequested,
    Group,
    MilestoneCorrected,
    MilestoneReached,
    ProblemFound,
    ProgressCorrected,
    ProgressReported,
    ProjectInspected,
    RectificationRefused,
    RectificationReported,
    RectificationVerified,
    UnitInspected,
)
from shared.contracts.project import (
    AcceptanceFailed,
    AcceptanceRequested,
    OpinionAnswered,
    OpinionGiven,
    OpinionKind,
    PlanApproved,
    PlanRejected,
    PlanReturned,
    PlanSubmitted,
    ProjectAccepted,
    ProjectCarriedOver,
    ProjectClosed,
    ProjectHandedOver,
    ProjectProposed,
    ProjectReopened,
    ProjectStarted,
    ProjectTerminated,
    ProjectWithdrawn,
    PublicNoticeIssued,
)
from shared.contracts.topics import Topic
from shared.contracts.visits import DifficultyRaised, DifficultySolved, DifficultyTakenOn
from shared.searching import folded, grams
from shared.view import View


def evolve(row: ProjectRow, event: Event[Any]) -> ProjectRow:  # noqa: PLR0912 - one an event type
    """Fold one event into its topic's part."""
    day = event.effective
    match event.data:
        case ProjectProposed() as e:
            named = changed(
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
            return _found_by(named)
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
            return changed(row, stage=Stage.REJECTED, decided_on=day, ended_on=day)
        case PlanApproved() as e:
            approved = changed(row, stage=Stage.APPROVED, decided_on=day, approved_on=day, approval_number=e.number)
            return _found_by(changed(approved, report_day=e.report_day))
        case ProjectStarted() as e:
            return changed(row, stage=Stage.STARTED, started_on=day, reports_from=e.reports_from)
        case AcceptanceRequested():
            asked = changed(row, stage=Stage.ACCEPTANCE_REQUESTED, acceptance_requested_on=day)
            return changed(asked, paused=(*row.paused, day))
        case AcceptanceFailed():
            return changed(row, stage=Stage.STARTED, resumed=(*row.resumed, day))
        case ProjectAccepted():
            return changed(row, stage=Stage.ACCEPTED, accepted_on=day)
        case PublicNoticeIssued() as e:
            announced = changed(row, stage=Stage.ANNOUNCED, announced_on=day)
            return _found_by(changed(announced, notice_number=e.number, notice_ends=e.ends))
        case ProjectClosed() as e:
            return _found_by(changed(row, stage=Stage.CLOSED, closed_on=day, closure_number=e.number, ended_on=day))
        case _:
            return _turned(row, event)


def _turned(row: ProjectRow, event: Event[Any]) -> ProjectRow:
    day = event.effective
    match event.data:
        case ProjectWithdrawn():
            return changed(row, stage=Stage.WITHDRAWN, ended_on=day)
        case ProjectHandedOver() as e:
            return changed(row, secretary=e.secretary)
        case ProjectTerminated():
            return changed(row, stage=Stage.TERMINATED, ended_on=day, paused=(*row.paused, day))
        case ProjectReopened() as e:
            reopened = changed(
                row,
                stage=Stage.STARTED,
                acceptance_requested_on=None,
                accepted_on=None,
                announced_on=None,
                notice_number="",
                notice_ends=None,
                closed_on=None,
                closure_number="",
                ended_on=None,
                reopened_on=day,
                reopened_from=(*row.reopened_from, e.closure),
                resumed=(*row.resumed, day),
            )
            return _found_by(reopened)
        case ProjectCarriedOver() as e:
            return changed(row, carried_into=e.year)
        case _:
            return _carried_out(row, event)


def _found_by(row: ProjectRow) -> ProjectRow:
    numbers = (row.approval_number, row.notice_number, row.closure_number, *row.reopened_from)
    texts = [folded(text) for text in (row.title, *numbers) if text]
    return changed(row, searched="\n".join(texts), grams=grams(*texts))


def _carried_out(row: ProjectRow, event: Event[Any]) -> ProjectRow:
    match event.data:
        case ProgressReported() | ProgressCorrected() as e:
            return changed(row, reports={**row.reports, e.month: e.percent})
        case MilestoneReached() as e:
            return changed(row, reached={**row.reached, e.milestone: e.on})
        case MilestoneCorrected() as e:
            others = {id: on for id, on in row.reached.items() if id != e.milestone}
            return changed(row, reached={**others, e.milestone: e.on} if e.on else others)
        case ProjectInspected() as e:
            seen = changed(row, inspections=row.inspections + 1, inspected_on=event.effective)
            return changed(seen, inspected_by=row.inspected_by | {group_key(e.campaign, e.group)})
        case ProblemFound() as e:
            return _with_problem(row, e.problem, ProblemLine(e.due, ProblemStage.FOUND, e.campaign, e.group))
        case RectificationReported() as e:
            return _with_problem(row, e.problem, replace(row.problems[e.problem], stage=ProblemStage.RECTIFIED))
        case RectificationVerified() as e:
            return _with_problem(row, e.problem, replace(row.problems[e.problem], stage=ProblemStage.VERIFIED))
        case RectificationRefused() as e:
            refused = replace(row.problems[e.problem], due=e.due, stage=ProblemStage.REFUSED)
            return _with_problem(row, e.problem, refused)
        case DifficultyRaised() | DifficultyTakenOn() | DifficultySolved() as e:
            return changed(row, difficulties=with_difficulty(row.difficulties, e, event.effective))
        case _:
            return _extended(row, event)


def _extended(row: ProjectRow, event: Event[Any]) -> ProjectRow:
    match event.data:
        case ExtensionRequested() as e:
            asked = ExtensionLine(e.of, e.subject, e.endorsed_at, event.effective)
            return changed(row, extensions={**row.extensions, e.extension: asked})
        case ExtensionEndorsed() as e:
            endorsed = replace(row.extensions[e.extension], endorsed=True)
            return changed(row, extensions={**row.extensions, e.extension: endorsed})
        case ExtensionGranted() as e:
            others = changed(row, extensions=_without(row.extensions, e.extension))
            if e.of is Extended.MILESTONE:
                return changed(others, granted={**row.granted, e.subject: e.due})
            return _with_problem(others, e.subject, replace(row.problems[e.subject], due=e.due))
        case ExtensionRefused() as e:
            return changed(row, extensions=_without(row.extensions, e.extension))
        case _:
            return row


def _without(extensions: dict[str, ExtensionLine], decided: str) -> dict[str, ExtensionLine]:
    return {id: line for id, line in extensions.items() if id != decided}


def _with_problem(row: ProjectRow, problem: str, line: ProblemLine) -> ProjectRow:
    return changed(row, problems={**row.problems, problem: line})


PROJECTS = View(
    name="project",
    version=4,
    row=ProjectRow,
    topics={Topic.PROJECT: frozenset({"project"}), Topic.PROGRESS: frozenset({"project"})},
    evolve=evolve,
    settle=settle,
    indexes=tuple(
        (column, "key") for column in ("county", "owner", "stage", "kind", "category", "year", "open_difficulties")
    ),
    member_indexes=("grams",),
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


@dataclass(frozen=True)
class InspectionRow:
    """An inspection of a unit by a group of a campaign."""

    campaign: str = ""
    group: str = ""
    unit: str = ""


def evolve_inspection(row: InspectionRow, event: Event[Any]) -> InspectionRow:
    """Fold one event."""
    match event.data:
        case UnitInspected() as e:
            return InspectionRow(e.campaign, e.group, e.unit)
        case _:
            return row


INSPECTIONS = View(
    name="inspection",
    version=1,
    row=InspectionRow,
    topics={Topic.PROGRESS: frozenset({"inspection"})},
    evolve=evolve_inspection,
    indexes=(("campaign",),),
)
