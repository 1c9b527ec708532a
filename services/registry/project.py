"""A project: the state that its facts add up to, and the fold. What may be done next is decided in the phases' modules.

proposing · reviewing · carrying_out · inspecting · accepting
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from shared.changed import changed
from shared.command import Aggregate
from shared.contracts.event import Event
from shared.contracts.progress import (
    AttachmentAdded,
    AttachmentErased,
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
    OpinionKind,
    PlanApproved,
    PlanRejected,
    PlanReturned,
    PlanSubmitted,
    ProjectAccepted,
    ProjectClosed,
    ProjectEvent,
    ProjectProposed,
    ProjectStarted,
    PublicNoticeIssued,
)
from shared.errors import require


class Stage(StrEnum):
    """Where a project stands in its life."""

    PROPOSED = "proposed"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    REJECTED = "rejected"
    APPROVED = "approved"
    STARTED = "started"
    ACCEPTANCE_REQUESTED = "acceptance_requested"
    ACCEPTED = "accepted"
    ANNOUNCED = "announced"
    CLOSED = "closed"


class ProblemStage(StrEnum):
    """Where a problem stands: found → rectified → verified, or refused → rectified → …"""

    FOUND = "found"
    RECTIFIED = "rectified"
    REFUSED = "refused"
    VERIFIED = "verified"


@dataclass(frozen=True)
class Opinion:
    """A reviewer's opinion, and what the owner answered."""

    given: OpinionGiven
    by: str
    answer: str | None = None


@dataclass(frozen=True)
class Problem:
    """A problem, the day by which it has to be rectified, and what was last said of it."""

    found: ProblemFound
    stage: ProblemStage
    due: date
    said: str = ""


@dataclass(frozen=True)
class Objection:
    """An objection to the announced result, and how it was settled."""

    text: str
    settled: str | None = None


@dataclass(frozen=True)
class Attachment:
    """A file that was added, and whether its content was erased since."""

    added: AttachmentAdded
    by: str
    erased: bool = False


@dataclass(frozen=True)
class Project:
    """A project's state. `stage` is None before it is proposed.

    `days` has the day on which each stage was last entered, `numbers` the document number that came with it.
    `owner_side` are the persons who acted for the owner, and those whom they acted for: none of them may check.
    """

    stage: Stage | None = None
    proposal: ProjectProposed | None = None
    plan: PlanSubmitted | None = None
    days: Mapping[Stage, date] = field(default_factory=dict[Stage, date])
    numbers: Mapping[Stage, str] = field(default_factory=dict[Stage, str])
    opinions: Mapping[str, Opinion] = field(default_factory=dict[str, Opinion])
    reports: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    reached: Mapping[str, date] = field(default_factory=dict[str, date])
    inspections: Mapping[str, ProjectInspected] = field(default_factory=dict[str, ProjectInspected])
    problems: Mapping[str, Problem] = field(default_factory=dict[str, Problem])
    notice_ends: date | None = None
    objections: Mapping[str, Objection] = field(default_factory=dict[str, Objection])
    attachments: Mapping[str, Attachment] = field(default_factory=dict[str, Attachment])
    owner_side: frozenset[str] = frozenset()

    @property
    def proposed(self) -> ProjectProposed:
        """The proposal, which every project begins with."""
        assert self.proposal is not None
        return self.proposal

    @property
    def county(self) -> str:
        """The county that runs it; empty before it is proposed."""
        return self.proposal.county if self.proposal else ""

    @property
    def round(self) -> int:
        """The number of the last round of review; 0 before the first plan."""
        return self.plan.round if self.plan else 0

    @property
    def unanswered_changes(self) -> list[str]:
        """The opinions that ask for a change and have no answer."""
        asked = (id for id, o in self.opinions.items() if o.given.kind is OpinionKind.CHANGE and o.answer is None)
        return sorted(asked)

    @property
    def missing_milestones(self) -> list[str]:
        """The milestones of the plan that are not reached."""
        return [m.id for m in self.plan.milestones if m.id not in self.reached] if self.plan else []

    @property
    def open_problems(self) -> list[str]:
        """The problems whose rectification nobody has verified."""
        return sorted(id for id, problem in self.problems.items() if problem.stage is not ProblemStage.VERIFIED)

    @property
    def open_objections(self) -> list[str]:
        """The objections that are not settled."""
        return sorted(id for id, objection in self.objections.items() if objection.settled is None)

    @property
    def being_carried_out(self) -> bool:
        """Whether the work has begun and is not accepted yet."""
        return self.stage in (Stage.STARTED, Stage.ACCEPTANCE_REQUESTED)


