"""The wall's map: where each unit's shape and label are drawn, and which units have no shape."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.reporting.shapes import Box, Placed, Shape, lay_out, read_shapes
from services.reporting.wall import Unit, UnitRow, by_need
from shared.contracts.alert import Lamp
from shared.lamps import Thresholds

MAPS = Path(__file__).parent / "maps"
FRAME = Box(0, 0, 500, 540)
"""The map's drawing in pixels of the wall."""

NAME_PIXELS = 24
LABEL_HEIGHT = 56
LABEL_WIDTH = 76
"""A label is at least as wide as its second line, a figure such as −31.4."""


@dataclass(frozen=True)
class MapUnit:
    """A unit on the map: its row, and its shape with a place for the label."""

    row: UnitRow
    placed: Placed


@dataclass(frozen=True)
class WallMap:
    """The map as shown: units in the order they are painted, those without a shape, and the one most behind."""

    frame: Box
    units: tuple[MapUnit, ...]
    unplaced: tuple[UnitRow, ...]
    worst: UnitRow | None


_PAINTED = {Lamp.YELLOW: 1, Lamp.RED: 2}
"""Trouble is painted last, so that its border lies on top."""


def wall_map(units: Sequence[Unit], shapes: Sequence[Shape], thresholds: Thresholds) -> WallMap:
    """Draw the units that have a shape, list the others; `worst` is the one most behind, if its lamp says so."""
    rows = by_need(units, thresholds)
    row_by_code = {row.unit.code: row for row in rows}
    known = tuple(shape for shape in shapes if shape.code in row_by_code)
    sizes = tuple((shape.code, _width(row_by_code[shape.code].name)) for shape in known)
    places = _places(known, sizes)
    drawn = {placed.code for placed in places}
    return WallMap(
        frame=FRAME,
        units=tuple(
            sorted(
                (MapUnit(row_by_code[placed.code], placed) for placed in places),
                key=lambda unit: _PAINTED.get(unit.row.lamp or Lamp.GREEN, 0),
            )
        ),
        unplaced=tuple(row for row in rows if row.unit.code not in drawn),
        worst=rows[0] if rows and rows[0].lamp in _PAINTED else None,
    )


def city_shapes(city: str) -> tuple[Shape, ...]:
    """The county shapes of a city; none if there is no file for it, so that its units are only listed."""
    file = MAPS / f"{city}.geojson"
    return read_shapes(file.read_text(encoding="utf-8")) if file.exists() else ()


def _width(name: str) -> int:
    return max(LABEL_WIDTH, NAME_PIXELS * len(name))


@cache
def _places(shapes: tuple[Shape, ...], widths: tuple[tuple[str, int], ...]) -> tuple[Placed, ...]:
    return lay_out(shapes, {code: (width, LABEL_HEIGHT) for code, width in widths}, FRAME) if shapes else ()
