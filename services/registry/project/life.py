"""A project: how its facts add up to its state. What may be done next is decided in the phases' modules.

proposing · reviewing · carrying_out · extending · inspecting · accepting · turning
"""

from dataclasses import replace
from datetime import date
from typing import Any, assert_never

from services.registry.around.difficulty import folded
from services.registry.project.state import (
    AFTER_THE_WORK,
    Attachment,
    Extension,
    ExtensionStage,
    Objection,
    Opinion,
    Outcome,
    Problem,
    ProblemStage,
    Project,
    Round,
    Stage,
)
from shared.changed import changed
from shared.command import Aggregate
from shared.contracts.event import Event
from shared.contracts.progress import (
    AttachmentAdded,
    AttachmentErased,
    Extended,
    ExtensionEndorsed,
    ExtensionGranted,
    ExtensionRefused,
    ExtensionRequested,
    MilestoneCorrected,
    MilestoneReached,
    ProblemFound,
    ProgressCorrected,
    ProgressEvent,
    ProgressReported,
    ProjectInspected,
    RectificationRefused,
    RectificationReported,
    RectificationVerified,
)
from shared.contracts.project import (
    AcceptanceFailed,
    AcceptanceRequested,
    ObjectionRaised,
    ObjectionResolved,
    OpinionAnswered,
    OpinionGiven,
    PlanApproved,
    PlanRejected,
    PlanReturned,
    PlanSubmitted,
    ProjectAccepted,
    ProjectCarriedOver,
    ProjectClosed,
    ProjectEvent,
    ProjectHandedOver,
    ProjectProposed,
    ProjectReopened,
    ProjectStarted,
    ProjectTerminated,
    ProjectWithdrawn,
    PublicNoticeIssued,
)
from shared.contracts.values import PROJECT_ID
from shared.contracts.visits import DifficultyRaised, DifficultySolved, DifficultyTakenOn

OF_THE_OWNER = (
    ProjectProposed,
    PlanSubmitted,
    OpinionAnswered,
    ProjectStarted,
    ProgressReported,
    ProgressCorrected,
    MilestoneReached,
    MilestoneCorrected,
    ExtensionRequested,
    RectificationReported,
    AcceptanceRequested,
    ProjectWithdrawn,
)
"""What the owner's side does; it adds files besides, as others do too."""


def evolve(project: Project, event: Event[ProjectEvent | ProgressEvent]) -> Project:
    """Fold one event."""
    project = _folded(project, event)
    data = event.data
    if not (isinstance(data, OF_THE_OWNER) or (isinstance(data, AttachmentAdded) and data.of_owner)):
        return project
    acting = {event.actor, event.on_behalf_of or event.actor, project.secretary}
    return changed(project, owner_side=project.owner_side | acting)


def _folded(project: Project, event: Event[ProjectEvent | ProgressEvent]) -> Project:  # noqa: PLR0912 - one an event type
    match event.data:
        case ProjectProposed() as e:
            proposed = changed(project, proposal=e, secretary=e.secretary, year=e.year)
            return _enter(proposed, Stage.PROPOSED, event.effective)
        case PlanSubmitted() as e:
            submitted = Round(e, event.actor, event.effective)
            return _enter(changed(project, rounds=(*project.rounds, submitted)), Stage.SUBMITTED, event.effective)
        case OpinionGiven() as e:
            return changed(project, opinions={**project.opinions, e.opinion: Opinion(e, event.actor, event.effective)})
        case OpinionAnswered() as e:
            answered = replace(project.opinions[e.opinion], answer=e.answer, on=event.effective)
            return changed(project, opinions={**project.opinions, e.opinion: answered})
        case PlanReturned() as e:
            return _decided(project, Outcome(Stage.RETURNED, e.reason, event.actor, event.effective))
        case PlanRejected() as e:
            return _decided(project, Outcome(Stage.REJECTED, e.reason, event.actor, event.effective))
        case PlanApproved() as e:
            approved = changed(project, report_day=e.report_day)
            return _decided(approved, Outcome(Stage.APPROVED, "", event.actor, event.effective), e.number)
        case ProjectWithdrawn() as e if project.stage is Stage.SUBMITTED:
            return _decided(project, Outcome(Stage.WITHDRAWN, e.reason, event.actor, event.effective))
        case ProjectWithdrawn():
            return _enter(project, Stage.WITHDRAWN, event.effective)
        case ProjectStarted() as e:
            return _enter(changed(project, reports_from=e.reports_from), Stage.STARTED, event.effective)
        case AcceptanceRequested():
            asked = changed(project, paused=(*project.paused, event.effective))
            return _enter(asked, Stage.ACCEPTANCE_REQUESTED, event.effective)
        case ProjectAccepted():
            return _enter(project, Stage.ACCEPTED, event.effective)
        case AcceptanceFailed():
            failed = changed(project, stage=Stage.STARTED, resumed=(*project.resumed, event.effective))
            return _step(failed, event.effective)
        case PublicNoticeIssued() as e:
            return _enter(changed(project, notice_ends=e.ends), Stage.ANNOUNCED, event.effective, e.number)
        case ObjectionRaised() as e:
            return changed(project, objections={**project.objections, e.objection: Objection(e.text, event.effective)})
        case ObjectionResolved() as e:
            settled = replace(project.objections[e.objection], settled=e.text, on=event.effective)
            return changed(project, objections={**project.objections, e.objection: settled})
        case ProjectClosed() as e:
            return _enter(project, Stage.CLOSED, event.effective, e.number)
        case ProjectTerminated():
            terminated = changed(project, paused=(*project.paused, event.effective))
            return _enter(terminated, Stage.TERMINATED, event.effective)
        case ProjectReopened() as e:
            return _reopened(project, e.closure, event.effective)
        case ProjectHandedOver() as e:
            handed = changed(project, secretary=e.secretary, owner_side=project.owner_side | {e.secretary})
            return _step(handed, event.effective)
        case ProjectCarriedOver() as e:
            return _step(changed(project, year=e.year), event.effective)
        case _:
            return _carried_out(project, event, event.data)