OF_THE_OWNER = (
    ProjectProposed,
    PlanSubmitted,
    OpinionAnswered,
    ProjectStarted,
    ProgressReported,
    ProgressCorrected,
    MilestoneReached,
    RectificationReported,
    AcceptanceRequested,
)
"""What the owner's side does."""


def evolve(project: Project, event: Event[ProjectEvent | ProgressEvent]) -> Project:
    """Fold one event."""
    project = _folded(project, event)
    if not isinstance(event.data, OF_THE_OWNER):
        return project
    acting = {event.actor, event.on_behalf_of or event.actor, project.proposed.secretary}
    return changed(project, owner_side=project.owner_side | acting)


def _folded(project: Project, event: Event[ProjectEvent | ProgressEvent]) -> Project:  # noqa: PLR0912 - one an event type
    match event.data:
        case ProjectProposed() as e:
            return _enter(changed(project, proposal=e), Stage.PROPOSED, event.effective)
        case PlanSubmitted() as e:
            return _enter(changed(project, plan=e), Stage.SUBMITTED, event.effective)
        case OpinionGiven() as e:
            return changed(project, opinions={**project.opinions, e.opinion: Opinion(e, event.actor)})
        case OpinionAnswered() as e:
            answered = replace(project.opinions[e.opinion], answer=e.answer)
            return changed(project, opinions={**project.opinions, e.opinion: answered})
        case PlanReturned():
            return _enter(project, Stage.RETURNED, event.effective)
        case PlanRejected():
            return _enter(project, Stage.REJECTED, event.effective)
        case PlanApproved() as e:
            return _enter(project, Stage.APPROVED, event.effective, e.number)
        case ProjectStarted():
            return _enter(project, Stage.STARTED, event.effective)
        case ProgressReported() | ProgressCorrected() as e:
            return changed(project, reports={**project.reports, e.month: e.percent})
        case MilestoneReached() as e:
            return changed(project, reached={**project.reached, e.milestone: e.on})
        case ProjectInspected() as e:
            return changed(project, inspections={**project.inspections, e.inspection: e})
        case ProblemFound() as e:
            return _with_problem(project, Problem(e, ProblemStage.FOUND, e.due))
        case RectificationReported() as e:
            rectified = replace(project.problems[e.problem], stage=ProblemStage.RECTIFIED, said=e.text)
            return _with_problem(project, rectified)
        case RectificationVerified() as e:
            verified = replace(project.problems[e.problem], stage=ProblemStage.VERIFIED, said=e.note)
            return _with_problem(project, verified)
        case RectificationRefused() as e:
            refused = replace(project.problems[e.problem], stage=ProblemStage.REFUSED, said=e.reason, due=e.due)
            return _with_problem(project, refused)
        case AttachmentAdded() as e:
            return changed(project, attachments={**project.attachments, e.digest: Attachment(e, event.actor)})
        case AttachmentErased() as e:
            erased = replace(project.attachments[e.digest], erased=True)
            return changed(project, attachments={**project.attachments, e.digest: erased})
        case AcceptanceRequested():
            return _enter(project, Stage.ACCEPTANCE_REQUESTED, event.effective)
        case ProjectAccepted():
            return _enter(project, Stage.ACCEPTED, event.effective)
        case AcceptanceFailed():
            return changed(project, stage=Stage.STARTED)
        case PublicNoticeIssued() as e:
            return _enter(changed(project, notice_ends=e.ends), Stage.ANNOUNCED, event.effective, e.number)
        case ObjectionRaised() as e:
            return changed(project, objections={**project.objections, e.objection: Objection(e.text)})
        case ObjectionResolved() as e:
            settled = replace(project.objections[e.objection], settled=e.text)
            return changed(project, objections={**project.objections, e.objection: settled})
        case ProjectClosed() as e:
            return _enter(project, Stage.CLOSED, event.effective, e.number)
        case _:
            assert_never(event.data)


def _enter(project: Project, stage: Stage, day: date, number: str = "") -> Project:
    numbers = {**project.numbers, stage: number} if number else project.numbers
    return changed(project, stage=stage, days={**project.days, stage: day}, numbers=numbers)


def _with_problem(project: Project, problem: Problem) -> Project:
    return changed(project, problems={**project.problems, problem.found.problem: problem})


PROJECT = Aggregate("project", Project(), evolve)


def check_in_order(project: Project, told: date | None) -> None:
    """Refuse a fact that is told to hold for a day (None if it is today's) before the step that it follows."""
    last = max(project.days.values(), default=date.min)
    require(told is None or told >= last, "before_the_last_step", field="effective", last=str(last))


def check_independent(project: Project, actor: str) -> None:
    """Who does a thing never checks it: refuse whoever has acted for the owner, or was acted for."""
    require(actor not in project.owner_side, "checks_own_work", field="actor")
