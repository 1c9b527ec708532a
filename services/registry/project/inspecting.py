"""What inspectors find at a project, and what becomes of the problems."""

from dataclasses import dataclass
from datetime import date

from services.registry.around.campaign import CampaignFacts, check_member
from services.registry.checks import found
from services.registry.commands.carrying_out import (
    FindProblem,
    InspectProject,
    RefuseRectification,
    ReportRectification,
    VerifyRectification,
)
from services.registry.project.state import Problem, ProblemStage, Project, check_independent
from shared.contracts.progress import (
    ProblemFound,
    ProjectInspected,
    RectificationRefused,
    RectificationReported,
    RectificationVerified,
    of_a_campaign,
)
from shared.errors import require


@dataclass(frozen=True)
class InspectionFacts:
    """The campaign of an inspection, and the township that the project lies in; its owner if it lies in none."""

    campaign: CampaignFacts
    township: str


def inspect_project(
    project: Project, cmd: InspectProject, facts: InspectionFacts, actor: str
) -> list[ProjectInspected]:
    """Record an inspection by a member of one of the campaign's groups."""
    require(project.being_carried_out, "not_being_carried_out", field="project")
    require(cmd.inspection not in project.inspections, "inspection_exists", field="inspection")
    check_member(facts.campaign, cmd.group, actor)
    check_independent(project, actor)
    return [
        ProjectInspected(
            inspection=cmd.inspection,
            campaign=cmd.campaign,
            group=cmd.group,
            township=facts.township,
            note=cmd.note,
        )
    ]


def find_problem(
    project: Project, cmd: FindProblem, campaign: CampaignFacts, actor: str, today: date
) -> list[ProblemFound]:
    """Record a problem of an inspection, with the deadline of its rectification."""
    require(project.being_carried_out, "not_being_carried_out", field="project")
    held = found(project.inspections.get(cmd.inspection), "no_such_inspection", "inspection", inspection=cmd.inspection)
    require(cmd.problem not in project.problems, "problem_exists", field="problem", problem=cmd.problem)
    check_member(campaign, held.group, actor)
    check_independent(project, actor)
    require(cmd.due >= today, "deadline_in_the_past", field="due")
    return [
        ProblemFound(
            problem=cmd.problem,
            inspection=cmd.inspection,
            campaign=held.campaign,
            group=held.group,
            severity=cmd.severity,
            text=cmd.text,
            due=cmd.due,
        )
    ]


def report_rectification(project: Project, cmd: ReportRectification) -> list[RectificationReported]:
    """Report what was done about a problem that was found, or whose rectification was refused."""
    require(project.being_carried_out, "not_being_carried_out", field="project")
    problem = _problem(project, cmd.problem)
    require(problem.to_be_rectified, "problem_not_to_be_rectified", field="problem")
    return [RectificationReported(problem=cmd.problem, text=cmd.text)]


def verify_rectification(
    project: Project, cmd: VerifyRectification, campaign: CampaignFacts, actor: str
) -> list[RectificationVerified]:
    """Confirm a rectification; the rectifier does not verify.

    A campaign's problem is verified by the group that found it, one of an acceptance or a mutual check by any reviewer
    or inspector; so is a campaign's once the project lies in another county, where the group inspects no more.
    """
    _check_rectified(project, cmd.problem, campaign, actor)
    return [RectificationVerified(problem=cmd.problem, note=cmd.note)]


def refuse_rectification(
    project: Project, cmd: RefuseRectification, campaign: CampaignFacts, actor: str, today: date
) -> list[RectificationRefused]:
    """Refuse a rectification and set a new deadline."""
    _check_rectified(project, cmd.problem, campaign, actor)
    require(cmd.due >= today, "deadline_in_the_past", field="due")
    return [RectificationRefused(problem=cmd.problem, reason=cmd.reason, due=cmd.due)]


def _check_rectified(project: Project, problem: str, campaign: CampaignFacts, actor: str) -> None:
    require(project.being_carried_out, "not_being_carried_out", field="project")
    rectified = _problem(project, problem)
    require(rectified.stage is ProblemStage.RECTIFIED, "problem_not_rectified", field="problem")
    if of_a_campaign(rectified.found.campaign) and campaign.here:
        check_member(campaign, rectified.found.group, actor)
    check_independent(project, actor)


def _problem(project: Project, problem: str) -> Problem:
    return found(project.problems.get(problem), "no_such_problem", "problem", problem=problem)
