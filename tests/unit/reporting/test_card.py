"""The view `card`: what becomes of a project's row."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alerts.schedule import schedule_view
from services.reporting.views import CARD
from services.reporting.views.card import Card, ProblemState, Stage
from services.reporting.views.card_day import next_due, settle
from shared.contracts import progress as p
from shared.contracts import project as q
from tests.unit.reporting.builders import (
    Story,
    approved,
    day,
    folded,
    found,
    inspected,
    interleavings,
    proposed,
    reported,
    submitted,
)

VILLAGE = "340822100201"
LATER = st.dates(date(2023, 1, 3), date(2024, 3, 31))
PROJECT = "project-018c0000-0000-7000-8000-000000000001"


def under_way(report_day: int = 5) -> Story:
    plan = (proposed(), submitted(), approved(report_day=report_day))
    return Story(PROJECT).then("2023-01-03", *plan).then("2023-01-10", q.ProjectStarted())


def closed() -> Story:
    return (
        under_way()
        .then("2023-02-01", reported("2023-01", "10"))
        .then("2023-03-20", p.MilestoneReached(milestone="m1", on=day("2023-03-20")))
        .then("2023-06-12", inspected(), found("p1", "2023-07-01"), found("p2", "2023-07-05"))
        .then("2023-06-20", p.RectificationReported(problem="p1", text="已更新"))
        .then("2023-06-22", p.RectificationVerified(problem="p1"))
        .then("2023-06-25", p.RectificationReported(problem="p2", text="已补"))
        .then("2023-06-27", p.RectificationRefused(problem="p2", reason="数量不符", due=day("2023-07-20")))
        .then("2023-07-02", p.RectificationReported(problem="p2", text="已补齐"), p.RectificationVerified(problem="p2"))
        .then("2023-07-10", p.MilestoneReached(milestone="m2", on=day("2023-07-10")))
        .then("2023-07-11", q.AcceptanceRequested(summary="全部完成"))
        .then("2023-07-14", q.ProjectAccepted(signers=("甲",)))
        .then("2023-07-17", q.PublicNoticeIssued(number="怀组〔2023〕公示9号", ends=day("2023-07-24")))
        .then("2023-07-25", q.ProjectClosed(number="怀组销〔2023〕7号"))
    )


def test_a_proposal_says_whose_project_it_is() -> None:
    card = folded(CARD, Story(PROJECT).then("2022-11-03", proposed()).events, day("2022-11-03"))
    assert (card.owner, card.county, card.kind, card.year, card.stage) == (
        "340822101",
        "340822",
        q.ProjectKind.SECRETARY,
        2023,
        Stage.PROPOSED,
    )
    assert card.proposed == day("2022-11-03")
    assert card.percent is None


def test_a_returned_plan_that_comes_again_is_under_review_in_the_next_round() -> None:
    story = Story(PROJECT).then("2022-11-03", proposed(), submitted(), q.PlanReturned(round=1, reason="不够具体"))
    assert folded(CARD, story.events).stage is Stage.RETURNED
    again = story.then("2022-11-20", submitted(round=2, goal="五条巷子"))
    card = folded(CARD, again.events)
    assert (card.stage, card.rounds, card.goal) == (Stage.SUBMITTED, 2, "五条巷子")


def test_a_rejected_plan_is_never_approved() -> None:
    story = Story(PROJECT).then("2022-11-03", proposed(), submitted(), q.PlanRejected(round=1, reason="重复"))
    card = folded(CARD, story.events)
    assert (card.stage, card.approved) == (Stage.REJECTED, None)


def test_a_closed_project_has_all_its_days_and_is_done_whole() -> None:
    card = folded(CARD, closed().events, day("2023-08-22"))
    assert card.stage is Stage.CLOSED
    assert (card.approved, card.started, card.requested) == (day("2023-01-03"), day("2023-01-10"), day("2023-07-11"))
    assert (card.accepted, card.announced, card.closed) == (day("2023-07-14"), day("2023-07-17"), day("2023-07-25"))
    assert (card.number, card.closure) == ("怀组〔2023〕86号", "怀组销〔2023〕7号")
    assert card.percent == 100
    assert next_due(card) is None


def test_a_failed_acceptance_puts_the_project_back_to_work() -> None:
    story = under_way().then("2023-07-11", q.AcceptanceRequested(summary="完成"), q.AcceptanceFailed(reason="漏项"))
    card = folded(CARD, story.events)
    assert (card.stage, card.requested) == (Stage.STARTED, None)


def test_percent_is_the_latest_months_report() -> None:
    story = under_way().then("2023-03-01", reported("2023-02", "30")).then("2023-03-02", reported("2023-01", "10"))
    assert folded(CARD, story.events, day("2023-03-06")).percent == Decimal(30)


def test_a_correction_takes_the_reports_place_and_keeps_the_old_value() -> None:
    corrected = p.ProgressCorrected(month="2023-02", was=Decimal(30), percent=Decimal(24), reason="重复计入")
    story = under_way().then("2023-03-01", reported("2023-02", "30")).then("2023-03-09", corrected)
    card = folded(CARD, story.events, day("2023-03-09"))
    assert card.percent == Decimal(24)
    assert card.reports[-1].was == Decimal(30)


def test_milestones_reached_after_the_report_count_by_their_weight_where_a_months_report_is_missing() -> None:
    reached = p.MilestoneReached(milestone="m1", on=day("2023-03-20"))
    story = under_way().then("2023-03-01", reported("2023-02", "30")).then("2023-03-20", reached)
    percent = {on: folded(CARD, story.events, day(on)).percent for on in ("2023-04-05", "2023-04-06")}
    assert percent == {"2023-04-05": Decimal(30), "2023-04-06": Decimal(40)}


def test_a_report_or_its_correction_may_say_less_than_the_milestones_reached_by_its_month() -> None:
    reached = p.MilestoneReached(milestone="m1", on=day("2023-03-20"))
    story = under_way().then("2023-03-20", reached).then("2023-04-01", reported("2023-03", "45"))
    lower = p.ProgressCorrected(month="2023-03", was=Decimal(45), percent=Decimal(25), reason="误报")
    assert folded(CARD, story.then("2023-04-02", lower).events, day("2023-04-06")).percent == Decimal(25)


def test_an_inspection_is_of_the_township_that_the_project_lies_in() -> None:
    for unit, township in ((VILLAGE[:9], VILLAGE[:9]), ("340822", ""), ("340822-D0001", "")):
        visit = inspected().model_copy(update={"township": unit})
        assert folded(CARD, under_way().then("2023-06-12", visit).events).inspections[0].township == township


def test_a_problem_lives_from_found_to_verified_and_a_refusal_sets_a_new_deadline() -> None:
    story = under_way().then("2023-06-12", inspected(), found("p1", "2023-07-01"))
    assert folded(CARD, story.events).problems[0].state is ProblemState.FOUND
    story.then("2023-06-20", p.RectificationReported(problem="p1", text="已改"))
    assert folded(CARD, story.events).problems[0].state is ProblemState.RECTIFIED
    story.then("2023-06-22", p.RectificationRefused(problem="p1", reason="不实", due=day("2023-07-20")))
    refused = folded(CARD, story.events).problems[0]
    assert (refused.state, refused.due) == (ProblemState.FOUND, day("2023-07-20"))
    story.then("2023-07-01", p.RectificationVerified(problem="p1"))
    assert folded(CARD, story.events).open_problems == 0


def test_a_problem_is_overdue_from_the_day_after_its_deadline() -> None:
    story = under_way().then("2023-06-12", inspected(), found("p1", "2023-07-01"), found("p2", "2023-07-05"))
    overdue = {on: folded(CARD, story.events, day(on)).overdue for on in ("2023-07-01", "2023-07-02", "2023-07-06")}
    assert overdue == {"2023-07-01": 0, "2023-07-02": 1, "2023-07-06": 2}


@pytest.mark.parametrize(
    ("on", "held"),
    [
        ("2023-02-05", "2023-01-10"),
        ("2023-02-06", "2023-01-31"),
        ("2023-08-05", "2023-06-30"),
        ("2023-08-06", "2023-07-31"),
        ("2024-03-06", "2024-02-29"),
    ],
)
def test_progress_is_held_against_the_last_month_end_whose_report_was_due(on: str, held: str) -> None:
    assert folded(CARD, under_way().events, day(on)).held == day(held)


def test_reports_are_due_on_the_day_that_was_set_when_the_plan_was_approved() -> None:
    held = {on: folded(CARD, under_way(28).events, day(on)).held for on in ("2023-02-28", "2023-03-01", "2023-03-29")}
    assert list(held.values()) == [day("2023-01-10"), day("2023-01-31"), day("2023-02-28")]


def test_a_report_that_came_early_counts_when_it_is_due() -> None:
    story = under_way().then("2023-03-01", reported("2023-02", "20")).then("2023-03-31", reported("2023-03", "30"))
    early, due = (folded(CARD, story.events, day(on)) for on in ("2023-04-05", "2023-04-06"))
    assert (early.held, early.percent) == (day("2023-02-28"), Decimal(20))
    assert (due.held, due.scheduled, due.percent) == (day("2023-03-31"), Decimal(40), Decimal(30))


def test_who_awaits_acceptance_stays_held_against_the_last_month_end_with_a_report_due() -> None:
    story = under_way().then("2023-05-02", q.AcceptanceRequested(summary="完成"))
    assert folded(CARD, story.events, day("2023-07-10")).held == day("2023-03-31")
    failed = story.then("2023-06-01", q.AcceptanceFailed(reason="漏项"))
    assert folded(CARD, failed.events, day("2023-07-10")).held == day("2023-06-30")


REOPENED = q.ProjectReopened(closure="怀组销〔2023〕7号", reason="群众反映返潮")


def turned() -> Story:
    """A life with everything in it that changes what was said before."""
    granted = p.ExtensionGranted(extension="e1", of=p.Extended.MILESTONE, subject="m2", due=day("2024-01-20"))
    of_problem = p.ExtensionGranted(extension="e2", of=p.Extended.PROBLEM, subject="p3", due=day("2024-02-01"))
    taken_back = p.MilestoneCorrected(milestone="m2", was=day("2023-07-10"), on=None, reason="误报")
    return (
        closed()
        .then("2023-09-01", REOPENED, taken_back, found("p3", "2024-01-10"))
        .then("2023-11-02", q.ProjectHandedOver(was="wang", secretary="li", reason="调任"), granted, of_problem)
        .then("2023-11-03", q.ProjectCarriedOver(year=2024, reason="汛期停工"))
        .then("2024-01-05", q.ProjectTerminated(reason="拆迁"))
    )


def test_a_reopened_project_is_carried_out_and_keeps_its_closing() -> None:
    card = folded(CARD, closed().then("2023-09-01", REOPENED).events, day("2023-09-20"))
    assert (card.stage, card.closed, card.closure) == (Stage.STARTED, None, "")
    assert (card.requested, card.accepted, card.announced, card.notice_ends) == (None,) * 4
    [closing] = card.closings
    assert (closing.number, closing.day, closing.reopened) == (
        "怀组销〔2023〕7号",
        day("2023-07-25"),
        day("2023-09-01"),
    )
    assert card.reopened_from == ("怀组销〔2023〕7号",)
    assert card.held == day("2023-06-30")
    assert next_due(card) == day("2023-10-06")
    assert settle(card, day("2023-10-06")).held == day("2023-09-30")
    again = closed().then("2023-09-01", REOPENED).then("2023-10-01", q.ProjectClosed(number="怀组销〔2023〕9号"))
    assert folded(CARD, again.events).closure == "怀组销〔2023〕9号"


def test_a_terminated_project_stays_as_it_was_at_its_end_and_is_overdue_in_nothing() -> None:
    story = under_way().then("2023-06-12", inspected(), found("p1", "2023-07-01"))
    story.then("2023-06-20", q.ProjectTerminated(reason="拆迁"))
    card = folded(CARD, story.events, day("2023-12-06"))
    assert (card.stage, card.terminated, card.approved) == (Stage.TERMINATED, day("2023-06-20"), day("2023-01-03"))
    assert (card.held, card.overdue, next_due(card)) == (day("2023-05-31"), 0, None)


def test_a_withdrawn_project_is_no_more_under_review() -> None:
    story = Story(PROJECT).then("2022-11-03", proposed(), submitted(), q.ProjectWithdrawn(reason="资金没有落实"))
    assert folded(CARD, story.events).stage is Stage.WITHDRAWN


def test_a_hand_over_and_a_carry_over_change_the_responsible_and_the_year_and_no_more() -> None:
    story = under_way().then("2023-11-02", q.ProjectHandedOver(was="wang", secretary="li", reason="调任"))
    story.then("2023-11-03", q.ProjectCarriedOver(year=2024, reason="汛期停工"))
    card = folded(CARD, story.events)
    assert (card.secretary, card.year, card.carried_into, card.stage) == ("li", 2023, 2024, Stage.STARTED)


def test_a_granted_day_is_what_a_milestone_is_due_by_and_the_plan_keeps_its_own() -> None:
    granted = p.ExtensionGranted(extension="e1", of=p.Extended.MILESTONE, subject="m1", due=day("2023-04-20"))
    card = folded(CARD, under_way().then("2023-03-10", granted).events, day("2023-04-06"))
    before = folded(CARD, under_way().events, day("2023-04-06"))
    assert [m.due for m in card.milestones] == [m.due for m in before.milestones]
    assert card.timed[0].due == day("2023-04-20")
    assert card.scheduled < before.scheduled


def test_a_granted_deadline_of_a_problem_holds_and_the_first_is_kept() -> None:
    story = under_way().then("2023-06-12", inspected(), found("p1", "2023-07-01"))
    granted = p.ExtensionGranted(extension="e1", of=p.Extended.PROBLEM, subject="p1", due=day("2023-07-20"))
    card = folded(CARD, story.then("2023-06-25", granted).events, day("2023-07-10"))
    assert (card.problems[0].due, card.problems[0].first_due) == (day("2023-07-20"), day("2023-07-01"))
    assert (card.overdue, next_due(card)) == (0, day("2023-07-21"))


@pytest.mark.parametrize("on", ["2023-03-25", None])
def test_a_corrected_day_of_a_milestone_takes_the_place_of_the_old_one(on: str | None) -> None:
    story = under_way().then("2023-03-20", p.MilestoneReached(milestone="m1", on=day("2023-03-20")))
    corrected = p.MilestoneCorrected(milestone="m1", was=day("2023-03-20"), on=day(on) if on else None, reason="误报")
    reached = folded(CARD, story.then("2023-03-26", corrected).events).reached
    assert [each.on for each in reached] == ([day(on)] if on else [])


@given(st.data())
def test_a_project_is_held_against_what_its_lamp_is_decided_on(data: st.DataObject) -> None:
    story = Story(PROJECT).then(
        "2023-01-03", proposed(), submitted(), approved(report_day=data.draw(st.integers(1, 28)))
    )
    told: list[tuple[date, Any]] = []
    for month, percent in data.draw(st.dictionaries(st.integers(1, 12), st.integers(0, 100))).items():
        told.append((data.draw(LATER), reported(f"2023-{month:02}", str(percent))))
    for milestone in data.draw(st.sets(st.sampled_from(("m1", "m2")))):
        on = data.draw(LATER)
        told.append((on, p.MilestoneReached(milestone=milestone, on=on)))
    if data.draw(st.booleans()):
        told.append((data.draw(LATER), q.ProjectStarted()))
        asked = data.draw(LATER)
        told.append((asked, q.AcceptanceRequested(summary="完成")))
        if data.draw(st.booleans()):
            told.append((data.draw(LATER.filter(lambda on: on >= asked)), q.AcceptanceFailed(reason="漏项")))
        if data.draw(st.booleans()):
            told.append((data.draw(LATER), q.ProjectTerminated(reason="拆迁")))
    for milestone in data.draw(st.sets(st.sampled_from(("m1", "m2")))):
        due = data.draw(LATER)
        granted = p.ExtensionGranted(extension=milestone, of=p.Extended.MILESTONE, subject=milestone, due=due)
        told.append((data.draw(LATER), granted))
    for on, fact in sorted(told, key=lambda each: each[0]):
        story.then(on.isoformat(), fact)
    today = data.draw(LATER)
    card = folded(CARD, story.events, today)
    state = folded(schedule_view({}), story.events, today).state
    assert state is not None
    assert (card.held, card.percent or 0, card.scheduled) == (state.as_of, state.actual, state.scheduled)


def test_a_closed_project_stays_held_against_the_day_of_closing() -> None:
    assert folded(CARD, closed().events, day("2024-03-06")).held == day("2023-07-25")


def test_scheduled_percent_is_that_of_the_month_end() -> None:
    assert folded(CARD, under_way().events, day("2023-04-20")).scheduled == Decimal(40)


def test_a_project_that_is_not_approved_is_held_against_nothing() -> None:
    card = folded(CARD, Story(PROJECT).then("2023-01-03", proposed(), submitted()).events, day("2023-04-20"))
    assert (card.held, card.scheduled, next_due(card)) == (None, None, None)


def test_an_approved_project_is_settled_as_soon_as_a_first_day_begins() -> None:
    assert next_due(folded(CARD, under_way().events, None)) == day("2023-01-03")


DAYS = st.dates(date(2022, 12, 1), date(2024, 6, 30))


@given(DAYS, st.integers(1, 200), st.integers(1, 28))
def test_a_row_that_is_folded_when_due_is_as_one_folded_every_day(start: date, days: int, report_day: int) -> None:
    story = under_way(report_day).then("2023-06-12", inspected(), found("p1", "2023-07-01"), found("p2", "2023-07-05"))
    row: Card = folded(CARD, story.events, start)
    for n in range(1, days):
        today = start + timedelta(days=n)
        due = next_due(row)
        if due is not None and due <= today:
            row = settle(row, today)
        assert row == settle(row, today)


@given(st.data())
def test_any_interleaving_of_the_two_topics_gives_the_same_row(data: st.DataObject) -> None:
    events = turned().events
    order = data.draw(interleavings(events))
    today = data.draw(st.none() | DAYS)
    assert folded(CARD, order, today) == folded(CARD, events, today)


def test_settling_twice_changes_nothing() -> None:
    card = folded(CARD, closed().events, day("2023-06-30"))
    assert settle(card, day("2023-06-30")) == card


def test_a_card_keeps_the_refused_rounds_and_the_opinions_that_ask_for_a_change() -> None:
    asks, remarks = q.OpinionKind.CHANGE, q.OpinionKind.REMARK
    story = Story(PROJECT).then("2022-11-03", proposed(), submitted())
    for n, kind in enumerate((asks, remarks, asks), 1):
        opinion = q.OpinionGiven(opinion=f"o{n}", round=1, criterion=q.Criterion.SMALL, kind=kind, text=f"意见{n}")
        story.then(f"2022-11-0{n + 3}", opinion)
    story.then("2022-11-08", q.PlanReturned(round=1, reason="请改"), submitted(2))
    story.then("2022-11-20", q.PlanRejected(round=2, reason="重复"))
    card = folded(CARD, story.events)
    assert [(change.id, change.text, change.day) for change in card.changes] == [
        ("o1", "意见1", day("2022-11-04")),
        ("o3", "意见3", day("2022-11-06")),
    ]
    assert [(refusal.round, refusal.rejected, refusal.day) for refusal in card.refusals] == [
        (1, False, day("2022-11-08")),
        (2, True, day("2022-11-20")),
    ]
    times = {event.type: event.time for event in story.events}
    assert [refusal.recorded for refusal in card.refusals] == [times[q.PlanReturned.type], times[q.PlanRejected.type]]
