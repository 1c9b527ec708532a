"""The state of a project: its stage, rounds of review, opinions, problems, extensions, objections."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from services.registry.around.difficulty import Difficulty
from shared.contracts.months import REPORT_DAY
from shared.contracts.progress import AttachmentAdded, Extended, ExtensionRequested, ProblemFound, ProjectInspected
from shared.contracts.project import OpinionGiven, OpinionKind, PlanSubmitted, ProjectProposed
from shared.contracts.schedule import Reporting
from shared.contracts.values import Month
from shared.errors import require


class Stage(StrEnum):
    """Where a project stands in its life."""

    PROPOSED = "proposed"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    STARTED = "started"
    ACCEPTANCE_REQUESTED = "acceptance_requested"
    ACCEPTED = "accepted"
    ANNOUNCED = "announced"
    CLOSED = "closed"
    TERMINATED = "terminated"


ENDED = frozenset({Stage.REJECTED, Stage.WITHDRAWN, Stage.CLOSED, Stage.TERMINATED})
"""The ends of a project's life; from one of them, the closing, it may be reopened."""

AFTER_THE_WORK = (Stage.ACCEPTANCE_REQUESTED, Stage.ACCEPTED, Stage.ANNOUNCED, Stage.CLOSED)
"""The stages that a reopened project has before it again."""


class ProblemStage(StrEnum):
    """Where a problem stands: found → rectified → verified, or refused → rectified → …"""

    FOUND = "found"
    RECTIFIED = "rectified"
    REFUSED = "refused"
    VERIFIED = "verified"


@dataclass(frozen=True)
class Opinion:
    """A reviewer's opinion, and what the owner answered; `on` is the day of the last of the two."""

    given: OpinionGiven
    by: str
    on: date
    answer: str | None = None


@dataclass(frozen=True)
class Outcome:
    """How a round of review ended: the stage that it led to, the reason (none for an approval), who, when."""

    stage: Stage
    reason: str
    by: str
    on: date


@dataclass(frozen=True)
class Round:
    """A round of review: the plan as it was submitted, by whom and when, and how the round ended, if it has."""

    plan: PlanSubmitted
    by: str
    on: date
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Problem:
    """A problem, the day by which it has to be rectified, and what was last said of it, `on` which day.

    `found` has the first day; a refused rectification or a granted extension sets another one.
    """

    found: ProblemFound
    stage: ProblemStage
    due: date
    on: date
    said: str = ""

    @property
    def to_be_rectified(self) -> bool:
        """Whether it waits for the owner's side."""
        return self.stage in (ProblemStage.FOUND, ProblemStage.REFUSED)


class ExtensionStage(StrEnum):
    """Where an extension stands: requested → endorsed → granted, or refused at either step."""

    REQUESTED = "requested"
    ENDORSED = "endorsed"
    GRANTED = "granted"
    REFUSED = "refused"


@dataclass(frozen=True)
class Extension:
    """An extension as it was asked for, where it stands, and what was last said of it, `on` which day.

    `decided_by` are the persons of the first step, those acted for included: none of them decides the second.
    """

    asked: ExtensionRequested
    on: date
    stage: ExtensionStage = ExtensionStage.REQUESTED
    decided_by: frozenset[str] = frozenset()
    said: str = ""

    @property
    def pending(self) -> bool:
        """Whether it waits for one of its two steps."""
        return self.stage in (ExtensionStage.REQUESTED, ExtensionStage.ENDORSED)


@dataclass(frozen=True)
class Objection:
    """An objection to the announced result, and how it was settled; `on` is the day of the last of the two."""

    text: str
    on: date
    settled: str | None = None


@dataclass(frozen=True)
class Attachment:
    """A file that was added, and whether its content was erased since."""

    added: AttachmentAdded
    erased: bool = False


