"""County shapes as a map: GeoJSON in; SVG paths, places for labels and leader lines out. Pure geometry."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any, NamedTuple


class Point(NamedTuple):
    """A place: degrees east and north before projection, pixels right and down after it."""

    x: float
    y: float


class Box(NamedTuple):
    """An upright rectangle in pixels by its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> Point:
        return Point(self.x + self.width / 2, self.y + self.height / 2)

    def overlaps(self, other: "Box", gap: float = 0) -> bool:
        """Whether the two come nearer to each other than the gap."""
        return (
            self.x < other.x + other.width + gap
            and other.x < self.x + self.width + gap
            and self.y < other.y + other.height + gap
            and other.y < self.y + self.height + gap
        )

    def within(self, other: "Box") -> bool:
        """Whether this one lies wholly in the other."""
        return (
            other.x <= self.x
            and other.y <= self.y
            and self.x + self.width <= other.x + other.width
            and self.y + self.height <= other.y + other.height
        )


Ring = tuple[Point, ...]

ENOUGH_INSIDE = 0.8
"""The share of a label that has to lie inside its shape; less reads as the neighbour's."""


@dataclass(frozen=True)
class Shape:
    """The area of one unit: rings of all its polygons, holes among them (inside is by even-odd)."""

    code: str
    rings: tuple[Ring, ...]


@dataclass(frozen=True)
class Leader:
    """A thin line from a spot inside a small shape to its label outside."""

    start: Point
    end: Point


@dataclass(frozen=True)
class Placed:
    """A shape as drawn: `d` of its SVG path, the box of its label, a line if the label lies outside."""

    code: str
    path: str
    label: Box
    leader: Leader | None


def read_shapes(geojson: str) -> tuple[Shape, ...]:
    """The shapes of a GeoJSON feature collection whose features carry `code` and a polygon or several."""
    collection: dict[str, Any] = json.loads(geojson)
    return tuple(_shape(feature) for feature in collection["features"])


def _shape(feature: dict[str, Any]) -> Shape:
    geometry = feature["geometry"]
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    rings = tuple(tuple(Point(x, y) for x, y in ring[:-1]) for polygon in polygons for ring in polygon)
    return Shape(feature["properties"]["code"], rings)


def lay_out(
    shapes: Sequence[Shape], labels: Mapping[str, tuple[float, float]], frame: Box, margin: float = 4
) -> tuple[Placed, ...]:
    """Fit the shapes into the frame and find a place for each label, given its width and height by code.

    A label stands inside its shape where there is most room; one that finds too little stands outside on
    free ground within the frame, tied by a leader. The order of the shapes is kept.
    """
    drawn = [Shape(shape.code, rings) for shape, rings in zip(shapes, _projected(shapes, frame, margin), strict=True)]
    roomiest = {shape.code: _label_inside(shape, labels[shape.code]) for shape in drawn}
    placed: dict[str, Box] = {}
    for code, (label, share) in sorted(roomiest.items(), key=lambda found: -found[1][1]):
        if share >= ENOUGH_INSIDE and not any(label.overlaps(other) for other in placed.values()):
            placed[code] = label
    leaders: dict[str, Leader] = {}
    for shape in drawn:
        if shape.code not in placed:
            ground = _Ground(frame, tuple(drawn), tuple(placed.values()), tuple(leaders.values()))
            start = roomiest[shape.code][0].centre
            placed[shape.code] = _label_outside(start, labels[shape.code], ground)
            leaders[shape.code] = Leader(start, _nearest_on(placed[shape.code], start))
    return tuple(Placed(shape.code, _path(shape.rings), placed[shape.code], leaders.get(shape.code)) for shape in drawn)


def _projected(shapes: Sequence[Shape], frame: Box, margin: float) -> Iterator[tuple[Ring, ...]]:
    """Equidistant cylindrical about the middle latitude: true enough for an area the size of a city."""
    points = [point for shape in shapes for ring in shape.rings for point in ring]
    west, east = min(p.x for p in points), max(p.x for p in points)
    south, north = min(p.y for p in points), max(p.y for p in points)
    shrink = math.cos(math.radians((south + north) / 2))
    scale = min((frame.width - 2 * margin) / ((east - west) * shrink), (frame.height - 2 * margin) / (north - south))
    left = frame.x + (frame.width - (east - west) * shrink * scale) / 2
    top = frame.y + (frame.height - (north - south) * scale) / 2
    for shape in shapes:
        yield tuple(
            tuple(Point(left + (p.x - west) * shrink * scale, top + (north - p.y) * scale) for p in ring)
            for ring in shape.rings
        )


def _path(rings: Iterable[Ring]) -> str:
    return "".join("M" + "L".join(f"{p.x:.1f} {p.y:.1f}" for p in ring) + "Z" for ring in rings)


def _label_inside(shape: Shape, size: tuple[float, float]) -> tuple[Box, float]:
    """The label at the roomiest spot of its shape, and the share of it that lies inside."""
    width, height = size
    spot = _roomiest(shape.rings)
    label = Box(spot.x - width / 2, spot.y - height / 2, width, height)
    grid = list(_grid(label, 8))
    return label, sum(_contains(shape.rings, point) for point in grid) / len(grid)


