"""Extensions (延期): asked for before the due day, decided in two steps by two persons who are not of the owner's side.

Of a branch's project its township endorses and the county grants, of any other two persons of the county. The first
day is never erased: the plan keeps it, and so does what found the problem.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from services.registry.checks import found
from services.registry.commands.extending import EndorseExtension, GrantExtension, RefuseExtension, RequestExtension
from services.registry.project.state import Extension, ExtensionStage, Project, check_independent
from services.registry.reference.person import Person
from shared.contracts.progress import (
    Extended,
    ExtensionEndorsed,
    ExtensionGranted,
    ExtensionRefused,
    ExtensionRequested,
)
from shared.contracts.reference import Role
from shared.errors import require


@dataclass(frozen=True)
class Deciders:
    """Who decides an extension, the county that the project lies in today, and its township if that has the first step.

    That township is the one of today, whichever the branch lay in when it asked.
    """

    actor: Person
    county: str | None
    township: str | None = None

    def reviews(self, today: date) -> bool:
        """Whether it is a reviewer of the county."""
        return self.county is not None and self.actor.holds(Role.REVIEWER, self.county, today)


def request_extension(
    project: Project, cmd: RequestExtension, endorsed_at: str, today: date, most_days: int
) -> list[ExtensionRequested]:
    """Ask for a later day, at most `most_days` after the present one; `endorsed_at` is where its first step is."""
    require(project.being_carried_out, "not_being_carried_out", field="project")
    require(cmd.extension not in project.extensions, "extension_exists", field="extension", extension=cmd.extension)
    due = _due(project, cmd.of, cmd.subject)
    others = (each for each in project.extensions.values() if each.stage is not ExtensionStage.REFUSED)
    taken = any((each.asked.of, each.asked.subject) == (cmd.of, cmd.subject) for each in others)
    require(not taken, "extended_once", field="subject")
    require(today < due, "extension_too_late", field="subject", due=str(due))
    last = due + timedelta(days=most_days)
    require(due < cmd.due <= last, "extension_out_of_bounds", field="due", due=str(due), last=str(last))
    return [
        ExtensionRequested(
            extension=cmd.extension,
            of=cmd.of,
            subject=cmd.subject,
            was=due,
            due=cmd.due,
            reason=cmd.reason,
            endorsed_at=endorsed_at,
        )
    ]


def endorse_extension(
    project: Project, cmd: EndorseExtension, deciders: Deciders, actor: str, today: date
) -> list[ExtensionEndorsed]:
    """Decide the first step: the township's secretary of a branch's extension, else a reviewer of the county."""
    extension = _extension(project, cmd.extension)
    require(extension.stage is ExtensionStage.REQUESTED, "extension_not_requested", field="extension")
    _check_timely(project, extension)
    if deciders.township is None:
        _check_reviewer(deciders, today)
    else:
        _check_township(deciders.actor, cmd.secretary, deciders.township, today)
    _check_apart(project, actor, cmd.secretary)
    return [ExtensionEndorsed(extension=cmd.extension, note=cmd.note)]


def grant_extension(project: Project, cmd: GrantExtension, actor: str) -> list[ExtensionGranted]:
    """Decide the second step, by somebody else than the first."""
    extension = _extension(project, cmd.extension)
    require(extension.stage is ExtensionStage.ENDORSED, "extension_not_endorsed", field="extension")
    _check_timely(project, extension)
    check_independent(project, actor)
    _check_second(extension, actor)
    asked = extension.asked
    return [ExtensionGranted(extension=cmd.extension, of=asked.of, subject=asked.subject, due=asked.due)]


def refuse_extension(
    project: Project, cmd: RefuseExtension, deciders: Deciders, actor: str, today: date
) -> list[ExtensionRefused]:
    """Refuse at the first step as it may be endorsed, or as a reviewer of the county at either."""
    require(project.being_carried_out, "not_being_carried_out", field="project")
    extension = _extension(project, cmd.extension)
    require(extension.pending, "extension_decided", field="extension")
    township = deciders.township if extension.stage is ExtensionStage.REQUESTED else None
    if township is None or deciders.reviews(today):
        _check_reviewer(deciders, today)
    else:
        _check_township(deciders.actor, cmd.secretary, township, today)
    _check_apart(project, actor, cmd.secretary)
    _check_second(extension, actor)
    return [ExtensionRefused(extension=cmd.extension, reason=cmd.reason)]


def _due(project: Project, of: Extended, subject: str) -> date:
    """The day by which a milestone that is not reached, or a problem that waits for its rectification, is due."""
    match of:
        case Extended.MILESTONE:
            due = found(project.due_of(subject), "no_such_milestone", "subject", milestone=subject)
            require(subject not in project.reached, "milestone_already_reached", field="subject")
            return due
        case Extended.PROBLEM:
            problem = found(project.problems.get(subject), "no_such_problem", "subject", problem=subject)
            require(problem.to_be_rectified, "problem_not_to_be_rectified", field="subject")
            return problem.due


def _extension(project: Project, extension: str) -> Extension:
    return found(project.extensions.get(extension), "no_such_extension", "extension", extension=extension)


def _check_timely(project: Project, extension: Extension) -> None:
    """Refuse what was overtaken: the work has ended, the subject is done, or another day has been set for it."""
    require(project.being_carried_out, "not_being_carried_out", field="project")
    due = _due(project, extension.asked.of, extension.asked.subject)
    require(due == extension.asked.was, "extension_overtaken", field="extension", due=str(due))


def _check_reviewer(deciders: Deciders, today: date) -> None:
    require(deciders.reviews(today), "decided_by_reviewers", field="actor")


def _check_township(actor: Person, secretary: str | None, township: str, today: date) -> None:
    if actor.is_secretary(township, today):
        return
    require(actor.holds(Role.OFFICE, township, today), "decided_by_the_township", field="actor", unit=township)
    require(secretary is not None, "township_secretary_not_named", field="secretary", unit=township)


def _check_apart(project: Project, actor: str, secretary: str | None) -> None:
    for person in (actor, secretary or actor):
        check_independent(project, person)


def _check_second(extension: Extension, actor: str) -> None:
    require(actor not in extension.decided_by, "decides_twice", field="actor")
