"""The schedule's rows: the same whether settled every day or on due days alone, and in any order of the topics."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alerts.lamp import Course, lamp_on, next_change
from services.alerts.schedule import Schedule, next_due, schedule_view
from shared.contracts.alert import Lamp
from shared.contracts.event import EventData
from shared.contracts.months import LAST_REPORT_DAY
from shared.contracts.progress import (
    MilestoneReached,
    ProblemFound,
    ProgressCorrected,
    ProgressReported,
    RectificationRefused,
    RectificationReported,
    RectificationVerified,
    Severity,
)
from shared.contracts.project import (
    Milestone,
    PlanApproved,
    PlanReturned,
    PlanSubmitted,
    ProjectClosed,
    ProjectStarted,
)
from shared.lamps import DEFAULT, Thresholds
from shared.settings import Rules
from tests.projecting import History, assert_any_order_and_twice, fold_all, interleavings
from tests.unit.alerts.build import COUNTY, PLAN, day, milestones
from tests.unit.registry.builders import FOUR_ONES, proposed
from tests.unit.registry.dsl import AT_LEISURE

KEY = "project-0190a1b2-0000-7000-8000-000000000001"
VIEW = schedule_view({})
FIRST = date(2023, 1, 1)

days = st.integers(0, 200).map(lambda n: FIRST + timedelta(days=n))
percents = st.decimals(0, 100, places=1)
months = st.integers(1, 7).map(lambda n: f"2023-{n:02}")
plans = st.lists(days, min_size=1, max_size=3).map(
    lambda due: milestones(*((d.isoformat(), w) for d, w in zip(sorted(due), ("30", "30.5", "39.5"), strict=False)))
)
reached = st.dictionaries(st.sampled_from(["m1", "m2", "m3"]), days, max_size=3)
courses = st.builds(
    Course,
    days,
    plans,
    days,
    st.none() | days,
    st.none() | days,
    st.dictionaries(months, percents, max_size=7),
    reached,
    st.dictionaries(st.sampled_from(["p1", "p2"]), days, max_size=2),
    st.integers(1, LAST_REPORT_DAY),
)
thresholds = st.builds(
    Thresholds,
    yellow=st.just(Decimal(10)),
    red=st.just(Decimal(30)),
    start_months=st.integers(1, 4),
    near_days=st.integers(0, 40),
)


@AT_LEISURE
@given(courses, thresholds)
def test_a_lamp_that_is_decided_on_its_due_days_alone_is_that_of_every_day(course: Course, limits: Thresholds) -> None:
    kept = lamp_on(course, FIRST, limits)
    due = next_change(course, FIRST, limits)
    for n in range(1, 280):
        today = FIRST + timedelta(days=n)
        if due is not None and due <= today:
            assert due == today
            kept, due = lamp_on(course, today, limits), next_change(course, today, limits)
        assert kept == lamp_on(course, today, limits), today
        assert due == next_change(course, today, limits), today


def submitted(plan: tuple[Milestone, ...], starts: date = FIRST) -> PlanSubmitted:
    """A plan with these milestones."""
    return PlanSubmitted(
        round=1,
        goal="点亮背街小巷",
        measures=("每月推进",),
        starts=starts,
        ends=max(milestone.due for milestone in plan),
        four_ones=FOUR_ONES,
        milestones=plan,
    )


def reported(month: str, percent: str) -> ProgressReported:
    """A month's report."""
    return ProgressReported(month=month, percent=Decimal(percent))


APPROVED = PlanApproved(round=1, number="怀组〔2023〕1号")
CLOSED = ProjectClosed(number="怀组销〔2023〕1号")


def told(*facts: tuple[str, EventData | None]) -> History:
    """A project with these facts on these days; None lets the day begin."""
    history = History()
    for text, fact in facts:
        if fact is None:
            history.begin_day(day(text))
        else:
            history.tell(KEY, fact, on=day(text))
    return history


def row(history: History) -> Schedule:
    """The row that the view makes of it."""
    return fold_all(VIEW, history.events)[KEY]


def test_there_is_no_lamp_before_approval() -> None:
    waiting = row(told(("01-02", None), ("01-02", proposed()), ("01-03", submitted(PLAN))))
    assert (waiting.state, next_due(waiting)) == (None, None)


def test_the_lamp_is_held_against_the_months_whose_reports_are_due_by_the_day_in_the_approval() -> None:
    for report_day, as_of in ((5, "01-31"), (10, "01-02")):
        approved = PlanApproved(round=1, number="怀组〔2023〕1号", report_day=report_day)
        facts = (("01-01", proposed()), ("01-01", submitted(PLAN)), ("01-02", approved), ("01-02", ProjectStarted()))
        state = row(told(*facts, ("02-06", None))).state
        assert state is not None
        assert state.as_of == day(as_of)


def test_the_plan_that_counts_is_the_last_one_submitted() -> None:
    later = milestones(("05-01", "100"))
    history = told(
        ("01-02", submitted(PLAN)),
        ("01-03", PlanReturned(round=1, reason="再细化")),
        ("01-04", submitted(later, day("01-04"))),
        ("01-05", APPROVED),
    )
    assert (row(history).milestones, row(history).starts) == (later, day("01-04"))


