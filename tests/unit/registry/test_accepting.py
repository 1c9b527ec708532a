"""Acceptance, public notice, closing."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from services.registry.commands.accepting import (
    AcceptProject,
    CloseProject,
    FailAcceptance,
    IssuePublicNotice,
    ProblemSeen,
    RaiseObjection,
    RequestAcceptance,
    ResolveObjection,
)
from shared.command import Command
from shared.contracts.event import EventData
from shared.contracts.progress import MilestoneCorrected, Severity
from shared.contracts.project import (
    AcceptanceFailed,
    AcceptanceRequested,
    ObjectionRaised,
    ObjectionResolved,
    ProjectAccepted,
    ProjectClosed,
    PublicNoticeIssued,
)
from tests.unit.registry.builders import (
    ACCEPTED,
    ANNOUNCED,
    APPROVED,
    COMPLETE,
    NOTICE_ENDS,
    REQUESTED,
    UNDER_WAY,
    calendar,
    failed,
    inspected,
    problem,
    reached,
    rectified,
    verified,
)
from tests.unit.registry.dsl import OWNER, REVIEWER, TODAY, Told, by, given

REQUEST = RequestAcceptance(summary="全部完成")
ACCEPT = AcceptProject(signers=("李伟", "张敏"))


def fail(*ids: str, due: date = date(2023, 5, 31)) -> FailAcceptance:
    seen = tuple(ProblemSeen(problem=id, severity=Severity.MINOR, text="公示栏没有更新", due=due) for id in ids)
    return FailAcceptance(reason="未完工", problems=seen)


FAIL = fail("a1")
ANNOUNCE = IssuePublicNotice()
CLOSE = CloseProject()
RESOLVE = ResolveObjection(objection="b1", text="已核实")
CALENDARS = {2023: calendar(2023, holidays=(date(2023, 5, 1),), workdays=(date(2023, 5, 6),))}
AFTER = NOTICE_ENDS + timedelta(days=1)

OBJECTED = (*ANNOUNCED, by(REVIEWER, ObjectionRaised(objection="b1", text="账目不清")))
SETTLED = (*OBJECTED, by(REVIEWER, ObjectionResolved(objection="b1", text="已核实")))


def test_acceptance_is_requested_when_all_is_done():
    given(*COMPLETE).when(REQUEST).then(AcceptanceRequested(summary="全部完成"))


def test_acceptance_waits_for_the_last_milestone():
    given(*UNDER_WAY, reached("m2")).when(REQUEST).then_refused("milestones_open", milestones="m1")


def test_acceptance_waits_until_every_problem_is_verified():
    found = (*UNDER_WAY, inspected(), problem("p1"), problem("p2"), reached("m1"), reached("m2"))
    given(*found).when(REQUEST).then_refused("problems_open", problems="p1, p2")
    given(*found, rectified("p1"), verified("p1"), rectified("p2")).when(REQUEST).then_refused(
        "problems_open", problems="p2"
    )
    settled = (rectified("p1"), verified("p1"), rectified("p2"), verified("p2"))
    assert given(*found, *settled).when(REQUEST).refused is None


def test_acceptance_is_requested_while_the_work_goes_on():
    given(*APPROVED).when(REQUEST).then_refused("not_being_carried_out")
    given(*REQUESTED).when(REQUEST).then_refused("not_being_carried_out")


def test_a_site_check_passes_with_named_signers():
    given(*REQUESTED).when(ACCEPT, by=REVIEWER).then(ProjectAccepted(signers=("李伟", "张敏")))


def test_a_problem_found_after_the_request_keeps_it_from_passing():
    given(*REQUESTED, inspected(), problem()).when(ACCEPT, by=REVIEWER).then_refused("problems_open")


def test_a_milestone_taken_back_after_the_request_keeps_it_from_passing():
    taken_back = MilestoneCorrected(milestone="m2", was=date(2023, 4, 1), on=None, reason="误填")
    given(*REQUESTED, taken_back).when(ACCEPT, by=REVIEWER).then_refused("milestones_open", milestones="m2")


def test_a_check_fails_for_problems_that_it_found():
    expected = (told.data for told in failed("a1", "a2"))
    given(*REQUESTED).when(fail("a1", "a2"), by=REVIEWER).then(*expected)
    with pytest.raises(ValidationError, match="problems"):
        fail()


def test_the_problems_of_a_failed_check_have_ids_of_their_own_and_a_deadline_that_is_not_past():
    for history in ((*REQUESTED, inspected(), problem("a2")), REQUESTED):
        twice = given(*history).when(fail("a1", "a2", "a2"), by=REVIEWER)
        twice.then_refused("problem_exists", problem="a2")
    yesterday = TODAY - timedelta(days=1)
    given(*REQUESTED).when(fail("a1", due=yesterday), by=REVIEWER).then_refused("deadline_in_the_past")
    assert given(*REQUESTED).when(fail("a1", due=TODAY), by=REVIEWER).refused is None


def test_after_a_failed_check_the_project_goes_on_and_asks_again_once_its_problems_are_verified():
    history = (*REQUESTED, *failed("a1", "a2"))
    given(*history).when(REQUEST).then_refused("problems_open", problems="a1, a2")
    settled = (rectified("a1"), verified("a1"), rectified("a2"), verified("a2"))
    given(*history, *settled[:3]).when(REQUEST).then_refused("problems_open", problems="a2")
    given(*history, *settled).when(REQUEST).then(AcceptanceRequested(summary="全部完成"))


def test_a_check_that_failed_before_problems_were_listed_is_still_read():
    before = AcceptanceFailed.model_validate({"reason": "未完工"})
    given(*REQUESTED, by(REVIEWER, before)).when(REQUEST).then(AcceptanceRequested(summary="全部完成"))


@pytest.mark.parametrize("command", [ACCEPT, FAIL])
@pytest.mark.parametrize("history", [COMPLETE, ACCEPTED])
def test_a_site_check_answers_a_request(command: Command, history: tuple[Told | EventData, ...]):
    given(*history).when(command, by=REVIEWER).then_refused("acceptance_not_requested")


@pytest.mark.parametrize(
    ("announced", "ends"),
    [
        (date(2023, 5, 10), date(2023, 5, 17)),
        (date(2023, 5, 13), date(2023, 5, 19)),
        (date(2023, 4, 28), date(2023, 5, 6)),
    ],
    ids=["over a weekend", "announced on a Saturday", "over the May holiday and a worked Saturday"],
)
def test_a_notice_runs_for_five_working_days_from_the_day_after(announced: date, ends: date):
    outcome = given(*ACCEPTED).when(
        ANNOUNCE, by=REVIEWER, today=announced, number="怀组公示〔2023〕1号", knowing=CALENDARS
    )
    outcome.then(PublicNoticeIssued(number="怀组公示〔2023〕1号", ends=ends))


def test_a_notice_needs_the_calendars_of_all_its_days():
    last = date(2023, 12, 28)
    outcome = given(*ACCEPTED).when(ANNOUNCE, by=REVIEWER, today=last, number="n", knowing=CALENDARS)
    outcome.then_refused("calendar_not_published", year=2024)


@pytest.mark.parametrize("history", [REQUESTED, ANNOUNCED])
def test_what_is_accepted_is_announced_once(history: tuple[Told | EventData, ...]):
    given(*history).when(ANNOUNCE, by=REVIEWER, number="n", knowing=CALENDARS).then_refused("not_accepted")


def test_an_objection_is_raised_under_an_id_of_its_own():
    command = RaiseObjection(objection="b1", text="账目不清")
    given(*ANNOUNCED).when(command, by=REVIEWER).then(ObjectionRaised(objection="b1", text="账目不清"))
    given(*OBJECTED).when(command, by=REVIEWER).then_refused("objection_exists")
    given(*ACCEPTED).when(command, by=REVIEWER).then_refused("not_announced")


def test_an_objection_that_comes_after_the_notice_is_heard_too():
    command = RaiseObjection(objection="b1", text="账目不清")
    late = given(*ANNOUNCED).when(command, by=REVIEWER, today=AFTER)
    late.then(ObjectionRaised(objection="b1", text="账目不清"))
    told = by(REVIEWER, late.data[0], on=AFTER)
    given(*ANNOUNCED, told).when(CLOSE, by=REVIEWER, today=AFTER, number="n").then_refused("objections_open")


def test_an_objection_is_settled_once():
    given(*OBJECTED).when(RESOLVE, by=REVIEWER).then(ObjectionResolved(objection="b1", text="已核实"))
    given(*SETTLED).when(RESOLVE, by=REVIEWER).then_refused("objection_already_settled")
    given(*ANNOUNCED).when(RESOLVE, by=REVIEWER).then_refused("no_such_objection", objection="b1")


def test_a_project_is_closed_on_the_day_after_the_notice():
    outcome = given(*ANNOUNCED).when(CLOSE, by=REVIEWER, today=AFTER, number="怀组销〔2023〕1号")
    outcome.then(ProjectClosed(number="怀组销〔2023〕1号"))


def test_a_project_is_not_closed_on_the_last_day_of_the_notice():
    outcome = given(*ANNOUNCED).when(CLOSE, by=REVIEWER, today=NOTICE_ENDS, number="n")
    outcome.then_refused("notice_still_running", ends="2023-05-17")


def test_a_closing_that_comes_later_cannot_be_dated_into_the_notice():
    closing = CloseProject(effective=NOTICE_ENDS)
    given(*ANNOUNCED).when(closing, by=REVIEWER, today=AFTER, number="n").then_refused("notice_still_running")
    closing = CloseProject(effective=AFTER)
    assert given(*ANNOUNCED).when(closing, by=REVIEWER, today=date(2023, 5, 30), number="n").refused is None


def test_a_notice_is_announced_on_the_day_itself():
    for day, code in ((date(2023, 5, 11), None), (date(2023, 5, 10), "announced_today_alone")):
        told = IssuePublicNotice(effective=day)
        outcome = given(*ACCEPTED).when(told, by=REVIEWER, today=date(2023, 5, 11), number="n", knowing=CALENDARS)
        assert (outcome.refused and outcome.refused.code) == code


def test_no_fact_holds_for_a_day_before_the_step_that_it_follows():
    early = AcceptProject(signers=("李伟",), effective=date(2023, 5, 9))
    given(*REQUESTED).when(early, by=REVIEWER, today=AFTER).then_refused("before_the_last_step", last="2023-05-10")
    in_time = AcceptProject(signers=("李伟",), effective=date(2023, 5, 10))
    assert given(*REQUESTED).when(in_time, by=REVIEWER, today=AFTER).refused is None


def test_a_project_is_not_closed_over_an_objection():
    given(*OBJECTED).when(CLOSE, by=REVIEWER, today=AFTER, number="n").then_refused("objections_open", objections="b1")
    assert given(*SETTLED).when(CLOSE, by=REVIEWER, today=AFTER, number="n").refused is None


def test_a_project_is_closed_once_and_after_the_announcement():
    closed = by(REVIEWER, ProjectClosed(number="n"))
    for history in (ACCEPTED, (*ANNOUNCED, closed)):
        given(*history).when(CLOSE, by=REVIEWER, today=AFTER, number="n").then_refused("not_announced")


@pytest.mark.parametrize(
    ("command", "history"),
    [(ACCEPT, REQUESTED), (FAIL, REQUESTED), (ANNOUNCE, ACCEPTED), (RESOLVE, OBJECTED), (CLOSE, ANNOUNCED)],
)
def test_whoever_reported_neither_accepts_nor_closes(command: Command, history: tuple[Told | EventData, ...]):
    outcome = given(*history).when(command, by=OWNER, today=AFTER, number="n", knowing=CALENDARS)
    outcome.then_refused("checks_own_work")