@dataclass(frozen=True)
class Project:
    """A project's state. `stage` is None before it is proposed.

    `secretary` is who is responsible now and `year` the year that it belongs to now: those of the proposal until it is
    handed or carried over. `days` has the day on which each stage was last entered, `numbers` the document number that
    came with it, `last_step` the latest of all steps' days, `inspected` the days of the inspections, `reported` for
    each month the day of what was last said of it. `reopened_from` are the closure numbers of before.
    `owner_side` are the persons who acted for the owner, and those whom they acted for: none of them may check.
    `report_day`, `paused`, `resumed` and `reports_from` say which monthly reports it owes (`Reporting`).
    """

    stage: Stage | None = None
    proposal: ProjectProposed | None = None
    secretary: str = ""
    year: int = 0
    rounds: tuple[Round, ...] = ()
    days: Mapping[Stage, date] = field(default_factory=dict[Stage, date])
    last_step: date = date.min
    numbers: Mapping[Stage, str] = field(default_factory=dict[Stage, str])
    reopened_from: tuple[str, ...] = ()
    opinions: Mapping[str, Opinion] = field(default_factory=dict[str, Opinion])
    reports: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    reported: Mapping[str, date] = field(default_factory=dict[str, date])
    reached: Mapping[str, date] = field(default_factory=dict[str, date])
    inspections: Mapping[str, ProjectInspected] = field(default_factory=dict[str, ProjectInspected])
    inspected: Mapping[str, date] = field(default_factory=dict[str, date])
    problems: Mapping[str, Problem] = field(default_factory=dict[str, Problem])
    extensions: Mapping[str, Extension] = field(default_factory=dict[str, Extension])
    difficulties: Mapping[str, Difficulty] = field(default_factory=dict[str, Difficulty])
    notice_ends: date | None = None
    objections: Mapping[str, Objection] = field(default_factory=dict[str, Objection])
    attachments: Mapping[str, Attachment] = field(default_factory=dict[str, Attachment])
    owner_side: frozenset[str] = frozenset()
    report_day: int = REPORT_DAY
    paused: tuple[date, ...] = ()
    resumed: tuple[date, ...] = ()
    reports_from: Month | None = None

    @property
    def proposed(self) -> ProjectProposed:
        """The proposal, which every project begins with."""
        assert self.proposal is not None
        return self.proposal

    @property
    def reporting(self) -> Reporting:
        """What decides which monthly reports it owes."""
        started = self.days.get(Stage.STARTED)
        return Reporting(started, self.report_day, self.paused, self.resumed, self.reports_from)

    @property
    def county(self) -> str:
        """The county that runs it; empty before it is proposed."""
        return self.proposal.county if self.proposal else ""

    @property
    def plan(self) -> PlanSubmitted | None:
        """The plan of the last round."""
        return self.rounds[-1].plan if self.rounds else None

    @property
    def plans(self) -> tuple[PlanSubmitted, ...]:
        """The plans of all rounds."""
        return tuple(each.plan for each in self.rounds)

    @property
    def round(self) -> int:
        """The number of the last round of review; 0 before the first plan."""
        return len(self.rounds)

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
    def granted(self) -> dict[str, date]:
        """The due days of milestones that were granted in place of those of the plan."""
        asked = (each.asked for each in self.extensions.values() if each.stage is ExtensionStage.GRANTED)
        return {each.subject: each.due for each in asked if each.of is Extended.MILESTONE}

    def due_of(self, milestone: str) -> date | None:
        """The day by which a milestone is due now: the granted one, else that of the plan; None if it has none such."""
        planned = {each.id: each.due for each in self.plan.milestones} if self.plan else {}
        return (planned | self.granted).get(milestone)

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

    @property
    def ended(self) -> bool:
        """Whether nothing more can be done but to reopen what was closed."""
        return self.stage in ENDED


def check_independent(project: Project, actor: str) -> None:
    """Who does a thing never checks it: refuse whoever has acted for the owner, or was acted for."""
    require(actor not in project.owner_side, "checks_own_work", field="actor")
