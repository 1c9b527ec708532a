"""What a wall makes of its values: lamps, order, groups, names."""

from datetime import timedelta
from decimal import Decimal

import pytest

from services.reporting.wall import (
    Kpis,
    Pace,
    by_need,
    by_rank,
    happened,
    lamp_counts,
    pages,
    short_name,
)
from services.reporting.wall_map import city_shapes, wall_map
from shared.contracts.alert import Lamp
from shared.lamps import Thresholds
from tests.unit.wall_sample import AS_OF, UNITS, rank_rows, unit

LIMITS = Thresholds()


def pace(actual: str, scheduled: str) -> Pace:
    return Pace(Decimal(actual), Decimal(scheduled))


@pytest.mark.parametrize(
    ("actual", "lamp"),
    [
        ("90.1", Lamp.GREEN),
        ("80.1", Lamp.GREEN),
        ("80.0", Lamp.YELLOW),
        ("60.0", Lamp.YELLOW),
        ("59.9", Lamp.RED),
        ("80.04", Lamp.YELLOW),
    ],
)
def test_a_lamp_agrees_with_the_displayed_deviation(actual: str, lamp: Lamp):
    assert pace(actual, "90").lamp(LIMITS) is lamp


def test_a_deviation_is_the_difference_of_the_displayed_figures():
    assert pace("82.25", "88.34").deviation == Decimal("-6.0")


def test_thresholds_are_the_countys_own():
    assert pace("84", "90").lamp(Thresholds(yellow=Decimal(5), red=Decimal(8))) is Lamp.YELLOW


def test_without_figures_there_is_no_lamp():
    assert Pace(None, Decimal(90)).lamp(LIMITS) is None
    assert Pace(Decimal(90), None).deviation is None


def test_units_stand_by_need_and_those_without_figures_last():
    rows = by_need((unit("340899", "新区", None), *UNITS), LIMITS)
    assert [row.unit.code for row in rows[:3]] == ["340826", "340822", "340827"]
    assert rows[-2].unit.code == "340828"
    assert rows[-1].unit.code == "340899"


def test_units_equally_behind_stand_by_code():
    rows = by_need((unit("340803", "乙", "70"), unit("340802", "甲", "70")), LIMITS)
    assert [row.unit.code for row in rows] == ["340802", "340803"]


def test_lamps_are_counted_and_missing_ones_only_if_any():
    assert lamp_counts(UNITS, LIMITS) == ((Lamp.RED, 1), (Lamp.YELLOW, 2), (Lamp.GREEN, 8))
    assert lamp_counts((unit("340899", "新区", None),), LIMITS)[-1] == (None, 1)


def test_ranks_are_in_order_with_shared_places_and_the_missing_last():
    rows = by_rank(tuple(reversed(rank_rows())))
    assert [row.rank for row in rows[:5]] == [1, 2, 3, 3, 5]
    assert [row.code for row in rows[2:4]] == sorted(row.code for row in rows[2:4])
    assert rows[-1].rank is None
    assert rows[-1].change is None


def test_a_change_is_the_places_gained():
    rows = by_rank(rank_rows())
    assert [row.change for row in rows[:3]] == [2, -1, -1]


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, []), (1, [1]), (11, [11]), (12, [6, 6]), (20, [10, 10]), (23, [7, 8, 8])]
)
def test_rows_take_turns_in_groups_of_nearly_one_size(count: int, sizes: list[int]):
    groups = pages(range(count), 11)
    assert [len(group) for group in groups] == sizes
    assert [item for group in groups for item in group] == list(range(count))


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("安徽安庆经济开发区", "安庆经开区"),
        ("滁州经济技术开发区", "滁州经开区"),
        ("蚌埠市经济开发区", "蚌埠经开区"),
        ("合肥高新技术产业开发区", "合肥高新区"),
        ("怀宁县", "怀宁县"),
        ("桐城市", "桐城市"),
    ],
)
def test_a_zone_is_called_by_its_short_name(name: str, short: str):
    assert short_name(name) == short


def test_what_happened_before_the_walls_day_tells_its_day():
    assert happened(AS_OF, AS_OF) == "09:30"
    assert happened(AS_OF - timedelta(hours=10), AS_OF) == "08-21"


def test_the_totals_add_up():
    kpis = Kpis(242, 663, 181, pace("80", "80"), 0, 0, 0)
    assert kpis.projects == 905
    assert kpis.closed_share == 20
    assert Kpis(0, 0, 0, pace("0", "0"), 0, 0, 0).closed_share is None


def test_trouble_is_painted_last_and_the_zone_is_listed_beside_the_map():
    made = wall_map(UNITS, city_shapes("340800"), LIMITS)
    assert [drawn.row.lamp for drawn in made.units[-3:]] == [Lamp.YELLOW, Lamp.YELLOW, Lamp.RED]
    assert [row.name for row in made.unplaced] == ["安庆经开区"]
    assert made.worst is not None
    assert made.worst.name == "宿松县"


def test_no_unit_stands_out_when_all_are_on_schedule():
    assert wall_map((unit("340822", "怀宁县", "88"),), (), LIMITS).worst is None


def test_a_shape_of_no_unit_of_the_wall_is_not_drawn():
    made = wall_map(UNITS[:2], city_shapes("340800"), LIMITS)
    assert {drawn.row.unit.code for drawn in made.units} == {"340802", "340803"}