def _grid(box: Box, steps: int) -> Iterator[Point]:
    for i in range(steps + 1):
        for j in range(steps + 1):
            yield Point(box.x + box.width * i / steps, box.y + box.height * j / steps)


def _roomiest(rings: Sequence[Ring]) -> Point:
    """The inner point farthest from the border, to a pixel: cells are halved, the most promising first."""
    xs, ys = [p.x for ring in rings for p in ring], [p.y for ring in rings for p in ring]
    half = min(max(xs) - min(xs), max(ys) - min(ys)) / 2

    def cell(x: float, y: float, half: float) -> tuple[float, float, Point, float]:
        distance = _clearance(rings, Point(x, y))
        return (-(distance + half * math.sqrt(2)), -distance, Point(x, y), half)

    columns, rows = math.ceil((max(xs) - min(xs)) / half / 2), math.ceil((max(ys) - min(ys)) / half / 2)
    cells = [
        cell(min(xs) + half * (2 * i + 1), min(ys) + half * (2 * j + 1), half)
        for i in range(columns)
        for j in range(rows)
    ]
    heapify(cells)
    best = min(cells, key=lambda found: found[1])
    while cells:
        bound, _, centre, half = heappop(cells)
        if -bound <= -best[1] + 1:
            break
        for dx in (-half / 2, half / 2):
            for dy in (-half / 2, half / 2):
                smaller = cell(centre.x + dx, centre.y + dy, half / 2)
                best = min(best, smaller, key=lambda found: found[1])
                heappush(cells, smaller)
    return best[2]


def _clearance(rings: Sequence[Ring], point: Point) -> float:
    """The distance to the border, negative outside."""
    nearest = min(_distance(point, a, b) for ring in rings for a, b in _edges(ring))
    return nearest if _contains(rings, point) else -nearest


def _edges(ring: Ring) -> Iterator[tuple[Point, Point]]:
    return zip(ring, ring[1:] + ring[:1], strict=True)


def _distance(point: Point, a: Point, b: Point) -> float:
    dx, dy = b.x - a.x, b.y - a.y
    length = dx * dx + dy * dy
    along = 0.0 if length == 0 else max(0.0, min(1.0, ((point.x - a.x) * dx + (point.y - a.y) * dy) / length))
    return math.hypot(point.x - a.x - along * dx, point.y - a.y - along * dy)


def _contains(rings: Sequence[Ring], point: Point) -> bool:
    inside = False
    for ring in rings:
        for a, b in _edges(ring):
            if (a.y > point.y) != (b.y > point.y) and point.x < a.x + (point.y - a.y) * (b.x - a.x) / (b.y - a.y):
                inside = not inside
    return inside


@dataclass(frozen=True)
class _Ground:
    """What a label outside has to keep off."""

    frame: Box
    shapes: tuple[Shape, ...]
    labels: tuple[Box, ...]
    leaders: tuple[Leader, ...]

    def allows(self, label: Box, line: Leader) -> bool:
        """Whether the label is in the frame and neither it nor its line meets another label or line."""
        return (
            label.within(self.frame)
            and not any(label.overlaps(other, gap=6) or _cuts(line, other) for other in self.labels)
            and not any(_cuts(other, label) or _cross(line, other) for other in self.leaders)
        )

    def covered(self, label: Box) -> int:
        """How much of the label lies on shapes, in sixteenths."""
        return sum(_contains(shape.rings, point) for shape in self.shapes for point in _grid(label, 3))


def _label_outside(start: Point, size: tuple[float, float], ground: _Ground) -> Box:
    """The nearest free ground round the start; a longer line is better than a label on other shapes."""
    width, height = size
    best: tuple[float, Box] | None = None
    for distance in range(30, int(math.hypot(ground.frame.width, ground.frame.height)), 10):
        if best and best[0] <= distance:
            break
        for angle in range(0, 360, 15):
            x = start.x + distance * math.cos(math.radians(angle))
            y = start.y + distance * math.sin(math.radians(angle))
            label = Box(x - width / 2, y - height / 2, width, height)
            if ground.allows(label, Leader(start, _nearest_on(label, start))):
                found = (distance + 20 * ground.covered(label), label)
                best = min(best, found) if best else found
    if best is None:
        raise ValueError(f"no room for a label of {width:.0f} × {height:.0f} in {ground.frame}")
    return best[1]


def _nearest_on(box: Box, point: Point) -> Point:
    return Point(max(box.x, min(box.x + box.width, point.x)), max(box.y, min(box.y + box.height, point.y)))


def _cuts(line: Leader, box: Box) -> bool:
    left, top, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
    corners = (Point(left, top), Point(right, top), Point(right, bottom), Point(left, bottom))
    return any(_cross(line, Leader(a, b)) for a, b in _edges(corners))


def _cross(one: Leader, two: Leader) -> bool:
    return _side(one, two.start) * _side(one, two.end) < 0 and _side(two, one.start) * _side(two, one.end) < 0


def _side(line: Leader, point: Point) -> float:
    return (line.end.x - line.start.x) * (point.y - line.start.y) - (line.end.y - line.start.y) * (
        point.x - line.start.x
    )
