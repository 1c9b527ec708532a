"""The schedule's rows: the same whether settled every day or on due days alone, and in any order of the topics."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.alerts.lamp import Course, lamp_on, next_change
from services.alerts.schedule import Schedule, next_due, schedule_view
from shared.contracts.alert import Lamp
from shared.contracts.event import EventData
from shared.contracts.months import LAST_REPORT_DAY
from shared.contracts.progress import (
    Extended,
    ExtensionGranted,
    MilestoneCorrected,
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
    AcceptanceRequested,
    Milestone,
    PlanApproved,
    PlanReturned,
    PlanSubmitted,
    ProjectClosed,
    ProjectHandedOver,
    ProjectReopened,
    ProjectStarted,
    ProjectTerminated,
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
    terminated=st.none() | days,
)
thresholds = st.builds(
    Thresholds,
    yellow=st.just(Decimal(10)),
    red=st.just(Decimal(30)),
    start_months=st.integers(1, 4),
    near_days=st.integers(0, 40),
)


@settings(AT_LEISURE, max_examples=60)
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
REOPENED = ProjectReopened(closure="怀组销〔2023〕1号", reason="群众反映返潮")
TERMINATED = ProjectTerminated(reason="拆迁")


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


def begun(*facts: tuple[str, EventData | None]) -> Schedule:
    """The row of a project that began on 1 January, after these facts."""
    started = (("01-01", proposed()), ("01-01", submitted(PLAN)), ("01-01", APPROVED), ("01-01", ProjectStarted()))
    return row(told(("01-01", None), *started, *facts))


def lamp(schedule: Schedule) -> tuple[Lamp, str]:
    """Its lamp and the reason."""
    assert schedule.state is not None
    return schedule.state.lamp, schedule.state.reason


def test_a_granted_extension_moves_the_deadline_and_the_schedule_and_the_plan_stays() -> None:
    granted = ExtensionGranted(extension="e1", of=Extended.MILESTONE, subject="m1", due=day("05-01"))
    facts = (("02-04", reported("2023-01", "15")), ("03-04", reported("2023-02", "22")), ("03-30", granted))
    extended = begun(*facts, ("04-04", None))
    assert lamp(extended) == (Lamp.GREEN, "按序时进度推进")
    assert lamp(begun(*facts[:-1], ("04-04", None))) == (Lamp.BLUE, "2023年4月11日前应完成“节点1”")
    assert lamp(begun(*facts, ("04-24", None), ("04-04", reported("2023-03", "40"))))[0] is Lamp.BLUE
    assert extended.milestones[0].due == day("04-11")
    assert extended.state is not None
    assert extended.state.scheduled == Decimal("24.17")


def test_a_granted_extension_of_a_problem_is_its_deadline() -> None:
    found = ProblemFound(
        problem="p1", inspection="i", campaign="c", group="g", severity=Severity.MINOR, text="旧", due=day("03-15")
    )
    granted = ExtensionGranted(extension="e1", of=Extended.PROBLEM, subject="p1", due=day("03-30"))
    assert begun(("03-01", found), ("03-02", granted)).deadlines == {"p1": day("03-30")}


def test_a_milestones_corrected_day_counts_and_what_was_taken_back_is_open_again() -> None:
    reached = ("01-20", MilestoneReached(milestone="m1", on=day("01-20")))
    corrected = MilestoneCorrected(milestone="m1", was=day("01-20"), on=day("01-25"), reason="误报")
    taken_back = MilestoneCorrected(milestone="m1", was=day("01-20"), on=None, reason="误报")
    assert begun(reached, ("01-30", corrected)).reached == {"m1": day("01-25")}
    assert begun(reached, ("01-30", taken_back)).reached == {}


def test_a_terminated_project_is_grey_for_good() -> None:
    terminated = begun(("03-07", TERMINATED), ("09-01", None))
    assert lamp(terminated) == (Lamp.GREY, "2023年3月7日终止")
    assert next_due(terminated) is None
    assert terminated.state is not None
    assert terminated.state.as_of == day("02-28")


def test_a_reopened_project_has_its_lamps_again_and_owes_no_report_for_the_months_between() -> None:
    asked, reopened = ("02-20", AcceptanceRequested(summary="完成")), ("06-20", REOPENED)
    closed = (("02-04", reported("2023-01", "100")), asked, ("03-05", CLOSED))
    assert lamp(begun(*closed, ("06-01", None)))[0] is Lamp.GREY
    again = begun(*closed, reopened, ("07-05", None))
    assert again.state is not None
    assert (again.closed, again.state.lamp, again.state.as_of) == (None, Lamp.GREEN, day("01-31"))
    later = begun(*closed, reopened, ("07-06", None)).state
    assert later is not None
    assert later.as_of == day("06-30")


def test_the_lamp_of_a_project_of_a_ledger_is_of_every_month_also_of_those_that_owe_no_report() -> None:
    came = [
        ("01-01", proposed()),
        ("01-01", submitted(PLAN)),
        ("01-02", APPROVED),
        ("01-03", ProjectStarted(reports_from="2023-04")),
        ("01-31", reported("2023-01", "14")),
    ]
    for on, lamp_then, held in (("02-06", Lamp.GREEN, "01-31"), ("04-10", Lamp.RED, "03-31")):
        state = fold_all(VIEW, told((on, None), *came).events)[KEY].state
        assert state is not None
        assert (state.lamp, state.as_of) == (lamp_then, day(held))


def test_after_a_hand_over_the_successor_is_the_secretary() -> None:
    handed = ProjectHandedOver(was="secretary-1", secretary="secretary-2", reason="调任")
    assert begun(("03-01", handed)).secretary == "secretary-2"


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
    later = [Milestone(id=m.id, title=m.title, due=m.due + timedelta(days=20), weight=m.weight) for m in plan]
    extensions = [ExtensionGranted(extension="e1", of=Extended.MILESTONE, subject=m.id, due=m.due) for m in later]
    more: list[Any] = [
        st.none(),
        st.none(),
        st.builds(ProgressReported, month=months, percent=percents),
        st.builds(MilestoneReached, milestone=st.sampled_from([m.id for m in plan]), on=days),
        st.builds(ProgressCorrected, month=months, was=percents, percent=percents, reason=st.just("误报")),
        st.builds(
            MilestoneCorrected,
            milestone=st.sampled_from([m.id for m in plan]),
            was=days,
            on=st.none() | days,
            reason=st.just("误报"),
        ),
        st.sampled_from(extensions),
    ]
    facts += draw(st.lists(st.one_of(more), max_size=6))
    facts += draw(st.sampled_from([[], [CLOSED], [CLOSED, REOPENED], [TERMINATED]]))
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
