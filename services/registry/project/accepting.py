"""The end of a project: acceptance (验收), public notice (公示), closing (销号)."""

from collections.abc import Mapping
from datetime import date

from services.registry.checks import found
from services.registry.commands.accepting import (
    AcceptProject,
    FailAcceptance,
    IssuePublicNotice,
    RaiseObjection,
    RequestAcceptance,
    ResolveObjection,
)
from services.registry.project.state import Project, Stage, check_independent
from shared.contracts.progress import ACCEPTANCE, ProblemFound
from shared.contracts.project import (
    AcceptanceFailed,
    AcceptanceRequested,
    ObjectionRaised,
    ObjectionResolved,
    ProjectAccepted,
    ProjectClosed,
    PublicNoticeIssued,
)
from shared.contracts.working_days import NOTICE_DAYS, NoCalendar, YearCalendar, nth_working_day_after
from shared.errors import RuleViolation, require


def request_acceptance(project: Project, cmd: RequestAcceptance) -> list[AcceptanceRequested]:
    """Ask for acceptance."""
    require(project.stage is Stage.STARTED, "not_being_carried_out", field="project")
    _check_done(project)
    return [AcceptanceRequested(summary=cmd.summary)]


def accept_project(project: Project, cmd: AcceptProject, actor: str) -> list[ProjectAccepted]:
    """Accept; a problem found, or a milestone corrected, since the request keeps it open."""
    _check_acceptance_requested(project, actor)
    _check_done(project)
    return [ProjectAccepted(signers=cmd.signers, note=cmd.note)]


def fail_acceptance(
    project: Project, cmd: FailAcceptance, actor: str, today: date
) -> list[AcceptanceFailed | ProblemFound]:
    """Let the acceptance fail for problems, which have the same life as those of an inspection."""
    _check_acceptance_requested(project, actor)
    known = set(project.problems)
    for n, seen in enumerate(cmd.problems):
        place = f"problems.{n}"
        require(seen.problem not in known, "problem_exists", field=f"{place}.problem", problem=seen.problem)
        require(seen.due >= today, "deadline_in_the_past", field=f"{place}.due")
        known.add(seen.problem)
    return [
        AcceptanceFailed(reason=cmd.reason, problems=tuple(seen.problem for seen in cmd.problems)),
        *(
            ProblemFound(
                problem=seen.problem,
                inspection=ACCEPTANCE,
                campaign=ACCEPTANCE,
                group=ACCEPTANCE,
                severity=seen.severity,
                text=seen.text,
                due=seen.due,
            )
            for seen in cmd.problems
        ),
    ]


def issue_public_notice(
    project: Project,
    cmd: IssuePublicNotice,
    number: str,
    calendars: Mapping[int, YearCalendar],
    actor: str,
    today: date,
) -> list[PublicNoticeIssued]:
    """Announce the result, today; `calendars` by year must cover the notice's days."""
    require(project.stage is Stage.ACCEPTED, "not_accepted", field="project")
    require(cmd.effective in (None, today), "announced_today_alone", field="effective")
    check_independent(project, actor)
    try:
        ends = nth_working_day_after(today, NOTICE_DAYS, calendars)
    except NoCalendar as missing:
        raise RuleViolation("calendar_not_published", None, {"year": missing.year}) from None
    return [PublicNoticeIssued(number=number, ends=ends)]


def raise_objection(project: Project, cmd: RaiseObjection) -> list[ObjectionRaised]:
    """Record an objection to the announced result; one that comes after the notice keeps it from closing as well."""
    require(project.stage is Stage.ANNOUNCED, "not_announced", field="project")
    require(cmd.objection not in project.objections, "objection_exists", field="objection", objection=cmd.objection)
    return [ObjectionRaised(objection=cmd.objection, text=cmd.text)]


def resolve_objection(project: Project, cmd: ResolveObjection, actor: str) -> list[ObjectionResolved]:
    """Settle an objection."""
    objection = found(project.objections.get(cmd.objection), "no_such_objection", "objection", objection=cmd.objection)
    require(objection.settled is None, "objection_already_settled", field="objection")
    check_independent(project, actor)
    return [ObjectionResolved(objection=cmd.objection, text=cmd.text)]


def notice_over(project: Project, day: date) -> bool:
    """Whether the public notice has run to its end by a day: a project is closed at the earliest the day after it."""
    return project.notice_ends is not None and day > project.notice_ends


def close_project(project: Project, number: str, actor: str, day: date) -> list[ProjectClosed]:
    """Close an announced project as of a day, at the earliest the one after the notice's last day."""
    require(project.stage is Stage.ANNOUNCED, "not_announced", field="project")
    check_independent(project, actor)
    require(notice_over(project, day), "notice_still_running", field="project", ends=str(project.notice_ends))
    objections = project.open_objections
    require(not objections, "objections_open", field="objections", objections=", ".join(objections))
    return [ProjectClosed(number=number)]


def _check_acceptance_requested(project: Project, actor: str) -> None:
    require(project.stage is Stage.ACCEPTANCE_REQUESTED, "acceptance_not_requested", field="project")
    check_independent(project, actor)


def _check_done(project: Project) -> None:
    missing = project.missing_milestones
    require(not missing, "milestones_open", field="milestones", milestones=", ".join(missing))
    problems = project.open_problems
    require(not problems, "problems_open", field="problems", problems=", ".join(problems))
