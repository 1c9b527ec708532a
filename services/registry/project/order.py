"""The order of a project's facts: none holds for a day before the step that it follows, or before what it answers."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Protocol

from services.registry.commands.accepting import AcceptProject, CloseProject, RequestAcceptance, ResolveObjection
from services.registry.commands.carrying_out import (
    CorrectMilestone,
    CorrectProgress,
    FindProblem,
    ReachMilestone,
    RefuseRectification,
    ReportRectification,
    VerifyRectification,
)
from services.registry.commands.extending import EndorseExtension, GrantExtension, RefuseExtension, RequestExtension
from services.registry.commands.reviewing import AnswerOpinion, ApprovePlan, RejectPlan, ReturnPlan
from services.registry.project.state import Project
from shared.command import Command
from shared.contracts.progress import Extended
from shared.errors import require


class _Dated(Protocol):
    @property
    def on(self) -> date: ...


def check_in_order(project: Project, told: date | None, answered: date = date.min) -> None:
    """Refuse a fact that is told to hold for a day (None if it is today's) before the last step, or what it answers."""
    last = max(project.last_step, answered)
    require(told is None or told >= last, "before_the_last_step", field="effective", last=str(last))


def answered_on(project: Project, command: Command) -> date:
    """The last day of what a command answers, rests on or tells of; the first of all days if that is no day's."""
    match command:
        case AnswerOpinion():
            return _day(project.opinions, command.opinion)
        case ApprovePlan() | ReturnPlan() | RejectPlan():
            return _latest(opinion.on for opinion in project.opinions.values())
        case CorrectProgress():
            return project.reported.get(command.month, date.min)
        case ReachMilestone() | CorrectMilestone():
            return max(command.on or date.min, project.reached.get(command.milestone, date.min))
        case FindProblem():
            return project.inspected.get(command.inspection, date.min)
        case ReportRectification() | VerifyRectification() | RefuseRectification():
            return _day(project.problems, command.problem)
        case RequestExtension() if command.of is Extended.PROBLEM:
            return _day(project.problems, command.subject)
        case EndorseExtension() | GrantExtension() | RefuseExtension():
            return _day(project.extensions, command.extension)
        case RequestAcceptance() | AcceptProject():
            return _latest([*project.reached.values(), *(problem.on for problem in project.problems.values())])
        case ResolveObjection():
            return _day(project.objections, command.objection)
        case CloseProject():
            return _latest(objection.on for objection in project.objections.values())
        case _:
            return date.min


def _day(things: Mapping[str, _Dated], id: str) -> date:
    return things[id].on if id in things else date.min


def _latest(days: Iterable[date]) -> date:
    return max(days, default=date.min)
