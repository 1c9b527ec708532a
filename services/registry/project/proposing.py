"""What the owner decides before the approval: to propose a project, submit its plan, answer opinions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.registry.checks import found
from services.registry.commands.reviewing import AnswerOpinion, ProposeProject, SubmitPlan
from services.registry.project.state import Project, Stage
from services.registry.reference.person import Person
from shared.contracts.project import MOST_PARTS, OpinionAnswered, PlanSubmitted, ProjectProposed
from shared.errors import RuleViolation, refuse_all, require

OPENS_IN = 11
"""The month of the year before, from which on the projects of a year are proposed and reviewed."""

WHOLE = Decimal(100)


@dataclass(frozen=True)
class OwnerFacts:
    """The county that a proposal's owner lies in (None without one), and the person named as its secretary.

    `ended` is the day on which the owner ended, if it has.
    """

    county: str | None
    secretary: Person
    ended: date | None = None


def propose_project(
    cmd: ProposeProject, facts: OwnerFacts, today: date, proposed: date | None = None
) -> list[ProjectProposed]:
    """Propose a project of a unit in the county; a year's projects are reviewed from the November before.

    Of one that a ledger tells of, `proposed` is the day of that time; its secretary is nevertheless today's.
    """
    require(facts.county == cmd.county, "unit_of_another_county", field="owner", unit=cmd.owner, county=cmd.county)
    require(facts.ended is None, "unit_has_ended", field="owner", unit=cmd.owner, day=str(facts.ended))
    require(facts.secretary.is_secretary(cmd.owner, today), "secretary_not_appointed", field="secretary")
    check_year_open(cmd.year, proposed or today)
    return [
        ProjectProposed(
            title=cmd.title,
            kind=cmd.kind,
            category=cmd.category,
            owner=cmd.owner,
            county=cmd.county,
            secretary=cmd.secretary,
            year=cmd.year,
            criteria=cmd.criteria,
        )
    ]


def check_year_open(year: int, today: date) -> None:
    """Refuse a year whose projects are not planned today."""
    last = today.year + (today.month >= OPENS_IN)
    require(today.year <= year <= last, "year_not_open", field="year", year=year)


def submit_plan(project: Project, cmd: SubmitPlan) -> list[PlanSubmitted]:
    """Submit a plan: one project, one plan, with the 四个一 and weighted milestones inside its term."""
    require(project.stage in (Stage.PROPOSED, Stage.RETURNED), "no_plan_awaited", field="project")
    require(cmd.starts < cmd.ends, "term_ends_before_it_starts", field="ends")
    ids = [milestone.id for milestone in cmd.milestones]
    require(len(set(ids)) == len(ids), "milestones_share_an_id", field="milestones")
    refuse_all([*_outside_the_term(cmd), *_weights_not_100(cmd)])
    members = len(cmd.four_ones.team)
    require(members <= MOST_PARTS, "team_too_large", field="four_ones.team", most=MOST_PARTS, found=members)
    named = cmd.four_ones.secretary
    require(named == project.secretary, "another_secretary", field="four_ones.secretary")
    return [
        PlanSubmitted(
            round=project.round + 1,
            goal=cmd.goal,
            measures=cmd.measures,
            starts=cmd.starts,
            ends=cmd.ends,
            four_ones=cmd.four_ones,
            milestones=cmd.milestones,
        )
    ]


def _outside_the_term(cmd: SubmitPlan) -> Iterator[RuleViolation]:
    for n, milestone in enumerate(cmd.milestones):
        if not cmd.starts <= milestone.due <= cmd.ends:
            term = {"starts": str(cmd.starts), "ends": str(cmd.ends)}
            detail = {"milestone": milestone.title, "due": str(milestone.due), **term}
            yield RuleViolation("milestone_outside_the_term", f"milestones.{n}.due", {**detail})


def _weights_not_100(cmd: SubmitPlan) -> Iterator[RuleViolation]:
    total = sum((milestone.weight for milestone in cmd.milestones), Decimal(0))
    if total != WHOLE:
        yield RuleViolation("weights_not_100", "milestones", {"total": str(total)})


def answer_opinion(project: Project, cmd: AnswerOpinion) -> list[OpinionAnswered]:
    """Answer an opinion once, while the plan is under review or returned."""
    require(project.stage in (Stage.SUBMITTED, Stage.RETURNED), "not_under_review", field="project")
    opinion = found(project.opinions.get(cmd.opinion), "no_such_opinion", "opinion", opinion=cmd.opinion)
    require(opinion.answer is None, "opinion_already_answered", field="opinion")
    return [OpinionAnswered(opinion=cmd.opinion, answer=cmd.answer)]
