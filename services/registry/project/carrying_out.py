"""What the owner decides while a project is carried out: to start it, report its months, reach its milestones."""

from datetime import date

from services.registry.checks import found
from services.registry.commands.carrying_out import CorrectMilestone, CorrectProgress, ReachMilestone, ReportProgress
from services.registry.project.state import Project, Stage
from shared.contracts.months import month_of
from shared.contracts.progress import MilestoneCorrected, MilestoneReached, ProgressCorrected, ProgressReported
from shared.contracts.project import ProjectStarted
from shared.contracts.values import Month
from shared.contracts.visits import DifficultyRaised
from shared.errors import require


def start_project(project: Project, reports_from: Month | None = None) -> list[ProjectStarted]:
    """Begin the work of an approved project; one of a ledger owes its reports from the month of the import on."""
    require(project.stage is Stage.APPROVED, "not_approved", field="project")
    return [ProjectStarted(reports_from=reports_from)]


def report_progress(project: Project, cmd: ReportProgress, today: date) -> list[ProgressReported | DifficultyRaised]:
    """Report a month: the one report of this project and month.

    The percent is not below that of the reported month before, nor above that of the one after: it falls only by
    correction. Help that is needed is a difficulty of the project from then on.
    """
    require(project.being_carried_out, "not_being_carried_out", field="project")
    require(cmd.month >= month_of(project.days[Stage.STARTED]), "before_the_start", field="month")
    require(cmd.month <= month_of(today), "in_the_future", field="month")
    require(cmd.month not in project.reports, "month_already_reported", field="month", month=cmd.month)
    before = max((month for month in project.reports if month < cmd.month), default=None)
    after = min((month for month in project.reports if month > cmd.month), default=None)
    require(before is None or project.reports[before] <= cmd.percent, "percent_falls", field="percent", month=before)
    require(after is None or cmd.percent <= project.reports[after], "percent_falls", field="percent", month=after)
    reported = ProgressReported(month=cmd.month, percent=cmd.percent, note=cmd.note, help_needed=cmd.help_needed)
    if not cmd.help_needed:
        return [reported]
    return [reported, DifficultyRaised(difficulty=f"help-{cmd.month}", text=cmd.help_needed)]


def correct_progress(project: Project, cmd: CorrectProgress) -> list[ProgressCorrected]:
    """Correct the report of a month, with the reason; the percent may fall by it."""
    require(project.being_carried_out, "not_being_carried_out", field="project")
    was = found(project.reports.get(cmd.month), "month_not_reported", "month", month=cmd.month)
    require(was != cmd.percent, "nothing_to_correct", field="percent")
    return [ProgressCorrected(month=cmd.month, was=was, percent=cmd.percent, reason=cmd.reason)]


def reach_milestone(project: Project, cmd: ReachMilestone, today: date) -> list[MilestoneReached]:
    """Report a milestone of the approved plan as reached; while acceptance waits, one that was taken back since."""
    require(project.being_carried_out, "not_being_carried_out", field="project")
    planned = project.plan is not None and cmd.milestone in {milestone.id for milestone in project.plan.milestones}
    require(planned, "no_such_milestone", field="milestone", milestone=cmd.milestone)
    require(cmd.milestone not in project.reached, "milestone_already_reached", field="milestone")
    _check_within_the_work(project, cmd.on, today)
    return [MilestoneReached(milestone=cmd.milestone, on=cmd.on)]


def correct_milestone(project: Project, cmd: CorrectMilestone, today: date) -> list[MilestoneCorrected]:
    """Correct the day on which a milestone was reached, or take it back, with the reason."""
    require(project.being_carried_out, "not_being_carried_out", field="project")
    was = found(project.reached.get(cmd.milestone), "milestone_not_reached", "milestone", milestone=cmd.milestone)
    require(cmd.on != was, "nothing_to_correct", field="on")
    if cmd.on is not None:
        _check_within_the_work(project, cmd.on, today)
    return [MilestoneCorrected(milestone=cmd.milestone, was=was, on=cmd.on, reason=cmd.reason)]


def _check_within_the_work(project: Project, on: date, today: date) -> None:
    require(on >= project.days[Stage.STARTED], "before_the_start", field="on")
    require(on <= today, "in_the_future", field="on")
