"""What the desks leave open of a project's turns, extensions and corrections, to whom and until when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from services.registry.desk.acceptance import steps as way
from services.registry.desk.extensions import Decider, Line, extension_lines, subjects, with_subject
from services.registry.desk.month import due
from services.registry.desk.plan import plan_fields
from services.registry.desk.report import dayless
from services.registry.desk.turns import Turns, turns_of, withdrawable
from services.registry.desk.words import DONE, EXTENSIONS, STAGES
from services.registry.project.life import PROJECT
from services.registry.project.state import ExtensionStage, Project, Stage
from shared.contracts.event import EventData
from shared.contracts.progress import Extended, ExtensionRefused, RectificationRefused
from shared.contracts.project import ProjectHandedOver
from shared.web.forms import Form, Posted
from shared.web.pages import StepState
from tests.unit.registry.builders import (
    ACCEPTED,
    ANNOUNCED,
    APPROVED,
    CLOSED,
    ENDS,
    REOPENED,
    REQUESTED,
    TERMINATED,
    TOWNSHIP,
    UNDER_REVIEW,
    UNDER_WAY,
    endorsed,
    extension,
    granted,
    problem,
    proposed,
    reached,
    rectified,
    reported,
    returned,
)
from tests.unit.registry.dsl import INSPECTOR, OWNER, REVIEWER, TODAY, Told, by, folded

Facts = tuple[Told | EventData, ...]
SECRETARIES = (("new-1", "陈刚"), (OWNER, "孙强"), (REVIEWER, "丁静"))
NOVEMBER = date(2023, 11, 1)


def project_of(*facts: Told | EventData) -> Project:
    return folded(PROJECT, *facts)


def turns(facts: Facts, today: date = TODAY, actor: str = REVIEWER) -> Turns:
    return turns_of(project_of(*facts), SECRETARIES, actor, today)


def test_a_project_is_handed_over_to_another_secretary_who_is_not_the_one_that_decides():
    assert turns(UNDER_WAY).successors == [("new-1", "陈刚")]
    handed = by(REVIEWER, ProjectHandedOver(was=OWNER, secretary="new-1", reason="调任"))
    assert turns((*UNDER_WAY, handed), actor="reviewer-2").successors == [(OWNER, "孙强"), (REVIEWER, "丁静")]


@pytest.mark.parametrize("end", ENDS)
def test_what_has_ended_is_not_turned_but_what_was_closed_is_reopened(end: Facts):
    found = turns(end, NOVEMBER)
    assert found == Turns(successors=[], years=[], reopen=end is CLOSED)
    assert found.any is (end is CLOSED)


def test_the_owners_side_turns_nothing():
    assert not turns(UNDER_WAY, actor=OWNER).any


@pytest.mark.parametrize(
    ("facts", "terminate", "years"),
    [
        (UNDER_REVIEW, False, []),
        (APPROVED, True, [(2024, "2024年")]),
        (UNDER_WAY, True, [(2024, "2024年")]),
        (REQUESTED, True, [(2024, "2024年")]),
        (REOPENED, True, [(2024, "2024年")]),
        (ACCEPTED, True, []),
        (ANNOUNCED, False, []),
    ],
)
def test_an_approved_project_is_terminated_before_its_notice_and_carried_over_before_it_is_accepted(
    facts: Facts, terminate: bool, years: Sequence[tuple[int, str]]
):
    found = turns(facts, NOVEMBER)
    assert (found.terminate, found.years) == (terminate, years)


def test_the_next_year_is_open_from_november_and_the_present_one_if_it_is_later():
    assert turns(UNDER_WAY, date(2023, 10, 31)).years == []
    assert turns(UNDER_WAY, date(2024, 11, 1)).years == [(2024, "2024年"), (2025, "2025年")]


def test_a_proposal_is_withdrawn_until_it_is_decided_on():
    undecided = ((proposed(),), UNDER_REVIEW, (*UNDER_REVIEW, returned()))
    assert all(withdrawable(project_of(*facts)) for facts in undecided)
    assert not any(withdrawable(project_of(*facts)) for facts in (APPROVED, *ENDS))


def test_a_returned_plan_is_sent_again_by_who_is_responsible_now():
    handed = by(REVIEWER, ProjectHandedOver(was=OWNER, secretary="new-1", reason="调任"))
    for facts in ((proposed(),), (*UNDER_REVIEW, returned())):
        assert plan_fields(project_of(*facts, handed))["four_ones.secretary"] == "new-1"


def test_no_step_to_the_closing_is_the_current_one_after_an_end():
    for end in ENDS:
        current = [step.state for step in way(project_of(*end), TODAY)].count(StepState.CURRENT)
        assert current == 0
    assert next(step.state for step in way(project_of(*REOPENED), TODAY)) is StepState.CURRENT


def test_what_is_due_later_and_not_done_may_be_put_off_once():
    project = project_of(*UNDER_WAY, problem())
    assert subjects(project, TODAY) == [
        ("milestone m2", "节点“节点m2”，2023年10月1日到期"),
        ("problem p1", "问题“公示栏没有更新”，2023年5月31日到期"),
    ]
    assert [value for value, _ in subjects(project, date(2023, 5, 31))] == ["milestone m2"]
    assert subjects(project_of(*UNDER_WAY, problem(), rectified(), reached("m2")), TODAY) == []
    assert subjects(project_of(*UNDER_WAY, extension()), TODAY) == []
    refused = ExtensionRefused(extension="e1", reason="工期够")
    assert len(subjects(project_of(*UNDER_WAY, extension(), by(REVIEWER, refused)), TODAY)) == 1
    assert subjects(project_of(*TERMINATED), TODAY) == []


def test_what_is_chosen_as_one_is_sent_as_two():
    fields = with_subject({"subject": "problem p1", "reason": "汛期"})
    assert fields == {"of": "problem", "subject": "p1", "reason": "汛期"}


AT_TOWNSHIP = extension(endorsed_at=TOWNSHIP)
NOBODY = Decider("office-1", TOWNSHIP, secretary=False, office=False, reviews=False, own_work=False)
COUNTYS = replace(NOBODY, person="reviewer-3", reviews=True)
SECRETARY = replace(NOBODY, person="secretary-9", secretary=True)
OFFICE = replace(NOBODY, person="office-9", office=True)


def steps(decider: Decider, *facts: Told | EventData) -> tuple[bool, bool, bool]:
    line = line_of(decider, *facts)
    return line.endorse, line.grant, line.refuse


def line_of(decider: Decider, *facts: Told | EventData) -> Line:
    [line] = extension_lines(project_of(*UNDER_WAY, *facts), decider)
    return line


def test_the_first_step_is_the_townships_where_it_lies_there_and_the_county_may_refuse():
    assert steps(SECRETARY, AT_TOWNSHIP) == (True, False, True)
    assert steps(OFFICE, AT_TOWNSHIP) == (True, False, True)
    assert steps(COUNTYS, AT_TOWNSHIP) == (False, False, True)
    assert steps(NOBODY, AT_TOWNSHIP) == (False, False, False)
    assert steps(SECRETARY, extension()) == (False, False, False)
    assert steps(COUNTYS, extension()) == (True, False, True)
    assert (line_of(OFFICE, AT_TOWNSHIP).for_secretary, line_of(SECRETARY, AT_TOWNSHIP).for_secretary) == (TOWNSHIP, "")


def test_the_first_step_is_that_of_the_township_that_the_project_lies_in_today_else_the_countys():
    moved = replace(OFFICE, township="340823100")
    assert (steps(moved, AT_TOWNSHIP), line_of(moved, AT_TOWNSHIP).for_secretary) == ((True, False, True), "340823100")
    assert steps(replace(COUNTYS, township=""), AT_TOWNSHIP) == (True, False, True)


def test_the_second_step_is_another_persons_of_the_county():
    assert steps(COUNTYS, extension(), endorsed()) == (False, True, True)
    assert steps(COUNTYS, extension(), endorsed(COUNTYS.person)) == (False, False, False)
    assert steps(SECRETARY, AT_TOWNSHIP, endorsed("secretary-8")) == (False, False, False)


def test_the_owners_side_decides_nothing_nor_anybody_what_is_decided_or_over():
    assert steps(replace(COUNTYS, own_work=True), extension()) == (False, False, False)
    assert steps(COUNTYS, extension(), endorsed(), granted()) == (False, False, False)
    assert steps(COUNTYS, extension(), TERMINATED[-1]) == (False, False, False)


def test_what_was_overtaken_can_only_be_refused():
    of_problem = extension(of=Extended.PROBLEM, subject="p1", was=date(2023, 5, 31), due=date(2023, 6, 10))
    later = by(INSPECTOR, RectificationRefused(problem="p1", reason="未改", due=date(2023, 6, 20)))
    line = line_of(COUNTYS, problem(), of_problem, rectified(), later)
    assert (line.endorse, line.refuse, line.overtaken) == (False, True, True)
    assert not line_of(COUNTYS, problem(), of_problem).overtaken


def test_an_extension_says_its_first_day_and_the_new_one_and_those_that_wait_come_first():
    line = line_of(COUNTYS, extension(), endorsed(), granted())
    assert (line.what, line.word) == ("节点“节点m2”", "已批准")
    assert (line.was, line.due) == (date(2023, 10, 1), date(2023, 10, 21))
    other = extension(extension="e2", subject="m1", was=date(2023, 4, 1))
    both = project_of(*UNDER_WAY, other, extension(), endorsed(), granted())
    assert [each.id for each in extension_lines(both, COUNTYS)] == ["e2", "e1"]


def test_a_report_is_measured_by_the_granted_day():
    asked = (extension(), endorsed())
    may = (*UNDER_WAY, reached("m1"), *(reported(month, 5) for month in ("2023-02", "2023-03", "2023-04")))
    before, after = due(project_of(*may, *asked), TODAY), due(project_of(*may, *asked, granted()), TODAY)
    assert before is not None
    assert after is not None
    assert after.scheduled < before.scheduled
    assert "10月21日" in after.note


def test_a_blank_day_takes_no_milestone_back_but_in_the_form_for_that():
    def posted(name: str, on: str) -> Posted:
        return Posted(Form(name, {"milestone": "m1", "on": on, "reason": "误填"}), "correct-milestone")

    assert dayless(posted("correct-m1", " "))
    assert not dayless(posted("correct-m1", "2023-04-01"))
    assert not dayless(posted("take-back-m1", ""))
    assert not dayless(replace(posted("reach-m1", ""), verb="reach-milestone"))


def test_every_stage_step_and_turn_has_words():
    assert set(STAGES) == set(Stage)
    assert set(EXTENSIONS) == set(ExtensionStage)
    assert {"withdraw", "terminate", "reopen", "hand-over", "carry-over", "correct-milestone"} <= set(DONE)
