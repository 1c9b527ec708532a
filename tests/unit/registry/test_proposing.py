"""From the proposal to the plan."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import ValidationError

from services.registry.commands.reviewing import AnswerOpinion
from services.registry.project.proposing import OwnerFacts
from services.registry.reference.person import PERSON
from shared.contracts.project import MOST_PARTS, FourOnes, TeamMember
from shared.contracts.reference import AppointmentEnded, Role
from tests.unit.registry.builders import (
    APPROVED,
    COUNTY,
    FOUR_ONES,
    MILESTONES,
    TOWNSHIP,
    UNDER_REVIEW,
    VILLAGE,
    answered,
    appointed,
    milestone,
    opinion,
    person,
    propose,
    proposed,
    returned,
    submit,
    submitted,
)
from tests.unit.registry.dsl import AT_LEISURE, TODAY, folded, given

SECRETARY = folded(PERSON, person(), appointed())
KNOWN = OwnerFacts(COUNTY, SECRETARY)


def test_a_secretary_proposes_a_project_of_the_own_unit():
    given().when(propose(), knowing=KNOWN).then(proposed())


def test_the_owner_lies_in_the_county_that_runs_the_project():
    given().when(propose(), knowing=OwnerFacts("340825", SECRETARY)).then_refused("unit_of_another_county")
    given().when(propose(), knowing=OwnerFacts(None, SECRETARY)).then_refused("unit_of_another_county")


def test_a_unit_that_has_ended_proposes_nothing():
    ended = OwnerFacts(COUNTY, SECRETARY, TODAY)
    given().when(propose(), knowing=ended).then_refused("unit_has_ended", "owner", day=str(TODAY))


@pytest.mark.parametrize(
    "posts",
    [
        (),
        (appointed(unit=VILLAGE, role=Role.BRANCH_SECRETARY),),
        (appointed(role=Role.OFFICE),),
        (appointed(since=TODAY + timedelta(days=1)),),
        (
            appointed(),
            AppointmentEnded(
                role=Role.TOWNSHIP_SECRETARY, unit=TOWNSHIP, until=TODAY - timedelta(days=1), reason="调离"
            ),
        ),
    ],
)
def test_the_named_secretary_is_the_owners_secretary_today(posts: tuple[object, ...]):
    facts = OwnerFacts(COUNTY, folded(PERSON, person(), *posts))  # type: ignore[arg-type]
    given().when(propose(), knowing=facts).then_refused("secretary_not_appointed")


def test_the_first_and_the_last_day_of_an_appointment_count():
    ends = AppointmentEnded(role=Role.TOWNSHIP_SECRETARY, unit=TOWNSHIP, until=TODAY, reason="调离")
    for_one_day = OwnerFacts(COUNTY, folded(PERSON, person(), appointed(since=TODAY), ends))
    given().when(propose(), knowing=for_one_day).then(proposed())


@pytest.mark.parametrize(
    ("today", "year"), [(date(2022, 11, 1), 2023), (date(2022, 12, 31), 2022), (date(2023, 10, 31), 2023)]
)
def test_a_years_projects_are_proposed_from_the_november_before(today: date, year: int):
    assert given().when(propose(year=year), knowing=KNOWN, today=today).refused is None


@pytest.mark.parametrize(
    ("today", "year"), [(date(2022, 10, 31), 2023), (date(2023, 1, 1), 2022), (date(2023, 12, 1), 2025)]
)
def test_other_years_are_not_open(today: date, year: int):
    given().when(propose(year=year), knowing=KNOWN, today=today).then_refused("year_not_open", year=year)


def test_a_plan_is_submitted_for_the_first_round():
    given(proposed()).when(submit()).then(submitted(1))


def test_a_returned_plan_comes_again_as_the_next_round():
    given(proposed(), submitted(), returned()).when(submit()).then(submitted(2))


@pytest.mark.parametrize("history", [UNDER_REVIEW, APPROVED])
def test_a_plan_is_not_submitted_while_none_is_awaited(history: tuple[object, ...]):
    given(*history).when(submit()).then_refused("no_plan_awaited")  # type: ignore[arg-type]


def test_a_term_ends_after_it_starts():
    given(proposed()).when(submit(starts=date(2023, 10, 1))).then_refused("term_ends_before_it_starts")


def test_milestones_have_ids_of_their_own():
    twice = (milestone("m1", date(2023, 4, 1), 40), milestone("m1", date(2023, 10, 1), 60))
    given(proposed()).when(submit(milestones=twice)).then_refused("milestones_share_an_id")


@pytest.mark.parametrize("due", [date(2022, 12, 31), date(2023, 10, 2)])
def test_milestones_lie_inside_the_term(due: date):
    outside = (milestone("m1", due, 40), MILESTONES[1])
    refused = given(proposed()).when(submit(milestones=outside))
    refused.then_refused("milestone_outside_the_term", "milestones.0.due", milestone="节点m1", due=str(due))


def test_a_milestone_outside_of_the_term_and_weights_that_are_not_100_are_told_together():
    outside = (MILESTONES[0], milestone("m2", date(2023, 10, 2), 50))
    refused = given(proposed()).when(submit(milestones=outside)).refused
    assert refused is not None
    told = [(each.code, each.field) for each in (refused, *refused.besides)]
    assert told == [("milestone_outside_the_term", "milestones.1.due"), ("weights_not_100", "milestones")]


def test_the_first_and_the_last_day_lie_inside_the_term():
    edges = (milestone("m1", date(2023, 1, 1), 40), milestone("m2", date(2023, 10, 1), 60))
    assert given(proposed()).when(submit(milestones=edges)).refused is None


@AT_LEISURE
@for_all(st.lists(st.decimals(min_value="0.0001", max_value=100, places=4), min_size=1, max_size=8))
def test_weights_sum_to_100_exactly(weights: list[Decimal]):
    planned = [milestone(f"m{n}", date(2023, 4, 1), str(weight)) for n, weight in enumerate(weights)]
    total = sum(weights, Decimal(0))
    outcome = given(proposed()).when(submit(milestones=planned))
    if total == 100:
        assert outcome.refused is None
    else:
        outcome.then_refused("weights_not_100", total=str(total))


@AT_LEISURE
@for_all(st.lists(st.decimals(min_value="0.0001", max_value=20, places=4), max_size=5))
def test_weights_that_are_filled_up_to_100_are_taken(weights: list[Decimal]):
    rest = 100 - sum(weights, Decimal(0))
    assume(rest > 0)
    planned = [milestone(f"m{n}", date(2023, 4, 1), str(weight)) for n, weight in enumerate([*weights, rest])]
    assert given(proposed()).when(submit(milestones=planned)).refused is None


def test_a_plan_has_so_many_measures_milestones_and_members_and_no_more():
    members = tuple(TeamMember(name=f"队员{n}", duty="巡查") for n in range(MOST_PARTS + 1))
    for team, code in ((members[1:], None), (members, "team_too_large")):
        ones = FOUR_ONES.model_copy(update={"team": team})
        outcome = given(proposed()).when(submit(four_ones=ones, measures=("推进",) * MOST_PARTS))
        assert (outcome.refused and outcome.refused.code) == code
    with pytest.raises(ValidationError, match="measures"):
        submit(measures=("推进",) * (MOST_PARTS + 1))
    with pytest.raises(ValidationError, match="milestones"):
        submit(milestones=[milestone(f"m{n}", date(2023, 4, 1), "1") for n in range(MOST_PARTS + 1)])


def test_the_secretary_of_the_four_ones_is_the_projects():
    another = FourOnes.model_validate(FOUR_ONES.model_dump() | {"secretary": "somebody-else"})
    given(proposed()).when(submit(four_ones=another)).then_refused("another_secretary")


def answer(id: str = "o1") -> AnswerOpinion:
    return AnswerOpinion(opinion=id, answer="已收缩")


def test_an_opinion_is_answered_while_the_plan_is_under_review_or_returned():
    given(*UNDER_REVIEW, opinion("o1")).when(answer()).then(answered("o1"))
    given(*UNDER_REVIEW, opinion("o1"), returned()).when(answer()).then(answered("o1"))


def test_an_opinion_is_not_answered_after_the_decision():
    given(*UNDER_REVIEW, opinion("o1"), *APPROVED[2:]).when(answer()).then_refused("not_under_review")


def test_only_an_opinion_that_was_given_is_answered():
    given(*UNDER_REVIEW, opinion("o1")).when(answer("o2")).then_refused("no_such_opinion", opinion="o2")


def test_an_opinion_is_answered_once():
    given(*UNDER_REVIEW, opinion("o1"), answered("o1")).when(answer()).then_refused("opinion_already_answered")
