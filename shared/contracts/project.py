"""The life of a project from proposal to closing, and brands. Written by the registry (stream `project-<uuid7>`)."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.contracts.event import EventData, Part
from shared.contracts.months import LAST_REPORT_DAY, REPORT_DAY
from shared.contracts.topics import Topic
from shared.contracts.values import (
    Day,
    Month,
    OptionalText,
    PersonId,
    ProjectId,
    ShortText,
    Slug,
    Text,
    UnitCode,
    Weight,
    Year,
)

FormerNumber = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class ProjectKind(StrEnum):
    """书记项目 is carried out by the secretary, 书记领办项目/事项 is led by the secretary."""

    SECRETARY = "secretary"
    LED = "led"


class Criterion(StrEnum):
    """What a project is selected by: 切口小、有难度、示范强、能落实."""

    SMALL = "small"
    HARD = "hard"
    EXEMPLARY = "exemplary"
    DOABLE = "doable"


class Criteria(Part):
    """How a proposal meets each of the four criteria, in words."""

    small: Text
    hard: Text
    exemplary: Text
    doable: Text


class TeamMember(Part):
    """One of the team and what he or she sees to."""

    name: ShortText
    duty: ShortText


class FourOnes(Part):
    """四个一: one project, one named secretary, one team with duties, one grasp to the end."""

    project: Text
    secretary: PersonId
    team: tuple[TeamMember, ...] = Field(min_length=1)
    to_the_end: Text


class Milestone(Part):
    """A dated share of the work; the weights of a plan's milestones sum to 100."""

    id: Slug
    title: ShortText
    due: Day
    weight: Weight


class OpinionKind(StrEnum):
    """A remark, or a change that has to be answered before approval."""

    REMARK = "remark"
    CHANGE = "change"


class ProjectData(EventData, topic=Topic.PROJECT):
    """The base of this module's events."""


class ProjectProposed(ProjectData, name="project.proposed.v1"):
    """A project was proposed. `county` is the county or district that runs it."""

    title: ShortText
    kind: ProjectKind
    category: ShortText
    owner: UnitCode
    county: UnitCode
    secretary: PersonId
    year: Year
    criteria: Criteria


MOST_PARTS = 60
"""Measures, milestones and members of the team of one plan, each, as far as a command may give them."""


class PlanSubmitted(ProjectData, name="project.plan-submitted.v1"):
    """A plan was submitted for review; a returned one comes again as the next round."""

    round: int = Field(ge=1)
    goal: Text
    measures: tuple[Text, ...] = Field(min_length=1)
    starts: Day
    ends: Day
    four_ones: FourOnes
    milestones: tuple[Milestone, ...] = Field(min_length=1)


class OpinionGiven(ProjectData, name="project.opinion-given.v1"):
    """A reviewer's opinion on one criterion."""

    opinion: Slug
    round: int
    criterion: Criterion
    kind: OpinionKind
    text: Text


class OpinionAnswered(ProjectData, name="project.opinion-answered.v1"):
    """What was changed, or why not."""

    opinion: Slug
    answer: Text


class PlanReturned(ProjectData, name="project.plan-returned.v1"):
    """退回修改: the round ends, the plan may be submitted again."""

    round: int
    reason: Text


class PlanRejected(ProjectData, name="project.plan-rejected.v1"):
    """不予立项: the end of this proposal."""

    round: int
    reason: Text


class PlanApproved(ProjectData, name="project.plan-approved.v1"):
    """立项. `number` is the document number, such as 怀组〔2023〕86号.

    The report of a month is due on the `report_day` of the next. `former_number` is the one that it had before it came
    in with a ledger; empty where there was none.
    """

    round: int
    number: ShortText
    report_day: int = Field(default=REPORT_DAY, ge=1, le=LAST_REPORT_DAY)
    former_number: FormerNumber = ""


class ProjectStarted(ProjectData, name="project.started.v1"):
    """Work has begun.

    `reports_from` is the first month that a project owes a report for which came in with a ledger, that of the import;
    None where every month since the start is owed.
    """

    reports_from: Month | None = None


