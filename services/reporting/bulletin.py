"""The bulletin: drafted, written anew, issued once. Pure decisions and the fold that they are taken on."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from shared.command import Aggregate
from shared.contracts.bulletin import BulletinDrafted, BulletinIssued, FigureCounted, Manuscript
from shared.contracts.event import Event
from shared.errors import InvalidValue, require


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What is known of a bulletin: its manuscript, and its number once it is issued."""

    manuscript: Manuscript | None = None
    issue: int | None = None

    @property
    def city(self) -> str:
        """The city whose bulletin it is; "" before it is drafted."""
        return self.manuscript.city if self.manuscript else ""


def evolve(bulletin: Bulletin, event: Event[Any]) -> Bulletin:
    """Fold one event."""
    match event.data:
        case BulletinDrafted(manuscript=manuscript):
            return replace(bulletin, manuscript=manuscript)
        case BulletinIssued(issue=issue):
            return replace(bulletin, issue=issue)
        case _:
            return bulletin


BULLETIN = Aggregate("bulletin", Bulletin(), evolve)


def draft(bulletin: Bulletin, manuscript: Manuscript, counties: Collection[str]) -> Sequence[BulletinDrafted]:
    """Take in a manuscript, the first one or another. `counties` are those of its city, whose figures it may name."""
    require(bulletin.issue is None, "already_issued", issue=bulletin.issue)
    require(bulletin.city in ("", manuscript.city), "another_city", field="manuscript.city")
    for n, section in enumerate(manuscript.sections):
        if section.unit not in counties:
            raise InvalidValue("not_of_the_city", f"manuscript.sections.{n}.unit", {"unit": section.unit})
    return [BulletinDrafted(manuscript=manuscript)]


def issue(
    bulletin: Bulletin,
    *,
    asked: int | None,
    taken: Collection[int],
    figures: Mapping[tuple[str, str], str | None],
    day: date,
    registration: str,
    text: Callable[[int], str],
) -> Sequence[BulletinIssued]:
    """Issue the bulletin with the figures as they were counted, by unit and name; None is one not known yet.

    `asked` is the issue number that the supervisor gives, else it is the one after the highest of `taken`, those
    of the series and year. `text` makes the full text with a number.
    """
    require(bulletin.issue is None, "already_issued", issue=bulletin.issue)
    pending = "、".join(f"{unit} {key}" for (unit, key), value in figures.items() if value is None)
    require(not pending, "figures_pending", field="manuscript", figures=pending)
    number = asked if asked is not None else next_number(taken)
    require(number not in taken, "issue_number_used", field="issue", issue=number, next=next_number(taken))
    return [
        BulletinIssued(
            issue=number,
            year=day.year,
            day=day,
            figures=tuple(
                FigureCounted(unit=unit, key=key, value=value) for (unit, key), value in figures.items() if value
            ),
            text=text(number),
            registration=registration,
        )
    ]


def next_number(taken: Collection[int]) -> int:
    """The number after the highest one, 1 at the year's beginning."""
    return max(taken, default=0) + 1
