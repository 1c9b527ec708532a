"""A lamp by the rules: what it is held against, its borders, its days."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from services.alerts.lamp import Course, next_change
from shared.contracts.alert import Lamp
from shared.contracts.schedule import last_month_due, percent_done
from shared.lamps import DEFAULT, Thresholds
from tests.unit.alerts.build import course, day, milestones, on


def due(of: Course, on: date) -> str | None:
    """The last month that a report was due for."""
    return last_month_due(of.reporting, on)


def done(of: Course, by: date) -> Decimal:
    """What was done by a month end."""
    return percent_done(of.milestones, of.reached, of.reports, by)


# By the plan 15% are due on 31 January, 29% on 28 February, 44.5% on 31 March.


def test_a_project_is_held_against_the_last_month_end_that_a_report_was_due_for() -> None:
    january = course(reports={"2023-01": "15"})
    assert [due(january, day(text)) for text in ("02-05", "02-06", "03-05", "03-06")] == [
        None,
        "2023-01",
        "2023-01",
        "2023-02",
    ]
    assert (on("02-06", january).as_of, on("02-06", january).scheduled) == (day("01-31"), 15)


def test_reports_are_due_on_the_day_that_was_set_when_the_plan_was_approved() -> None:
    later = course(reports={"2023-01": "15"}, report_day=28)
    assert [due(later, day(text)) for text in ("02-28", "03-01", "03-28", "03-29")] == [
        None,
        "2023-01",
        "2023-01",
        "2023-02",
    ]
    assert [next_change(course(plan=(), report_day=n), day("02-20"), DEFAULT) for n in (19, 20, 28)] == [
        day("03-20"),
        day("02-21"),
        day("03-01"),
    ]


def test_nobody_is_behind_before_the_first_report_is_due() -> None:
    late = course(started="03-15")
    assert (on("04-05", late).lamp, on("04-05", late).as_of) == (Lamp.BLUE, day("03-15"))
    assert (on("04-05", late).scheduled, on("04-05", late).actual) == (Decimal("36.5"), 0)
    assert (on("04-06", late).lamp, on("04-06", late).as_of) == (Lamp.RED, day("03-31"))
    unstarted = course(started=None)
    assert (due(unstarted, day("03-01")), on("03-01", unstarted).as_of) == (None, day("2022-12-20"))


def test_a_report_that_is_not_due_yet_does_not_count_yet() -> None:
    early = course(reports={"2023-01": "1", "2023-02": "90"})
    assert on("02-20", early).actual == 1
    assert on("03-06", early).actual == 90


@pytest.mark.parametrize(
    ("percent", "lamp"),
    [
        ("45", Lamp.GREEN),
        ("34.51", Lamp.GREEN),
        ("34.5", Lamp.YELLOW),
        ("14.5", Lamp.YELLOW),
        ("14.49", Lamp.RED),
        ("0", Lamp.RED),
    ],
)
def test_yellow_begins_10_points_behind_and_red_beyond_30(percent: str, lamp: Lamp) -> None:
    found = on("04-12", course(reports={"2023-03": percent}))
    assert (found.lamp, found.scheduled, found.actual) == (lamp, Decimal("44.5"), Decimal(percent))


def test_thresholds_are_configuration() -> None:
    strict = Thresholds(yellow=Decimal(5), red=Decimal(8), start_months=1, near_days=3)
    behind = [on("04-12", course(reports={"2023-03": p}), strict).lamp for p in ("39.51", "39.5", "36.5", "36.49")]
    assert behind == [Lamp.GREEN, Lamp.YELLOW, Lamp.YELLOW, Lamp.RED]
    unstarted = course(approved="01-31", started=None)
    assert on("02-28", unstarted, strict).lamp is Lamp.GREEN
    assert on("03-01", unstarted, strict).lamp is Lamp.RED
    punctual = course(reports={"2023-03": "45"})
    assert [on(text, punctual, strict).lamp for text in ("04-07", "04-08")] == [Lamp.GREEN, Lamp.BLUE]
    with pytest.raises(ValueError, match="yellow begins before red"):
        Thresholds(yellow=Decimal(40))


def test_a_lamp_says_what_was_held_against_what() -> None:
    found = on("04-12", course(reports={"2023-03": "20.5"}))
    assert found.reason == "截至2023年3月31日应完成44.5%，实际完成20.5%，落后24个百分点"
    assert (found.scheduled, found.actual) == (Decimal("44.50"), Decimal("20.5"))


def test_without_the_months_report_the_last_one_counts_or_the_milestones_reached_where_they_are_more() -> None:
    assert done(course(reports={"2023-01": "20"}), day("02-28")) == 20
    reached = course(reports={"2023-01": "20"}, reached={"m1": "02-28"})
    assert done(reached, day("02-28")) == 50
    assert done(reached, day("02-27")) == 20
    assert done(course(reports={"2023-01": "60"}, reached={"m1": "02-01"}), day("02-28")) == 60
    assert done(course(reports={"2023-02": "40"}, reached={"m1": "02-01"}), day("02-28")) == 40


def test_weights_of_four_decimals_give_a_percent_of_two() -> None:
    thirds = milestones(("04-11", "33.3333"), ("05-11", "33.3333"), ("07-20", "33.3334"))
    reached = course(plan=thirds, reached={"m1": "02-01", "m2": "02-02"})
    assert done(reached, day("02-28")) == Decimal("66.67")


def test_a_project_that_has_not_started_three_months_after_approval_is_red() -> None:
    waiting = course(approved="01-15", started=None, starts="03-01")
    assert on("04-15", waiting).lamp is Lamp.GREEN
    red = on("04-16", waiting)
    assert (red.lamp, red.reason) == (Lamp.RED, "2023年1月15日立项，3个月后仍未启动")


@pytest.mark.parametrize(
    ("approved", "last"), [("2022-11-30", "02-28"), ("2022-12-31", "03-31"), ("2023-01-31", "04-30")]
)
def test_three_months_after_a_long_month_end_with_the_shorter_one(approved: str, last: str) -> None:
    waiting = course(approved=approved, started=None, plan=milestones(("12-20", "100")))
    assert on(last, waiting).lamp is Lamp.GREEN
    assert lamp_after(last, waiting) is Lamp.RED


def lamp_after(text: str, of: object) -> Lamp:
    """The lamp on the day after."""
    return on((day(text) + timedelta(days=1)).isoformat(), of).lamp  # type: ignore[arg-type]


def test_blue_from_seven_days_before_a_milestone_until_its_day() -> None:
    punctual = course(reports={"2023-02": "29", "2023-03": "45"})
    lamps = [on(text, punctual).lamp for text in ("04-03", "04-04", "04-11", "04-12")]
    assert lamps == [Lamp.GREEN, Lamp.BLUE, Lamp.BLUE, Lamp.GREEN]
    assert on("04-04", punctual).reason == "2023年4月11日前应完成“节点1”"


def test_a_milestone_that_was_reached_makes_no_blue() -> None:
    assert on("04-10", course(reports={"2023-03": "45"}, reached={"m1": "04-01"})).lamp is Lamp.GREEN


def test_blue_for_the_deadline_of_a_problem_until_its_day() -> None:
    found = course(reports={"2023-01": "15", "2023-02": "29"}, deadlines={"p1": "03-20", "p2": "03-30"})
    lamps = [on(text, found).lamp for text in ("03-12", "03-13", "03-20", "03-21", "03-23")]
    assert lamps == [Lamp.GREEN, Lamp.BLUE, Lamp.BLUE, Lamp.GREEN, Lamp.BLUE]
    assert on("03-13", found).reason == "2023年3月20日前应整改检查指出的问题"
    done = course(reached={"m1": "03-02", "m2": "03-03"}, deadlines={"p1": "03-20"})
    assert on("03-13", done).lamp is Lamp.BLUE


def test_red_goes_before_yellow_and_yellow_before_blue() -> None:
    assert on("04-10", course(reports={"2023-03": "30"})).lamp is Lamp.YELLOW
    assert on("04-10", course(reports={"2023-03": "5"})).lamp is Lamp.RED
    waiting = course(approved="2023-01-01", started=None)
    assert [on(text, waiting).lamp for text in ("04-01", "04-04", "04-10")] == [Lamp.GREEN, Lamp.RED, Lamp.RED]
    near = course(approved="03-01", started=None)
    assert on("04-10", near).lamp is Lamp.BLUE


def test_what_is_all_done_is_green_though_its_last_report_is_missing() -> None:
    done = course(reports={"2023-01": "15"}, reached={"m1": "03-02", "m2": "04-03"})
    assert on("05-20", done).lamp is Lamp.GREEN
    assert on("05-20", done).reason == "节点全部完成，待验收销号"


def test_a_closed_project_is_grey_and_stays_as_it_was_held() -> None:
    closed = course(reports={"2023-01": "1"}, closed="03-07")
    grey = on("03-08", closed)
    assert (grey.lamp, grey.as_of, grey.reason) == (Lamp.GREY, day("02-28"), "2023年3月7日销号")
    assert on("12-31", closed) == grey
    assert next_change(closed, day("03-08"), DEFAULT) is None


def test_a_milestones_long_title_leaves_the_reason_short() -> None:
    long = tuple(m.model_copy(update={"title": "长" * 200}) for m in milestones(("04-11", "100")))
    assert len(on("04-10", course(plan=long, reports={"2023-03": "90"})).reason) <= 200


def test_the_days_on_which_a_lamp_may_change() -> None:
    punctual = course(reports={"2023-02": "30"})
    days: list[str] = []
    today: date | None = day("03-07")
    while today and (today := next_change(punctual, today, DEFAULT)):
        days.append(f"{today:%m-%d}")
        if len(days) == 7:
            break
    assert days == ["04-04", "04-06", "04-12", "05-06", "06-06", "07-06", "07-13"]
    assert next_change(course(approved="01-15", started=None, plan=()), day("01-16"), DEFAULT) == day("04-16")
    assert next_change(course(approved="01-15", started=None, plan=()), day("04-16"), DEFAULT) is None
