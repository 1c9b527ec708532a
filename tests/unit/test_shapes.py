"""Shapes are drawn within their frame, and each label has a place of its own."""

import json
import math
import re
from itertools import combinations

import pytest

from services.reporting.shapes import Box, Placed, Shape, lay_out, read_shapes
from services.reporting.wall_map import city_shapes

FRAME = Box(10, 20, 500, 540)
LABEL = (76.0, 56.0)
ANQING = city_shapes("340800")


def square(code: str, west: float, south: float, side: float) -> dict[str, object]:
    ring = [
        [west, south],
        [west + side, south],
        [west + side, south + side],
        [west, south + side],
        [west, south],
    ]
    return {
        "type": "Feature",
        "properties": {"code": code, "name": code},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def shapes_of(*features: dict[str, object]) -> tuple[Shape, ...]:
    return read_shapes(json.dumps({"type": "FeatureCollection", "features": features}))


def placed(shapes: tuple[Shape, ...], label: tuple[float, float] = LABEL) -> dict[str, Placed]:
    return {place.code: place for place in lay_out(shapes, {shape.code: label for shape in shapes}, FRAME)}


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


def test_anqing_has_a_shape_for_each_county_but_none_for_its_zone():
    codes = {shape.code for shape in ANQING}
    assert len(codes) == 10
    assert "340871" not in codes


def test_a_city_without_a_file_has_no_shapes():
    assert city_shapes("999900") == ()


def test_all_shapes_lie_in_the_frame_and_fill_it_one_way():
    drawn = [point for place in placed(ANQING).values() for point in points(place.path)]
    xs, ys = [x for x, _ in drawn], [y for _, y in drawn]
    assert min(xs) >= FRAME.x
    assert max(xs) <= FRAME.x + FRAME.width
    assert min(ys) >= FRAME.y
    assert max(ys) <= FRAME.y + FRAME.height
    assert max(xs) - min(xs) > FRAME.width - 10 or max(ys) - min(ys) > FRAME.height - 10


def test_north_is_up_and_east_is_right():
    places = placed(shapes_of(square("sw", 116, 30, 1), square("ne", 117, 31, 1)))
    assert places["ne"].label.x > places["sw"].label.x
    assert places["ne"].label.y < places["sw"].label.y


def test_a_degree_of_longitude_is_drawn_shorter_than_one_of_latitude():
    drawn = points(placed(shapes_of(square("a", 116, 30, 1)))["a"].path)
    width = max(x for x, _ in drawn) - min(x for x, _ in drawn)
    height = max(y for _, y in drawn) - min(y for _, y in drawn)
    assert width / height == pytest.approx(math.cos(math.radians(30.5)), abs=0.01)


def test_neighbours_keep_their_common_border():
    places = placed(ANQING)
    huaining = set(points(places["340822"].path))
    assert len(huaining & set(points(places["340827"].path))) > 5


def test_a_label_stands_in_the_middle_of_a_roomy_shape():
    feature = square("a", 116, 30, 1)
    diamond = [[116, 30.5], [116.5, 30], [117, 30.5], [116.5, 31], [116, 30.5]]
    feature["geometry"] = {"type": "Polygon", "coordinates": [diamond]}
    place = placed(shapes_of(feature))["a"]
    drawn = points(place.path)
    assert place.leader is None
    assert place.label.centre.x == pytest.approx(sum(x for x, _ in drawn) / 4, abs=3)
    assert place.label.centre.y == pytest.approx(sum(y for _, y in drawn) / 4, abs=3)


def test_a_label_keeps_off_a_hole_in_its_shape():
    feature = square("a", 116, 30, 1)
    hole = [[116.2, 30.2], [116.2, 30.95], [116.95, 30.95], [116.95, 30.2], [116.2, 30.2]]
    feature["geometry"] = {
        "type": "MultiPolygon",
        "coordinates": [[feature["geometry"]["coordinates"][0], hole]],  # pyright: ignore
    }
    place = placed(shapes_of(feature), (40, 20))["a"]
    inner = points(place.path)[4:]
    around = Box(
        min(x for x, _ in inner),
        min(y for _, y in inner),
        max(x for x, _ in inner) - min(x for x, _ in inner),
        max(y for _, y in inner) - min(y for _, y in inner),
    )
    assert place.leader is None
    assert not place.label.overlaps(around)


def test_a_small_shape_has_its_label_outside_with_a_line_to_it():
    places = placed(shapes_of(square("big", 116, 30, 1), square("small", 117.01, 30.5, 0.05)))
    small = places["small"]
    assert places["big"].leader is None
    assert small.leader is not None
    drawn = points(small.path)
    assert min(x for x, _ in drawn) < small.leader.start.x < max(x for x, _ in drawn)
    assert min(y for _, y in drawn) < small.leader.start.y < max(y for _, y in drawn)


def test_labels_of_anqing_keep_apart_and_in_the_frame():
    places = placed(ANQING)
    assert {code for code, place in places.items() if place.leader} == {"340802", "340803", "340811"}
    for place in places.values():
        assert place.label.within(FRAME)
    for one, two in combinations(places.values(), 2):
        assert not one.label.overlaps(two.label), (one.code, two.code)


def test_no_leader_runs_through_a_label_of_another():
    places = placed(ANQING)
    for place in places.values():
        if place.leader:
            (x0, y0), (x1, y1) = place.leader.start, place.leader.end
            for other in places.values():
                for step in range(51):
                    spot = Box(x0 + (x1 - x0) * step / 50, y0 + (y1 - y0) * step / 50, 0, 0)
                    assert other is place or not spot.within(other.label)


def test_a_frame_without_room_for_a_label_is_refused():
    with pytest.raises(ValueError, match="no room"):
        placed(shapes_of(square("a", 116, 30, 1)), (600, 56))
