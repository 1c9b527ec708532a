"""Start, monthly reports, milestones."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.registry.commands.accepting import AcceptProject
from services.registry.commands.carrying_out import (
    CorrectMilestone,
    CorrectProgress,
    ReachMilestone,
    ReportProgress,
    StartProject,
)
from services.registry.project.life import PROJECT
from shared.command import Command
from shared.contracts.event import EventData
from shared.contracts.progress import MilestoneCorrected, ProgressCorrected
from shared.contracts.project import AcceptanceFailed, ProjectStarted
from shared.contracts.visits import DifficultyRaised
from tests.unit.registry.builders import ACCEPTED, APPROVED, REQUESTED, UNDER_REVIEW, UNDER_WAY, reached, reported
from tests.unit.registry.dsl import AT_LEISURE, REVIEWER, TODAY, Told, by, folded, given


def report(month: str, percent: str | int) -> ReportProgress:
    return ReportProgress(month=month, percent=Decimal(percent))


def correct(month: str, percent: str | int) -> CorrectProgress:
    return CorrectProgress(month=month, percent=Decimal(percent), reason="误填")


def test_an_approved_project_is_started():
    given(*APPROVED).when(StartProject()).then(ProjectStarted())


@pytest.mark.parametrize("history", [UNDER_REVIEW, UNDER_WAY])
def test_only_an_approved_project_is_started(history: tuple[Told | EventData, ...]):
    given(*history).when(StartProject()).then_refused("not_approved")


def test_a_month_is_reported():
    command = ReportProgress(month="2023-02", percent=Decimal("12.5"), note="按计划", help_needed="资金")
    expected = reported("2023-02", "12.5").model_copy(update={"note": "按计划", "help_needed": "资金"})
    given(*UNDER_WAY).when(command).then(expected, DifficultyRaised(difficulty="help-2023-02", text="资金"))


def test_a_month_has_one_report():
    given(*UNDER_WAY, reported("2023-02", 10)).when(report("2023-02", 20)).then_refused("month_already_reported")


@pytest.mark.parametrize("month", ["2023-02", "2023-05"])
def test_the_first_month_is_that_of_the_start_and_the_last_the_present_one(month: str):
    assert given(*UNDER_WAY).when(report(month, 10)).refused is None


def test_a_month_before_the_start_is_not_reported():
    given(*UNDER_WAY).when(report("2023-01", 10)).then_refused("before_the_start")


def test_a_month_that_has_not_come_is_not_reported():
    given(*UNDER_WAY).when(report("2023-06", 10)).then_refused("in_the_future")


def test_the_percent_falls_by_no_report():
    history = given(*UNDER_WAY, reported("2023-02", 10), reported("2023-04", 30))
    history.when(report("2023-05", "29.99")).then_refused("percent_falls", month="2023-04")
    history.when(report("2023-03", "9.99")).then_refused("percent_falls", month="2023-02")
    history.when(report("2023-03", "30.01")).then_refused("percent_falls", month="2023-04")
    history.when(report("2023-03", 30)).then(reported("2023-03", 30))
    history.when(report("2023-05", 30)).then(reported("2023-05", 30))


def test_a_correction_names_the_old_value_and_may_lower_the_percent():
    history = given(*UNDER_WAY, reported("2023-02", 30))
    expected = ProgressCorrected(month="2023-02", was=Decimal(30), percent=Decimal(13), reason="误填")
    history.when(correct("2023-02", 13)).then(expected)


def test_after_a_correction_the_corrected_percent_counts():
    history = (
        *UNDER_WAY,
        reported("2023-02", 30),
        *given(*UNDER_WAY, reported("2023-02", 30)).when(correct("2023-02", 13)).data,
    )
    given(*history).when(report("2023-03", 13)).then(reported("2023-03", 13))
    given(*history).when(report("2023-03", 12)).then_refused("percent_falls")


def test_only_a_reported_month_is_corrected():
    given(*UNDER_WAY, reported("2023-02", 30)).when(correct("2023-03", 13)).then_refused("month_not_reported")


def test_a_correction_changes_something():
    given(*UNDER_WAY, reported("2023-02", 30)).when(correct("2023-02", "30.0")).then_refused("nothing_to_correct")


@pytest.mark.parametrize("command", [report("2023-03", 50), correct("2023-02", 50)])
def test_progress_is_told_until_the_project_is_accepted(command: Command):
    told = reported("2023-02", 30)
    assert given(*REQUESTED, told).when(command).refused is None
    given(*ACCEPTED, told).when(command).then_refused("not_being_carried_out")


def test_progress_is_not_told_before_the_start():
    given(*APPROVED).when(report("2023-02", 30)).then_refused("not_being_carried_out")


MOVES = st.tuples(
    st.booleans(),
    st.sampled_from(["2023-02", "2023-03", "2023-04", "2023-05"]),
    st.integers(min_value=0, max_value=100),
)


@AT_LEISURE
@for_all(st.lists(MOVES, max_size=15))
def test_without_a_correction_the_months_never_fall(sequence: list[tuple[bool, str, int]]):
    facts: list[Told | EventData] = list(UNDER_WAY)
    for correcting, month, percent in sequence:
        facts += given(*facts).when(correct(month, percent) if correcting else report(month, percent)).data
    reports = folded(PROJECT, *facts).reports
    corrected = any(isinstance(fact, ProgressCorrected) for fact in facts)
    values = [reports[month] for month in sorted(reports)]
    assert corrected or values == sorted(values)


def reach(id: str = "m1", on: date = date(2023, 4, 1)) -> ReachMilestone:
    return ReachMilestone(milestone=id, on=on)


def test_a_milestone_of_the_plan_is_reached():
    given(*UNDER_WAY).when(reach()).then(reached("m1"))


def test_a_milestone_that_the_plan_has_not_is_not_reached():
    given(*UNDER_WAY).when(reach("m9")).then_refused("no_such_milestone", milestone="m9")


def test_a_milestone_is_reached_once():
    given(*UNDER_WAY, reached("m1")).when(reach()).then_refused("milestone_already_reached")


def test_a_milestone_is_reached_between_the_start_and_today():
    given(*UNDER_WAY).when(reach(on=date(2023, 1, 31))).then_refused("before_the_start")
    given(*UNDER_WAY).when(reach(on=date(2023, 5, 11))).then_refused("in_the_future")
    assert given(*UNDER_WAY).when(reach(on=TODAY)).refused is None
    assert given(*UNDER_WAY).when(reach(on=date(2023, 2, 1))).refused is None


def test_milestones_are_reached_while_the_work_goes_on():
    given(*APPROVED).when(reach()).then_refused("not_being_carried_out")
    given(*ACCEPTED).when(reach()).then_refused("not_being_carried_out")


def test_a_milestone_taken_back_while_acceptance_waits_is_reached_again():
    taken_back = MilestoneCorrected(milestone="m1", was=date(2023, 4, 1), on=None, reason="误填")
    given(*REQUESTED, taken_back).when(reach()).then(reached("m1"))
    accept = AcceptProject(signers=("李伟", "张敏"))
    given(*REQUESTED, taken_back).when(accept, by=REVIEWER).then_refused("milestones_open")
    assert given(*REQUESTED, taken_back, reached("m1")).when(accept, by=REVIEWER).refused is None


def test_after_a_failed_acceptance_the_start_is_still_the_first():
    history = given(*REQUESTED, by(REVIEWER, AcceptanceFailed(reason="未完工")))
    history.when(report("2023-01", 10)).then_refused("before_the_start")
    history.when(report("2023-02", 10)).then(reported("2023-02", 10))


def correct_day(on: date | None) -> CorrectMilestone:
    return CorrectMilestone(milestone="m1", on=on, reason="误填")


REACHED = (*UNDER_WAY, reached("m1"))


@pytest.mark.parametrize("on", [date(2023, 4, 3), None])
def test_the_day_of_a_milestone_is_corrected_or_taken_back(on: date | None):
    expected = MilestoneCorrected(milestone="m1", was=date(2023, 4, 1), on=on, reason="误填")
    given(*REACHED).when(correct_day(on)).then(expected)
    assert folded(PROJECT, *REACHED, expected).reached == ({"m1": on} if on else {})


def test_what_was_taken_back_is_reached_again():
    taken_back = MilestoneCorrected(milestone="m1", was=date(2023, 4, 1), on=None, reason="误填")
    given(*REACHED, taken_back).when(reach()).then(reached("m1"))
    given(*REACHED, taken_back).when(correct_day(None)).then_refused("milestone_not_reached", milestone="m1")


def test_a_milestones_correction_changes_something():
    given(*REACHED).when(correct_day(date(2023, 4, 1))).then_refused("nothing_to_correct")


def test_a_corrected_day_lies_between_the_start_and_today():
    given(*REACHED).when(correct_day(date(2023, 1, 31))).then_refused("before_the_start")
    given(*REACHED).when(correct_day(date(2023, 5, 11))).then_refused("in_the_future")


def test_milestones_are_corrected_until_the_project_is_accepted():
    assert given(*REQUESTED).when(correct_day(None)).refused is None
    given(*ACCEPTED).when(correct_day(None)).then_refused("not_being_carried_out")
