"""The turns of a project's life: withdrawn by its owner; handed over, terminated, reopened, carried over by the county.

Who is responsible, and whether a project goes on, is never the owner's own decision once it is approved.
"""

from dataclasses import dataclass
from datetime import date

from services.registry.commands.turning import (
    CarryOverProject,
    HandOverProject,
    ReopenProject,
    TerminateProject,
    WithdrawProject,
)
from services.registry.project.proposing import check_year_open
from services.registry.project.state import Project, Stage, check_independent
from services.registry.reference.person import Person
from shared.contracts.project import (
    ProjectCarriedOver,
    ProjectHandedOver,
    ProjectReopened,
    ProjectTerminated,
    ProjectWithdrawn,
)
from shared.errors import require

UNDECIDED = (Stage.PROPOSED, Stage.SUBMITTED, Stage.RETURNED)
"""Until when a proposal may be taken back."""
BEFORE_THE_NOTICE = (Stage.APPROVED, Stage.STARTED, Stage.ACCEPTANCE_REQUESTED, Stage.ACCEPTED)
"""From when and until when a project may be terminated."""


@dataclass(frozen=True)
class Successor:
    """Who is to be responsible for a project, and the unit whose secretary that is: its owner, or the owner's heir."""

    person: Person
    seat: str


def withdraw_project(project: Project, cmd: WithdrawProject) -> list[ProjectWithdrawn]:
    """Take a proposal back: a round under review ends by it."""
    require(project.stage in UNDECIDED, "already_decided", field="project")
    return [ProjectWithdrawn(reason=cmd.reason)]


def hand_over_project(
    project: Project, cmd: HandOverProject, successor: Successor, actor: str, today: date
) -> list[ProjectHandedOver]:
    """Hand a project over to somebody else who is the secretary of its owner, or of that one's heir, today."""
    require(not project.ended, "ended", field="project")
    check_independent(project, actor)
    require(cmd.secretary != actor, "hands_over_to_oneself", field="secretary")
    require(cmd.secretary != project.secretary, "already_responsible", field="secretary")
    appointed = successor.person.is_secretary(successor.seat, today)
    require(appointed, "secretary_not_appointed", field="secretary")
    return [ProjectHandedOver(was=project.secretary, secretary=cmd.secretary, reason=cmd.reason)]


def terminate_project(project: Project, cmd: TerminateProject, actor: str) -> list[ProjectTerminated]:
    """End an approved project before its result is announced."""
    require(project.stage in BEFORE_THE_NOTICE, "not_to_be_terminated", field="project")
    check_independent(project, actor)
    return [ProjectTerminated(reason=cmd.reason)]


def reopen_project(project: Project, cmd: ReopenProject, actor: str) -> list[ProjectReopened]:
    """Have a closed project carried out again; the closure number that it had stays with it."""
    require(project.stage is Stage.CLOSED, "not_closed", field="project")
    check_independent(project, actor)
    return [ProjectReopened(closure=project.numbers[Stage.CLOSED], reason=cmd.reason)]


def carry_over_project(project: Project, cmd: CarryOverProject, actor: str, today: date) -> list[ProjectCarriedOver]:
    """Carry an unfinished project over: from November on into the next year, or late into the present one."""
    require(project.stage is Stage.APPROVED or project.being_carried_out, "not_unfinished", field="project")
    check_independent(project, actor)
    require(cmd.year > project.year, "not_a_later_year", field="year", year=project.year)
    check_year_open(cmd.year, today)
    return [ProjectCarriedOver(year=cmd.year, reason=cmd.reason)]