class AcceptanceRequested(ProjectData, name="project.acceptance-requested.v1"):
    """All milestones are reached and no problem is open: the owner asks for acceptance (验收)."""

    summary: Text


class ProjectAccepted(ProjectData, name="project.accepted.v1"):
    """A site check passed, with its named signers."""

    signers: tuple[ShortText, ...] = Field(min_length=1)
    note: OptionalText = ""


class AcceptanceFailed(ProjectData, name="project.acceptance-failed.v1"):
    """A site check failed; the project goes on. `problems` names what it found: each is a ProblemFound that follows."""

    reason: Text
    problems: tuple[Slug, ...] = ()


class PublicNoticeIssued(ProjectData, name="project.public-notice-issued.v1"):
    """公示: the last of its working days is `ends`; closing is possible after it."""

    number: ShortText
    ends: Day


class ObjectionRaised(ProjectData, name="project.objection-raised.v1"):
    """Somebody objects to the announced result, during the public notice or after it before the closing."""

    objection: Slug
    text: Text


class ObjectionResolved(ProjectData, name="project.objection-resolved.v1"):
    """The objection was looked into and settled."""

    objection: Slug
    text: Text


class ProjectClosed(ProjectData, name="project.closed.v1"):
    """销号, with its closure number."""

    number: ShortText


class ProjectWithdrawn(ProjectData, name="project.withdrawn.v1"):
    """撤回: the owner takes the proposal back before it is decided on; the end of it."""

    reason: Text


class ProjectHandedOver(ProjectData, name="project.handed-over.v1"):
    """移交: who starts it closes it, unless a reviewer hands it over from the secretary `was` to another one."""

    was: PersonId
    secretary: PersonId
    reason: Text


class ProjectTerminated(ProjectData, name="project.terminated.v1"):
    """终止: an approved project ends without being finished."""

    reason: Text


class ProjectReopened(ProjectData, name="project.reopened.v1"):
    """A closed project is carried out again. `closure` is the number that it was closed under; the next is new."""

    closure: ShortText
    reason: Text


class ProjectCarriedOver(ProjectData, name="project.carried-over.v1"):
    """结转: an unfinished project goes on into the `year`, under its number and by the dates of its plan."""

    year: Year
    reason: Text


class BrandRecognised(ProjectData, name="project.brand-recognised.v1"):
    """A brand (stream `brand-<uuid5 of unit and name>`) is recognised for a unit, perhaps for one of its projects."""

    name: ShortText
    unit: UnitCode
    county: UnitCode
    project: ProjectId | None = None


class CountyShare(Part):
    """How many projects of a ledger are a county's."""

    county: UnitCode
    projects: int = Field(ge=0)


class LedgerImported(ProjectData, name="project.ledger-imported.v1"):
    """A whole ledger (台账) came in from one spreadsheet (stream `import-<uuid>`, one a content of a file).

    `digest` is the file's SHA-256, `rows` how many projects it names, `projects` how many of them are new, `counties`
    of which counties all of them are.
    """

    digest: str = Field(pattern="^[0-9a-f]{64}$")
    name: ShortText
    rows: int = Field(ge=0)
    projects: int = Field(ge=0)
    counties: tuple[CountyShare, ...]


class DayBegan(ProjectData, name="project.day-began.v1"):
    """A day has begun, as told to one partition of the project topic (stream `day-<nn>`)."""

    day: Day


ProjectEvent = (
    ProjectProposed
    | PlanSubmitted
    | OpinionGiven
    | OpinionAnswered
    | PlanReturned
    | PlanRejected
    | PlanApproved
    | ProjectStarted
    | AcceptanceRequested
    | ProjectAccepted
    | AcceptanceFailed
    | PublicNoticeIssued
    | ObjectionRaised
    | ObjectionResolved
    | ProjectClosed
    | ProjectWithdrawn
    | ProjectHandedOver
    | ProjectTerminated
    | ProjectReopened
    | ProjectCarriedOver
)
