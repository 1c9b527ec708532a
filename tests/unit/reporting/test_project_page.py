"""A project's page: steps, problems, charts and events, from its rows alone."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from services.reporting.charts import NARROW, WIDE, curve, gantt
from services.reporting.project_page import persons_in, project_page, steps
from services.reporting.projects import Known
from services.reporting.views import CARD, HISTORY
from services.reporting.views.card import Card
from shared.contracts import progress as p
from shared.contracts import project as q
from shared.contracts.event import PREFIX, upcaster
from shared.web.pages import StepState
from tests.unit.reporting.builders import Story, day, folded, found, inspected, proposed, reported, submitted
from tests.unit.reporting.test_card import PROJECT, closed, under_way

TODAY = day("2023-08-22")


def card(story: Story, today: date = TODAY) -> Card:
    return folded(CARD, story.events, today)


def page(story: Story, **names: str) -> Any:
    known = Known(card(story), folded(HISTORY, story.events), None)
    return project_page(known, names, TODAY)


def states(story: Story) -> str:
    letters = {StepState.DONE: "d", StepState.CURRENT: "c", StepState.FUTURE: "f"}
    return "".join(letters[step.state] for step in steps(card(story)))


def test_the_steps_follow_the_projects_life() -> None:
    story = Story(PROJECT).then("2022-11-03", proposed(), submitted())
    assert states(story) == "cfff"
    assert states(under_way()) == "dcff"
    asked = under_way().then("2023-07-11", q.AcceptanceRequested(summary="完成"))
    assert states(asked) == "ddcf"
    assert states(asked.then("2023-07-14", q.ProjectAccepted(signers=("甲",)))) == "dddc"
    assert states(closed()) == "dddd"


def test_the_current_step_says_how_a_project_came_to_its_end_or_began_again() -> None:
    def said(story: Story) -> list[str]:
        return [line for step in steps(card(story)) if step.state is StepState.CURRENT for line in step.lines]

    proposal = Story(PROJECT).then("2022-11-03", proposed(), submitted())
    assert "已撤回" in said(proposal.then("2022-11-05", q.ProjectWithdrawn(reason="重复")))
    assert "已终止" in said(under_way().then("2023-07-11", q.ProjectTerminated(reason="拆迁")))
    again = closed()
    number = card(again).closure
    assert "重新启动" in said(again.then("2023-08-20", q.ProjectReopened(closure=number, reason="返潮")))
    assert not {"已终止", "重新启动"} & set(said(under_way()))


def test_open_problems_come_first_and_say_how_late_they_are() -> None:
    story = under_way().then("2023-06-12", inspected(), found("a", "2023-09-01"), found("b", "2023-07-01"))
    story.then("2023-06-20", p.RectificationReported(problem="b", text="已改"), p.RectificationVerified(problem="b"))
    story.then("2023-06-21", found("c", "2023-08-20"), p.RectificationReported(problem="c", text="已改"))
    problems = page(story).problems
    assert [(line.word, line.colour, line.left) for line in problems] == [
        ("待核验　已逾期", "red", "逾期 2 天"),
        ("待整改", "yellow", "还有 10 天"),
        ("已核验", "green", "—"),
    ]


def test_events_name_who_did_them_and_for_whom() -> None:
    shown = page(under_way(), wang="程亮")
    assert (shown.secretary, shown.events[0].what, shown.events[0].who) == ("程　亮", "开始实施", "程　亮")
    assert [happened.version for happened in shown.events] == [4, 3, 2, 1]
    assert persons_in(Known(card(under_way()), folded(HISTORY, under_way().events), None)) == {"wang"}


def test_a_started_project_without_a_report_has_done_nothing() -> None:
    assert page(under_way()).pace.actual == 0
    assert page(Story(PROJECT).then("2023-01-03", proposed())).pace.actual is None


def test_a_plan_is_drawn_from_its_start_to_its_end_with_today_between() -> None:
    chart = gantt(card(under_way()), TODAY)
    assert chart is not None
    assert chart.bars[0].planned.x == WIDE.left
    assert chart.bars[1].planned.x == chart.bars[0].planned.x + chart.bars[0].planned.width
    assert chart.today is not None
    assert WIDE.left < chart.today.x < WIDE.right
    assert [tick.word for tick in chart.months] == [f"{month}月" for month in range(1, 9)]
    assert gantt(card(Story(PROJECT).then("2023-01-03", proposed())), TODAY) is None


@pytest.mark.parametrize(
    ("reached", "note", "late"),
    [("2023-03-20", "", False), ("2023-04-10", "晚 10 天", True), (None, "逾期 144 天", True)],
)
def test_a_milestone_is_late_from_its_due_day_on(reached: str | None, note: str, late: bool) -> None:
    story = under_way()
    if reached:
        story.then(reached, p.MilestoneReached(milestone="m1", on=day(reached)))
    chart = gantt(card(story), TODAY)
    assert chart is not None
    assert (chart.bars[0].note, chart.bars[0].late is not None) == (note, late)


def test_a_milestone_that_is_not_begun_has_no_bar() -> None:
    chart = gantt(card(under_way()), TODAY)
    assert chart is not None
    assert chart.bars[0].actual is not None
    assert chart.bars[1].actual is None
    assert chart.bars[1].note == "还有 9 天"


def test_the_curve_has_a_dot_a_report_and_shows_what_was_corrected() -> None:
    story = under_way().then("2023-02-01", reported("2023-01", "10")).then("2023-03-01", reported("2023-02", "30"))
    story.then(
        "2023-03-09", p.ProgressCorrected(month="2023-02", was=Decimal(30), percent=Decimal(24), reason="重复计入")
    )
    chart = curve(card(story), TODAY)
    assert chart is not None
    assert [(dot.word, dot.corrected) for dot in chart.dots] == [("2023-01 10%", False), ("2023-02 24%", True)]
    assert chart.dots[0].y > chart.dots[1].y
    assert chart.actual == " ".join(f"{dot.x},{dot.y}" for dot in chart.dots)


def test_both_lines_are_labelled_at_the_last_report_and_apart() -> None:
    chart = curve(card(under_way().then("2023-02-01", reported("2023-01", "1"))), TODAY)
    assert chart is not None
    due, done = chart.labels
    assert done.word == "实际 1.0%"
    assert due.word.startswith("序时 ")
    assert done.y - due.y >= 30
    ahead = curve(card(under_way().then("2023-02-01", reported("2023-01", "99"))), TODAY)
    assert ahead is not None
    assert ahead.labels[0].y - ahead.labels[1].y >= 30


def test_opinions_of_all_rounds_say_whether_they_were_answered() -> None:
    story = Story(PROJECT).then("2022-11-03", proposed(), submitted())
    story.then("2022-11-04", opinion("o1", q.OpinionKind.CHANGE), opinion("o2", q.OpinionKind.CHANGE))
    story.then("2022-11-05", q.OpinionAnswered(opinion="o1", answer="已补充"), opinion("o3", q.OpinionKind.REMARK))
    assert [(line.word, line.answer) for line in page(story).opinions] == [
        ("建议", ""),
        ("待答复", ""),
        ("已答复", "已补充"),
    ]


@upcaster("test.opinion-given.v1", q.OpinionGiven.type.removeprefix(PREFIX))
def _with_a_kind(data: dict[str, Any]) -> dict[str, Any]:
    return {"kind": q.OpinionKind.REMARK, **data}


def test_an_event_that_was_kept_before_its_type_changed_is_still_told() -> None:
    story = Story(PROJECT).then("2022-11-03", proposed(), opinion("o1", q.OpinionKind.REMARK))
    history = folded(HISTORY, story.events)
    first, given = history.life
    old = replace(given, type=f"{PREFIX}test.opinion-given.v1", data={**given.data})
    del old.data["kind"]
    told = project_page(Known(card(story), replace(history, life=(first, old)), None), {}, TODAY)
    assert [line.text for line in told.opinions] == ["请补充"]
    assert told.events[0].what == page(story).events[0].what


def opinion(id: str, kind: q.OpinionKind) -> q.OpinionGiven:
    return q.OpinionGiven(opinion=id, round=1, criterion=q.Criterion.SMALL, kind=kind, text="请补充")


def test_a_closed_project_ends_at_a_hundred() -> None:
    chart = curve(card(closed()), TODAY)
    assert chart is not None
    assert (chart.dots[-1].y, chart.dots[-1].word) == (16.0, "2023-07-25 销号 100%")


def test_on_a_phone_the_charts_stay_within_its_width_and_words_have_room() -> None:
    told = card(under_way().then("2023-02-01", reported("2023-01", "10")))
    bars, line = gantt(told, TODAY, NARROW), curve(told, TODAY, NARROW)
    assert bars is not None
    assert line is not None
    assert all(NARROW.left <= bar.planned.x and bar.planned.x + bar.planned.width <= NARROW.width for bar in bars.bars)
    ticks = [tick.x for tick in bars.months]
    assert all(after - before >= 40 for before, after in pairwise(ticks))
    assert all(NARROW.left <= label.x <= NARROW.right - 76 for label in line.labels)