def test_what_is_approved_before_any_day_began_waits_for_the_first() -> None:
    history = told(("01-02", proposed()), ("01-02", submitted(PLAN)), ("01-03", APPROVED))
    assert (row(history).state, next_due(row(history))) == (None, date.min)
    history.begin_day(day("01-04"))
    first = row(history)
    assert first.state is not None
    assert (first.state.lamp, next_due(first)) == (Lamp.GREEN, day("04-04"))


def test_a_lamp_changes_by_events_and_by_days() -> None:
    history = told(("01-01", None), ("01-01", proposed()), ("01-01", submitted(PLAN)), ("01-02", APPROVED))
    lamps: list[Lamp | None] = []
    for text, fact in (
        ("01-03", ProjectStarted()),
        ("02-03", reported("2023-01", "15")),
        ("03-06", None),
        ("03-07", reported("2023-02", "29")),
        ("04-01", MilestoneReached(milestone="m1", on=day("03-31"))),
        ("04-06", None),
        ("04-07", reported("2023-03", "10")),
        ("04-08", ProgressCorrected(month="2023-03", was=Decimal(10), percent=Decimal(50), reason="误报")),
        ("04-20", CLOSED),
    ):
        if fact is None:
            history.begin_day(day(text))
        else:
            history.tell(KEY, fact, on=day(text))
        state = row(history).state
        lamps.append(state and state.lamp)
    g, y, r = Lamp.GREEN, Lamp.YELLOW, Lamp.RED
    assert lamps == [g, g, y, g, g, g, r, g, Lamp.GREY]


def test_a_problem_waits_for_its_deadline_until_its_rectification_is_reported() -> None:
    found = ProblemFound(
        problem="p1",
        inspection="i1",
        campaign="c1",
        group="g1",
        severity=Severity.MINOR,
        text="公示栏没有更新",
        due=day("03-15"),
    )
    history = told(("03-01", None), ("01-01", proposed()), ("01-01", submitted(PLAN)), ("01-02", APPROVED))
    history.tell(KEY, ProjectStarted(), on=day("02-20"))
    waiting: list[dict[str, date]] = []
    for fact in (
        found,
        RectificationReported(problem="p1", text="已更新"),
        RectificationRefused(problem="p1", reason="不属实", due=day("03-25")),
        RectificationReported(problem="p1", text="已更新"),
        RectificationVerified(problem="p1"),
    ):
        history.tell(KEY, fact, on=day("03-02"))
        waiting.append(dict(row(history).deadlines))
    assert waiting == [{"p1": day("03-15")}, {}, {"p1": day("03-25")}, {}, {}]


def test_the_thresholds_are_those_of_the_county() -> None:
    view = schedule_view({COUNTY: Thresholds(yellow=Decimal(20))})
    facts = [
        ("03-10", None),
        ("01-01", proposed()),
        ("01-01", submitted(PLAN)),
        ("01-02", APPROVED),
        ("01-03", ProjectStarted()),
        ("02-03", reported("2023-01", "14")),
    ]
    history = told(*facts)
    for thresholds_of, lamp in ((VIEW, Lamp.YELLOW), (view, Lamp.GREEN)):
        state = fold_all(thresholds_of, history.events)[KEY].state
        assert state is not None
        assert state.lamp is lamp


def test_thresholds_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Rules().lamp_thresholds == {}
    monkeypatch.setenv("GUATU_LAMP_THRESHOLDS", '{"340822": {"yellow": "15", "near_days": 5}}')
    assert Rules().lamp_thresholds == {COUNTY: Thresholds(yellow=Decimal(15), near_days=5)}
    assert (DEFAULT.yellow, DEFAULT.red, DEFAULT.start_months, DEFAULT.near_days) == (10, 30, 3, 7)


@st.composite
def lives(draw: st.DrawFn) -> History:
    """A project's life in order, with days that begin between its facts."""
    plan = draw(plans)
    facts: list[EventData | None] = [proposed(), submitted(plan), APPROVED, ProjectStarted()]
    more: list[Any] = [
        st.none(),
        st.none(),
        st.builds(ProgressReported, month=months, percent=percents),
        st.builds(MilestoneReached, milestone=st.sampled_from([m.id for m in plan]), on=days),
        st.builds(ProgressCorrected, month=months, was=percents, percent=percents, reason=st.just("误报")),
    ]
    facts += draw(st.lists(st.one_of(more), max_size=6))
    facts += draw(st.sampled_from([[], [CLOSED]]))
    history, today = History(), FIRST
    for fact in facts:
        today += timedelta(days=draw(st.integers(0, 45)))
        if fact is None:
            history.begin_day(today)
        else:
            history.tell(KEY, fact, on=today)
    return history


@AT_LEISURE
@given(st.data())
def test_any_order_of_the_topics_gives_the_same_row_and_so_do_copies(data: st.DataObject) -> None:
    history = data.draw(lives())
    assert_any_order_and_twice(VIEW, history, data.draw(interleavings(history.by_topic())))
