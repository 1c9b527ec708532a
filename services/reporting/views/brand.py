"""The view `brand`: one row a recognised brand."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shared.contracts.event import Event
from shared.contracts.project import BrandRecognised
from shared.contracts.topics import Topic
from shared.view import View


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand of a unit, and perhaps of one of its projects."""

    name: str = ""
    unit: str = ""
    county: str = ""
    project: str | None = None
    recognised: date | None = None
    recorded: datetime | None = None


def evolve(brand: Brand, event: Event[Any]) -> Brand:
    """Fold one event of a brand."""
    match event.data:
        case BrandRecognised() as e:
            return Brand(e.name, e.unit, e.county, e.project, event.effective, event.time)
        case _:
            return brand


BRAND = View(
    name="brand",
    version=2,
    row=Brand,
    topics={Topic.PROJECT: frozenset({"brand"})},
    evolve=evolve,
    indexes=[("county", "recognised")],
)