def _carried_out(project: Project, event: Event[Any], data: ProgressEvent) -> Project:
    match data:
        case ProgressReported() | ProgressCorrected() as e:
            days = {**project.reported, e.month: event.effective}
            return changed(project, reports={**project.reports, e.month: e.percent}, reported=days)
        case MilestoneReached() as e:
            return changed(project, reached={**project.reached, e.milestone: e.on})
        case MilestoneCorrected() as e:
            others = {id: on for id, on in project.reached.items() if id != e.milestone}
            return changed(project, reached={**others, e.milestone: e.on} if e.on else others)
        case DifficultyRaised() | DifficultyTakenOn() | DifficultySolved() as e:
            return changed(project, difficulties=folded(project.difficulties, e, event.effective))
        case ExtensionRequested() as e:
            return _with_extension(project, Extension(e, event.effective))
        case ExtensionEndorsed() as e:
            decided_by = frozenset({event.actor, event.on_behalf_of or event.actor})
            asked = project.extensions[e.extension].asked
            endorsed = Extension(asked, event.effective, ExtensionStage.ENDORSED, decided_by, e.note)
            return _with_extension(project, endorsed)
        case ExtensionGranted() as e:
            return _granted(project, e, event.effective)
        case ExtensionRefused() as e:
            asked = project.extensions[e.extension]
            refused = replace(asked, stage=ExtensionStage.REFUSED, said=e.reason, on=event.effective)
            return _with_extension(project, refused)
        case _:
            return _checked(project, data, event.effective)


def _checked(
    project: Project,
    data: ProjectInspected
    | ProblemFound
    | RectificationReported
    | RectificationVerified
    | RectificationRefused
    | AttachmentAdded
    | AttachmentErased,
    on: date,
) -> Project:
    match data:
        case ProjectInspected() as e:
            inspected = {**project.inspected, e.inspection: on}
            return changed(project, inspections={**project.inspections, e.inspection: e}, inspected=inspected)
        case ProblemFound() as e:
            return _with_problem(project, Problem(e, ProblemStage.FOUND, e.due, on))
        case RectificationReported() as e:
            rectified = replace(project.problems[e.problem], stage=ProblemStage.RECTIFIED, said=e.text, on=on)
            return _with_problem(project, rectified)
        case RectificationVerified() as e:
            verified = replace(project.problems[e.problem], stage=ProblemStage.VERIFIED, said=e.note, on=on)
            return _with_problem(project, verified)
        case RectificationRefused() as e:
            problem = project.problems[e.problem]
            refused = replace(problem, stage=ProblemStage.REFUSED, said=e.reason, due=e.due, on=on)
            return _with_problem(project, refused)
        case AttachmentAdded() as e:
            return changed(project, attachments={**project.attachments, e.digest: Attachment(e)})
        case AttachmentErased() as e:
            erased = replace(project.attachments[e.digest], erased=True)
            return changed(project, attachments={**project.attachments, e.digest: erased})
        case _:
            assert_never(data)


def _enter(project: Project, stage: Stage, day: date, number: str = "") -> Project:
    numbers = {**project.numbers, stage: number} if number else project.numbers
    return _step(changed(project, stage=stage, days={**project.days, stage: day}, numbers=numbers), day)


def _step(project: Project, day: date) -> Project:
    return changed(project, last_step=max(project.last_step, day))


def _decided(project: Project, outcome: Outcome, number: str = "") -> Project:
    *before, last = project.rounds
    rounds = (*before, replace(last, outcome=outcome))
    return _enter(changed(project, rounds=rounds), outcome.stage, outcome.on, number)


def _reopened(project: Project, closure: str, day: date) -> Project:
    """The stages after the work are before it again, with days and numbers of their own."""
    again = changed(
        project,
        stage=Stage.STARTED,
        days={stage: on for stage, on in project.days.items() if stage not in AFTER_THE_WORK},
        numbers={stage: number for stage, number in project.numbers.items() if stage not in AFTER_THE_WORK},
        notice_ends=None,
        reopened_from=(*project.reopened_from, closure),
        resumed=(*project.resumed, day),
    )
    return _step(again, day)


def _granted(project: Project, granted: ExtensionGranted, on: date) -> Project:
    extension = replace(project.extensions[granted.extension], stage=ExtensionStage.GRANTED, on=on)
    project = _with_extension(project, extension)
    match granted.of:
        case Extended.MILESTONE:
            return project
        case Extended.PROBLEM:
            return _with_problem(project, replace(project.problems[granted.subject], due=granted.due))


def _with_extension(project: Project, extension: Extension) -> Project:
    return changed(project, extensions={**project.extensions, extension.asked.extension: extension})


def _with_problem(project: Project, problem: Problem) -> Project:
    return changed(project, problems={**project.problems, problem.found.problem: problem})


PROJECT = Aggregate("project", Project(), evolve, ids=PROJECT_ID)
