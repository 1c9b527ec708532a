"""What the county's reviewers decide before the approval, round by round. No round is judged by the owner's side."""

from services.registry.commands.reviewing import GiveOpinion, RejectPlan, ReturnPlan
from services.registry.project.state import Project, Stage, check_independent
from shared.contracts.project import OpinionGiven, PlanApproved, PlanRejected, PlanReturned
from shared.errors import require


def give_opinion(project: Project, cmd: GiveOpinion, actor: str) -> list[OpinionGiven]:
    """Give an opinion on one criterion of the plan under review."""
    _check_under_review(project, actor)
    require(cmd.opinion not in project.opinions, "opinion_exists", field="opinion", opinion=cmd.opinion)
    return [
        OpinionGiven(opinion=cmd.opinion, round=project.round, criterion=cmd.criterion, kind=cmd.kind, text=cmd.text)
    ]


def return_plan(project: Project, cmd: ReturnPlan, actor: str) -> list[PlanReturned]:
    """End the round by returning the plan."""
    _check_under_review(project, actor)
    return [PlanReturned(round=project.round, reason=cmd.reason)]


def reject_plan(project: Project, cmd: RejectPlan, actor: str) -> list[PlanRejected]:
    """End the proposal."""
    _check_under_review(project, actor)
    return [PlanRejected(round=project.round, reason=cmd.reason)]


def approve_plan(
    project: Project, number: str, actor: str, report_day: int, former_number: str = ""
) -> list[PlanApproved]:
    """Approve the plan under review (立项); every opinion that asks for a change must be answered.

    The project's monthly reports are due on the `report_day` that is in force now.
    """
    _check_under_review(project, actor)
    opinions = project.unanswered_changes
    require(not opinions, "opinions_open", field="opinions", opinions=", ".join(opinions))
    return [PlanApproved(round=project.round, number=number, report_day=report_day, former_number=former_number)]


def _check_under_review(project: Project, actor: str) -> None:
    require(project.stage is Stage.SUBMITTED, "not_under_review", field="project")
    check_independent(project, actor)
