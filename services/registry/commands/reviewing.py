"""Commands from the proposal to the approval (立项)."""

from pydantic import Field

from shared.command import Command
from shared.contracts.project import MOST_PARTS, Criteria, Criterion, FourOnes, Milestone, OpinionKind, ProjectKind
from shared.contracts.values import Day, PersonId, ShortText, Slug, Text, UnitCode, Year
from shared.unit_codes import CountyCode

CATEGORIES = ("理论武装", "乡村振兴", "基层治理", "基层党组织建设", "人居环境")
"""The usual ones, which forms and ledgers offer; a county may have its own."""


class ProposeProject(Command, route="/projects/propose"):
    """Propose a project of a unit and its secretary for a year."""

    title: ShortText
    kind: ProjectKind
    category: ShortText
    owner: UnitCode
    county: CountyCode
    secretary: PersonId
    year: Year
    criteria: Criteria


class SubmitPlan(Command, route="/projects/{id}/submit-plan"):
    """Submit the plan for review: the first time, or again after it was returned."""

    goal: Text
    measures: tuple[Text, ...] = Field(min_length=1, max_length=MOST_PARTS)
    starts: Day
    ends: Day
    four_ones: FourOnes
    milestones: tuple[Milestone, ...] = Field(min_length=1, max_length=MOST_PARTS)


class GiveOpinion(Command, route="/projects/{id}/give-opinion"):
    """Give an opinion on one criterion: a remark, or a change that has to be answered before approval."""

    opinion: Slug
    criterion: Criterion
    kind: OpinionKind
    text: Text


class AnswerOpinion(Command, route="/projects/{id}/answer-opinion"):
    """Answer an opinion: what was changed, or why not."""

    opinion: Slug
    answer: Text


class ReturnPlan(Command, route="/projects/{id}/return-plan"):
    """Return the plan to be revised (退回修改)."""

    reason: Text


class RejectPlan(Command, route="/projects/{id}/reject-plan"):
    """Reject the proposal (不予立项)."""

    reason: Text


class ApprovePlan(Command, route="/projects/{id}/approve-plan"):
    """Approve the plan under review (立项); it gets its document number."""
