"""The view `bulletin`: one row a bulletin, as it was last written and as it was issued."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from shared.contracts.bulletin import BulletinDrafted, BulletinIssued, FigureCounted, Manuscript
from shared.contracts.event import Event
from shared.contracts.topics import Topic
from shared.view import View


@dataclass(frozen=True, slots=True)
class BulletinRow:
    """A bulletin; `issue` and what follows is None or empty until it is issued."""

    city: str = ""
    series: str = ""
    manuscript: Manuscript | None = None
    written: datetime | None = None
    issue: int | None = None
    year: int | None = None
    day: date | None = None
    as_of: datetime | None = None
    figures: tuple[FigureCounted, ...] = ()
    text: str = ""


def evolve(row: BulletinRow, event: Event[Any]) -> BulletinRow:
    """Fold one event of a bulletin: drafted, drafted anew, issued."""
    match event.data:
        case BulletinDrafted(manuscript=manuscript):
            return replace(
                row, city=manuscript.city, series=manuscript.series, manuscript=manuscript, written=event.time
            )
        case BulletinIssued() as e:
            return replace(
                row,
                issue=e.issue,
                year=e.year,
                day=e.day,
                as_of=e.as_of or event.time,
                figures=e.figures,
                text=e.text,
            )
        case _:
            return row


BULLETIN = View(
    name="bulletin",
    version=2,
    row=BulletinRow,
    topics={Topic.BULLETIN: frozenset({"bulletin"})},
    evolve=evolve,
    indexes=[("city", "day")],
)
