"""The wall as HTML: the whole page, and each panel by the name of the server-sent event that replaces it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment

from services.reporting.shapes import Shape
from services.reporting.wall import Wall, by_need, by_rank, happened, lamp_counts, pages
from services.reporting.wall_map import wall_map
from shared.web.pages import environment

TEMPLATES = Path(__file__).parent / "templates"

PANELS = ("asof", "kpi", "rank", "map", "pace", "ticker")
"""The names of the events. `asof` is also the heartbeat: sent every 15 s, whether anything changed or not."""

RANK_ROWS = 11
PACE_ROWS = 11
TICKER_ITEMS = 3
"""How many rows are seen at once; more than that take turns."""


def wall_environment(*, sample: bool = False) -> Environment:
    """The templates of this service, with what the wall's need besides."""
    made = environment(TEMPLATES, sample=sample)
    filters: dict[str, Any] = {"happened": happened}
    made.filters.update(filters)
    return made


def panels(templates: Environment, wall: Wall, shapes: Sequence[Shape]) -> dict[str, str]:
    """The HTML of each panel by event name; the same wall gives the same text, so that changes can be told."""
    context = _context(wall, shapes)
    return {name: templates.get_template(f"wall_{name}.html").render(context) for name in PANELS}


def page(templates: Environment, wall: Wall, shapes: Sequence[Shape], events: str) -> str:
    """The whole wall; `events` is the address that sends its panels."""
    return templates.get_template("wall.html").render(_context(wall, shapes), events=events)


def _context(wall: Wall, shapes: Sequence[Shape]) -> dict[str, Any]:
    return {
        "wall": wall,
        "lamps": lamp_counts(wall.units, wall.thresholds),
        "rank_pages": pages(by_rank(wall.ranking.rows), RANK_ROWS),
        "map": wall_map(wall.units, shapes, wall.thresholds),
        "pace_rows": by_need(wall.units, wall.thresholds),
        "pace_pages": pages(by_need(wall.units, wall.thresholds), PACE_ROWS),
        "ticker_pages": pages(wall.ticker.items, TICKER_ITEMS),
    }
