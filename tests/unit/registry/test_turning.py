"""Withdrawal, hand-over, termination, reopening, carry-over; and that nothing follows an end."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from services.registry.commands.accepting import CloseProject, RequestAcceptance
from services.registry.commands.carrying_out import (
    CorrectMilestone,
    CorrectProgress,
    ReachMilestone,
    ReportProgress,
    ReportRectification,
    StartProject,
    VerifyRectification,
)
from services.registry.commands.extending import RequestExtension
from services.registry.commands.reviewing import AnswerOpinion
from services.registry.commands.turning import (
    CarryOverProject,
    HandOverProject,
    ReopenProject,
    TerminateProject,
    WithdrawProject,
)
from services.registry.project.life import PROJECT
from services.registry.project.state import Outcome, Project, Stage
from services.registry.project.turning import Successor
from services.registry.reference.person import PERSON, Person
from shared.command import Command
from shared.contracts.event import EventData
from shared.contracts.progress import Extended
from shared.contracts.project import (
    ProjectCarriedOver,
    ProjectClosed,
    ProjectHandedOver,
    ProjectReopened,
    ProjectTerminated,
    ProjectWithdrawn,
)
from tests.unit.registry.builders import (
    ACCEPTED,
    ANNOUNCED,
    APPROVED,
    CLOSED,
    CLOSURE,
    COMPLETE,
    ENDS,
    FOUR_ONES,
    NOTICE_ENDS,
    REJECTED,
    REOPENED,
    REQUESTED,
    TERMINATED,
    TOWNSHIP,
    UNDER_REVIEW,
    UNDER_WAY,
    VILLAGE,
    WITHDRAWN,
    appointed,
    find,
    inspect,
    inspected,
    opened,
    person,
    problem,
    proposed,
    rectified,
    reported,
    returned,
    submit,
)
from tests.unit.registry.dsl import INSPECTOR, OWNER, REVIEWER, TODAY, Told, by, folded, given

SUCCESSOR = "secretary-2"
APPOINTED = Successor(folded(PERSON, person(), appointed()), TOWNSHIP)
WITHDRAW = WithdrawProject(reason="资金没有落实")
HAND_OVER = HandOverProject(secretary=SUCCESSOR, reason="调任")
TERMINATE = TerminateProject(reason="拆迁")
REOPEN = ReopenProject(reason="群众反映返潮")
CARRY_OVER = CarryOverProject(year=2024, reason="汛期停工")
HANDED = by(REVIEWER, ProjectHandedOver(was=OWNER, secretary=SUCCESSOR, reason="调任"))
CARRIED = by(REVIEWER, ProjectCarriedOver(year=2024, reason="汛期停工"))
NOVEMBER = date(2023, 11, 1)

History = tuple[Told | EventData, ...]


def state(*facts: Told | EventData) -> Project:
    return folded(PROJECT, *facts)


@pytest.mark.parametrize("history", [UNDER_REVIEW[:1], UNDER_REVIEW, (*UNDER_REVIEW, returned())])
def test_a_proposal_is_withdrawn_until_it_is_decided_on(history: History):
    given(*history).when(WITHDRAW).then(ProjectWithdrawn(reason="资金没有落实"))
    assert state(*history, ProjectWithdrawn(reason="资金没有落实")).stage is Stage.WITHDRAWN


@pytest.mark.parametrize("history", [APPROVED, UNDER_WAY, ANNOUNCED, REJECTED, WITHDRAWN])
def test_what_is_decided_on_is_not_withdrawn(history: History):
    given(*history).when(WITHDRAW).then_refused("already_decided")


def test_a_withdrawal_ends_the_round_that_is_under_review():
    [round] = state(*WITHDRAWN).rounds
    assert round.outcome == Outcome(Stage.WITHDRAWN, "资金没有落实", OWNER, TODAY)
    [returned_before] = state(*UNDER_REVIEW, returned(), ProjectWithdrawn(reason="不办")).rounds
    assert returned_before.outcome is not None
    assert returned_before.outcome.stage is Stage.RETURNED


@pytest.mark.parametrize("history", [UNDER_REVIEW[:1], UNDER_REVIEW, APPROVED, UNDER_WAY, REQUESTED, ANNOUNCED])
def test_a_project_is_handed_over_to_another_secretary_of_its_owner_at_any_time_before_its_end(history: History):
    expected = ProjectHandedOver(was=OWNER, secretary=SUCCESSOR, reason="调任")
    given(*history).when(HAND_OVER, by=REVIEWER, knowing=APPOINTED).then(expected)


def test_a_successor_is_the_secretary_of_the_owner_today():
    nobody: Person = folded(PERSON, person(), appointed(unit=VILLAGE))
    to_come: Person = folded(PERSON, person(), appointed(since=date(2023, 5, 11)))
    for successor in (Successor(nobody, TOWNSHIP), Successor(to_come, TOWNSHIP), replace(APPOINTED, seat=VILLAGE)):
        given(*UNDER_WAY).when(HAND_OVER, by=REVIEWER, knowing=successor).then_refused("secretary_not_appointed")


def test_of_an_owner_that_has_ended_a_successor_is_the_secretary_of_its_heir():
    heir = "340822101"
    successor = Successor(folded(PERSON, person(), appointed(unit=heir)), heir)
    assert given(*UNDER_WAY).when(HAND_OVER, by=REVIEWER, knowing=successor).refused is None


def test_a_hand_over_changes_the_responsible():
    same = HandOverProject(secretary=OWNER, reason="调任")
    given(*UNDER_WAY).when(same, by=REVIEWER, knowing=APPOINTED).then_refused("already_responsible")
    given(*UNDER_WAY, HANDED).when(HAND_OVER, by=REVIEWER, knowing=APPOINTED).then_refused("already_responsible")
    back = ProjectHandedOver(was=SUCCESSOR, secretary=OWNER, reason="调任")
    given(*UNDER_WAY, HANDED).when(same, by=REVIEWER, knowing=APPOINTED).then(back)


def test_nobody_hands_a_project_over_to_oneself():
    given(*UNDER_WAY).when(HAND_OVER, by=SUCCESSOR, knowing=APPOINTED).then_refused("hands_over_to_oneself")


def test_both_secretaries_of_a_project_handed_over_are_of_the_owners_side():
    handed = state(*UNDER_WAY, HANDED)
    assert (handed.secretary, handed.proposed.secretary) == (SUCCESSOR, OWNER)
    assert {OWNER, SUCCESSOR} <= handed.owner_side
    for person_id in (OWNER, SUCCESSOR):
        given(*UNDER_WAY, HANDED).when(TERMINATE, by=person_id).then_refused("checks_own_work")


def test_a_plan_after_a_hand_over_names_the_successor():
    history = (*UNDER_REVIEW, returned(), HANDED)
    given(*history).when(submit()).then_refused("another_secretary")
    named = FOUR_ONES.model_copy(update={"secretary": SUCCESSOR})
    assert given(*history).when(submit(four_ones=named)).refused is None


@pytest.mark.parametrize("history", [APPROVED, UNDER_WAY, REQUESTED, ACCEPTED])
def test_a_project_is_terminated_between_its_approval_and_its_announcement(history: History):
    given(*history).when(TERMINATE, by=REVIEWER).then(ProjectTerminated(reason="拆迁"))


@pytest.mark.parametrize("history", [UNDER_REVIEW, ANNOUNCED, *ENDS])
def test_what_is_not_approved_or_is_announced_is_not_terminated(history: History):
    given(*history).when(TERMINATE, by=REVIEWER).then_refused("not_to_be_terminated")


def test_a_closed_project_is_reopened_and_keeps_the_number_of_its_closure():
    given(*CLOSED).when(REOPEN, by=REVIEWER).then(ProjectReopened(closure=CLOSURE, reason="群众反映返潮"))
    again = state(*REOPENED)
    assert (again.stage, again.reopened_from, again.notice_ends) == (Stage.STARTED, (CLOSURE,), None)
    assert again.numbers == {Stage.APPROVED: "怀组〔2023〕1号"}
    assert again.days[Stage.STARTED] == date(2023, 2, 1)
    assert Stage.CLOSED not in again.days
    assert again.reached.keys() == {"m1", "m2"}


@pytest.mark.parametrize("history", [UNDER_WAY, ANNOUNCED, WITHDRAWN, REJECTED, TERMINATED, REOPENED])
def test_only_what_is_closed_is_reopened(history: History):
    given(*history).when(REOPEN, by=REVIEWER).then_refused("not_closed")


def test_a_reopened_project_is_accepted_announced_and_closed_again_under_a_new_number():
    asked = RequestAcceptance(summary="返潮已处理")
    assert given(*REOPENED).when(asked).refused is None
    again = (*REOPENED, *REQUESTED[-1:], *ACCEPTED[-1:], *ANNOUNCED[-1:])
    number = "怀组销〔2023〕9号"
    closing = given(*again).when(CloseProject(), by=REVIEWER, today=date(2023, 7, 1), number=number)
    closing.then(ProjectClosed(number=number))
    closed = state(*again, by(REVIEWER, ProjectClosed(number=number)))
    assert (closed.numbers[Stage.CLOSED], closed.reopened_from) == (number, (CLOSURE,))


def test_what_follows_a_reopening_is_not_dated_before_it():
    early = RequestAcceptance(summary="返潮已处理", effective=date(2023, 5, 31))
    given(*REOPENED).when(early, today=date(2023, 6, 5)).then_refused("before_the_last_step", last="2023-06-01")


@pytest.mark.parametrize("history", [APPROVED, UNDER_WAY, REQUESTED])
def test_an_unfinished_project_is_carried_over_from_november_on(history: History):
    expected = ProjectCarriedOver(year=2024, reason="汛期停工")
    given(*history).when(CARRY_OVER, by=REVIEWER, today=NOVEMBER).then(expected)
    given(*history).when(CARRY_OVER, by=REVIEWER, today=date(2023, 10, 31)).then_refused("year_not_open")
    given(*history).when(CARRY_OVER, by=REVIEWER, today=date(2024, 2, 1)).then(expected)


def test_a_project_is_carried_over_into_the_next_year_at_most_and_never_back():
    two = CarryOverProject(year=2025, reason="汛期停工")
    given(*UNDER_WAY).when(two, by=REVIEWER, today=NOVEMBER).then_refused("year_not_open")
    same = CarryOverProject(year=2023, reason="汛期停工")
    given(*UNDER_WAY).when(same, by=REVIEWER, today=NOVEMBER).then_refused("not_a_later_year", year=2023)
    given(*UNDER_WAY, CARRIED).when(CARRY_OVER, by=REVIEWER, today=NOVEMBER).then_refused("not_a_later_year")
    assert given(*UNDER_WAY, CARRIED).when(two, by=REVIEWER, today=date(2024, 11, 1)).refused is None


def test_a_project_that_is_carried_over_keeps_its_number_and_its_plan():
    carried = state(*UNDER_WAY, CARRIED)
    assert (carried.year, carried.proposed.year, carried.numbers[Stage.APPROVED]) == (2024, 2023, "怀组〔2023〕1号")
    assert carried.due_of("m2") == date(2023, 10, 1)


@pytest.mark.parametrize("history", [UNDER_REVIEW, ACCEPTED, ANNOUNCED, *ENDS])
def test_only_an_unfinished_project_is_carried_over(history: History):
    given(*history).when(CARRY_OVER, by=REVIEWER, today=NOVEMBER).then_refused("not_unfinished")


@pytest.mark.parametrize(
    ("command", "history"), [(HAND_OVER, UNDER_WAY), (TERMINATE, UNDER_WAY), (REOPEN, CLOSED), (CARRY_OVER, UNDER_WAY)]
)
def test_the_owners_side_decides_none_of_these_turns(command: Command, history: History):
    given(*history).when(command, by=OWNER, today=NOVEMBER, knowing=APPOINTED).then_refused("checks_own_work")


OF_THE_OWNER: list[Command] = [
    submit(),
    AnswerOpinion(opinion="o1", answer="已收缩"),
    WITHDRAW,
    StartProject(),
    ReportProgress(month="2023-05", percent=Decimal(90)),
    CorrectProgress(month="2023-02", percent=Decimal(20), reason="误填"),
    ReachMilestone(milestone="m1", on=date(2023, 4, 1)),
    CorrectMilestone(milestone="m1", reason="误填"),
    RequestExtension(extension="e1", of=Extended.MILESTONE, subject="m2", due=date(2023, 10, 21), reason="汛期停工"),
    ReportRectification(problem="p1", text="已更新"),
    RequestAcceptance(summary="全部完成"),
]


@pytest.mark.parametrize("command", OF_THE_OWNER, ids=lambda command: command.verb())
@pytest.mark.parametrize("history", ENDS, ids=["withdrawn", "rejected", "terminated", "closed"])
def test_after_the_end_the_owner_does_nothing_more(command: Command, history: History):
    assert given(*history).when(command).refused is not None


FOUND = (*UNDER_WAY, reported("2023-02", 30), inspected(), problem())
STOPPED = by(REVIEWER, ProjectTerminated(reason="拆迁"))


def test_what_was_found_at_a_terminated_project_has_no_further_life():
    given(*FOUND, STOPPED).when(ReportRectification(problem="p1", text="已更新")).then_refused("not_being_carried_out")
    verify = VerifyRectification(problem="p1")
    outcome = given(*FOUND, rectified(), STOPPED).when(verify, by=INSPECTOR, knowing=opened())
    outcome.then_refused("not_being_carried_out")
    for command in (inspect(inspection="i2"), find(problem="p2")):
        given(*FOUND, STOPPED).when(command, by=INSPECTOR, knowing=opened()).then_refused("not_being_carried_out")


@pytest.mark.parametrize("history", ENDS, ids=["withdrawn", "rejected", "terminated", "closed"])
def test_what_has_ended_is_not_handed_over(history: History):
    given(*history).when(HAND_OVER, by=REVIEWER, knowing=APPOINTED).then_refused("ended")


def test_the_notice_of_a_reopened_project_is_one_of_its_own():
    assert state(*CLOSED).notice_ends == NOTICE_ENDS
    given(*REOPENED).when(CloseProject(), by=REVIEWER, today=date(2023, 7, 1), number="n").then_refused("not_announced")


def test_a_proposal_and_what_is_complete_are_told_apart_from_ends():
    assert not state(proposed()).ended
    assert not state(*COMPLETE).ended
    assert all(state(*history).ended for history in ENDS)
